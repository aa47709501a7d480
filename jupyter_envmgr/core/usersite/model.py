"""The user site as it was scanned, what is wrong with it, and what was set aside of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ..environments.model import Persistence

Severity = Literal["proven", "will-fail", "risk", "note"]
"""How sure a finding is: a probe failed; it cannot work; it may fail; good to know."""

Remedy = Literal[
    "isolate-kernel",
    "isolate-environment",
    "profile",
    "hide",
    "minor",
    "all",
    "repair",
    "reinstall",
]
"""What helps, mildest first: see `Fix`."""

Scope = Literal["packages", "minor", "all"]
"""How much of the user site is set aside: some packages, one Python minor, all Python packages."""


# -- what is there ------------------------------------------------------------------------------


@dataclass(frozen=True)
class OutsideFile:
    """A file of a package outside its site directory: a script, a data file, a header.

    ``owner`` is ``name version`` of the package that wrote it, ``why`` how we know: its RECORD
    with the present hash, its entry points, or its content.
    """

    path: str
    kind: Literal["script", "data", "header"]
    owner: str
    why: str


@dataclass(frozen=True)
class Site:
    """One ``lib/pythonX.Y`` of the user base.

    ``strays`` are entries of the site directory that no package owns; ``bytes`` are disk blocks,
    each inode once, where sizes were asked for. ``abi`` is ``t`` for free-threaded Python.
    """

    python: str
    path: str
    real_path: str
    package_count: int
    outside: tuple[OutsideFile, ...]
    strays: tuple[str, ...]
    abi: str = ""
    bytes: int | None = None
    files: int | None = None


@dataclass(frozen=True)
class LeftAlone:
    """What lies in the user base, is not Python's packages, and is never moved; and why."""

    path: str
    why: str
    bytes: int | None = None


@dataclass(frozen=True)
class PipConfiguration:
    """What pip would do here, from its files and variables. URLs without credentials.

    ``sources`` are ``(setting, value, where it is set)``.
    """

    user: bool | None
    constraint: tuple[str, ...]
    index_urls: tuple[str, ...]
    externally_managed: str
    sources: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Visibility:
    """Whether an environment or a kernel loads the user site, and why."""

    kind: Literal["environment", "kernel"]
    id: str
    name: str
    visible: bool
    why: str


@dataclass(frozen=True)
class Scan:
    """The user base, read from files alone.

    ``base`` is as it is configured (PYTHONUSERBASE, else ``~/.local``), ``real_base`` with all
    links followed. ``is_mount`` says that it is a mount point itself, which cannot be renamed.
    ``unfinished`` names an operation that a crash cut and that `recover` finishes.
    """

    base: str
    real_base: str
    exists: bool
    is_mount: bool
    persistence: Persistence
    sites: tuple[Site, ...]
    left_alone: tuple[LeftAlone, ...]
    pip: PipConfiguration
    visibility: tuple[Visibility, ...]
    problems: tuple[str, ...] = ()
    unfinished: str = ""


# -- what is wrong ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fix:
    """What would help against a finding: the button beside it.

    ``packages`` and ``python`` narrow ``hide`` and ``minor``; ``kernel`` names the kernelspec
    for ``isolate-kernel`` and ``profile``; ``command`` is what a person can type instead.
    """

    remedy: Remedy
    label: str
    packages: tuple[str, ...] = ()
    python: str = ""
    kernel: str = ""
    command: str = ""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with the user site.

    ``code`` is a row of `core.usersite.diagnosis.codes.CODES`; ``subject`` the package, file or
    kernel that it is about; ``detail`` one or two sentences; ``evidence`` ``(label, text)`` pairs
    that a person can check; ``wins`` what is loaded as things are.
    """

    code: str
    severity: Severity
    subject: str
    title: str
    detail: str
    evidence: tuple[tuple[str, str], ...] = ()
    wins: str = ""
    fix: Fix | None = None


@dataclass(frozen=True)
class Target:
    """The interpreter that a diagnosis is for, as it would be started.

    ``kernel`` is the kernelspec that starts it, empty for an interpreter alone. ``why_visible``
    says why the user site is visible to it, or is not.
    """

    interpreter: str
    prefix: str
    python: str
    kernel: str = ""
    display_name: str = ""
    visible: bool = True
    why_visible: str = ""


@dataclass(frozen=True)
class Diagnosis:
    """All findings for one interpreter, the worst first.

    ``skipped`` says what could not be looked at and why; ``counts`` is by severity.
    """

    target: Target
    base: str
    image: str
    findings: tuple[Finding, ...]
    counts: dict[str, int]
    package_count: int
    skipped: tuple[str, ...] = ()


# -- what proves it -----------------------------------------------------------------------------


@dataclass(frozen=True)
class ProbeRequest:
    """The body of ``POST /usersite/probes``: a program and the kernel that runs it.

    Exactly one of ``code``, ``module`` (which is imported), ``script`` (an absolute path) is
    given. ``seconds`` is the limit of each run. Code runs in ``directory``, that of its notebook
    for instance, else in an empty one; a script in its own.
    """

    code: str = ""
    module: str = ""
    script: str = ""
    kernel: str = ""
    seconds: float = 60.0
    find_culprits: bool = True
    directory: str = ""


Mode = Literal["as-is", "without", "empty", "hiding"]


@dataclass(frozen=True)
class Probe:
    """One fresh interpreter that ran the program.

    ``mode``: ``as-is``, ``without`` (PYTHONNOUSERSITE), ``empty`` (an empty user base), or
    ``hiding`` (a farm of links without ``hidden``). ``error`` is the last line of its output.
    """

    number: int
    mode: Mode
    ok: bool
    seconds: float
    exit_code: int | None
    error: str = ""
    output: str = ""
    hidden: tuple[str, ...] = ()
    timed_out: bool = False


Verdict = Literal[
    "works", "user-site", "not-user-site", "only-in-user-site", "inside-user-site", "unclear"
]


@dataclass(frozen=True)
class Proof:
    """What the probes showed. ``culprits`` are packages or entries that must be hidden.

    They are named as a `ResetRequest` names packages. ``id`` is that of the job; until that has
    ended the proof is not ``complete``, and shows the probes so far. ``image`` is where.
    """

    id: str
    created: str
    request: ProbeRequest
    target: Target
    verdict: Verdict
    summary: str
    probes: tuple[Probe, ...]
    culprits: tuple[str, ...] = ()
    fix: Fix | None = None
    complete: bool = True
    remarks: tuple[str, ...] = ()
    image: str = ""


# -- what is set aside --------------------------------------------------------------------------


@dataclass(frozen=True)
class ResetRequest:
    """The body of ``POST /usersite/reset``: what is set aside and under which name.

    ``packages`` for scope ``packages``; ``python`` (``3.11``) for ``packages`` and ``minor``,
    empty for that of the image. ``keep_jupyter`` leaves the packages that this Jupyter needs.
    """

    scope: Scope
    packages: tuple[str, ...] = ()
    python: str = ""
    name: str = ""
    keep_jupyter: bool = False


@dataclass(frozen=True)
class RemoveRequest:
    """The body of ``POST /usersite/remove``: what is deleted for good, as in `ResetRequest`.

    ``confirm`` is what the person typed: the plan's ``subject``, else nothing happens.
    """

    scope: Scope
    packages: tuple[str, ...] = ()
    python: str = ""
    keep_jupyter: bool = False
    confirm: str = ""


@dataclass(frozen=True)
class SnapshotPackage:
    """A package in a snapshot. ``requirement`` installs it again: ``name==version`` or a URL."""

    name: str
    version: str
    python: str
    requirement: str
    asked_for: bool = False
    editable: bool = False


@dataclass(frozen=True)
class Snapshot:
    """A set-aside user site, or a part of one, that can be brought back.

    ``origin``: ``reset`` (moved), ``backup`` (copied), ``adopted`` (made by hand), ``automatic``
    (what was there when another one was restored). ``bytes`` are disk blocks. ``state`` is
    ``unfinished`` after a crash until `recover` has run.
    """

    name: str
    path: str
    created: str
    origin: Literal["reset", "backup", "adopted", "automatic"]
    scope: Scope
    base: str
    image: str
    pythons: tuple[str, ...]
    packages: tuple[SnapshotPackage, ...]
    bytes: int
    files: int
    state: Literal["complete", "unfinished", "restored", "damaged"] = "complete"
    remarks: str = ""
    fingerprint: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SnapshotList:
    """The snapshots, the newest first, and backups made by hand that can be adopted."""

    snapshots: tuple[Snapshot, ...]
    adoptable: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class RestoreRequest:
    """What of a snapshot is brought back. No ``packages``: all.

    ``swap`` sets aside what is there now in an automatic snapshot first; without it anything in
    the way refuses the restore. Two user sites are never merged silently.
    """

    packages: tuple[str, ...] = ()
    swap: bool = False


@dataclass(frozen=True)
class Difference:
    """A package that two sides have in different versions, or one has alone (empty version)."""

    name: str
    python: str
    one: str
    other: str


@dataclass(frozen=True)
class Comparison:
    """Two sets of packages side by side."""

    one: str
    other: str
    differences: tuple[Difference, ...]
    same_count: int
