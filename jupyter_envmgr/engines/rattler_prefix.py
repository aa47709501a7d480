"""An environment's directory as the rattler worker finds it and leaves it. Standard library only.

It runs in the worker's process and nowhere else: what it writes is what conda writes beside the
packages themselves, which py-rattler 0.28 leaves out.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ..core.conda.history import (
    Revision,
    channel_name,
    dist,
    missing_line,
    packages_at,
    parse_history,
    revision_text,
)

MARKER = ".envmgr.json"
UNFINISHED = "conda-meta/envmgr-unfinished"
CLOBBERED = "__clobbers__"
_MESSAGES = ".messages.txt"
_CREATE = "jupyter_envmgr create"
_UNMAPPED = re.compile(rb'"_path":\s*"(?:site-packages|python-scripts)/')
_GRACE = 0.01
_LARGEST_TEXT = 16 * 1024 * 1024


class Refused(Exception):
    """What will not be done. ``code`` is one of core/errors.py."""

    def __init__(self, code: str, detail: str, hint: str = "") -> None:
        super().__init__(detail)
        self.code = code
        self.hint = hint


def check_new(prefix: Path) -> None:
    """Refuse to make an environment over anything but our marker or what we were cut off at.

    py-rattler installs over foreign files without a word.
    """
    if not prefix.is_absolute():
        raise Refused("bad-path", f"{prefix} is no absolute path")
    if not os.path.lexists(prefix) or _text(prefix / UNFINISHED).startswith(_CREATE):
        return
    if not prefix.is_dir():
        raise Refused("directory-exists", f"{prefix} exists and is no directory")
    found = sorted(name for name in os.listdir(prefix) if name != MARKER)
    if found:
        what = "an environment" if "conda-meta" in found else f"{found[0]} and perhaps more"
        raise Refused("directory-exists", f"{prefix} is not empty: there is {what}")


def check_there(prefix: Path) -> None:
    """Refuse to change what is no conda environment."""
    if not (prefix / "conda-meta").is_dir():
        raise Refused("wrong-state", f"{prefix} is no conda environment")


def is_unfinished(prefix: Path) -> bool:
    """Whether an earlier run was cut off, so that some of its work is done."""
    return (prefix / UNFINISHED).exists()


def record_files(prefix: Path) -> list[Path]:
    """The records of the packages that are installed."""
    return sorted((prefix / "conda-meta").glob("*.json"))


def unmapped(prefix: Path) -> set[str]:
    """The file names of records whose paths py-rattler does not understand.

    conda records a noarch package's paths as the package has them (``site-packages/…``), not
    where they lie: py-rattler would remove nothing and report success.
    """
    return {path.name for path in record_files(prefix) if _UNMAPPED.search(path.read_bytes())}


def clobbered(prefix: Path) -> Iterator[tuple[str, str]]:
    """``(package, path)`` of each file that gave way to another package's of the same path."""
    root = prefix / CLOBBERED
    for directory, _, names in os.walk(root):
        for name in names:
            package, _, path = Path(directory, name).relative_to(root).as_posix().partition("/")
            yield package, path


def pinned(prefix: Path) -> list[str]:
    """The specs of ``conda-meta/pinned``, which no change may break (conda's manual)."""
    lines = _text(prefix / "conda-meta" / "pinned").splitlines()
    return [found for line in lines if (found := line.partition("#")[0].strip())]


def history(prefix: Path) -> tuple[Revision, ...]:
    """The revisions of an environment."""
    return parse_history(_text(prefix / "conda-meta" / "history"))


def begin(prefix: Path, what: str) -> None:
    """Say that an installation has begun, before its first file."""
    meta = prefix / "conda-meta"
    meta.mkdir(parents=True, exist_ok=True)
    # conda and py-rattler read every .json in there as a package.
    _write(prefix / UNFINISHED, f"{what}\n")


def remove_bytecode(prefix: Path, sources: Iterable[str]) -> None:
    """Remove what Python, or we, made of sources, which are paths below ``prefix``.

    py-rattler removes what packages have brought: of a module without a directory of its own the
    bytecode would stay, and that of another version counts where size and time are the same.
    """
    stems: dict[str, set[str]] = {}
    for source in sources:
        directory, name = os.path.split(source)
        if not directory.startswith("/") and ".." not in directory.split("/"):
            stems.setdefault(directory, set()).add(name.removesuffix(".py"))
    for directory, known in stems.items():
        cache = prefix / directory / "__pycache__"
        with contextlib.suppress(OSError):
            for name in [] if cache.is_symlink() else os.listdir(cache):
                if name.endswith(".pyc") and name.partition(".")[0] in known:
                    (cache / name).unlink()


def finish(
    prefix: Path,
    home: Path,
    command: str,
    installed: Iterable[tuple[str, str, str, str, str]],
    asked: Sequence[str],
    removed: Sequence[str],
) -> None:
    """Write down what is there now, as conda does: history, ``environments.txt``.

    ``installed`` are channel, subdir, name, version and build of each package. The difference is
    the one to what the history knew, so that a change that was cut off is made up for.
    """
    revisions = history(prefix)
    before = {_plain(name): name for name in packages_at(revisions, len(revisions))}
    now = {_plain(name): name for name in (dist(channel_name(c), *rest) for c, *rest in installed)}
    linked = [name for plain, name in now.items() if plain not in before]
    unlinked = [name for plain, name in before.items() if plain not in now]
    path = prefix / "conda-meta" / "history"
    known = _text(path)
    if linked or unlinked or asked or removed or not known:
        date = time.strftime("%Y-%m-%d %H:%M:%S")
        text = revision_text(date, command, linked, unlinked, asked, removed)
        _write(path, f"{known}\n{text}" if known and not known.endswith("\n") else known + text)
    register(prefix, home)
    # py-rattler's word to backup programs that an environment is worth nothing.
    (prefix / "CACHEDIR.TAG").unlink(missing_ok=True)
    (prefix / UNFINISHED).unlink(missing_ok=True)


def register(prefix: Path, home: Path) -> None:
    """Name an environment in ``~/.conda/environments.txt``, as conda does: by one appended line.

    Raises nothing: a home that cannot be written to is no reason to fail.
    """
    path = home / ".conda" / "environments.txt"
    try:
        line = missing_line(_text(path), str(prefix))
        if line:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as file:
                file.write(line)
    except OSError:
        return


def messages(prefix: Path) -> str:
    """What post-link scripts have to say (conda-build's manual), once."""
    path = prefix / _MESSAGES
    text = _text(path).strip()
    path.unlink(missing_ok=True)
    return text


def unpacked_size(directory: Path) -> int | None:
    """How many bytes an unpacked package has; None if it is not there."""
    try:
        paths = json.loads((directory / "info" / "paths.json").read_bytes())["paths"]
        return sum(int(row.get("size_in_bytes") or 0) for row in paths)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def was_edited(directory: Path) -> bool:
    """Whether a file of an unpacked package was written to after it was unpacked.

    The files of environments are links to it: who edits one in its place (as Jupyter's own
    editor does) changes this one too, and each environment that is made of it.
    """
    try:
        unpacked = os.stat(directory).st_mtime + _GRACE
    except OSError:
        return False
    waiting = [os.fspath(directory)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif entry.stat(follow_symlinks=False).st_mtime > unpacked:
                    return True
    return False


def check_file(url: str, sha256: str, md5: str) -> None:
    """Compare a package at a ``file://`` address with its hash: py-rattler 0.28 does not."""
    import hashlib

    path = Path(unquote(urlsplit(url).path))
    expected, kind = (sha256, "sha256") if sha256 else (md5, "md5")
    if not expected:
        return
    digest = hashlib.new(kind, usedforsecurity=False)
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    if digest.hexdigest() != expected:
        detail = f"{path.name} has the {kind} {digest.hexdigest()[:12]}… and not {expected[:12]}…"
        raise Refused("hash-mismatch", detail)


def _plain(name: str) -> str:
    return name.rpartition("::")[2]


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST_TEXT).decode("utf-8", "replace")
    except (FileNotFoundError, NotADirectoryError):
        return ""


def _write(path: Path, text: str) -> None:
    """Write a file so that it is there whole or as it was.

    Not synced: nor is what it speaks of, the files of the packages.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)
