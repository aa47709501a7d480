"""The kinds of findings as a table: what each is called, and how sure it is by itself."""

from __future__ import annotations

from dataclasses import dataclass

from ..model import Finding, Fix, Severity
from .ground import Ground


@dataclass(frozen=True)
class Code:
    """One kind of finding."""

    title: str
    severity: Severity


CODES: dict[str, Code] = {
    # -- it cannot work -----------------------------------------------------------------------
    "numpy-abi": Code("Compiled for another numpy", "will-fail"),
    "glibc-too-old": Code("Compiled for a newer system", "will-fail"),
    "wrong-platform": Code("Made for another Python or machine", "will-fail"),
    "missing-files": Code("Files are missing", "will-fail"),
    "dead-editable": Code("Its sources are not there", "will-fail"),
    "dead-script": Code("A command that cannot start", "will-fail"),
    "dead-kernel": Code("A kernel that cannot start", "will-fail"),
    # -- it may fail --------------------------------------------------------------------------
    "requirement-broken": Code("A requirement that is not met", "risk"),
    "hides-image": Code("Loaded instead of the image's", "risk"),
    "jupyter-hidden": Code("Jupyter itself is loaded from the user site", "risk"),
    "stray-module": Code("A file that hides a module of the image", "risk"),
    "duplicate": Code("Installed twice", "risk"),
    "cuda-mixed": Code("Packages for two CUDA versions", "risk"),
    # -- good to know -------------------------------------------------------------------------
    "needed-by-image": Code("The image needs it from here", "note"),
    "leftover": Code("Left over from an interrupted pip", "note"),
    "no-record": Code("Nobody knows its files", "note"),
    "dead-path-line": Code("A line that leads nowhere", "note"),
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
) -> Finding:
    """A finding of that code, with its title and severity."""
    entry = CODES[code]
    return Finding(code, entry.severity, subject, entry.title, detail, evidence, wins, fix)


def set_aside(ground: Ground, *names: str) -> Fix:
    """The button that hides these packages."""
    chosen = " ".join(f"--package {name}" for name in names)
    label = f"Set aside {names[0]}" if len(names) == 1 else f"Set aside {len(names)} packages"
    python = ground.site.label
    command = f"jupyter envmgr usersite reset {chosen} --python {python}"
    return Fix("hide", label, names, python, ground.target.kernel, command)
