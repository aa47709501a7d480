"""How much of what people paste is read: of any kind, for any manager."""

from __future__ import annotations

LARGEST_TEXT = 256 * 1024
LARGEST_FILE = 4 * 1024 * 1024
"""Of any file: pixi.lock files of ROS have 3 MB. What is read as requirements is `LARGEST_TEXT`."""
MOST_LINES = 5_000
LONGEST_LINE = 2_000
