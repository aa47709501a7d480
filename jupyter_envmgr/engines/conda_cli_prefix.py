"""What is installed in an environment, by the names of its records."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..core.conda.urls import parse_package_url


def installed(prefix: Path) -> dict[str, str]:
    """The packages of an environment: ``version-build`` by name."""
    stems = (path.stem.rsplit("-", 2) for path in (prefix / "conda-meta").glob("*-*-*.json"))
    return {name.lower(): f"{version}-{build}" for name, version, build in stems}


def missing(prefix: Path, addresses: Iterable[str]) -> dict[str, str]:
    """Those of an explicit list that are not there, or in another version or build, by name."""
    here, found = installed(prefix), {}
    for address in addresses:
        url = parse_package_url(address)
        name = url.name if url else address
        if url is None or here.get(name) != f"{url.version}-{url.build}":
            found[name] = address
    return found
