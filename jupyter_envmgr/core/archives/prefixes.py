"""Prefixes in binary files: made long again, so that they can be set right somewhere else."""

from __future__ import annotations

import re


def with_placeholder(data: bytes, prefix: bytes, placeholder: bytes) -> bytes:
    """``data`` as the package had it: ``placeholder`` where the installer has put ``prefix``.

    Installers replace the long placeholder by the prefix and fill up with NULs behind the string
    (conda-build's manual, "Making packages relocatable"). A string without such room stays.
    """
    grow = len(placeholder) - len(prefix)
    if grow < 0:
        return data

    def grown(match: re.Match[bytes]) -> bytes:
        text, nuls = match[1], match[2]
        room = grow * text.count(prefix)
        if len(nuls) <= room:
            return match[0]
        return text.replace(prefix, placeholder) + nuls[room:]

    return re.sub(rb"(" + re.escape(prefix) + rb"[^\0]*)(\0+)", grown, data)
