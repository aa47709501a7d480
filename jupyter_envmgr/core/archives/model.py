"""What an archive says of the environment in it, and what is asked of archives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ..environments.model import Manager

ArchiveKind = Literal["conda", "wheels"]
"""``conda``: the files of a conda environment, as conda-pack packs them. ``wheels``: the wheels
of a pip environment and the requirements with hashes that install them."""

Compression = Literal["gz", "zst", "none"]

MANIFEST = "envmgr-archive.json"
"""The first member of an archive of ours: an `ArchiveManifest`."""

SUMS = "envmgr-archive.sha256"
"""Its last member: the SHA-256 of every file, as ``sha256sum --check`` reads it."""

REQUIREMENTS = "requirements.txt"
WHEELS = "wheels"

ENDINGS: dict[str, Compression] = {
    ".tar.gz": "gz",
    ".tgz": "gz",
    ".tar.zst": "zst",
    ".tzst": "zst",
    ".tar": "none",
}
"""What the name of an archive may end with when one is written."""


@dataclass(frozen=True)
class ArchiveManifest:
    """What an archive says of its environment.

    ``platform`` is a conda subdir such as ``linux-64``, or ``noarch``; ``glibc`` the oldest that
    its packages ask for, empty if none does. ``channels`` are channels or indexes, without
    credentials. ``lock`` lists all packages, ``asked_for`` what a person wanted. ``engine`` made
    the environment. ``bytes`` and ``files`` are what it takes unpacked; 0 where that is unknown.
    """

    name: str
    kind: ArchiveKind
    manager: Manager
    python: str
    platform: str
    glibc: str = ""
    engine: str = ""
    lock: tuple[str, ...] = ()
    asked_for: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    created: str = ""
    image: str = ""
    display_name: str = ""
    remarks: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    bytes: int = 0
    files: int = 0
    version: int = 1


@dataclass(frozen=True)
class Archive:
    """A file that holds an environment: ``ours``, or one of conda-pack that others made.

    ``sha256`` is what the file beside it says that its hash is; empty if there is none.
    ``refusal`` says why it cannot be imported on this machine.
    """

    path: str
    size: int
    ours: bool
    manifest: ArchiveManifest
    sha256: str = ""
    refusal: str = ""


@dataclass(frozen=True)
class ShowRequest:
    """The absolute path of an archive that is to be looked into."""

    path: str


@dataclass(frozen=True)
class ExportRequest:
    """An environment by its id, and the absolute path of the archive that it is packed into.

    The path ends with .tar.gz, .tgz, .tar.zst, .tzst or .tar.
    """

    environment: str
    path: str


@dataclass(frozen=True)
class ImportRequest:
    """The absolute path of an archive, and what its environment is called here.

    Empty for ``name`` and ``display_name``: those of the archive; for ``location``: the default
    one. ``sha256`` is what the hash of the file has to be, where the person was told it.
    """

    path: str
    name: str = ""
    location: str = ""
    display_name: str = ""
    sha256: str = ""
    kernel: bool = True
