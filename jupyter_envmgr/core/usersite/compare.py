"""Sets of packages side by side, and as a requirements file."""

from __future__ import annotations

from collections.abc import Mapping

from ..packages.metadata import normal
from .model import Comparison, Difference, Snapshot

Versions = Mapping[tuple[str, str], str]
"""Versions by normal name and Python."""


def compare_versions(one: str, other: str, left: Versions, right: Versions) -> Comparison:
    """What differs, by name; a version that one side lacks is empty."""
    keys = sorted(left.keys() | right.keys())
    differences = tuple(
        Difference(name, python, left.get((name, python), ""), right.get((name, python), ""))
        for name, python in keys
        if left.get((name, python)) != right.get((name, python))
    )
    return Comparison(one, other, differences, len(keys) - len(differences))


def requirements_text(snapshot: Snapshot) -> str:
    """A requirements file that pip and uv take; one section for each Python.

    Which of them a person had asked for is said beside each; several Pythons cannot be one file,
    so all but the first section are comments.
    """
    lines = [f"# User packages of {snapshot.created}, set aside as {snapshot.name}"]
    if snapshot.image:
        lines.append(f"# Image: {snapshot.image}")
    for number, python in enumerate(snapshot.pythons):
        lines.append(f"# Python {python}")
        mark = "# " if number else ""
        packages = [p for p in snapshot.packages if p.python == python]
        for package in sorted(packages, key=lambda p: normal(p.name)):
            note = "  # asked for" if package.asked_for else ""
            lines.append(f"{mark}{package.requirement}{note}")
    return "\n".join([*lines, ""])
