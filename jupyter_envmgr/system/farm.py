"""Makes a farm of links and takes it away again. What the links lead to is never changed."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from ..core.errors import EnvMgrError
from ..core.jobs.model import Holder
from ..core.usersite.farm import Layout
from ..core.wire import from_wire, to_wire
from . import durable, holder
from .trees import delete_tree

_HOLDER = "holder.json"


@contextlib.contextmanager
def workplace(parent: Path, door: str) -> Iterator[Path]:
    """A private directory below ``parent`` for one job's probes, gone afterwards.

    What processes that are provably dead left there goes first.
    """
    sweep(parent)
    with durable.private_directory(parent) as path:
        data = json.dumps(to_wire(holder.current(door))).encode()
        (path / _HOLDER).write_bytes(data)
        yield path


def sweep(parent: Path) -> None:
    """Remove the workplaces of processes that are gone. Never raises."""
    try:
        names = os.listdir(parent)
    except OSError:
        return
    for name in names:
        place = parent / name
        with contextlib.suppress(OSError, ValueError, EnvMgrError):
            made_by = durable.identity(place)
            held = from_wire(Holder, json.loads((place / _HOLDER).read_bytes()), strict=False)
            if holder.is_alive(held) is False:
                delete_tree(place, made_by=made_by)


def plant(path: Path, layout: Layout) -> None:
    """Make a farm of this layout at ``path``, where nothing is."""
    os.mkdir(path, 0o700)
    for rel in layout.directories:
        os.mkdir(path / rel, 0o700)
    for rel, target in layout.links.items():
        os.symlink(target, path / rel)
    for rel, data in layout.files.items():
        (path / rel).write_bytes(data)


def clear(path: Path) -> None:
    """Remove a farm, and what a program wrote into it."""
    delete_tree(path, made_by=durable.identity(path))


def make_empty_base(path: Path, site: str) -> None:
    """A user base whose site directory ``site``, relative to it, is there and has nothing in it."""
    os.makedirs(path / site, 0o700)
