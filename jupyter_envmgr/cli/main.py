"""Where the program is entered. Needs the standard library alone.

What still has to start when the user site has broken everything else begins here: isolation
belongs before the first import of another module.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

_RESCUE = "usersite"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line (``sys.argv`` if none is given) and return its exit code."""
    try:
        open_missing_streams()
        words = sys.argv[1:] if argv is None else list(argv)
        if argv is None and needs_isolation(words):
            restart_isolated(words)
        from .program import run

        return run(words)
    except KeyboardInterrupt:  # before the program could handle it, or while it ended
        return 130


def open_missing_streams() -> None:
    """Give a process that was started without standard streams (``>&-``, some daemons) silent ones.

    Else the next file that is opened would get their descriptor, and what is printed.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, closefd=False))  # noqa: SIM115


def needs_isolation(words: Sequence[str]) -> bool:
    """Whether this is about the user site, and the user site can get in its way."""
    first = next((word for word in words if not word.startswith("-")), "")
    return first == _RESCUE and not sys.flags.isolated and "_ARGCOMPLETE" not in os.environ


def restart_isolated(words: Sequence[str]) -> None:
    """Become the same program in an interpreter that sees neither user site nor PYTHONPATH.

    Returns only if that is not possible: it is then tried as things are.
    """
    from .. import rescue

    try:
        os.execv(sys.executable, [sys.executable, "-I", os.path.abspath(rescue.__file__), *words])
    except OSError:
        return
