"""A package as it is installed, and what a person asked to have installed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..environments.model import Manager
from ..errors import FieldError


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


TextKind = Literal[
    "requirements",
    "environment-yml",
    "conda-explicit",
    "conda-export",
    "conda-list",
    "conda-specs",
    "conda-json",
    "conda-lock",
    "pixi-lock",
    "pip-list",
    "pip-json",
    "pylock",
    "pyproject",
    "commands",
    "empty",
    "unusable",
]


@dataclass(frozen=True)
class Recognised:
    """What a text is, and what it asks for.

    ``packages`` are requirements (PEP 508) or conda specs, by ``manager``; it is None where the
    text cannot be used. ``pip`` are requirements for pip in a conda environment. ``channels`` are
    as the file has them: they may carry credentials. ``python`` is the minor version if it is
    decided (``3.11``), else a constraint or empty. ``name`` can name an environment. ``hashed``
    is how many of pip's packages have hashes, which are checked when they are installed. With
    ``errors`` (line and column of each) the packages may be incomplete.
    """

    kind: TextKind
    manager: Manager | None
    what: str
    packages: tuple[str, ...] = ()
    pip: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    python: str = ""
    variables: dict[str, str] | None = None
    name: str = ""
    platform: str = ""
    index_url: str = ""
    extra_index_urls: tuple[str, ...] = ()
    hashed: int = 0
    notices: tuple[str, ...] = ()
    errors: tuple[FieldError, ...] = ()
