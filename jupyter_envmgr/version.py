"""The version, as the build wrote it down."""

from __future__ import annotations

try:
    from ._version import __version__
except ImportError:  # a clone that was never installed
    __version__ = "0.0.0"

__all__ = ["__version__"]
