"""A real JupyterLab or Notebook 7 in a home of its own, as a person would have started it."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

App = Literal["lab", "notebook"]

_EXPOSE = {
    "lab": "--LabApp.expose_app_in_browser=True",
    "notebook": "--JupyterNotebookApp.expose_app_in_browser=True",
}
_MODULE = {"lab": "jupyterlab", "notebook": "notebook"}
# A server may know where the package index and its certificates are, and nothing else about us.
_PASSED_ON = ("CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_DIR", "SSL_CERT_FILE")
_PASSED_ON_PREFIXES = ("UV_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY")

# Toasts that JupyterLab shows on a first start would lie over what the tests look at.
_QUIET = '{"fetchNews": "false", "checkForUpdates": false, "doNotDisturbMode": false}'


@dataclass
class Jupyter:
    """A running server. ``url`` ends with a slash and has no token in it."""

    app: App
    url: str
    token: str
    home: Path
    root: Path
    log: Path
    environ: Mapping[str, str]
    process: subprocess.Popen[bytes] = field(repr=False)

    def get(self, path: str, *, timeout: float = 10) -> tuple[int, bytes]:
        """Status and body of an authenticated GET of ``path`` below the base URL."""
        return self._send("GET", path, None, timeout)

    def ask(self, verb: str, path: str, body: object = None) -> Any:
        """The answer of our own API to a request that must succeed."""
        status, answer = self._send(verb, f"envmgr/api/{path}", body, 60)
        assert status < 300, (status, answer)
        return json.loads(answer)

    def create(self, name: str, *packages: str, **more: object) -> None:
        """Make an environment without a click, and wait until it is ready."""
        body = {"name": name, "packages": list(packages), **more}
        job = self.ask("POST", "environments", body)["id"]
        self.wait_for(job)

    def wait_for(self, job: str) -> None:
        """Wait until a job has succeeded."""
        after = 0
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            state = self.ask("GET", f"jobs/{job}")
            if state["state"] not in ("queued", "running"):
                assert state["state"] == "succeeded", state
                return
            events = self.ask("GET", f"jobs/{job}/events?after={after}&wait=5")["events"]
            after = max([after, *(event["seq"] for event in events)])
        raise AssertionError(f"the job {job} did not end")

    def environment(self, name: str) -> Any:
        """What the API says of an environment, by its plain name; None if there is none."""
        listed = self.ask("GET", "environments?fresh=1")["environments"]
        return next((each for each in listed if each["managed"] and each["name"] == name), None)

    def prefix(self, name: str) -> Path:
        """The directory of a managed environment."""
        return self.home / ".envmgr/environments" / name

    def _send(self, verb: str, path: str, body: object, timeout: float) -> tuple[int, bytes]:
        headers = {"Authorization": f"token {self.token}"}
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(self.url + path, data, headers, method=verb)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def kill(self) -> None:
        """End it as the out-of-memory killer does: SIGKILL, no goodbye."""
        self.process.kill()
        self.process.wait()


@contextlib.contextmanager
def running(
    app: App,
    home: Path,
    *,
    arguments: Sequence[str] = (),
    environ: Mapping[str, str] | None = None,
    base_url: str = "/",
    mounted: Path | None = None,
) -> Iterator[Jupyter]:
    """Start ``app`` with token and XSRF check on, wait until it answers, and end it afterwards.

    ``home`` may be that of an earlier server. All that the server started dies with it. With
    ``mounted`` the server, and nobody else, sees ``home`` as a mount of its own at that place
    below /home, as in a container whose home is kept; it takes root, and Linux.
    """
    (home / "work").mkdir(parents=True, exist_ok=True)
    root = (mounted or home) / "work"
    image = image_of(home)
    _write_settings(home)
    log = home / f"{app}-{time.time_ns()}.log"
    token = secrets.token_hex(16)
    surroundings = _surroundings(mounted or home, image, token) | dict(environ or {})
    port = _free_port()
    command = [
        *([] if mounted is None else _with_mount(home, mounted)),
        *(str(image / "bin/python"), "-m", _MODULE[app]),
        *("--no-browser", "--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"),
        *(f"--ServerApp.root_dir={root}", f"--ServerApp.base_url={base_url}", _EXPOSE[app]),
        *(["--allow-root"] if os.geteuid() == 0 else []),
        *arguments,
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=home / "work",
            env=surroundings,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}{base_url}"
    jupyter = Jupyter(app, url, token, home, root, log, surroundings, process)
    try:
        _wait_until_it_answers(jupyter)
        yield jupyter
    finally:
        _end(jupyter)


def image_of(home: Path) -> Path:
    """The image that goes with a home: the Python of these tests, seen at a place of its own.

    Kernels of environments that do not outlive the container are registered in the image, which
    must not be the one that the person works in. The labextension is a copy, so that a build in
    the middle of a test does not change it.
    """
    image = home.with_name(f"{home.name}-image")
    if image.exists():
        return image
    share, theirs = image / "share/jupyter", Path(sys.prefix) / "share/jupyter"
    share.mkdir(parents=True)
    (image / "bin").mkdir()
    for program in (Path(sys.prefix) / "bin").iterdir():
        (image / "bin" / program.name).symlink_to(program)
    for name in ("etc", "include", "lib", "lib64"):
        if (Path(sys.prefix) / name).exists():
            (image / name).symlink_to(Path(sys.prefix) / name)
    base = Path(getattr(sys, "_base_executable", sys.executable)).resolve().parent
    (image / "pyvenv.cfg").write_text(f"home = {base}\n")
    for name in ("lab", "nbconvert"):
        (share / name).symlink_to(theirs / name)
    shutil.copytree(theirs / "labextensions", share / "labextensions")
    shutil.copytree(theirs / "kernels/python3", share / "kernels/python3")
    return image


def _with_mount(home: Path, place: Path) -> list[str]:
    mount = (
        'mount -t tmpfs none /home && mkdir -p "$0" && mount --bind "$1" "$0" && shift && exec "$@"'
    )
    private = ("unshare", "--mount", "--propagation", "private")
    return [*private, "sh", "-c", mount, str(place), str(home)]


def _surroundings(home: Path, image: Path, token: str) -> dict[str, str]:
    passed_on = {
        name: value
        for name, value in os.environ.items()
        if name in _PASSED_ON or name.upper().startswith(_PASSED_ON_PREFIXES)
    }
    return passed_on | {
        "HOME": str(home),
        "PATH": f"{image / 'bin'}:/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "SHELL": "/bin/sh",
        "JUPYTER_TOKEN": token,  # not in argv, where everybody on the machine could read it
        "JUPYTER_CONFIG_DIR": str(home / ".jupyter"),
        "JUPYTER_DATA_DIR": str(home / ".local/share/jupyter"),
        "JUPYTER_RUNTIME_DIR": str(home / ".runtime"),
        "IPYTHONDIR": str(home / ".ipython"),
    }


def _write_settings(home: Path) -> None:
    settings = home / ".jupyter/lab/user-settings/@jupyterlab/apputils-extension"
    settings.mkdir(parents=True, exist_ok=True)
    (settings / "notification.jupyterlab-settings").write_text(_QUIET)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_it_answers(jupyter: Jupyter) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        if jupyter.process.poll() is not None:
            break
        with contextlib.suppress(OSError):
            if jupyter.get("api/status")[0] == 200:
                return
        time.sleep(0.1)
    log = jupyter.log.read_text(errors="replace")
    raise RuntimeError(f"jupyter {jupyter.app} did not start:\n{log[-4000:]}")


def _end(jupyter: Jupyter) -> None:
    """A polite SIGTERM, which lets it end its kernels; then SIGKILL for all that is left."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(jupyter.process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        jupyter.process.wait(timeout=10)
    for pid in _left_behind(jupyter):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    jupyter.process.wait()


def _left_behind(jupyter: Jupyter) -> list[int]:
    """Processes of this home: kernels and jobs have sessions of their own, but its environment."""
    mark = f"JUPYTER_RUNTIME_DIR={jupyter.environ['JUPYTER_RUNTIME_DIR']}\0".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if mark in entry.read_bytes():
                found.append(int(entry.parent.name))
    return found
