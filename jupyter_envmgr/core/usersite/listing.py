"""What lies in the user site, and what of the image's own packages it hides."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ..environments.disk import reason, shown
from ..packages.memory import Memory, SitePackage
from ..packages.model import Package, UserPackage, UserPython, UserSite
from ..packages.sites import site_directories
from ..packages.sizes import measure, size_of_distribution

_PYTHON = re.compile(r"python(\d{1,3}\.\d{1,3}t?)")


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
    name = shown(str(base))
    own = _own_python(image_prefix, image_python)
    try:
        versions = _versions(base)
    except FileNotFoundError:
        return UserSite(name, os.path.isdir(base), visible, why, ())
    except (OSError, ValueError) as error:
        words = reason(error) if isinstance(error, OSError) else str(error)
        return UserSite(name, True, visible, f"{name}/lib cannot be read: {words}", ())
    # What is hidden are the image's modules, so Python's names count, and not those of conda.
    image: dict[str, SitePackage] = {}
    before: dict[str, SitePackage] = {}
    is_venv = os.path.isfile(image_prefix / "pyvenv.cfg")
    for directory in site_directories(image_prefix, "image", image_python):
        # A virtual environment's own packages come before the user site, its base's after it.
        comes_first = is_venv and directory.is_relative_to(image_prefix)
        for key, package in memory.site(str(directory)).items():
            if not key.startswith("~"):
                (before if comes_first else image).setdefault(key, package)
    pythons = []
    for version in versions:
        site = base / "lib" / f"python{version}" / "site-packages"
        if os.path.isdir(site):
            sees = (image, before) if version == own else ({}, {})
            pythons.append(
                _python(version, site, visible and version == own, sees, memory, base, size)
            )
    total = sum(python.size or 0 for python in pythons) if size else None
    return UserSite(name, True, visible, why, tuple(pythons), total)


def _versions(base: Path) -> list[str]:
    """The Pythons that the base has directories of, the newest first. Raises OSError."""
    found = (_PYTHON.fullmatch(name) for name in os.listdir(base / "lib"))
    versions = [match.group(1) for match in found if match]
    return sorted(versions, key=lambda v: (*map(int, v.rstrip("t").split(".")), v), reverse=True)


def _own_python(prefix: Path, version: str) -> str:
    """The ``X.Y`` of the interpreter, or ``X.Yt`` if it is free-threaded (PEP 703)."""
    minor = ".".join(version.split(".")[:2])
    library = f"{prefix}/lib/python{minor}"
    return f"{minor}t" if os.path.isfile(f"{library}t/os.py") and not os.path.isfile(
        f"{library}/os.py"
    ) else minor  # fmt: skip


def _python(
    version: str,
    site: Path,
    active: bool,
    sees: tuple[Mapping[str, SitePackage], Mapping[str, SitePackage]],
    memory: Memory,
    base: Path,
    size: bool,
) -> UserPython:
    """``sees`` are the image's packages behind the user site, and those before it."""
    image, before = sees
    packages = []
    for key, found in memory.site(str(site)).items():
        package = found.package
        if size:
            bytes_ = size_of_distribution(found.directory, found.entry, str(base))
            package = replace(package, size=bytes_)
        packages.append(_package(package, image.get(key), before.get(key), active))
    return UserPython(
        version=version,
        path=shown(str(site)),
        active=active,
        packages=tuple(packages),
        package_count=sum(not p.package.name.startswith("~") for p in packages),
        hiding_count=sum(bool(p.hides) for p in packages) if active else 0,
        size=measure(site).size if size else None,
    )


def _package(
    package: Package, hidden: SitePackage | None, first: SitePackage | None, active: bool
) -> UserPackage:
    """Whether it hides ``hidden`` of the image, or ``first`` of the image hides it."""
    if package.name.startswith("~"):
        return UserPackage(package)
    if first is not None:
        return UserPackage(package, wins=first.package.version)
    if hidden is None:
        return UserPackage(package, wins=package.version if active else "")
    own = hidden.package
    return UserPackage(package, own.version, own.path, package.version if active else own.version)
