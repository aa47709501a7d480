"""An environment as it is shown, and the record that is kept of a managed one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ..errors import Problem
from ..jobs.model import Holder

EnvironmentKind = Literal["image", "venv", "conda", "interpreter"]
Status = Literal["creating", "ready", "failed", "broken", "foreign", "warming"]
Manager = Literal["pip", "conda"]

RECORD_VERSION = 1


@dataclass(frozen=True)
class Persistence:
    """Whether a path outlives the container, and how we know.

    ``survives`` is None where the mount table does not tell. ``filesystem`` is the type that
    /proc/self/mountinfo names (proc(5)): ``ext4``, ``nfs4``, ``overlay``, ``tmpfs`` …
    """

    survives: bool | None
    why: str
    filesystem: str = ""
    mount_point: str = ""
    network: bool = False


@dataclass(frozen=True)
class KernelOf:
    """A registered kernel that starts this environment."""

    name: str
    display_name: str
    managed: bool


@dataclass(frozen=True)
class EngineChoice:
    """What does the work and why it was chosen; used again for that environment."""

    name: str
    version: str
    reason: str


@dataclass(frozen=True)
class Environment:
    """One environment as every door shows it.

    ``id`` addresses it: the name of a managed one in the default location, ``name@location``
    in another, and a stable made-up one (``found-…``) for those that were found.
    """

    id: str
    name: str
    kind: EnvironmentKind
    managed: bool
    status: Status
    path: str
    reason: str = ""
    problem: Problem | None = None
    manager: Manager | None = None
    engine: str = ""
    python: str = ""
    implementation: str = ""
    interpreter: str | None = None
    base: str | None = None
    location: str | None = None
    persistence: Persistence = Persistence(None, "unknown")
    created: str | None = None
    user_site: bool = False
    user_site_why: str = ""
    kernels: tuple[KernelOf, ...] = ()
    package_count: int | None = None
    display_name: str = ""
    remarks: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    asked_for: tuple[str, ...] = ()
    job: str | None = None
    writable: bool = False
    source: str = ""


@dataclass(frozen=True)
class Interpreter:
    """A Python that a new environment can be based on.

    ``path`` is None for one that uv would have to download first. ``survives`` says whether it
    outlives the container: a venv dies with the interpreter that it is based on.
    """

    id: str
    version: str
    implementation: str
    path: str | None
    source: str
    persistence: Persistence
    default: bool = False


@dataclass(frozen=True)
class CreateRequest:
    """What a person asks for: the body of ``POST /environments`` and what a retry repeats.

    ``python`` is a version such as ``3.12``, an absolute path of an interpreter, or empty for
    the image's own. ``packages`` are requirement lines, or conda specs; ``requirements`` is the
    text of a file of whatever kind the manager can use, whose lines errors name. ``engine`` is
    empty for the one that is usual. ``channels``, ``pip`` (requirement lines for pip in a conda
    environment) and ``variables`` (set when it is activated) are for the manager conda alone, and
    ``user_site``, with which its programs see ``~/.local``; those of a venv never do. ``asked``
    are the lines that were asked for, where the packages are all that came of them: a clone's.
    """

    name: str
    manager: Manager = "pip"
    python: str = ""
    packages: tuple[str, ...] = ()
    requirements: str = ""
    display_name: str = ""
    remarks: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    location: str = ""
    index_url: str = ""
    extra_index_urls: tuple[str, ...] = ()
    gpu: str = ""
    kernel: bool = True
    engine: str = ""
    channels: tuple[str, ...] = ()
    pip: tuple[str, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)
    user_site: bool = False
    asked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Record:
    """What is kept of a managed environment; one JSON file in its location.

    ``directory`` is the mark that the create left in the directory that it made, so that only
    that very directory is ever removed. ``request`` is what was asked for, without
    credentials; ``lock`` is what came of it, as ``name==version`` lines. ``changing`` says what
    is being done to its packages by ``job``: if that is gone, they may be incomplete.
    """

    name: str
    status: Literal["creating", "ready", "failed"]
    created: str
    maker: Holder
    request: CreateRequest
    engine: EngineChoice
    version: int = RECORD_VERSION
    job: str | None = None
    display_name: str = ""
    remarks: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)
    interpreter: str = ""
    python: str = ""
    directory: str = ""
    lock: tuple[str, ...] = ()
    index_urls: tuple[str, ...] = ()
    image: str = ""
    kernel: str | None = None
    problem: Problem | None = None
    changing: str = ""


@dataclass(frozen=True)
class UpdateRequest:
    """The body of ``PATCH /environments/{id}``: a field that is None stays as it is."""

    display_name: str | None = None
    remarks: str | None = None
    labels: dict[str, str] | None = None


@dataclass(frozen=True)
class CloneRequest:
    """The body of ``POST /environments/{id}/clone``: what the copy is called, and where it goes."""

    name: str
    location: str = ""
    display_name: str = ""


@dataclass(frozen=True)
class RenameRequest:
    """The body of ``POST /environments/{id}/rename``."""

    name: str


@dataclass(frozen=True)
class RevertRequest:
    """The body of ``POST /environments/{id}/history``: the revision to go back to."""

    number: int


@dataclass(frozen=True)
class RevisionChange:
    """One package that a revision changed; ``before`` or ``after`` is empty for new or gone."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class EnvironmentRevision:
    """What an environment held after a change. ``number`` counts from 1, ``time`` is ISO 8601."""

    number: int
    time: str
    what: str
    package_count: int
    added: tuple[RevisionChange, ...] = ()
    removed: tuple[RevisionChange, ...] = ()
    changed: tuple[RevisionChange, ...] = ()


@dataclass(frozen=True)
class EnvironmentHistory:
    """The revisions of an environment, the newest first."""

    environment: str
    revisions: tuple[EnvironmentRevision, ...]


@dataclass(frozen=True)
class OfferedPython:
    """A minor version that channels offer: ``version`` is its newest release, from ``channel``.

    ``releases`` are all of them, the newest first. ``kernel``: whether a kernel can run on it,
    None where that is not known; ``why_not`` says why none can.
    """

    minor: str
    version: str
    channel: str
    releases: tuple[str, ...]
    kernel: bool | None = None
    why_not: str = ""


@dataclass(frozen=True)
class Export:
    """A file that makes an environment like this one. ``notices`` say what it lacks."""

    filename: str
    text: str
    notices: tuple[str, ...] = ()
