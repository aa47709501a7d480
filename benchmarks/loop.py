"""The delay of the server's event loop while it scans, creates and streams a log.

A JupyterLab server's loop carries every kernel message and keystroke of a person. Here it serves
20 clients that list a home of 1,000 environments, again and again, from what is remembered and
looking afresh, while one job creates an environment and another runs a tool that prints; a probe
on the same loop measures how late its timer is. The same scans done on the loop itself show what
is avoided. Before that: what importing the extension adds to the start of a server.

    python -m benchmarks.loop [--environments 1000] [--clients 20] [--seconds 5]
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_envmgr.core.commands import Command, Step
from jupyter_envmgr.core.environments.model import CreateRequest
from jupyter_envmgr.core.jobs.model import ENDED
from jupyter_envmgr.server.app import EnvMgrApp
from jupyter_envmgr.service.context import Context
from jupyter_envmgr.service.environments import verbs as service
from jupyter_envmgr.service.jobs import Running

from .homes import make_home

_TOKEN = "benchmark"
_TICK = 0.001
AIM = 10.0
"""Milliseconds that 99 of 100 ticks of the loop may be late."""
IMPORT_AIM = 50.0
"""Milliseconds that the extension may add to the imports of a server."""

_IMPORT = """
import time, jupyter_server.serverapp, jupyter_server.extension.application
began = time.perf_counter()
import jupyter_envmgr
jupyter_envmgr._jupyter_server_extension_points()
print(time.perf_counter() - began)
"""
# In a process of its own, which takes nothing of this one's interpreter.
_INDEX = """
import sys
from tests.index.repack import kernel_wheels
from tests.index.server import LocalIndex
with LocalIndex(kernel_wheels()) as index:
    print(index.url, flush=True)
    sys.stdin.read()
"""


@dataclass(frozen=True)
class Delays:
    """How late the loop was, in milliseconds, and how many requests it answered meanwhile."""

    milliseconds: list[float]
    answers: int = 0

    def at(self, share: float) -> float:
        """The delay that ``share`` of all stay below."""
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    def __str__(self) -> str:
        figures = " ".join(
            f"{name} {value:8.2f}"
            for name, value in (
                ("p50", self.at(0.5)),
                ("p99", self.at(0.99)),
                ("max", max(self.milliseconds)),
            )
        )
        return f"{figures} ms   {self.answers} answers, {len(self.milliseconds)} ticks"


async def measure(seconds: float, work: Callable[[], Awaitable[int]] | None = None) -> Delays:
    """The delays of this loop for ``seconds``, or for as long as ``work`` takes if given."""
    delays: list[float] = []
    task = asyncio.ensure_future(work() if work else _nothing(seconds))
    while not task.done():
        before = time.perf_counter()
        await asyncio.sleep(_TICK)
        delays.append((time.perf_counter() - before - _TICK) * 1000)
    return Delays(delays, await task)


async def _nothing(seconds: float) -> int:
    await asyncio.sleep(seconds)
    return 0


async def list_over_http(url: str, clients: int, seconds: float) -> int:
    """Have another process list environments; how many answers it got."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __spec__.name, "--client", url),
        *("--clients", str(clients), "--seconds", str(seconds)),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ,
    )
    out, _ = await child.communicate()
    return int(out)


async def _client(url: str, clients: int, seconds: float) -> int:
    """``clients`` connections that each ask again as soon as they have their answer."""
    host, _, rest = url.removeprefix("http://").partition("/")
    name, _, port = host.partition(":")
    request = (
        f"GET /{rest} HTTP/1.1\r\nHost: {host}\r\nAuthorization: token {_TOKEN}\r\n\r\n"
    ).encode()
    deadline = time.monotonic() + seconds

    async def ask() -> int:
        answers = 0
        reader, writer = await asyncio.open_connection(name, int(port), limit=1 << 26)
        while time.monotonic() < deadline:
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            assert head.startswith("http/1.1 200"), head
            size = int(head.partition("content-length:")[2].split("\r\n")[0])
            json.loads(await reader.readexactly(size)) if not answers else await reader.readexactly(
                size
            )
            answers += 1
        writer.close()
        return answers

    return sum(await asyncio.gather(*(ask() for _ in range(clients))))


def talkative(lines: int, pause: float) -> Callable[[Running], dict[str, str]]:
    """The work of a job: a tool that prints ``lines`` lines with a ``pause`` after each ten."""
    program = (
        "import sys, time\n"
        f"for number in range({lines}):\n"
        "    print('Downloading package', number, 'of many, from a long address' * 2, flush=True)\n"
        f"    if number % 10 == 9: time.sleep({pause})\n"
    )

    def work(running: Running) -> dict[str, str]:
        command = Command((sys.executable, "-c", program), dict(os.environ), Path("/"))
        running.run(Step("print", "Printing", command))
        return {}

    return work


def import_time(rounds: int = 5) -> float:
    """Milliseconds that the extension adds, over a Jupyter server that is already imported."""
    command = (sys.executable, "-c", _IMPORT)
    return 1000 * min(float(subprocess.check_output(command)) for _ in range(rounds))


@contextmanager
def an_index() -> Iterator[str]:
    """The URL of a package index on this machine, with what a kernel needs."""
    with subprocess.Popen(
        (sys.executable, "-c", _INDEX), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        yield process.stdout.readline().strip()
        process.terminate()


async def create_again_and_again(context: Context, made: list[str]) -> None:
    """Until it is cancelled; the names of those that came to be ready are noted."""
    for number in itertools.count():
        name = f"made-{number}"
        request = CreateRequest(name)
        job = await asyncio.to_thread(service.create, context, request)
        seen = 0
        while job.state not in ENDED:
            answer = await asyncio.to_thread(context.jobs.wait, job.id, seen, 1.0)
            job, seen = answer.job, seen + len(answer.events)
        assert job.state == "succeeded", job.problem
        made.append(name)


def start_server(home: Path, index: str) -> tuple[Any, EnvMgrApp, str]:
    """A real Jupyter server in this process, on the loop that runs; with its extension and URL."""
    from jupyter_core import paths
    from jupyter_server.serverapp import ServerApp
    from traitlets.config import Config

    # The environments do not outlive the benchmark, so their kernels would go to the image's
    # directory: to one of this home's own, and never to that of the Python that runs this.
    paths.ENV_JUPYTER_PATH[:] = [str(home / "image" / "share" / "jupyter")]
    os.environ.update(HOME=str(home), JUPYTER_DATA_DIR=str(home / ".local/share/jupyter"))
    config = Config()
    config.ServerApp.jpserver_extensions = {"jupyter_envmgr": True}
    config.IdentityProvider.token = _TOKEN
    config.EnvMgr.root = str(home / ".envmgr")
    config.EnvMgr.index_url = index
    config.EnvMgr.allow_downloads = False
    server = ServerApp.instance(
        config=config,
        port=0,
        open_browser=False,
        allow_root=True,
        root_dir=str(home),
        log_level="ERROR",
    )
    server.init_signal = lambda: None
    server.initialize(argv=[])
    server.log.setLevel("CRITICAL")
    (app,) = server.extension_manager.extension_apps["jupyter_envmgr"]
    server.start_app()
    return server, app, f"{server.connection_url}envmgr/api/environments"


async def main(environments: int, clients: int, seconds: float) -> bool:
    """Print the figures. Whether the aims are met."""
    imported = import_time()
    print(f"import at the start of a server  {imported:.0f} ms, aim {IMPORT_AIM:g} ms")
    with tempfile.TemporaryDirectory(prefix="envmgr-loop-") as directory, an_index() as index:
        home = make_home(Path(directory), environments).home
        server, app, url = start_server(home, index)
        context = await app.door.lanes.reading.run(lambda: app.door.context)
        await list_over_http(url, 1, 0.1)  # the first scan reads everything
        print(f"{environments} environments, {clients} clients, {seconds:g} s each")
        idle = await measure(seconds)
        print(f"nothing runs                   {idle}")
        made: list[str] = []
        creating = asyncio.ensure_future(create_again_and_again(context, made))
        printing = context.jobs.start("benchmark", "loop", "Print", talkative(10**9, 0.005))
        lists = await measure(seconds, lambda: list_over_http(url, clients, seconds))
        print(f"lists, a create, a log         {lists}")
        scans = await measure(seconds, lambda: list_over_http(f"{url}?fresh=1", clients, seconds))
        print(f"lists afresh, a create, a log  {scans}")
        print(f"                               {len(made)} environments were made meanwhile")
        creating.cancel()
        with suppress(asyncio.CancelledError):
            await creating
        await asyncio.to_thread(context.jobs.cancel, printing.id)

        async def on_the_loop() -> int:
            for _ in range(clients):
                context.catalogue.environments_json(fresh=True)
                await asyncio.sleep(_TICK)
            return clients

        blocked = await measure(seconds, on_the_loop)
        print(f"the same scans on the loop     {blocked}")
        await server._cleanup()
    worst = max(lists.at(0.99), scans.at(0.99))
    met = worst <= AIM and imported <= IMPORT_AIM
    print(f"p99 {worst:.1f} ms, aim {AIM:g} ms; all aims {'met' if met else 'MISSED'}")
    if idle.at(0.99) > AIM / 5:
        print("the machine is busy: even a loop that does nothing is late")
    print(f"a loop that scans itself waits {blocked.at(0.99) / worst:.0f} times as long")
    return met


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--environments", type=int, default=1000)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--client", metavar="URL", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.client:
        print(asyncio.run(_client(given.client, given.clients, given.seconds)))
    else:
        sys.exit(not asyncio.run(main(given.environments, given.clients, given.seconds)))
