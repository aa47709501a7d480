"""All findings for one interpreter, the worst first."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

from ...kernels.model import Kernel
from ..model import Diagnosis, Finding
from . import (
    clashes,
    commands,
    compiled,
    generated,
    incomplete,
    jupyter_parts,
    names,
    numpy_abi,
    path_lines,
    plugins,
    shadowing,
    symbols,
)
from .codes import ORDER
from .ground import Ground
from .importing import Importing
from .jupyter_parts import JupyterPlaces
from .requirement_check import Compared, compare_requirements

_BUDGET = 1500
_SMALL_BUDGET = 500
Check = Callable[[Ground], Iterable[Finding]]

CHECKS: tuple[Check, ...] = (
    incomplete.odd_metadata,
    incomplete.leftovers,
    numpy_abi.other_numpy,
    symbols.other_torch,
    shadowing.hidden,
    shadowing.jupyter_only_here,
    shadowing.mixed_cuda,
    names.strays,
    names.two_owners,
    names.namespaces,
    generated.generated_code,
    clashes.refused,
    path_lines.path_lines,
    path_lines.dead_editables,
    path_lines.at_start,
    commands.scripts_without_module,
)
"""What needs nothing but the ground, and an interpreter that sees the user site."""


def diagnose(
    ground: Ground,
    *,
    image: str,
    kernels: Iterable[Kernel] = (),
    places: JupyterPlaces | None = None,
) -> Diagnosis:
    """What is wrong with the user site for ``ground.target``. Never raises for what lies in it.

    An interpreter that does not see the user site is told of kernels, extensions of JupyterLab
    and commands: Jupyter and the shell find these all the same. ``places`` are given for the
    interpreter that the server runs with.
    """
    found: list[Finding] = []
    if ground.target.visible:
        found += _of_packages(ground)
    found += path_lines.pythonpath(ground)
    found += commands.commands(ground)
    found += incomplete.other_pythons(ground)
    found += jupyter_parts.kernels(kernels, ground.base)
    if places is not None:
        found += jupyter_parts.labextensions(ground, places)
        found += jupyter_parts.server_extensions(ground, places)
    found += list(jupyter_parts.jupyter_broken(ground, found))
    found = sorted(
        dict.fromkeys(found), key=lambda f: (ORDER.index(f.severity), f.code, f.subject.lower())
    )
    counts: dict[str, int] = dict.fromkeys(ORDER, 0)
    for one in found:
        counts[one.severity] += 1
    _note_directories(ground)
    return Diagnosis(
        target=ground.target,
        base=ground.base.path,
        image=image,
        findings=tuple(found),
        counts=counts,
        package_count=len({one.key for one in ground.user}),
        skipped=tuple(ground.skipped),
    )


def _of_packages(ground: Ground) -> Iterator[Finding]:
    for check in CHECKS:
        yield from check(ground)
        # A server's loop has its turn.
        time.sleep(0)
    small = Importing(ground, _SMALL_BUDGET)
    yield from incomplete.missing_files(ground, small)
    yield from compiled.misfits(ground, small)
    yield from plugins.plugins(ground, small)
    compared = _compared(ground)
    importing = Importing(ground, _BUDGET)
    caused = compared.caused if compared else ()
    failing = dict(clashes.failing_imports(ground, importing, caused))
    yield from failing.values()
    if compared:
        yield from clashes.broken_requirements(ground, compared, frozenset(failing))


def _compared(ground: Ground) -> Compared | None:
    try:
        return compare_requirements(ground)
    except Exception as error:  # a broken packaging raises anything
        words = f"{type(error).__name__}: {error}"
        ground.skip(f"Requirements were not compared: packaging cannot be used ({words})")
        return None


def _note_directories(ground: Ground) -> None:
    ground.watch(*ground.directories.seen, *ground.listed)
