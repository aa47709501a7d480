"""Requirements from a file or from standard input, with errors that name the file."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from typing import TextIO

from ..core.errors import EnvMgrError
from ..core.packages.limits import LARGEST_FILE

LIMIT = LARGEST_FILE + 1
"""Bytes that are read at most: enough to say that it is too large, whatever it is."""
FIELD = "requirements"


def read_requirements(file: str, stdin: TextIO) -> str:
    """The text of ``file``, of standard input for ``-``.

    Raises ``bad-path``, ``bad-encoding`` and ``too-large``, naming the file.
    """
    from ..core.packages.requirements import decode

    with named_after_file(file):
        return decode(_read(file, stdin))


def read_lines(file: str, stdin: TextIO) -> list[str]:
    """The requirement lines of ``file``, without comments; what is wrong with one names it."""
    from ..core.packages.pip_lines import parse_hashed_text

    text = read_requirements(file, stdin)
    with named_after_file(file):
        return list(parse_hashed_text(text, FIELD))


def _read(file: str, stdin: TextIO) -> bytes:
    if file == "-":
        return stdin.buffer.read(LIMIT)
    try:
        with open(file, "rb") as opened:
            return opened.read(LIMIT)
    except OSError as error:
        raise EnvMgrError.of_field("bad-path", "file", f"{file}: {error.strerror}") from None
    except ValueError:
        raise EnvMgrError.of_field("bad-path", "file", f"{file!r} is no file name") from None


@contextlib.contextmanager
def named_after_file(file: str | None) -> Iterator[None]:
    """Errors about the field ``requirements`` name the file that it came from instead."""
    try:
        yield
    except EnvMgrError as error:
        if file is None or not any(e.field == FIELD for e in error.errors):
            raise
        name = "standard input" if file == "-" else file
        errors = tuple(replace(e, field=name) if e.field == FIELD else e for e in error.errors)
        detail = error.detail
        for e in error.errors:
            if e.field == FIELD:
                where = f"{FIELD}, line {e.line}: " if e.line else f"{FIELD}: "
                here = f"{name}, line {e.line}: " if e.line else f"{name}: "
                detail = detail.replace(where + e.detail, here + e.detail)
        raise EnvMgrError(
            error.code, detail, hint=error.hint, errors=errors, context=error.context
        ) from None
