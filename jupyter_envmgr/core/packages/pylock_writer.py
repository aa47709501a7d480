"""pylock.toml (PEP 751) written: a lock for one Python on one kind of machine."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import unquote, urlsplit

from ..citing import as_comment
from .locked import LockedFile, LockedPackage, by_name

CREATED_BY = "jupyter-envmgr"


def write_pylock(
    packages: Iterable[LockedPackage],
    *,
    python: str,
    environment: str = "",
    comments: Sequence[str] = (),
) -> str:
    """The text of the file. ``python`` is the minor version; ``environment`` a marker."""
    lines = list(map(as_comment, comments))
    lines.append('lock-version = "1.0"')
    if environment:
        lines.append(f"environments = [{_text(environment)}]")
    if python:
        lines.append(f"requires-python = {_text(f'=={python}.*')}")
    lines.append(f"created-by = {_text(CREATED_BY)}")
    for package in by_name(packages):
        lines += ["", "[[packages]]", *_package(package)]
    return "\n".join([*lines, ""])


def _package(package: LockedPackage) -> Iterable[str]:
    yield f"name = {_text(package.name)}"
    # What comes from a repository or a file has the version that its metadata say (PEP 751).
    if package.version and not package.vcs:
        yield f"version = {_text(package.version)}"
    if package.vcs:
        yield f"vcs = {_table({key: _text(value) for key, value in package.vcs.items()})}"
    if package.archive:
        yield f"archive = {_file(package.archive, named=False)}"
    if package.sdist:
        yield f"sdist = {_file(package.sdist)}"
    if package.wheels:
        yield "wheels = ["
        yield from (f"    {_file(wheel)}," for wheel in package.wheels)
        yield "]"


def _file(file: LockedFile, *, named: bool = True) -> str:
    fields: dict[str, str] = {}
    # The last part of an address is a file's name, unless something had to be written otherwise.
    if named and file.url.rpartition("/")[2] != file.name:
        fields["name"] = _text(file.name)
    if file.is_local:
        fields["path"] = _text(unquote(urlsplit(file.url).path))
    else:
        fields["url"] = _text(file.url)
    if file.time:
        fields["upload-time"] = file.time
    if file.size is not None:
        fields["size"] = str(file.size)
    hashes = (one.partition(":") for one in file.hashes)
    fields["hashes"] = _table({kind: _text(digits) for kind, _, digits in hashes})
    return _table(fields)


def _table(fields: Mapping[str, str]) -> str:
    return "{ " + ", ".join(f"{key} = {value}" for key, value in fields.items()) + " }"


def _text(value: str) -> str:
    """A basic string: JSON's escapes are TOML's, which forbids DEL too."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
