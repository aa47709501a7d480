"""Findings about files that are no distribution's: strays, path lines, commands."""

from __future__ import annotations

import os
from collections.abc import Iterator

from ...packages.metadata import read_regular
from ..model import Finding, Fix
from ..scan import strays
from .codes import finding, set_aside
from .ground import Ground

_MOST = 200


def stray_modules(ground: Ground) -> Iterator[Finding]:
    """Modules that nobody installed and that have the name of one of the image."""
    for name in strays(ground.site.path)[:_MOST]:
        module = name.removesuffix(".py")
        path = ground.path(name)
        if not module.isidentifier() or not (name.endswith(".py") or _is_package(path)):
            continue
        for site in ground.image_sites:
            theirs = next(
                (
                    t
                    for t in (os.path.join(site, module), os.path.join(site, f"{module}.py"))
                    if os.path.exists(t)
                ),
                "",
            )
            if theirs:
                yield finding(
                    "stray-module",
                    name,
                    f"{path} is imported instead of the image's {module}, and no package owns it.",
                    evidence=(("Here", path), ("Image", theirs)),
                    fix=set_aside(ground, name),
                )
                break


def _is_package(path: str) -> bool:
    return os.path.isfile(os.path.join(path, "__init__.py"))


def dead_path_lines(ground: Ground) -> Iterator[Finding]:
    """Lines of ``.pth`` files that name a directory which is not there (manual of `site`)."""
    try:
        names = sorted(n for n in os.listdir(ground.site.path) if n.endswith(".pth"))
    except OSError:
        return
    for name in names[:_MOST]:
        data = read_regular(ground.path(name), 1 << 20) or b""
        for line in data.decode("utf-8", "replace").splitlines():
            text = line.strip()
            if text.startswith("/") and not os.path.exists(text):
                yield finding(
                    "dead-path-line",
                    name,
                    f"{name} puts {text} on the path, which is not here.",
                    evidence=(("File", ground.path(name)), ("Line", text)),
                )


def dead_commands(ground: Ground) -> Iterator[Finding]:
    """Scripts whose first line names an interpreter that is not there.

    The shell says that the file is not found; other programs silently take the next command of
    that name on PATH.
    """
    directory = os.path.join(ground.base.real, "bin")
    try:
        names = sorted(os.listdir(directory))
    except OSError:
        return
    for name in names[:1000]:
        path = os.path.join(directory, name)
        head = (read_regular(path, 512) or b"").split(b"\n", 1)[0]
        words = os.fsdecode(head[2:]).split() if head.startswith(b"#!") else []
        if not words or not words[0].startswith("/") or os.path.exists(words[0]):
            continue
        other = next(
            (p for c in ground.commands if os.access(p := os.path.join(c, name), os.X_OK)), ""
        )
        hidden = f" It hides {other}." if other else ""
        yield finding(
            "dead-script",
            name,
            f"{path} starts with {words[0]}, which is not here.{hidden}",
            evidence=(("First line", os.fsdecode(head)), ("Path", path)),
            wins=other,
            fix=Fix("minor", f"Set aside Python {ground.site.label}", (), ground.site.label),
        )
