"""A conda channel over HTTP on 127.0.0.1, with credentials, failures and downloads that wait."""

from __future__ import annotations

import base64
import shutil
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from urllib.parse import unquote

from tests.index.server import AUTHORITY

_CERTIFICATE = AUTHORITY.with_name("server.pem")
_GARBAGE = b"<!DOCTYPE html><html><body><h1>Welcome to the portal</h1></body></html>"


class ChannelServer:
    """Serves directories, each a channel, by name. Start it with ``with``.

    ``credentials`` (user, password; ``credentials_of`` single channels), a ``bearer`` token or a
    conda ``token`` (``/t/<token>/`` in the path) are asked for. ``status`` answers everything
    with that status, ``garbage`` with a web page. A file whose name begins with one of ``held``
    is sent halfway, then `is_held` is set and the rest waits for `release`. ``cut`` names what
    is sent halfway and then hung up on.
    """

    def __init__(self, channels: dict[str, Path], *, tls: bool = False) -> None:
        self.channels = dict(channels)
        self.credentials: tuple[str, str] | None = None
        self.credentials_of: dict[str, tuple[str, str]] = {}
        self.bearer = ""
        self.token = ""
        self.status: int | None = None
        self.garbage = False
        self.cut: set[str] = set()
        self.held: set[str] = set()
        self.is_held = threading.Event()
        self.requests: list[str] = []
        self._released = threading.Event()
        self._tls = tls

    def hold(self, *names: str) -> None:
        """From now on files that begin so are held, also after a `release`."""
        self.held.update(names)
        self.is_held.clear()
        self._released.clear()

    def release(self) -> None:
        """Send the rest of what is held, and hold nothing more."""
        self.held.clear()
        self._released.set()

    def wait_for_release(self) -> None:
        """Hold the thread of a download."""
        self.is_held.set()
        self._released.wait()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def base(self) -> str:
        """What a channel alias would be: the address before the channel's name."""
        return f"{'https' if self._tls else 'http'}://{self.host}"

    @property
    def url(self) -> str:
        """The address of the first channel."""
        token = f"/t/{self.token}" if self.token else ""
        return f"{self.base}{token}/{next(iter(self.channels))}"

    def url_with(self, user: str, password: str) -> str:
        """That address with credentials in it."""
        return self.url.replace("://", f"://{user}:{password}@")

    def downloads(self) -> list[str]:
        """The names of the packages that were asked for."""
        names = (path.rpartition("/")[2] for path in self.requests)
        return [name for name in names if name.endswith((".conda", ".tar.bz2"))]

    def __enter__(self) -> ChannelServer:
        self._server = _Server(self, self._tls)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def file(self, path: str) -> Path | None:
        """The file that a path asks for; None if it leads nowhere or out of the channel."""
        name, _, inside = path.strip("/").partition("/")
        root = self.channels.get(name)
        if root is None or not inside or ".." in Path(inside).parts:
            return None
        file = root / inside
        return file if file.is_file() else None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, channel: ChannelServer, tls: bool) -> None:
        self.channel = channel
        super().__init__(("127.0.0.1", 0), _Handler)
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(_CERTIFICATE)
            self.socket = context.wrap_socket(
                self.socket, server_side=True, do_handshake_on_connect=False
            )

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that was killed is what we test."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        channel, path = self.server.channel, unquote(self.path.partition("?")[0])
        if path.startswith("http://"):
            # We are asked as a proxy.
            path = "/" + path.split("/", 3)[3]
        channel.requests.append(path)
        if channel.token:
            path, known = path.removeprefix(f"/t/{channel.token}"), path
            if path == known:
                self._answer(401, b"who are you?")
                return
        if channel.garbage:
            self._answer(200, _GARBAGE)
        elif not self._is_authorised():
            self._answer(401, b"who are you?")
        elif channel.status is not None:
            self._answer(channel.status, b"no")
        elif (file := channel.file(path)) is None:
            self._answer(404, b"not here")
        else:
            self._send(file)

    do_HEAD = do_GET

    def _is_authorised(self) -> bool:
        channel, given = self.server.channel, self.headers.get("Authorization")
        if channel.bearer:
            return given == f"Bearer {channel.bearer}"
        credentials = channel.credentials_of.get(self.path.split("/")[1], channel.credentials)
        if credentials:
            expected = base64.b64encode(":".join(credentials).encode()).decode()
            return given == f"Basic {expected}"
        return True

    def _send(self, file: Path) -> None:
        channel, size = self.server.channel, file.stat().st_size
        self._begin(200, size)
        if self.command == "HEAD":
            return
        is_held = any(file.name.startswith(name) for name in channel.held)
        is_cut = any(file.name.startswith(name) for name in channel.cut)
        with file.open("rb") as source:
            if is_held or is_cut:
                self.wfile.write(source.read(size // 2))
                self.wfile.flush()
            if is_cut:
                self.close_connection = True
                return
            if is_held:
                channel.wait_for_release()
            shutil.copyfileobj(source, self.wfile)

    def _answer(self, status: int, body: bytes) -> None:
        self._begin(status, len(body))
        if self.command != "HEAD":
            self.wfile.write(body)

    def _begin(self, status: int, size: int) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(size))
        self.send_header("Cache-Control", "no-cache")
        if status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="channel"')
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Silence: the requests are in ``ChannelServer.requests``."""
