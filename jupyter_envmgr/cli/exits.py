"""Which exit code each kind of error has."""

from __future__ import annotations

from ..core.errors import Kind

OK = 0
EXITS: dict[Kind, int] = {
    "invalid": 2,
    "not-found": 3,
    "conflict": 4,
    "busy": 5,
    "unavailable": 6,
    "failed": 7,
    "refused": 8,
    "internal": 70,
    "cancelled": 130,
}
"""2 is also what argparse and the shells use for a wrong command line; 70 is EX_SOFTWARE of
sysexits.h; 130 is 128 + SIGINT, what a shell reports for a program that Ctrl-C ended."""
