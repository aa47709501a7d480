"""Why a package could not be built from source: mostly something that the image does not have."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..core.errors import EnvMgrError

_FAILED = re.compile(
    r"Failed to (?:download and )?build(?: editable| source distribution)?:? "
    r"`([^`@= ]+)(?:[=@ ]+([^`]+))?`"
)
_TOOLS = (
    r"cc|c\+\+|c89|c99|[\w.-]*gcc[\w.-]*|[\w.-]*g\+\+[\w.-]*|[\w.-]*clang[\w+.-]*|icc|icx|nvcc|gfortran|f77|f95"
    r"|cmake|make|ninja|meson|cargo|rustc|go|swig|pkg-config|llvm-config|mpicc|cl(?:\.exe)?"
)
_PROGRAM = re.compile(
    rf"No such file or directory: '(?:[^']*/)?({_TOOLS})'"
    rf"|command '(?:[^']*/)?({_TOOLS})' failed: No such file or directory"
    rf"|unable to execute '(?:[^']*/)?({_TOOLS})'"
    rf"|\b({_TOOLS}): (?:command )?not found"
)
_SIGNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"Unknown compiler\(s\)|[Nn]o acceptable C compiler"), "a C compiler"),
    (re.compile(r"CMAKE_C(?:XX)?_COMPILER (?:could be found|not set)"), "a C compiler"),
    (re.compile(r"CMAKE_MAKE_PROGRAM is not set"), "make"),
    (re.compile(r"[Cc]an't find Rust compiler|Rust toolchain|Cargo, the Rust package"), "Rust"),
    (
        re.compile(r"Python\.h: No such file|fatal error: 'Python\.h'"),
        "Python's headers (Python.h)",
    ),
    (
        re.compile(r"CUDA_HOME environment variable is not set|nvcc was not found"),
        "CUDA's compiler",
    ),
    (re.compile(r"CMake must be installed|Could not find CMake"), "cmake"),
    (re.compile(r"Microsoft Visual C\+\+"), "a C compiler"),
)
_UNDECLARED = re.compile(r"depends on `([^`]+)`, but doesn't declare it as a build dependency")
_HEADER = re.compile(r"fatal error: '?([\w./+-]+\.(?:h|hpp|hh))'?(?::| file)")
_MEANT = re.compile(r"hint: [^\n]*(Did you mean[^\n]*\?)")
_EXCEPTION = re.compile(
    r"(?:[\w.]*(?:Error|Exception|Failure)|error|ERROR|SystemExit)\b.*:|error: "
)
_NOISE = re.compile(
    r"hint: |\[(?:stdout|stderr)\]|Traceback|File \"|[\^~]+$|\*{3,}|\[end of output\]"
)


def explain_build(lines: Sequence[str]) -> EnvMgrError | None:
    """The error if a build from source failed; None if it was something else."""
    text = "\n".join(lines)
    failed = _FAILED.search(text)
    if not failed:
        return None
    package = f"{failed[1]} {failed[2] or ''}".strip()
    missing = _missing_tool(text)
    if missing:
        detail = f"{package} must be compiled, and this is missing here: {missing}"
        return EnvMgrError("no-compiler", detail)
    undeclared = _UNDECLARED.search(text)
    if undeclared:
        return EnvMgrError(
            "build-failed",
            f"{package} could not be built: it needs {undeclared[1]} and does not say so",
            hint=f"Create the environment with {undeclared[1]}, then run in its terminal "
            f"`pip install --no-build-isolation {failed[1]}`.",
        )
    header = _HEADER.search(text)
    if header:
        library = f"the header {header[1]} of a library is not here"
        return EnvMgrError("build-failed", f"{package} could not be built: {library}")
    meant = _MEANT.search(text)
    detail = f"{package} could not be built: {_last_words(lines)}"
    return EnvMgrError("build-failed", detail, hint=meant[1] if meant else None)


def _missing_tool(text: str) -> str:
    program = _PROGRAM.search(text)
    if program:
        return next(group for group in program.groups() if group)
    return next((words for sign, words in _SIGNS if sign.search(text)), "")


def _last_words(lines: Sequence[str]) -> str:
    """What the build said went wrong: its last error, else the first thing it said."""
    said = [line.strip() for line in lines]
    start = next((i + 1 for i, line in enumerate(said) if line in ("[stderr]", "[stdout]")), 0)
    words = [line for line in said[start:] if line and not _NOISE.match(line)]
    errors = [line for line in words if _EXCEPTION.match(line)]
    chosen = errors[-1] if errors else words[0] if words else "it said nothing"
    return chosen if len(chosen) <= 200 else chosen[:197] + "..."
