"""Where the program is entered. Needs the standard library alone.

What still has to start when the user site has broken everything else begins here: isolation
belongs before the first import of another module.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line (``sys.argv`` if none is given) and return its exit code."""
    try:
        from .program import run

        return run(sys.argv[1:] if argv is None else list(argv))
    except KeyboardInterrupt:  # before the program could handle it, or while it ended
        return 130
