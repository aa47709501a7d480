"""A package index on 127.0.0.1 (PEP 503, 658) that can be wrong in all the ways indexes are."""

from __future__ import annotations

import base64
import contextlib
import html
import secrets
import ssl
import threading
from collections.abc import Iterable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from urllib.parse import unquote

from packaging.utils import canonicalize_name

from tests.index.wheels import Archive

HERE = Path(__file__).parent
AUTHORITY = HERE / "authority.pem"
"""The certificate to trust for an index with ``tls``."""
_SERVER_CERTIFICATE = HERE / "server.pem"

# Where an index listens whose files may come from uv's cache: the first that is free, so that as
# many addresses are known to the cache as such indexes have ever run at once.
_PORTS = range(28710, 28742)
_ANY_PORT = (0,)

_GARBAGE = b"<!DOCTYPE html><html><body><h1>Welcome to the portal</h1></body></html>"


class LocalIndex:
    """A running index. Start it with ``with``; its settings may be changed while it runs.

    ``status`` answers every project page with that status; ``garbage`` answers everything with
    a web page; ``credentials`` are asked for (user, password); ``damage`` names files that are
    sent with two bytes changed. A file in ``held`` is sent halfway, then `is_held` is set and the
    rest waits for `release` or the end of the index. With ``kept`` a page may be kept for times
    without a network, as that of PyPI may.

    uv's cache knows files by their name and the address of their index. The wheels in ``cached``
    may come from there: the index listens where the one before it did, and their names say what
    is in them (by a build tag). Names that no cache has seen are those of all its other files,
    which must be wheels, too. Without ``cached`` the address is one that no cache has seen.
    """

    def __init__(
        self,
        archives: Iterable[Archive] = (),
        *,
        cached: Sequence[Archive] = (),
        tls: bool = False,
    ) -> None:
        self.status: int | None = None
        self.garbage = False
        self.kept = False
        self.credentials: tuple[str, str] | None = None
        self.damage: set[str] = set()
        self.held: set[str] = set()
        self.is_held = threading.Event()
        self.requests: list[str] = []
        self._released = threading.Event()
        self._projects: dict[str, dict[str, Archive]] = {}
        self._tls = tls
        self._cached = frozenset(archive.sha256 for archive in cached)
        self._own = secrets.token_hex(4)
        self.add(*cached, *archives)

    def add(self, *archives: Archive) -> None:
        """Offer these files too."""
        for archive in archives:
            self.name_of(archive)
            files = self._projects.setdefault(canonicalize_name(archive.project), {})
            files[archive.filename] = archive

    def name_of(self, archive: Archive) -> str:
        """What a file is called here. Raises ValueError for one that can have no such name."""
        if not self._cached:
            return archive.filename
        build = archive.sha256[:8] if archive.sha256 in self._cached else self._own
        name, version, *tags = archive.filename.split("-", 2)
        if not tags:
            raise ValueError(f"{archive.filename} is no wheel, and this index has a cached address")
        return f"{name}-{version}-0{build}-{tags[0]}"

    def hold(self, *names: str) -> None:
        """From now on these files are held, also after a `release`."""
        self.held.update(names)
        self.is_held.clear()
        self._released.clear()

    def release(self) -> None:
        """Send the rest of what is held."""
        self._released.set()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        """The address of the simple index."""
        return f"{'https' if self._tls else 'http'}://{self.host}/simple"

    def url_with(self, user: str, password: str) -> str:
        """The address with credentials in it."""
        return self.url.replace("://", f"://{user}:{password}@")

    def __enter__(self) -> LocalIndex:
        self._server = _listening(self, self._tls, _PORTS if self._cached else _ANY_PORT)
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

    def page(self, project: str) -> bytes | None:
        """The project page, or None if there is no such project."""
        files = self._projects.get(project)
        if files is None:
            return None
        return "".join(_anchor(self.name_of(file), file) for file in files.values()).encode()

    def file(self, name: str) -> Archive | None:
        """The file that is called so here."""
        offered = (file for files in self._projects.values() for file in files.values())
        return next((file for file in offered if self.name_of(file) == name), None)

    def wait_for_release(self) -> None:
        """Hold the thread of a download."""
        self.is_held.set()
        self._released.wait()


def _anchor(name: str, archive: Archive) -> str:
    attributes = ' data-core-metadata="true"' if archive.metadata else ""
    if archive.requires_python:
        attributes += f' data-requires-python="{html.escape(archive.requires_python)}"'
    target = f"../../files/{name}#sha256={archive.sha256}"
    return f'<a href="{target}"{attributes}>{name}</a>\n'


def _listening(index: LocalIndex, tls: bool, ports: Sequence[int]) -> _Server:
    """A server on the first of these ports that is free, or else on any."""
    for port in ports:
        with contextlib.suppress(OSError):
            return _Server(index, tls, port)
    return _Server(index, tls, *_ANY_PORT)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, index: LocalIndex, tls: bool, port: int) -> None:
        self.index = index
        super().__init__(("127.0.0.1", port), _Handler)
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(_SERVER_CERTIFICATE)
            # The handshake is left to the connection's own thread.
            self.socket = context.wrap_socket(
                self.socket, server_side=True, do_handshake_on_connect=False
            )

    def handle_error(self, request: object, client_address: object) -> None:
        """A tool that hangs up, because it was killed or does not trust us, is what we test."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        index, path = self.server.index, unquote(self.path.partition("?")[0])
        index.requests.append(path)
        if index.garbage:
            self._answer(200, _GARBAGE, "text/html; charset=utf-8")
        elif not self._is_authorised():
            self._answer(401, b"who are you?", "text/plain")
        elif path.startswith("/simple/") and path.count("/") == 3:
            page = index.page(path.split("/")[2])
            if index.status is not None:
                self._answer(index.status, b"", "text/plain")
            elif page is None:
                self._answer(404, b"", "text/plain")
            else:
                self._answer(200, page, "text/html; charset=utf-8")
        elif path.startswith("/files/"):
            self._send_file(path.removeprefix("/files/"))
        else:
            self._answer(404, b"", "text/plain")

    do_HEAD = do_GET

    def _is_authorised(self) -> bool:
        credentials = self.server.index.credentials
        if credentials is None:
            return True
        expected = base64.b64encode(":".join(credentials).encode()).decode()
        return self.headers.get("Authorization") == f"Basic {expected}"

    def _send_file(self, name: str) -> None:
        index = self.server.index
        archive = index.file(name.removesuffix(".metadata"))
        if archive is None:
            self._answer(404, b"", "text/plain")
        elif name.endswith(".metadata"):
            self._answer(200, archive.metadata, "application/octet-stream")
        else:
            content = archive.content
            if archive.filename in index.damage:
                middle = content.index(b"__version__")
                content = content[:middle] + b"XX" + content[middle + 2 :]
            held = archive.filename in index.held
            self._answer(200, content, "application/octet-stream", held=held)

    def _answer(self, status: int, body: bytes, kind: str, *, held: bool = False) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        # A page is asked for again each time: the next test will get this port. A file is not, so
        # that many environments can be made from one cache.
        page = "max-age=0" if self.server.index.kept else "no-store"
        self.send_header("Cache-Control", "max-age=3600" if self._is_file() else page)
        if status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="index"')
        self.end_headers()
        if self.command == "HEAD":
            return
        half = len(body) // 2 if held else 0
        self.wfile.write(body[:half])
        if held:
            self.wfile.flush()
            self.server.index.wait_for_release()
        self.wfile.write(body[half:])

    def _is_file(self) -> bool:
        return self.path.startswith("/files/")

    def log_message(self, format: str, *args: object) -> None:
        """Silence: the requests are in ``LocalIndex.requests``."""
