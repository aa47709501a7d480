"""Archives on their way from and to a person's own computer: bytes, not JSON."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jupyter_server.services.contents.filemanager import FileContentsManager
from jupyter_server.utils import url_path_join
from tornado.iostream import StreamClosedError

from ..core.errors import EnvMgrError
from ..core.wire import from_wire
from .door import encode
from .handlers import PREFIX, Handler, guarded
from .requests import kept, read_json

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)
_OFFSET = re.compile(r"\d{1,15}", re.ASCII)


class PackedArchive(Handler):
    """The file that a job has packed."""

    @guarded("read")
    async def get(self, job: str) -> None:
        """The file, or the part of it that is asked for; nothing of one that has been changed."""
        self.check_xsrf_cookie()  # as Jupyter's own files: no other site gets a download going
        try:
            await self._send(job)
        except StreamClosedError:
            pass  # nobody is there any more
        except Exception as error:
            if self._headers_written:
                self._break_off(error)
            else:
                self.clear()
                self.write_problem(error)

    async def _send(self, job: str) -> None:
        lane = self.door.lanes.files

        def begin() -> Any:
            from ..service.archives.packed import open_packed

            stack = contextlib.ExitStack()
            packed = stack.enter_context(open_packed(self.door.context, job))
            return stack, packed, self._among_files(packed.path)

        stack, packed, place = await lane.run(begin)
        try:
            tag = f'"{packed.sha256}"'
            self.set_header("Content-Type", "application/octet-stream")
            self.set_header("Accept-Ranges", "bytes")
            self.set_header("ETag", tag)
            name = quote(packed.path.name, safe="", errors="surrogateescape")
            self.set_header("Content-Disposition", f"attachment; filename*=UTF-8''{name}")
            if place:
                self.set_header("Content-Location", place)
            start, end = self._part(packed.size, tag)
            if start >= end:
                self.set_status(416)
                self.set_header("Content-Range", f"bytes */{packed.size}")
                await self.finish(set_content_type="application/octet-stream")
                return
            if end - start < packed.size:
                self.set_status(206)
                self.set_header("Content-Range", f"bytes {start}-{end - 1}/{packed.size}")
            self.set_header("Content-Length", str(end - start))
            await self._copy(packed, start, end)
        finally:
            await lane.run(stack.close)
        await self.finish(set_content_type="application/octet-stream")

    def _among_files(self, path: Path) -> str | None:
        """The address at which Jupyter itself serves the file; None where it does not."""
        if not isinstance(self.contents_manager, FileContentsManager):
            return None
        root = self.contents_manager.root_dir
        with contextlib.suppress(ValueError):
            parts = path.resolve().relative_to(Path(root).resolve()).parts
            is_hidden = any(part.startswith(".") for part in parts)
            if not is_hidden or self.contents_manager.allow_hidden:
                return url_path_join(self.base_url, "files", *map(quote, parts))
        return None

    async def _copy(self, packed: Any, start: int, end: int) -> None:
        """Send a part. The last piece of a whole file goes out when its hash is the right one."""
        from ..service.archives.packed import PIECE

        digest = hashlib.sha256()
        is_whole = end - start == packed.size

        def read(offset: int) -> bytes:
            packed.file.seek(offset)
            data: bytes = packed.file.read(min(PIECE, end - offset))
            if is_whole:
                digest.update(data)
            return data

        while start < end:
            data = await self.door.lanes.files.run(partial(read, start))
            start += len(data)
            is_damaged = is_whole and start == end and digest.hexdigest() != packed.sha256
            if not data or is_damaged:
                detail = f"{packed.path.name} changed while it was sent"
                raise EnvMgrError("archive-changed", detail)
            self.write(data)
            await self.flush()
            self.update_api_activity()  # who downloads is not idle

    def _part(self, size: int, tag: str) -> tuple[int, int]:
        """Which bytes are asked for; all of them where that cannot be told (RFC 9110, 14.2)."""
        asked = _RANGE.fullmatch(self.request.headers.get("Range", ""))
        if asked is None or asked[0] == "bytes=-":
            return 0, size
        if self.request.headers.get("If-Range", tag) != tag:
            return 0, size
        first, last = asked.groups()
        if not first:
            return max(0, size - int(last)), size
        return int(first), min(int(last) + 1 if last else size, size)

    def _break_off(self, error: Exception) -> None:
        """Close the connection: a browser takes a download that ends too early for a failed one."""
        self.log.warning("a download was broken off: %s", error)
        self._auto_finish = False
        connection: Any = self.request.connection
        connection.close()


class Receiving(Handler):
    """What is common to the addresses of uploads."""

    async def reply(self, work: Callable[[], bytes], status: int = 200) -> None:
        """Answer with what ``work`` gives, in a thread, or with what went wrong."""
        try:
            body = await self.door.lanes.writing.run(work)
        except Exception as error:
            self.write_problem(error)
        else:
            self.set_status(status)
            with contextlib.suppress(StreamClosedError):
                await self.finish(body)


class Uploads(Receiving):
    """Where an upload begins."""

    @guarded("write")
    async def post(self) -> None:
        """Make a place for a file, if there is room for it."""

        def begin() -> bytes:
            from ..service.archives import uploads

            request = from_wire(uploads.UploadRequest, read_json(self.received))
            return encode(uploads.begin(self.door.context, request))

        await self.reply(begin, status=201)


class UploadPiece(Receiving):
    """An upload that has begun."""

    @guarded("write")
    async def put(self, identifier: str) -> None:
        """Take a piece of it, as it stands in the body."""
        offset = self.get_query_argument("offset", "")

        def add() -> bytes:
            from ..service.archives import uploads

            if not _OFFSET.fullmatch(offset):
                detail = "a whole number is needed: where the piece begins"
                raise EnvMgrError.of_field("bad-request", "offset", detail)
            data = kept(self.received)
            return encode(uploads.add(self.door.context, identifier, int(offset), data))

        await self.reply(add)

    @guarded("write")
    async def delete(self, identifier: str) -> None:
        """Give it up."""

        def discard() -> bytes:
            from ..service.archives import uploads

            uploads.discard(self.door.context, identifier)
            return b"{}"

        await self.reply(discard)


ROUTES: tuple[tuple[str, type[Handler]], ...] = (
    (rf"/{PREFIX}/jobs/([^/]+)/archive", PackedArchive),
    (rf"/{PREFIX}/uploads", Uploads),
    (rf"/{PREFIX}/uploads/([^/]+)", UploadPiece),
)
