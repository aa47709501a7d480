"""pixi.lock written, for one platform: version 6, which every pixi since 0.40 reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..citing import as_comment
from ..packages.locked import LockedPackage
from .environment_yml_writer import scalar
from .records import Record

VERSION = 6


def write_pixi_lock(
    records: Sequence[Record],
    pip: Sequence[LockedPackage],
    *,
    platform: str,
    channels: Iterable[str],
    indexes: Iterable[str] = (),
    comments: Iterable[str] = (),
) -> str:
    """The text of the file. ``channels`` and ``indexes`` are addresses; records have theirs.

    Of each of pip's packages, which must have one, the first file is named.
    """
    files = [(package, package.files[0]) for package in pip]
    lines = list(map(as_comment, comments))
    lines += [f"version: {VERSION}", "environments:", "  default:", "    channels:"]
    lines += [f"    - url: {scalar(channel.rstrip('/') + '/')}" for channel in channels]
    if lines[-1] == "    channels:":
        lines[-1] = "    channels: []"
    if files:
        lines += ["    indexes:", *(f"    - {scalar(index)}" for index in indexes)]
    lines += ["    packages:", f"      {platform}:"]
    lines += [f"      - conda: {scalar(record.url)}" for record in records]
    lines += [f"      - pypi: {scalar(file.url)}" for _, file in files]
    lines.append("packages:")
    for record in records:
        lines += [f"- conda: {scalar(record.url)}", *_hashes(record)]
        if record.depends:
            lines += ["  depends:", *(f"  - {scalar(depend)}" for depend in record.depends)]
    for package, file in files:
        lines += [f"- pypi: {scalar(file.url)}", f"  name: {scalar(package.name)}"]
        lines.append(f"  version: {scalar(package.version)}")
        hashes = (one.partition(":") for one in file.hashes)
        lines += [f"  {kind}: {scalar(digits)}" for kind, _, digits in hashes if kind == "sha256"]
    return "\n".join(lines) + "\n"


def _hashes(record: Record) -> Iterable[str]:
    if record.sha256:
        yield f"  sha256: {scalar(record.sha256)}"
    if record.md5:
        yield f"  md5: {scalar(record.md5)}"
