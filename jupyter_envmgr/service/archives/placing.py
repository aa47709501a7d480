"""Where an archive lies: paths that people give."""

from __future__ import annotations

import os
import re
from pathlib import Path

from ...core.errors import EnvMgrError

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def absolute(path: str) -> Path:
    """A path that a person gave. Raises ``bad-path`` for one that is relative or no path."""
    if not path or _CONTROL.search(path):
        raise EnvMgrError.of_field("bad-path", "path", "a path is needed")
    if not os.path.isabs(path):
        raise EnvMgrError.of_field("bad-path", "path", f"{path!r} is not an absolute path")
    return Path(os.path.normpath(path))
