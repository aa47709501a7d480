"""A small conda channel over HTTP, of packages with nothing but data in them."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

ANY = "noarch"


@dataclass(frozen=True)
class Package:
    """One package: its name in the index, its record there, its file."""

    file: str
    record: dict[str, Any]
    data: bytes


def package(
    name: str,
    version: str = "1.0",
    depends: Sequence[str] = (),
    *,
    data: bytes = b"data\n",
    post_link: str = "",
) -> Package:
    """A generic package that puts ``share/<name>/data`` in place."""
    index = {
        "name": name,
        "version": version,
        "build": "0",
        "build_number": 0,
        "depends": list(depends),
        "subdir": ANY,
        "noarch": "generic",
    }
    files = {f"share/{name}/data": data, f"share/{name}/version": version.encode()}
    if post_link:
        files[f"bin/.{name}-post-link.sh"] = post_link.encode()
    rows = [
        {
            "_path": path,
            "path_type": "hardlink",
            "sha256": hashlib.sha256(content).hexdigest(),
            "size_in_bytes": len(content),
        }
        for path, content in files.items()
    ]
    paths = {"paths": rows, "paths_version": 1}
    files |= {
        "info/index.json": json.dumps(index).encode(),
        "info/files": "\n".join(files).encode(),
        "info/paths.json": json.dumps(paths).encode(),
    }
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:bz2", compresslevel=1) as archive:
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            member.mode = 0o755 if path.startswith("bin/") else 0o644
            archive.addfile(member, io.BytesIO(content))
    packed = made.getvalue()
    sums = {
        "size": len(packed),
        "md5": hashlib.md5(packed).hexdigest(),
        "sha256": hashlib.sha256(packed).hexdigest(),
    }
    return Package(f"{name}-{version}-0.tar.bz2", {**index, **sums}, packed)


class ChannelServer:
    """A channel at ``url`` while it is entered. ``asked`` are the paths that it was asked for.

    ``credentials`` (``user:password``) and ``token`` are wanted if set. ``broken`` maps the end
    of a path to the status that it answers with; files in ``damaged`` are sent with a wrong end.
    ``terms`` are the terms of service, if it has any (conda-anaconda-tos). Who asks for a path
    that ends with ``held`` waits until it is empty; ``reached`` says that somebody does.
    """

    def __init__(self, packages: Sequence[Package], credentials: str = "", token: str = "") -> None:
        self.packages = list(packages)
        self.credentials = credentials
        self.token = token
        self.terms = ""
        self.broken: dict[str, int] = {}
        self.damaged: set[str] = set()
        self.asked: list[str] = []
        self.held = ""
        self.reached = threading.Event()

    def __enter__(self) -> ChannelServer:
        channel = self

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                self._answer(with_body=False)

            def do_GET(self) -> None:
                self._answer(with_body=True)

            def _answer(self, *, with_body: bool) -> None:
                channel.asked.append(self.path)
                channel.hold(self.path)
                status, body = channel.answer(self.path, self.headers.get("Authorization", ""))
                self.send_response(status)
                if status == 401:
                    self.send_header("WWW-Authenticate", 'Basic realm="channel"')
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if with_body:
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """The channel's address, without credentials."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/channel"

    @property
    def address(self) -> str:
        """The channel's address as a person writes it, with credentials if it wants any."""
        at = f"{self.credentials}@" if self.credentials else ""
        token = f"/t/{self.token}/channel" if self.token else "/channel"
        return self.url.replace("://", f"://{at}").replace("/channel", token)

    def explicit(self, name: str) -> str:
        """The address of the newest package of that name, with its hash."""
        found = max((p for p in self.packages if p.record["name"] == name), key=lambda p: p.file)
        return f"{self.url}/{ANY}/{found.file}#{found.record['md5']}"

    def hold(self, path: str) -> None:
        """Wait as long as this path is held."""
        while self.held and path.endswith(self.held):
            self.reached.set()
            time.sleep(0.02)

    def answer(self, path: str, authorization: str) -> tuple[int, bytes]:
        """Status and body for a path."""
        for end, status in self.broken.items():
            if path.endswith(end):
                return status, b"broken"
        wanted = "Basic " + base64.b64encode(self.credentials.encode()).decode()
        if self.credentials and authorization != wanted:
            return 401, b"who are you?"
        if self.token:
            if not path.startswith(f"/t/{self.token}/"):
                return 403, b"a token is wanted"
            path = path.removeprefix(f"/t/{self.token}")
        subdir, _, file = path.removeprefix("/channel/").partition("/")
        if not path.startswith("/channel/"):
            return 404, b"no such channel"
        if file == "repodata.json":
            records = {p.file: p.record for p in self.packages} if subdir == ANY else {}
            index = {"info": {"subdir": subdir}, "packages": records, "packages.conda": {}}
            return 200, json.dumps(index).encode()
        if path == "/channel/terms.json" and self.terms:
            said = {"version": "2026-01-01T00:00:00Z", "text": self.terms, "support": "x@y"}
            return 200, json.dumps(said).encode()
        for found in self.packages:
            if subdir == ANY and file == found.file:
                return 200, found.data[:-9] + b"x" * 9 if file in self.damaged else found.data
        return 404, b"no such file"
