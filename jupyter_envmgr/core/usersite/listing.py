"""What lies in the user site, and what of the image's own packages it hides."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ..packages.inventory import Memory, list_packages
from ..packages.metadata import normal
from ..packages.model import Package, UserPackage, UserPython, UserSite
from ..packages.sizes import measure

_PYTHON = re.compile(r"python(\d+\.\d+)(t?)")


def read_user_site(
    *,
    base: Path,
    image_prefix: Path,
    image_python: str,
    visible: bool,
    why: str,
    size: bool = False,
    memory: Memory | None = None,
) -> UserSite:
    """The user site as the interpreter at ``image_prefix`` sees it. Never raises.

    ``image_python`` is that interpreter's version, which says which ``lib/pythonX.Y`` it loads;
    ``visible`` says whether it looks at the user site at all, and ``why``.
    """
    memory = memory or Memory()
    minor = ".".join(image_python.split(".")[:2])
    try:
        names = sorted(os.listdir(base / "lib"), key=_as_numbers, reverse=True)
    except FileNotFoundError:
        return UserSite(str(base), base.is_dir(), visible, why, ())
    except OSError as error:
        return UserSite(str(base), False, False, f"{base}: {error.strerror}", ())
    image = {
        normal(package.name): package
        for package in list_packages(
            image_prefix, "image", interpreter_version=image_python, memory=memory
        )
    }
    pythons = []
    for name in names:
        match = _PYTHON.fullmatch(name)
        site = base / "lib" / name / "site-packages"
        if match and site.is_dir():
            active = visible and match.group(1) == minor and not match.group(2)
            hidden = image if match.group(1) == minor else {}
            pythons.append(_python(match.group(1) + match.group(2), site, active, hidden, memory))
    if size:
        pythons = [_with_size(python) for python in pythons]
    total = sum(python.size or 0 for python in pythons) if size else None
    return UserSite(str(base), True, visible, why, tuple(pythons), total)


def _python(
    version: str, site: Path, active: bool, image: Mapping[str, Package], memory: Memory
) -> UserPython:
    packages = tuple(_package(p, image.get(normal(p.name)), active) for p in memory.site(str(site)))
    return UserPython(
        version=version,
        path=str(site),
        active=active,
        packages=packages,
        package_count=len(packages),
        hiding_count=sum(bool(p.hides) for p in packages) if active else 0,
    )


def _package(package: Package, hidden: Package | None, active: bool) -> UserPackage:
    """The user site comes before the image's own site directories wherever it is visible."""
    if hidden is None:
        return UserPackage(package, wins=package.version if active else "")
    wins = package.version if active else hidden.version
    return UserPackage(package, hidden.version, hidden.path, wins)


def _with_size(python: UserPython) -> UserPython:

    return replace(python, size=measure(Path(python.path)).size)


def _as_numbers(name: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", name)))
