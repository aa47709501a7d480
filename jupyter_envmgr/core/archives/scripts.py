"""The scripts of an unpacked environment: started by its own Python, whoever calls them."""

from __future__ import annotations

import re
from collections.abc import Container

_ENV = re.compile(rb"#!\s*/usr/bin/env[ \t]+(\S+)([^\n]*)\n")
_LONGEST = 127
"""What Linux before 5.1 reads of a first line; no line is made that is longer."""


def with_interpreter(data: bytes, bin_directory: str, programs: Container[str]) -> bytes | None:
    """A script that starts the program of its own environment; None if it is right as it is.

    conda-pack makes ``#!/usr/bin/env python3.11`` of every first line, so that ``bin/pip`` runs
    whatever Python comes first on PATH (measured: another environment's). What lies below a path
    that is too long, or has a space in it, goes by way of ``/bin/sh``, as pip and conda do it.
    """
    match = _ENV.match(data)
    if match is None:
        return None
    name = match[1].decode("ascii", "replace")
    if "/" in name or name not in programs:
        return None
    program, options = f"{bin_directory}/{name}".encode("utf-8", "surrogateescape"), match[2]
    line = b"#!" + program + options + b"\n"
    if len(line) > _LONGEST or b" " in program:
        if not name.startswith("python") or b"'" in program or b'"' in program:
            return None
        line = b"#!/bin/sh\n'''exec' \"" + program + b'"' + options + b' "$0" "$@"\n' + b"' '''\n"
    return line + data[match.end() :]
