"""Findings about compiled modules that need instructions which this processor does not have."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ...packages.files import read_regular
from ..model import Finding, Severity
from .codes import finding, set_aside_one
from .distributions import Distribution
from .ground import Ground

_CPUINFO = "/proc/cpuinfo"
_FIRST = 1 << 14
_FLAGS = re.compile(rb"^flags\s*:(.*)$", re.MULTILINE)
_SHOWN = 4

LEVELS: dict[int, frozenset[str]] = {
    2: frozenset({"cx16", "lahf_lm", "popcnt", "pni", "sse4_1", "sse4_2", "ssse3"}),
    3: frozenset({"abm", "avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "movbe", "xsave"}),
    4: frozenset({"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}),
}
"""What each level of x86-64 adds (its psABI), as Linux names it in ``/proc/cpuinfo``."""


@dataclass(frozen=True)
class _Needs:
    """What the wheels of a package need since a version, and how they end without it."""

    since: tuple[int, ...]
    flags: frozenset[str]
    severity: Severity
    ending: str


_AVX = frozenset({"avx"})
_TENSORFLOW = _Needs((1, 6), _AVX, "will-fail", "its import ends the interpreter")
_ARROW = _Needs((0,), frozenset({"sse4_2", "popcnt"}), "risk", "it may end the interpreter")
_POLARS = _Needs(
    (0, 18),
    frozenset({"avx2", "fma", "bmi1", "bmi2", "abm", "movbe", "pclmulqdq"}),
    "risk",
    "it warns, and may end the interpreter later",
)
_NEEDS = {
    **dict.fromkeys(
        ("tensorflow", "tensorflow-cpu", "tensorflow-gpu", "tf-nightly", "intel-tensorflow"),
        _TENSORFLOW,
    ),
    "jaxlib": _Needs((0, 1, 62), _AVX, "will-fail", "its import fails"),
    "numpy": _Needs((2, 4), LEVELS[2], "will-fail", "its import fails"),
    "polars": _POLARS,
    "polars-runtime-32": _POLARS,
    "scann": _Needs((1, 2), frozenset({"avx2", "fma"}), "will-fail", "it ends the interpreter"),
    "intel-extension-for-pytorch": _Needs(
        (1, 10), frozenset({"avx2"}), "will-fail", "its import ends the interpreter"
    ),
    "pyarrow": _ARROW,
}


def processor_flags(path: str = _CPUINFO) -> frozenset[str]:
    """What an x86 processor says that it can; nothing for others, or where it is hidden."""
    match = _FLAGS.search(read_regular(path, _FIRST) or b"")
    return frozenset(match.group(1).decode("ascii", "replace").split()) if match else frozenset()


def lacks(isa: int, ground: Ground) -> str:
    """The level that a module's note asks for (GNU property), if it is not had; else empty.

    glibc since 2.33 refuses to load such a module.
    """
    flags = ground.system.cpu
    if not isa or not flags or ground.runtime.machine != "x86_64":
        return ""
    for level, wanted in LEVELS.items():
        if isa & (1 << (level - 1)) and not wanted <= flags:
            return f"x86-64-v{level}"
    # There are no later ones yet, and nobody has what they will need.
    return f"x86-64-v{isa.bit_length()}" if isa >> max(LEVELS) else ""


def too_old(
    ground: Ground,
    one: Distribution,
    rows: Sequence[tuple[str, str]],
    severity: Callable[[Iterable[str]], Severity],
) -> Iterator[Finding]:
    """A package that needs a newer processor: ``rows`` are its modules that say so themselves."""
    known = _NEEDS.get(one.key)
    flags = ground.system.cpu
    if rows:
        missing = sorted(_wanted(rows[0][1]) - flags)
        yield _finding(
            ground,
            one,
            f"{one.label} needs a processor of the level {rows[0][1]}, which this one is not.",
            missing,
            [(rel, f"needs {level}") for rel, level in rows],
            severity(rel for rel, _ in rows),
        )
    elif known and flags and ground.runtime.machine == "x86_64":
        missing = sorted(known.flags - flags)
        if missing and _numbers(one.version) >= known.since:
            words = ", ".join(map(_shown, missing))
            yield _finding(
                ground,
                one,
                f"{one.label} needs {words} of the processor, which this one lacks: "
                f"{known.ending}.",
                missing,
                [],
                known.severity,
            )


def _finding(
    ground: Ground,
    one: Distribution,
    words: str,
    missing: Sequence[str],
    rows: Sequence[tuple[str, str]],
    severity: Severity,
) -> Finding:
    modules = [
        ("Compiled module", f"{os.path.join(one.site, rel)}: {why}") for rel, why in rows[:_SHOWN]
    ]
    return finding(
        "cpu-too-old",
        one.name,
        words,
        evidence=(
            *modules,
            *((("Not in the flags of /proc/cpuinfo", " ".join(missing)),) if missing else ()),
        ),
        wins=one.label,
        fix=set_aside_one(ground, one),
        severity=severity,
    )


def _wanted(level: str) -> frozenset[str]:
    number = int(level.rpartition("v")[2])
    return frozenset().union(*(flags for n, flags in LEVELS.items() if n <= number))


def _shown(flag: str) -> str:
    """As its maker writes it."""
    return flag.upper().replace("SSE4_", "SSE4.").replace("PNI", "SSE3").replace("ABM", "LZCNT")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(n) for n in re.findall(r"\d+", version.partition("+")[0])[:3])
