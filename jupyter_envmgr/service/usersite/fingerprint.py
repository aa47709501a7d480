"""What a snapshot remembers of the machine that it was made on."""

from __future__ import annotations

import os
import platform
import socket

from ...core.settings import Settings
from .place import image_python


def fingerprint(settings: Settings) -> dict[str, str]:
    """Host, processor, C library and Python: facts to compare, none of them a name."""
    found = {
        "host": socket.gethostname(),
        "machine": platform.machine(),
        "prefix": str(settings.image_prefix),
        "python": image_python(settings),
    }
    try:
        found["libc"] = os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (ValueError, OSError):
        found["libc"] = ""
    return {key: value for key, value in found.items() if value}
