"""Which versions of Python the channels have, and for which of them they have a kernel.

Part of the rattler worker. Of the channels nothing but the records of a few packages is read.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterable, Mapping, Sequence

from rattler import MatchSpec, RepoDataRecord

from jupyter_envmgr.engines.rattler_world import World, channel_of

_PYTHON, _KERNEL = "python", "ipykernel"
# What packages say instead of `python`, their versions being those of Python: conda-forge's builds
# for one Python, and for all from one on (CFEP-20, "abi3").
_SAME = ("cpython", "python_abi")

Records = Mapping[str, Sequence[RepoDataRecord]]


async def offered(world: World) -> Mapping[str, object]:
    """Rows of version, channel, build, and whether ipykernel can be had, None if unknown."""
    found = await _records(world, (_PYTHON, _KERNEL))
    around: Records | None = None
    with contextlib.suppress(Exception):  # offline, and only Python's own record is in the cache
        around = await _records(world, _needed(found[_KERNEL]))
    kernels: dict[str, bool | None] = {}
    rows = []
    for record in found[_PYTHON]:
        version = str(record.version)
        minor = ".".join(version.split(".")[:2])
        if minor not in kernels:
            kernels[minor] = None if around is None else _has_kernel(record, found, around)
        rows.append([version, channel_of(record), str(record.build), kernels[minor]])
    return {"offered": rows}


async def _records(world: World, names: Iterable[str]) -> Records:
    """What a solver could choose from, by name, the newest first.

    Where channels have a strict order only the first that has a package counts.
    """
    found: dict[str, list[RepoDataRecord]] = {name: [] for name in names}
    if not found:
        return found
    for group in await world.gateway.query(
        world.channels, world.platforms, list(found), recursive=False
    ):
        here: dict[str, list[RepoDataRecord]] = {}
        for record in group:
            here.setdefault(record.name.normalized, []).append(record)
        for name, records in here.items():
            if not found.get(name) or not world.is_strict:
                found.setdefault(name, []).extend(records)
    return {name: sorted(records, reverse=True) for name, records in found.items()}


def _needed(records: Iterable[RepoDataRecord]) -> list[str]:
    """The names of what some packages need, but for Python and what machines have."""
    names = {_name(text) for record in records for text in record.depends}
    return sorted(n for n in names if n not in (_PYTHON, *_SAME) and not n.startswith("__"))


def _has_kernel(python: RepoDataRecord, found: Records, around: Records) -> bool:
    """Whether some ipykernel and each of the packages that it names are there for this Python.

    What those need in turn is not looked at: only a solver knows, and it takes seconds.
    """
    return any(
        _is_for(kernel, python)
        and all(
            any(_spec(text).matches(one) and _is_for(one, python) for one in around[_name(text)])
            for text in kernel.depends
            if _name(text) in around
        )
        for kernel in found[_KERNEL]
    )


def _is_for(record: RepoDataRecord, python: RepoDataRecord) -> bool:
    """Whether what a package says of Python holds for this one."""
    for text in record.depends:
        name, _, rest = text.partition(" ")
        if name in _SAME:
            text = f"{_PYTHON} {rest.partition(' ')[0]}".rstrip()
        elif name != _PYTHON:
            continue
        if not _spec(text).matches(python):
            return False
    return True


@functools.cache
def _spec(text: str) -> MatchSpec:
    return MatchSpec(text)


def _name(text: str) -> str:
    return text.partition(" ")[0]
