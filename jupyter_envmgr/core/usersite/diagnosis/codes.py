"""The kinds of findings as a table: what each is called, and how sure it is by itself."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from ..model import Finding, Fix, Severity
from .distributions import Distribution
from .ground import Ground


@dataclass(frozen=True)
class Code:
    """One kind of finding."""

    title: str
    severity: Severity


CODES: dict[str, Code] = {
    "breaks-program": Code("A program fails with it", "proven"),
    # -- compiled for something else ----------------------------------------------------------
    "wrong-platform": Code("Made for another Python or machine", "will-fail"),
    "numpy-abi": Code("Compiled for another numpy", "will-fail"),
    "torch-abi": Code("Compiled for another torch", "will-fail"),
    "glibc-too-old": Code("Compiled for a newer system", "will-fail"),
    "library-too-old": Code("Compiled for a newer library", "will-fail"),
    "library-missing": Code("Needs a library that is not here", "will-fail"),
    "damaged-module": Code("A compiled module is damaged", "will-fail"),
    "cpu-too-old": Code("Compiled for a newer processor", "will-fail"),
    "cuda-mixed": Code("Packages for two CUDA versions", "risk"),
    # -- packages that do not fit together ----------------------------------------------------
    "import-breaks": Code("An import that cannot work", "will-fail"),
    "generated-code": Code("Generated for another protobuf or gRPC", "will-fail"),
    "requirement-broken": Code("A requirement that is not met", "risk"),
    "needed-by-image": Code("The image needs it from here", "note"),
    "hides-image": Code("Loaded instead of the image's", "risk"),
    "same-as-image": Code("The same as the image's", "note"),
    "two-owners": Code("Two packages with the same import name", "risk"),
    "namespace-hidden": Code("Hides other packages of a namespace", "will-fail"),
    "stray-module": Code("A file that hides a module of the image", "risk"),
    "unowned": Code("No package owns it", "note"),
    "plugin": Code("Loaded by a program of the image on its own", "note"),
    # -- incomplete ---------------------------------------------------------------------------
    "missing-files": Code("Files are missing", "will-fail"),
    "duplicate": Code("Installed twice", "risk"),
    "no-record": Code("Nobody knows its files", "note"),
    "no-metadata": Code("Half of an installation", "risk"),
    "leftover": Code("Left over from an interrupted pip", "note"),
    "dead-editable": Code("Its sources are not there", "will-fail"),
    # -- at the start of Python ---------------------------------------------------------------
    "path-line-fails": Code("An error at each start of Python", "will-fail"),
    "dead-path-line": Code("A line that leads nowhere", "note"),
    "runs-at-start": Code("Runs at each start of Python", "note"),
    "pythonpath-other": Code("PYTHONPATH leads to another Python's packages", "will-fail"),
    "pythonpath-user": Code("PYTHONPATH leads into the user site", "risk"),
    "stdlib-hidden": Code("Hides a module of Python itself", "will-fail"),
    "other-python": Code("Packages of a Python that is not used here", "note"),
    # -- commands -----------------------------------------------------------------------------
    "dead-script": Code("A command that cannot start", "will-fail"),
    "hides-command": Code("Commands found before the image's", "note"),
    # -- Jupyter ------------------------------------------------------------------------------
    "jupyter-broken": Code("Jupyter itself is broken", "will-fail"),
    "jupyter-hidden": Code("Jupyter itself is loaded from the user site", "risk"),
    "jupyter-only-here": Code("Jupyter itself is only in the user site", "note"),
    "dead-kernel": Code("A kernel that cannot start", "will-fail"),
    "foreign-kernel": Code("A kernel of another image", "note"),
    "labextension": Code("An extension of JupyterLab that hides the image's", "risk"),
    "server-extension": Code("An extension of the server that is not there", "risk"),
}

ORDER: tuple[Severity, ...] = ("proven", "will-fail", "risk", "note")


def finding(
    code: str,
    subject: str,
    detail: str,
    *,
    evidence: tuple[tuple[str, str], ...] = (),
    wins: str = "",
    fix: Fix | None = None,
    severity: Severity | None = None,
) -> Finding:
    """A finding of that code, with its title, and its severity unless another one is given."""
    entry = CODES[code]
    return Finding(
        code,
        severity or entry.severity,
        printable(subject),
        entry.title,
        printable(detail),
        tuple((label, printable(text)) for label, text in evidence),
        printable(wins),
        fix,
    )


def printable(text: str) -> str:
    """Text that can be shown and sent: names on the disk may be any bytes."""
    if text.isascii() and text.isprintable():
        return text
    text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return "".join(c if c.isprintable() else "?" for c in text)


def set_aside(ground: Ground, *names: str, python: str = "") -> Fix:
    """The button that hides these packages, or entries of the site directory."""
    label = f"Set aside {names[0]}" if len(names) == 1 else f"Set aside {len(names)} packages"
    python = python or ground.python
    words = [word for name in names for word in ("--package", name)]
    command = shlex.join(["jupyter", "envmgr", "usersite", "reset", *words, "--python", python])
    return Fix("hide", label, names, python, ground.target.kernel, command)


def set_aside_one(ground: Ground, one: Distribution) -> Fix:
    """The button that hides a distribution."""
    return set_aside(ground, one.name, python=ground.python_at(one.site))


def install_again(ground: Ground, one: Distribution) -> Fix:
    """For what is incomplete, and is nowhere else."""
    words = [ground.target.interpreter, "-m", "pip", "install", "--user", "--no-deps"]
    wanted = f"{one.name}=={one.version}" if one.version else one.name
    command = shlex.join([*words, "--force-reinstall", wanted])
    return Fix("reinstall", f"Install {one.name} again", (one.name,), ground.python, "", command)


def set_aside_python(python: str) -> Fix:
    """The button that sets all packages of a Python aside."""
    command = shlex.join(["jupyter", "envmgr", "usersite", "reset", "--python", python])
    return Fix("minor", f"Set aside Python {python}", (), python, "", command)


def by_hand(label: str, *words: str) -> Fix:
    """A command that a person can type; there is no button for it."""
    return Fix("repair", label, command=shlex.join(words))
