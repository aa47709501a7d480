"""Errors as a table: a stable code, a kind that doors map to statuses, a title, a hint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "invalid",
    "not-found",
    "conflict",
    "busy",
    "unavailable",
    "failed",
    "refused",
    "cancelled",
    "internal",
]


@dataclass(frozen=True)
class ErrorEntry:
    """One row of the table: what a code means to every door."""

    kind: Kind
    title: str
    hint: str = ""


ERRORS: dict[str, ErrorEntry] = {
    # -- what was asked cannot be understood ------------------------------------------------
    "bad-request": ErrorEntry("invalid", "The request is not valid", "Correct the named field."),
    "bad-name": ErrorEntry(
        "invalid",
        "This name cannot be used",
        "Use 2 to 63 lower-case letters, digits, '-', '_' or '.'; "
        "begin and end with a letter or a digit.",
    ),
    "bad-requirement": ErrorEntry(
        "invalid",
        "A requirement line cannot be used",
        "Write one requirement per line, such as numpy>=2.0.",
    ),
    "bad-encoding": ErrorEntry("invalid", "The text is not UTF-8", "Save the file as UTF-8."),
    "too-large": ErrorEntry("invalid", "The text is too large", "Leave out what is not needed."),
    "bad-index-url": ErrorEntry(
        "invalid", "The index URL cannot be used", "Use an http or https address of a simple index."
    ),
    "bad-channel": ErrorEntry(
        "invalid",
        "The channel cannot be used",
        "Write a channel's name such as conda-forge, or its https address.",
    ),
    "bad-environment-file": ErrorEntry(
        "invalid",
        "The file cannot be used",
        "Correct the named lines, or paste the packages one per line.",
    ),
    "bad-python": ErrorEntry(
        "invalid",
        "This Python cannot be used",
        "Choose one of the interpreters that `jupyter envmgr status` lists.",
    ),
    "bad-path": ErrorEntry("invalid", "This path cannot be used"),
    "not-an-archive": ErrorEntry(
        "invalid",
        "This file is no archive of an environment",
        "Choose a file that `jupyter envmgr archives export` or conda-pack has made.",
    ),
    "bad-configuration": ErrorEntry(
        "invalid",
        "The configuration is not valid",
        "Correct the option in Jupyter's configuration files, then start again.",
    ),
    "no-such-method": ErrorEntry("invalid", "This address does not take that method"),
    # -- what was asked for is not there ----------------------------------------------------
    "no-such-environment": ErrorEntry(
        "not-found", "No such environment", "`jupyter envmgr env list` shows what there is."
    ),
    "no-such-kernel": ErrorEntry(
        "not-found", "No such kernel", "`jupyter envmgr kernels list` shows what there is."
    ),
    "no-such-job": ErrorEntry(
        "not-found", "No such job", "`jupyter envmgr jobs list` shows what there is."
    ),
    "no-such-location": ErrorEntry(
        "not-found", "No such location", "`jupyter envmgr status` lists the locations."
    ),
    "no-such-proof": ErrorEntry(
        "not-found", "No such proof", "Only the newest proofs are kept: run the probe again."
    ),
    "no-such-page": ErrorEntry("not-found", "No such address"),
    "no-such-revision": ErrorEntry(
        "not-found", "There is no such revision", "Look at the history of the environment."
    ),
    "no-such-snapshot": ErrorEntry(
        "not-found",
        "No such snapshot",
        "`jupyter envmgr usersite snapshots` shows what there is.",
    ),
    "no-such-archive": ErrorEntry(
        "not-found",
        "The archive is not there any more",
        "Look for it where it was moved to, or pack the environment again.",
    ),
    "no-such-upload": ErrorEntry("not-found", "No such upload", "Upload the file again."),
    # -- somebody or something is in the way ------------------------------------------------
    "name-taken": ErrorEntry(
        "conflict", "The name is taken", "Choose another name, or remove that environment first."
    ),
    "archive-changed": ErrorEntry(
        "conflict", "This is not the archive that was packed", "Pack the environment again."
    ),
    "directory-exists": ErrorEntry(
        "conflict",
        "The directory exists already",
        "Choose another name, or move that directory away; it is not touched.",
    ),
    "file-exists": ErrorEntry(
        "conflict", "The file exists already", "Choose another name; the file is not touched."
    ),
    "kernel-taken": ErrorEntry(
        "conflict",
        "A kernel of that name exists already",
        "Choose another name, or create it without a kernel; the existing one is not touched.",
    ),
    "plan-changed": ErrorEntry(
        "conflict", "Things have changed since the plan was made", "Look at the new plan."
    ),
    "wrong-state": ErrorEntry("conflict", "This cannot be done in the present state"),
    "packages-in-the-way": ErrorEntry(
        "conflict",
        "There are other packages in its place",
        "Restore with a swap: what is there now is set aside in a snapshot first. "
        "Two user sites are never mixed.",
    ),
    "snapshot-damaged": ErrorEntry(
        "conflict",
        "The snapshot is not as it was left",
        "Somebody changed or removed a part of it; nothing was moved.",
    ),
    "unfinished-operation": ErrorEntry(
        "conflict",
        "An earlier change of the user site is not finished",
        "`jupyter envmgr usersite recover` finishes it, or takes it back with --undo.",
    ),
    "locked": ErrorEntry(
        "busy",
        "Somebody else is working on it",
        "Wait for them to finish. If they are gone for good, use --break-lock.",
    ),
    "kernel-running": ErrorEntry(
        "busy",
        "A kernel of this environment is running",
        "Shut the kernel down first, or force it. Kernels in other containers cannot be seen.",
    ),
    "read-only": ErrorEntry(
        "refused",
        "This environment is read-only",
        "Only environments that were made here can be changed.",
    ),
    "server-in-user-site": ErrorEntry(
        "refused",
        "This Jupyter itself runs from the user site",
        "Keep the packages that Jupyter needs (`--keep-jupyter`), or do it by the command line "
        "while no server runs.",
    ),
    "archive-refused": ErrorEntry(
        "refused",
        "This archive is not unpacked",
        "No honest archive of an environment holds such a thing: ask whoever gave it to you.",
    ),
    "made-by-other-tool": ErrorEntry(
        "refused",
        "Only the tool that made this environment can change it",
        "Choose conda or mamba as the engine, or create it anew from its specs.",
    ),
    "not-allowed": ErrorEntry("refused", "You may not do this", "Ask the administrator."),
    "terms-not-accepted": ErrorEntry(
        "refused",
        "A channel has terms of service that you have not accepted",
        "Use conda-forge instead, which has none. Or read the terms, and if you accept them say "
        "so with `conda tos accept`.",
    ),
    # -- a tool failed, for a cause that we understood --------------------------------------
    "no-such-package": ErrorEntry(
        "failed", "No such package", "Check the spelling, and that the index has it."
    ),
    "no-such-version": ErrorEntry(
        "failed", "No such version", "Loosen the version, or choose one that the index has."
    ),
    "no-version-for-python": ErrorEntry(
        "failed",
        "No version for this Python",
        "Choose another Python, or another version of the package.",
    ),
    "no-wheel-for-platform": ErrorEntry(
        "failed", "No build for this machine", "Choose another version or another package."
    ),
    "requirements-conflict": ErrorEntry(
        "failed", "The requirements contradict each other", "Loosen one of the two."
    ),
    "hash-mismatch": ErrorEntry(
        "failed", "A download does not match its hash", "Try again; if it stays, do not trust it."
    ),
    "hash-missing": ErrorEntry(
        "failed",
        "A needed package has no hash",
        "Lock all that is needed, as `pip-compile --generate-hashes` does, or take out all hashes.",
    ),
    "download-damaged": ErrorEntry(
        "failed", "A download is damaged", "Try again; a proxy may have cut or changed it."
    ),
    "archive-damaged": ErrorEntry(
        "failed", "The archive is damaged", "Copy or download it again; do not trust this one."
    ),
    "cannot-pack": ErrorEntry(
        "failed",
        "This environment cannot be packed",
        "Mend what is named, or take its lock to the other machine and create it there.",
    ),
    "build-failed": ErrorEntry(
        "failed",
        "A package could not be built from source",
        "Choose a version that has a wheel for this Python.",
    ),
    "no-compiler": ErrorEntry(
        "failed",
        "A package must be compiled and there is no compiler",
        "Choose a version that has a wheel for this Python, or use an image with a compiler.",
    ),
    "link-script-failed": ErrorEntry(
        "failed",
        "A script of a package failed",
        "Look at the log; another version of the package may help.",
    ),
    "disk-full": ErrorEntry(
        "failed", "The disk is full", "Free some space, or choose another location."
    ),
    "quota-exceeded": ErrorEntry(
        "failed", "Your disk quota is used up", "Free some space, or ask for more."
    ),
    "not-permitted": ErrorEntry(
        "failed", "Not permitted", "Choose a location that you may write to."
    ),
    "read-only-disk": ErrorEntry("failed", "The disk is read-only", "Choose another location."),
    "user-site-broken": ErrorEntry(
        "failed",
        "The user site will break programs of this image",
        "`jupyter envmgr usersite diagnose` says what, and what to do.",
    ),
    "not-one-disk": ErrorEntry(
        "failed",
        "It cannot be renamed, only copied",
        "Snapshots need a place on the same file system as the user site. "
        "A backup copies instead, which takes time and room.",
    ),
    "disk-error": ErrorEntry(
        "failed",
        "The file system reports an error",
        "Try again; if it stays, choose another location or ask the administrator.",
    ),
    "bad-record": ErrorEntry(
        "failed",
        "A record cannot be read",
        "Another version may have written it: update, or move that file away. "
        "The environment itself is not touched.",
    ),
    "timed-out": ErrorEntry(
        "failed", "It took too long", "Try again; look at the log for what it was waiting for."
    ),
    "interpreter-missing": ErrorEntry(
        "failed", "The Python interpreter is not there", "Choose another Python."
    ),
    "import-failed": ErrorEntry(
        "failed",
        "The new environment does not start",
        "Look at the log; another Python or other versions may help.",
    ),
    "ipykernel-missing": ErrorEntry(
        "failed",
        "The environment has no ipykernel",
        "Install ipykernel into it, then register the kernel.",
    ),
    "killed": ErrorEntry(
        "failed",
        "The tool was killed",
        "Often the memory of the container was used up: try with less running.",
    ),
    "tool-failed": ErrorEntry("failed", "The tool failed", "Look at the log."),
    "interrupted": ErrorEntry(
        "failed",
        "It was interrupted",
        "The server or container stopped in the middle. Retry it, or remove it.",
    ),
    "git-missing": ErrorEntry(
        "unavailable",
        "There is no git",
        "Ask for a released version (name==version), or use an image that has git.",
    ),
    "repository-unreachable": ErrorEntry(
        "unavailable",
        "The repository cannot be reached",
        "Check the network and the proxy, or ask for a released version (name==version).",
    ),
    "repository-refused": ErrorEntry(
        "unavailable",
        "The repository does not let anybody in",
        "Check the address. For a private one, put your token into ~/.netrc.",
    ),
    "index-unreachable": ErrorEntry(
        "unavailable",
        "The package index or channel cannot be reached",
        "Check the network and the proxy, or set another index or channel.",
    ),
    "index-not-found": ErrorEntry(
        "unavailable",
        "This is not a package index or channel",
        "Check the address of the index or channel.",
    ),
    "index-unauthorised": ErrorEntry(
        "unavailable",
        "The package index or channel refuses the credentials",
        "Put valid credentials into ~/.netrc or the keyring.",
    ),
    "tls-failed": ErrorEntry(
        "unavailable",
        "The certificate of the index or channel is not trusted",
        "Point SSL_CERT_FILE at the certificates of your organisation.",
    ),
    "engine-missing": ErrorEntry(
        "unavailable", "The tool is not installed", "Install it, or choose another manager."
    ),
    "wrong-platform": ErrorEntry(
        "unavailable",
        "It was made for another kind of machine",
        "Create it here from its lock or its environment.yml instead.",
    ),
    "out-of-resources": ErrorEntry(
        "unavailable",
        "The machine has no memory, processes or open files left",
        "Close what you do not need, then try again.",
    ),
    "python-download-failed": ErrorEntry(
        "unavailable",
        "This Python could not be downloaded",
        "Choose an interpreter that is already here.",
    ),
    # -- the rest -----------------------------------------------------------------------------
    "cancelled": ErrorEntry("cancelled", "Cancelled"),
    "internal": ErrorEntry(
        "internal", "Something went wrong inside jupyter_envmgr", "Please report it with the log."
    ),
}


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field of a request.

    ``line`` and ``column`` count from 1 and are given where the field is a text of lines.
    """

    field: str
    detail: str
    code: str = "bad-request"
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True)
class Problem:
    """An error as data, the same in records, events, HTTP bodies and ``--json``."""

    code: str
    kind: Kind
    title: str
    detail: str
    hint: str = ""
    context: dict[str, str] | None = None
    errors: tuple[FieldError, ...] = ()


class EnvMgrError(Exception):
    """Any failure that a person can be told about. ``code`` is a key of `ERRORS`."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        hint: str | None = None,
        errors: tuple[FieldError, ...] = (),
        context: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        entry = ERRORS[code]
        self.code = code
        self.kind: Kind = entry.kind
        self.title = entry.title
        self.detail = detail
        self.hint = entry.hint if hint is None else hint
        self.errors = errors
        self.context = context

    @classmethod
    def of_field(
        cls, code: str, field: str, detail: str, *, line: int | None = None
    ) -> EnvMgrError:
        """An error about one field, optionally about one line of it."""
        where = f"{field}, line {line}" if line else field
        error = FieldError(field=field, detail=detail, code=code, line=line)
        return cls(code, f"{where}: {detail}", errors=(error,))

    @classmethod
    def of_problem(cls, problem: Problem) -> EnvMgrError:
        """The error that a stored problem was made from."""
        code = problem.code if problem.code in ERRORS else "internal"
        return cls(
            code,
            problem.detail,
            hint=problem.hint,
            errors=problem.errors,
            context=problem.context,
        )

    @property
    def problem(self) -> Problem:
        """This error as data."""
        return Problem(
            code=self.code,
            kind=self.kind,
            title=self.title,
            detail=self.detail,
            hint=self.hint,
            context=self.context,
            errors=self.errors,
        )
