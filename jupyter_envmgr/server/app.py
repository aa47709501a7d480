"""The server extension: wires configuration, service, routes and Jupyter's event bus together."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from jupyter_events import EventLogger
from jupyter_server.extension.application import ExtensionApp
from jupyter_server.serverapp import ServerApp
from jupyter_server.services.contents.filemanager import FileContentsManager
from tornado import web

from ..core.errors import EnvMgrError
from ..core.jobs.model import ENDED, Job, JobState
from .door import Door
from .events import JOB_EVENT, JOB_SCHEMA, job_event
from .lanes import Lane
from .routes import routes

if TYPE_CHECKING:
    from ..service.context import Context, RunningKernel
    from ..service.environments.bytecode import BytecodeWriter


SWITCH_INTERVAL = 0.001
"""Seconds after which a thread that computes lets another one go on. With Python's 5 ms the loop,
which needs the interpreter several times for one request, waits as often for our scans and logs:
1 in 100 ticks was 8 to 11 ms late, and is 4 to 6 (``benchmarks/loop.py``); no scan got slower."""


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
        self._told: dict[str, JobState] = {}
        self._bytecode: BytecodeWriter | None = None
        self._switch_interval = sys.getswitchinterval()
        sys.setswitchinterval(min(SWITCH_INTERVAL, self._switch_interval))
        self.door = Door(self._open_context)
        self._events.register_event_schema(JOB_SCHEMA)
        self._tell_pages_where_files_lie()
        # A lane of its own: deletions that were cut can take minutes, and nobody waits for them.
        Lane("envmgr-beginning").submit(self._begin)

    def _tell_pages_where_files_lie(self) -> None:
        """The root of the file browser: JupyterLab tells its pages, Notebook 7 does not."""
        if isinstance(self._server.contents_manager, FileContentsManager):
            settings = self._server.web_app.settings
            told = settings.setdefault("page_config_data", {})
            told["envmgrRoot"] = settings.get("server_root_dir", "")

    def initialize_handlers(self) -> None:
        """Add the routes."""
        self.handlers.extend(routes(self.door))

    def current_activity(self) -> int:
        """How many jobs are at work here: a server with some is not idle."""
        return sum(state not in ENDED for state in self._told.values())

    async def stop_extension(self) -> None:
        """End the jobs of this server, with their processes."""
        if self._bytecode is not None:
            await Lane("envmgr-ending").run(self._bytecode.close)
        await self.door.close()
        sys.setswitchinterval(self._switch_interval)

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
        from ..service.environments.bytecode import BytecodeWriter

        self._bytecode = BytecodeWriter(lambda: self.door.context)
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
        if self._bytecode is not None:
            self._bytecode.told(job)
        self._server.io_loop.add_callback(self._tell, job)

    def _tell(self, job: Job) -> None:
        """Once for each state, in the loop's thread. What has ended stays so."""
        self.door.watch.poke()
        if self._told.get(job.id) in (job.state, *ENDED):
            return
        self._told[job.id] = job.state
        self._events.emit(schema_id=JOB_EVENT, data=job_event(job))
