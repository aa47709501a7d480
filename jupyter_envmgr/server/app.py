"""The server extension: wires configuration, service, routes and Jupyter's event bus together."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from jupyter_events import EventLogger
from jupyter_server.extension.application import ExtensionApp
from jupyter_server.serverapp import ServerApp
from tornado import web

from ..core.errors import EnvMgrError
from ..core.jobs.model import ENDED, Job
from .door import Door
from .events import JOB_EVENT, JOB_SCHEMA, job_event
from .handlers import routes

if TYPE_CHECKING:
    from ..service.context import Context, RunningKernel


class EnvMgrApp(ExtensionApp):
    """Environments, kernels and user packages, as an extension of the Jupyter server."""

    name = "jupyter_envmgr"
    app_name = "Environments"
    description = "Environments, kernels and user packages in Jupyter"
    extension_url = "/lab"
    load_other_extensions = True

    def _config_file_name_default(self) -> str:
        return "jupyter_envmgr_config"  # and not jupyter_jupyter_envmgr_config

    def initialize_settings(self) -> None:
        """Begin; say of what the last server left that it was interrupted."""
        self._running: set[str] = set()
        self._told: dict[str, str] = {}
        self.door = Door(self._open_context)
        self._events.register_event_schema(JOB_SCHEMA)
        self.door.lanes.jobs.submit(self._begin)

    def initialize_handlers(self) -> None:
        """Add the routes."""
        self.handlers.extend(routes(self.door))

    def current_activity(self) -> int:
        """How many jobs are at work here: a server with some is not idle."""
        return len(self._running)

    async def stop_extension(self) -> None:
        """End the jobs of this server, with their processes."""
        await self.door.close()

    @property
    def _server(self) -> ServerApp:
        assert self.serverapp
        return self.serverapp

    @property
    def _events(self) -> EventLogger:
        assert self._server.event_logger
        return self._server.event_logger

    def _begin(self) -> None:
        """In a thread, so that the server starts no later."""
        from ..service.recovery import recover

        try:
            recover(self.door.context)
        except EnvMgrError as error:
            self.log.error("jupyter_envmgr: %s", error.detail)
        except Exception:
            self.log.exception("jupyter_envmgr cannot begin")

    def _open_context(self) -> Context:
        from ..config import settings
        from ..service.context import open_context

        return open_context(
            settings(self._server.config, "server", os.environ),
            on_change=self._job_changed,
            running_kernels=self._running_kernels,
        )

    def _running_kernels(self) -> tuple[RunningKernel, ...]:
        """The kernels of this server. From any thread."""
        from ..service.context import RunningKernel

        manager = self._server.kernel_manager
        found = []
        for kernel_id in list(manager.list_kernel_ids()):
            try:
                name = manager.get_kernel(kernel_id).kernel_name
            except (KeyError, web.HTTPError):
                continue  # it has ended meanwhile
            found.append(RunningKernel(kernel_id, name))
        return tuple(found)

    def _job_changed(self, job: Job) -> None:
        """Told by the service, in whichever thread."""
        if job.state in ENDED:
            self._running.discard(job.id)
        else:
            self._running.add(job.id)
        self._server.io_loop.add_callback(self._tell, job)

    def _tell(self, job: Job) -> None:
        """Once for each state, in the loop's thread."""
        self.door.watch.poke()
        if self._told.get(job.id) == job.state:
            return
        self._told[job.id] = job.state
        if job.state in ENDED:
            del self._told[job.id]
        self._events.emit(schema_id=JOB_EVENT, data=job_event(job))
