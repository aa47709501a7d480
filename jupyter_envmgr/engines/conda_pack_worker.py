"""The program that packs a conda environment: a request in a file, JSON lines on standard output.

The only module that imports conda-pack, and it runs in a process of its own, which can be killed at
any moment and does not hold up the server. Started as ``python -I conda_pack_worker.py
REQUEST.json``. conda-pack finds the files and what of them holds the prefix; the archive is written
by `ArchiveWriter`, straight to its place instead of by way of /tmp.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conda_pack.core import File  # type: ignore[import-untyped]

_INTERVAL = 0.1
_MOST_NAMED = 3
_HEAD = 64 * 1024


def main(path: str) -> int:
    """Do what the request in the file says. Answers the exit code."""
    try:
        request = json.loads(Path(path).read_text(encoding="utf-8"))
        sys.path += [entry for entry in request["paths"] if entry not in sys.path]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _pack(request, path)
    except BaseException as error:
        from jupyter_envmgr.core.errors import EnvMgrError

        code, detail = "tool-failed", f"{type(error).__name__}: {error}"
        if isinstance(error, EnvMgrError):
            code, detail = error.code, error.detail
        elif type(error).__name__ == "CondaPackException":
            code, detail = "cannot-pack", " ".join(str(error).split())
        number = error.errno if isinstance(error, OSError) else None
        _say("failed", code=code, detail=detail, errno=number)
        return 1
    return 0


def _pack(request: dict[str, Any], path: str) -> None:
    from conda_pack.core import CondaEnv, Packer

    from jupyter_envmgr.core.archives.model import ArchiveManifest
    from jupyter_envmgr.core.archives.packing import ArchiveWriter
    from jupyter_envmgr.core.wire import from_wire

    prefix = Path(request["prefix"])
    _refuse_missing(prefix)
    # What is missing was told above, with the names; conda-pack would say it in prose.
    environment = CondaEnv.from_prefix(str(prefix), ignore_missing_files=True)
    excluded = set(request["excluded"])
    restore = _Restore(prefix, Path(path).parent)
    files = [
        restore(_as_it_runs(file, prefix))
        for file in environment.files
        if file.target not in excluded
    ]
    total = sum(map(_size, files))
    manifest = {**request["manifest"], "bytes": total, "files": len(files)}
    progress = _Progress(total)
    with (
        open(request["output"], "r+b") as out,
        ArchiveWriter(
            out,
            request["compression"],
            from_wire(ArchiveManifest, manifest),
            prefix=prefix,
            report=progress,
        ) as writer,
    ):
        packer = Packer(str(prefix), writer)
        for file in files:
            packer.add(file)
        packer.finish()
    with open(request["output"], "r+b") as out:
        os.fsync(out.fileno())
        size = os.fstat(out.fileno()).st_size
    for name in writer.left_out:
        _say("notice", text=f"Left out: {name}")
    _say("packed", sha256=writer.sha256, size=size, bytes=writer.bytes, files=len(files))


def _refuse_missing(prefix: Path) -> None:
    """Raise ``cannot-pack`` if files of conda's packages are gone, naming packages and files."""
    from jupyter_envmgr.core.errors import EnvMgrError

    gone = [
        f"{name} ({_listed(missing)})"
        for name, files in _recorded(prefix)
        if (missing := [file for file in files if not os.path.lexists(prefix / file)])
    ]
    if gone:
        more = f" and {len(gone) - _MOST_NAMED} more" if len(gone) > _MOST_NAMED else ""
        packages = ", ".join(gone[:_MOST_NAMED])
        raise EnvMgrError(
            "cannot-pack",
            f"files of {packages}{more} are missing: pip or somebody has removed them",
        )


def _recorded(prefix: Path) -> Iterator[tuple[str, list[str]]]:
    for record in _records(prefix):
        # Bytecode comes and goes; .nonadmin is a mark of conda's on Windows.
        files = (f for f in record.get("files") or () if not f.endswith((".pyc", ".nonadmin")))
        yield str(record.get("name")), list(files)


def _records(prefix: Path) -> Iterator[dict[str, Any]]:
    for path in sorted((prefix / "conda-meta").glob("*.json")):
        yield json.loads(path.read_text(encoding="utf-8"))


def _listed(files: list[str]) -> str:
    more = f" and {len(files) - _MOST_NAMED} more" if len(files) > _MOST_NAMED else ""
    return ", ".join(sorted(files)[:_MOST_NAMED]) + more


def _as_it_runs(file: File, prefix: Path) -> File:
    """The file that is to be packed: what runs here, not what the package once brought.

    conda-pack takes files from the package cache and does not notice those that were changed.
    """
    from conda_pack.core import File
    from conda_pack.prefixes import replace_prefix  # type: ignore[import-untyped]

    installed = prefix / file.target
    if not stat.S_ISREG(os.lstat(installed).st_mode):
        return File(str(installed), file.target, file.is_conda, None)
    if file.file_mode == "unknown" and _is_binary(file.source):
        # conda-pack would read all of it to find out, and then take it as it is.
        return File(file.source, file.target, file.is_conda, None)
    if Path(file.source) == installed:
        return file
    if file.file_mode is None:
        return File(str(installed), file.target, file.is_conda, None)
    cached = Path(file.source).read_bytes()
    try:
        fresh = replace_prefix(cached, file.file_mode, file.prefix_placeholder, str(prefix))
    except ValueError:
        fresh = b""
    if fresh == installed.read_bytes():
        return file
    if file.file_mode == "text":
        return File(str(installed), file.target, file.is_conda, "text", str(prefix))
    _say("notice", text=f"{file.target} was changed here; it is packed as its package has it")
    return file


class _Restore:
    """Gives binary files their placeholder back, where the package cache has them no more.

    What was imported, or whose package was cleaned away, would keep the present prefix otherwise.
    """

    def __init__(self, prefix: Path, workdir: Path) -> None:
        self._prefix = prefix
        self._workdir = workdir
        self._binaries = {
            str(row.get("_path")): (str(row.get("prefix_placeholder")), str(row.get("sha256")))
            for record in _records(prefix)
            if not os.path.isdir((record.get("link") or {}).get("source") or "")
            for row in (record.get("paths_data") or {}).get("paths") or ()
            if row.get("file_mode") == "binary"
        }

    def __call__(self, file: File) -> File:
        from conda_pack.core import File

        from jupyter_envmgr.core.archives.prefixes import with_placeholder

        if file.target not in self._binaries or os.path.islink(file.source):
            return file
        placeholder, sha256 = self._binaries.pop(file.target)
        data = with_placeholder(
            Path(file.source).read_bytes(), os.fsencode(self._prefix), placeholder.encode()
        )
        if hashlib.sha256(data).hexdigest() != sha256:
            text = f"{file.target} keeps the path of this place: its package is not in the cache"
            _say("notice", text=text)
            return file
        restored = self._workdir / f"restored-{len(self._binaries)}"
        restored.write_bytes(data)
        shutil.copystat(file.source, restored)
        return File(str(restored), file.target, True, "binary", placeholder)


def _is_binary(path: str) -> bool:
    with open(path, "rb") as file:
        return b"\0" in file.read(_HEAD)


def _size(file: File) -> int:
    status = os.lstat(file.source)
    return 0 if os.path.islink(file.source) or os.path.isdir(file.source) else status.st_size


class _Progress:
    """Says how far it is, ten times a second."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._said = 0.0

    def __call__(self, done: int) -> None:
        now = time.monotonic()
        if now - self._said >= _INTERVAL:
            self._said = now
            _say("progress", done=min(done, self._total), total=self._total)


def _say(event: str, **fields: object) -> None:
    sys.stdout.write(json.dumps({"event": event, **fields}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
