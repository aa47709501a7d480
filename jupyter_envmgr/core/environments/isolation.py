"""The file that keeps the user site out of a conda environment, whoever starts its Python."""

from __future__ import annotations

import os

from .disk import read_bytes

CONFIG = "pyvenv.cfg"
CONTENT = b"""\
# Written by jupyter_envmgr to keep ~/.local out of this environment. Delete it to undo that.
include-system-site-packages = false
"""
"""Without ``home`` it makes no virtual environment of a prefix, and `site` obeys it all the same.

Tried with CPython 3.6 to 3.13: sys.prefix stays as it is. The workaround of conda/conda#7173.
"""
FIRST_PYTHON = (3, 3)
"""Earlier ones do not read it (PEP 405)."""


def is_isolated(prefix: str) -> bool:
    """Whether the file is there and ours."""
    try:
        return read_bytes(os.path.join(prefix, CONFIG), len(CONTENT) + 1) == CONTENT
    except OSError:
        return False
