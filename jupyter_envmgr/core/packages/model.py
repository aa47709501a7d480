"""A package as it is installed, and what a person asked to have installed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Package:
    """One distribution, read from its metadata (PEP 376, 566, 610, 627) or ``conda-meta``.

    ``asked_for`` comes from REQUESTED (PEP 627), from conda's history, or from the record.
    ``size`` is in bytes and given only where it was asked for. ``problem`` says what is wrong
    with the metadata itself, if anything.
    """

    name: str
    version: str
    summary: str = ""
    asked_for: bool = False
    installer: str = ""
    editable: bool = False
    origin: str = ""
    licence: str = ""
    home_page: str = ""
    path: str = ""
    size: int | None = None
    problem: str = ""


@dataclass(frozen=True)
class PackageList:
    """The packages of one environment. ``total_size`` in bytes, only where asked for."""

    environment: str
    path: str
    packages: tuple[Package, ...]
    total_size: int | None = None


@dataclass(frozen=True)
class UserPackage:
    """A package of the user site, and what it hides.

    ``hides`` is the version of the same package that the image has (empty if it has none);
    ``wins`` is the version that the image's interpreter loads; it is the user site's unless
    the user site is not visible to that interpreter.
    """

    package: Package
    hides: str = ""
    hides_path: str = ""
    wins: str = ""


@dataclass(frozen=True)
class UserPython:
    """One ``lib/pythonX.Y`` of the user base. ``active``: the image's Python loads it."""

    version: str
    path: str
    active: bool
    packages: tuple[UserPackage, ...]
    package_count: int
    hiding_count: int
    size: int | None = None


@dataclass(frozen=True)
class UserSite:
    """The user site as the image's interpreter sees it."""

    base: str
    exists: bool
    visible: bool
    why: str
    pythons: tuple[UserPython, ...]
    total_size: int | None = None


InstallPlace = Literal["user", "system", "environment"]


@dataclass(frozen=True)
class InstallRequest:
    """The body of ``POST /packages/install``: requirement lines, and where they go.

    ``environment`` is an id, for the place of that name alone. ``python`` (``3.11``) chooses the
    Python of the user site; empty for that of the image.
    """

    place: InstallPlace
    requirements: tuple[str, ...]
    environment: str = ""
    python: str = ""


@dataclass(frozen=True)
class ChangeRequest:
    """The body of ``POST /environments/{id}/packages``: what an environment is to gain and lose.

    ``install`` are requirement lines, or conda specs; ``pip`` are requirement lines for pip in a
    conda environment. ``uninstall`` and ``update`` are names, ``*`` for all that were asked for.
    """

    install: tuple[str, ...] = ()
    uninstall: tuple[str, ...] = ()
    update: tuple[str, ...] = ()
    pip: tuple[str, ...] = ()
