"""How much of what people paste is read: of any kind, for any manager."""

from __future__ import annotations

LARGEST_TEXT = 256 * 1024
LARGEST_FILE = 4 * 1024 * 1024
"""Of any file: pixi.lock files of ROS have 3 MB. What is read as requirements is `LARGEST_TEXT`."""
LARGEST_HASHED = 1024 * 1024
"""Of requirements with hashes: a package has up to a hundred files, and a line for each."""
MOST_LINES = 5_000
LONGEST_LINE = 2_000
