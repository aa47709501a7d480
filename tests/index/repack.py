"""Wheels of what is installed here, so that a test can install it elsewhere without a network."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from email.parser import Parser
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path, PurePosixPath

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.index.wheels import Archive, zipped

# Written anew by whoever installs the wheel, or about this one installation.
_NOT_PACKED = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json"}

# What jedi knows of other projects: most of the files that a kernel brings, and none needs them.
_STUBS = ("jedi/third_party/django-stubs/", "jedi/third_party/typeshed/stubs/")


def repack(installed: Distribution, without: tuple[str, ...] = ()) -> Archive:
    """The wheel that an installed distribution came from, made from its RECORD.

    Pure and compiled packages of this Python. Console scripts are left out: they are made from
    the entry points; other files outside site-packages go where wheels keep them (``.data/``).
    Left out, too, is what begins with one of ``without``.
    Raises ValueError for an editable one, or one without RECORD or WHEEL.
    """
    name, version = installed.metadata["Name"], installed.version
    normal = canonicalize_name(name).replace("-", "_")
    info, data = f"{normal}-{version}.dist-info", f"{normal}-{version}.data"
    described = installed.read_text("WHEEL")
    files = installed.files
    if described is None or not files:
        raise ValueError(f"{name} was not installed from a wheel")
    content: dict[str, bytes] = {}
    for file in files:
        path = PurePosixPath(file)
        if "__pycache__" in path.parts or str(path).startswith(without):
            continue
        if path.parts[0].endswith(".dist-info"):
            if path.name in _NOT_PACKED:
                continue
            target = str(PurePosixPath(info, *path.parts[1:]))
        elif path.parts[0] == "..":
            outside = _outside(path)
            if outside is None:
                continue
            target = f"{data}/{outside}"
        else:
            target = str(path)
        content[target] = Path(str(installed.locate_file(file))).read_bytes()
    tags = Parser().parsestr(described).get_all("Tag") or ["py3-none-any"]
    return Archive(
        project=canonicalize_name(name),
        filename=f"{normal}-{version}-{_compressed(tags)}.whl",
        content=zipped(content, info),
        metadata=content[f"{info}/METADATA"],
        requires_python=installed.metadata["Requires-Python"] or "",
    )


def _outside(path: PurePosixPath) -> str | None:
    """Where a wheel keeps a file that lies beside site-packages; None for a script."""
    inside = [part for part in path.parts if part != ".."]
    return None if inside[0] == "bin" else str(PurePosixPath("data", *inside))


def _compressed(tags: Iterable[str]) -> str:
    """One tag for a file's name out of all of them (PEP 425, compressed tag sets)."""
    columns = zip(*(tag.split("-") for tag in tags), strict=True)
    return "-".join(".".join(dict.fromkeys(column)) for column in columns)


def closure(names: Iterable[str]) -> Iterator[Distribution]:
    """The installed distributions of these names and all that they require here."""
    waiting = [Requirement(name) for name in names]
    seen: set[tuple[str, str]] = set()
    packed: set[str] = set()
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        found = distribution(name)
        if name not in packed:
            packed.add(name)
            yield found
        for extra in ("", *wanted.extras):
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            for line in found.requires or ():
                needed = Requirement(line)
                if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                    waiting.append(needed)


def kernel_wheels() -> list[Archive]:
    """ipykernel, pip, and all that they require: what every new environment gets."""
    found = [repack(installed, without=_STUBS) for installed in closure(["ipykernel"])]
    try:
        found.append(repack(distribution("pip")))
    except PackageNotFoundError:
        # Where the tests' environment has no pip, the base Python brings one (ensurepip).
        if not list(Path(sys.base_prefix).glob("lib/python3*/ensurepip/_bundled/pip-*.whl")):
            raise
    return found
