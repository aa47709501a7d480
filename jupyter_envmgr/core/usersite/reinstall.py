"""What of a snapshot to install again: not what the image has, and dependencies not by name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..packages.metadata import normal
from .model import SnapshotPackage


@dataclass(frozen=True)
class Reinstall:
    """The packages of a snapshot in three groups, each by name.

    ``in_image``: the image has one of that name; ``asked_for``: a person had installed it by name;
    ``dependencies``: came along, and comes along again.
    """

    in_image: tuple[SnapshotPackage, ...]
    asked_for: tuple[SnapshotPackage, ...]
    dependencies: tuple[SnapshotPackage, ...]


def sort_for_reinstall(packages: Iterable[SnapshotPackage], image_prefix: Path) -> Reinstall:
    """Sort the packages. Where no installer noted what was asked for (REQUESTED), all count."""
    # The table of operations needs the type above, and a server that starts needs no more.
    from ..packages.inventory import list_packages

    everything = sorted(packages, key=lambda one: (normal(one.name), one.python))
    noted = {one.python for one in everything if one.asked_for}
    image: dict[str, set[str]] = {}
    in_image, asked_for, dependencies = [], [], []
    for one in everything:
        if one.python not in image:
            found = list_packages(image_prefix, "image", interpreter_version=one.python)
            image[one.python] = {normal(package.name) for package in found}
        if normal(one.name) in image[one.python]:
            in_image.append(one)
        elif one.asked_for or one.python not in noted:
            asked_for.append(one)
        else:
            dependencies.append(one)
    return Reinstall(tuple(in_image), tuple(asked_for), tuple(dependencies))
