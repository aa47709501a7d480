"""All findings for one interpreter, the worst first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ...kernels.model import Kernel
from ..base import UserBase
from ..model import Diagnosis, Finding, Fix, Target
from . import binaries, files, packages, requirements
from .codes import ORDER, finding
from .ground import Ground

CHECKS: tuple[Callable[[Ground], Iterator[Finding]], ...] = (
    binaries.wrong_platform,
    binaries.other_numpy,
    binaries.newer_system,
    packages.incomplete,
    packages.without_sources,
    files.dead_commands,
    packages.hidden,
    files.stray_modules,
    packages.doubled,
    packages.mixed_cuda,
    packages.leftovers,
    files.dead_path_lines,
)


def diagnose(
    target: Target,
    base: UserBase,
    ground: Ground | None,
    *,
    image: str,
    kernels: Iterable[Kernel] = (),
) -> Diagnosis:
    """What is wrong with the user site for ``target``. Never raises for what lies in it.

    An interpreter that does not see the user site is told only of kernels that cannot start.
    """
    found: list[Finding] = []
    skipped: list[str] = []
    if ground is not None and target.visible:
        for check in CHECKS:
            found += check(ground)
        try:
            found += requirements.unmet(ground)
        except ImportError as error:
            skipped.append(f"Requirements were not compared: packaging cannot be loaded ({error})")
    found += dead_kernels(kernels, base)
    found.sort(key=lambda one: (ORDER.index(one.severity), one.code, one.subject.lower()))
    counts: dict[str, int] = dict.fromkeys(ORDER, 0)
    for one in found:
        counts[one.severity] += 1
    return Diagnosis(
        target=target,
        base=base.path,
        image=image,
        findings=tuple(found),
        counts=counts,
        package_count=len(ground.by_name) if ground else 0,
        skipped=tuple(skipped),
    )


def dead_kernels(kernels: Iterable[Kernel], base: UserBase) -> Iterator[Finding]:
    """Kernelspecs in the user base that start an interpreter which is not there."""
    for kernel in kernels:
        if kernel.status != "dead" or not kernel.path.startswith(base.real + "/"):
            continue
        yield finding(
            "dead-kernel",
            kernel.name,
            f"{kernel.display_name} cannot start: {kernel.reason}",
            evidence=(("Kernelspec", kernel.path),),
            fix=Fix(
                "repair",
                "Unregister it",
                kernel=kernel.name,
                command=f"jupyter envmgr kernels remove {kernel.name}",
            ),
        )
