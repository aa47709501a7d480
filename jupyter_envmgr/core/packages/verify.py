"""Whether the packages that were asked for import: what is asked, what came of it, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LONGEST = 3600.0


@dataclass(frozen=True)
class VerifyRequest:
    """The body of a verification: names of packages, those that were asked for if there are none.

    ``seconds`` is how long each may take: the first import of a large one from a network file
    system takes minutes.
    """

    packages: tuple[str, ...] = ()
    seconds: float = 300.0


@dataclass(frozen=True)
class VerifiedPackage:
    """What came of importing a package. ``ok`` is None where there is nothing to import in it.

    ``error`` is the last line of what was raised, or how the interpreter ended. ``remark`` says
    what is odd although it imports. ``facts`` are of its GPU support: ``CUDA 12.8``,
    ``GPU not visible``.
    """

    name: str
    version: str
    ok: bool | None
    modules: tuple[str, ...] = ()
    seconds: float = 0.0
    error: str = ""
    remark: str = ""
    facts: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """``torch 2.8.0, CUDA 12.8, GPU not visible``."""
        label = f"{self.name} {self.version}".strip()
        if self.ok is False:
            return f"{label}: {self.error}"
        return ", ".join((label, *self.facts))


@dataclass(frozen=True)
class Verification:
    """The verification of an environment, as far as it is. ``job`` is empty if there was none.

    ``ok`` is None until it is complete. ``lines`` say it in words, one for each package.
    """

    environment: str
    job: str = ""
    created: str = ""
    python: str = ""
    ok: bool | None = None
    complete: bool = False
    summary: str = "It has not been verified."
    packages: tuple[VerifiedPackage, ...] = ()
    lines: tuple[str, ...] = ()


def concluded(
    environment: str,
    job: str,
    created: str,
    python: str,
    packages: Sequence[VerifiedPackage],
    *,
    complete: bool,
) -> Verification:
    """The verification with these results, in words."""
    failed = [package for package in packages if package.ok is False]
    imported = [package for package in packages if package.ok]
    started = f"Python {python} starts" if python else "Its Python starts"
    if not complete:
        summary = f"{len(packages)} looked at so far."
    elif failed:
        names = ", ".join(package.name for package in failed[:5])
        more = f" and {len(failed) - 5} more" if len(failed) > 5 else ""
        summary = f"{len(failed)} of {len(failed) + len(imported)} cannot be imported: "
        summary += f"{names}{more}."
    elif imported:
        several = len(imported) > 1
        summary = f"{started}, and {len(imported)} package{'s' * several} can be imported."
    else:
        summary = f"{started}; there is no package to import that was asked for."
    return Verification(
        environment=environment,
        job=job,
        created=created,
        python=python,
        ok=not failed if complete else None,
        complete=complete,
        summary=summary,
        packages=tuple(packages),
        lines=tuple(package.words for package in packages),
    )
