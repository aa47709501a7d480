"""What an archive needs of the machine: platform, glibc and Python, from what its packages say."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.version import InvalidVersion, Version

from ..conda.subdirs import subdir_of, this_subdir
from ..credentials import without_any_credentials
from ..packages.files import read_regular

NOARCH = "noarch"

_LARGEST_RECORD = 64 * 1024 * 1024
_GLIBC = re.compile(r"__glibc\s.*?>=?\s*(\d+(?:\.\d+)+)")
_MANYLINUX = re.compile(r"manylinux_(\d+)_(\d+)_")
_OLD_MANYLINUX = {"manylinux1_": (2, 5), "manylinux2010_": (2, 12), "manylinux2014_": (2, 17)}
_PLATFORM = re.compile(r"(?P<system>(?:many|musl)?linux|macosx)(?:_?\d+)*_(?P<machine>[a-z]\w*)")


@dataclass(frozen=True)
class Machine:
    """Where an archive is to run: its conda subdir, and its glibc; empty where it has another C
    library."""

    platform: str
    glibc: str


@dataclass(frozen=True)
class CondaFacts:
    """What the records in ``conda-meta`` say of an environment."""

    python: str = ""
    platform: str = NOARCH
    glibc: str = ""
    channels: tuple[str, ...] = ()
    lock: tuple[str, ...] = ()


def this_machine() -> Machine:
    """The machine that this runs on."""
    try:
        said = os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (ValueError, OSError, AttributeError):
        said = ""
    return Machine(this_subdir(), said.removeprefix("glibc ") if "glibc" in said else "")


def why_not(machine: Machine, wanted: str, glibc: str) -> str:
    """Why what was made for ``wanted`` cannot run on a machine; empty if nothing is against it."""
    if wanted not in (NOARCH, "", machine.platform):
        return f"It was made for {wanted}, and this machine is {machine.platform}."
    if not glibc or not wanted.startswith("linux-"):
        return ""
    if not machine.glibc:
        return f"It needs glibc {glibc}, and this machine has another C library."
    if _version(glibc) > _version(machine.glibc):
        return f"It needs glibc {glibc}, and this machine has {machine.glibc}."
    return ""


def read_conda_meta(prefix: Path) -> CondaFacts:
    """The facts of a conda environment on the disk. A record that cannot be read says nothing."""
    try:
        names = sorted(name for name in os.listdir(prefix / "conda-meta") if name.endswith(".json"))
    except OSError:
        return CondaFacts()
    records = (read_regular(prefix / "conda-meta" / name, _LARGEST_RECORD) for name in names)
    return conda_facts(record for data in records if (record := parse_record(data or b"")))


def parse_record(data: bytes) -> Mapping[str, object]:
    """A record of conda-meta; nothing if it is none."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def conda_facts(records: Iterable[Mapping[str, object]]) -> CondaFacts:
    """What records say together."""
    python = ""
    platforms: dict[str, int] = {}
    glibcs, lock = {""}, []
    channels: dict[str, None] = {}
    for record in records:
        name, version, build = (str(record.get(key) or "") for key in ("name", "version", "build"))
        lock.append(f"{name}={version}={build}")
        if name == "python":
            python = version
        subdir = str(record.get("subdir") or "")
        if subdir and subdir != NOARCH:
            platforms[subdir] = platforms.get(subdir, 0) + 1
        glibcs.update(_glibcs(record))
        channel = str(record.get("channel") or "")
        if channel:
            channels[_channel(channel, subdir)] = None
    return CondaFacts(
        python,
        max(platforms, key=lambda name: platforms[name], default=NOARCH),
        max(glibcs, key=_version),
        tuple(channels),
        tuple(sorted(lock)),
    )


def wheel_facts(names: Iterable[str]) -> tuple[str, str]:
    """Platform and glibc that wheels ask for, by the tags in their names (PEP 425, 600)."""
    wanted, glibc = NOARCH, (0, 0)
    for name in names:
        tags = name.removesuffix(".whl").rpartition("-")[2].split(".")
        if "any" in tags:
            continue
        wanted = _platform_of_tag(tags[0]) or wanted
        found = [least for tag in tags if (least := _glibc_of_tag(tag)) is not None]
        if found:
            # A wheel with several tags runs where the oldest of them does.
            glibc = max(glibc, min(found))
    return wanted, "" if glibc == (0, 0) else f"{glibc[0]}.{glibc[1]}"


def _glibcs(record: Mapping[str, object]) -> Iterable[str]:
    for key in ("depends", "constrains"):
        wanted = record.get(key)
        for text in wanted if isinstance(wanted, list) else ():
            match = _GLIBC.match(text) if isinstance(text, str) else None
            if match:
                yield match[1]


def _glibc_of_tag(tag: str) -> tuple[int, int] | None:
    match = _MANYLINUX.match(tag)
    if match:
        return int(match[1]), int(match[2])
    return next((least for old, least in _OLD_MANYLINUX.items() if tag.startswith(old)), None)


def _platform_of_tag(tag: str) -> str:
    """``linux-64`` of ``manylinux_2_17_x86_64``, ``osx-arm64`` of ``macosx_11_0_arm64``."""
    match = _PLATFORM.fullmatch(tag)
    if match is None:
        return ""
    return subdir_of("darwin" if match["system"] == "macosx" else "linux", match["machine"])


def _channel(text: str, subdir: str) -> str:
    public = without_any_credentials(text.encode("utf-8", "replace")).decode()
    return public.rstrip("/").removesuffix(f"/{subdir}").removesuffix(f"/{NOARCH}").rstrip("/")


def _version(text: str) -> Version:
    try:
        return Version(text or "0")
    except InvalidVersion:
        return Version("0")
