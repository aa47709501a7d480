"""Real Jupyter servers on this machine, and asking them again and again over one connection."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TOKEN = "benchmark"
_PATIENCE = 60


@dataclass(frozen=True)
class Server:
    """A server that answers; one connection that stays open."""

    connection: http.client.HTTPConnection
    pid: int

    def ask(self, path: str, method: str = "GET", body: object = None) -> bytes:
        """The answer. Raises RuntimeError for another status than 2xx."""
        headers = {"Authorization": f"token {_TOKEN}"}
        data = None if body is None else json.dumps(body)
        self.connection.request(method, path, data, headers)
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:200]!r}")
        return content


@contextmanager
def jupyter_server(
    python: str, home: Path, extension: str, environ: Mapping[str, str], options: Sequence[str] = ()
) -> Iterator[Server]:
    """A server with one extension and this home. Raises RuntimeError if it does not start."""
    runtime = home / f"runtime-{extension}"
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "JUPYTER_RUNTIME_DIR": str(runtime),
        "JUPYTER_DATA_DIR": str(home / ".local/share/jupyter"),
        "JUPYTER_CONFIG_DIR": str(home / ".jupyter"),
        "JUPYTER_NO_CONFIG": "1",
        **environ,
    }
    log = home / f"{extension}.log"
    command = [
        *(python, "-m", "jupyter_server", "--no-browser", "--allow-root", "--port=0"),
        "--ServerApp.jpserver_extensions={" + repr(extension) + ": True}",
        *(f"--IdentityProvider.token={_TOKEN}", f"--ServerApp.root_dir={home}"),
        *("--ServerApp.port_retries=0", "--ServerApp.log_level=WARN", *options),
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=env, cwd=home)
    try:
        state = _started(process, runtime, log)
        connection = http.client.HTTPConnection("127.0.0.1", state["port"], timeout=_PATIENCE)
        yield Server(connection, process.pid)
        connection.close()
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _started(process: subprocess.Popen[bytes], runtime: Path, log: Path) -> dict[str, Any]:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        for file in runtime.glob("jpserver-*.json"):
            try:
                state: dict[str, Any] = json.loads(file.read_text())
                http.client.HTTPConnection("127.0.0.1", state["port"], timeout=1).connect()
                return state
            except (OSError, ValueError):
                pass
        time.sleep(0.05)
    raise RuntimeError(f"the server did not start: {log.read_text()[-500:]}")
