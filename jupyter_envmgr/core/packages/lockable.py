"""What is installed in an environment, by what it takes to lock it: an index, an address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..environments.model import EnvironmentKind
from .freeze import direct_url, names_of
from .inventory import list_packages
from .locked import LockedFile, LockedPackage, hashes_of, public_address
from .metadata import normal
from .model import Package
from .requirements import is_version

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_KINDS = ("git", "hg", "svn", "bzr")


@dataclass
class Lockable:
    """By normal names: ``pins`` are to be found in an index, of ``addresses`` the hash is missing.

    ``packages`` need nothing more. ``notices`` say what is left out, and why.
    """

    pins: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    packages: list[LockedPackage] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def find_lockable(prefix: Path, kind: EnvironmentKind, interpreter_version: str) -> Lockable:
    """Every distribution of an environment: its own, none of the user site. Never raises."""
    found = Lockable()
    editable: list[str] = []
    local: list[str] = []
    damaged: list[str] = []
    for package in list_packages(prefix, kind, interpreter_version=interpreter_version):
        if package.installer == "conda":
            continue
        if kind == "conda" and not package.installer and package.path.endswith(".json"):
            continue
        name = normal(package.name)
        if not _NAME.fullmatch(package.name) or not is_version(package.version):
            damaged.append(package.name)
        elif package.editable:
            editable.append(package.name)
        elif not package.origin:
            found.pins[name] = f"{name}=={package.version}"
        elif not _of_origin(found, name, package):
            local.append(package.name)
    for names, words in (
        (editable, "Editable packages are left out"),
        (local, "Installed from a file or directory of this machine, and left out"),
        (damaged, "Packages with damaged metadata are left out"),
    ):
        if names:
            found.notices.append(f"{words}: {names_of(names)}.")
    return found


def _of_origin(found: Lockable, name: str, package: Package) -> bool:
    """Note a package that was installed from an address; whether it can be had from there."""
    direct = direct_url(package)
    url = direct.get("url")
    if not isinstance(url, str) or not re.fullmatch(r"(https?|ssh)://[!-~]+", url):
        return False
    url = public_address(url)
    if not url:
        return False
    vcs, inside = direct.get("vcs_info"), direct.get("subdirectory")
    if isinstance(vcs, dict):
        fields = _repository(vcs, url, inside)
        if fields is not None:
            found.packages.append(LockedPackage(name, "", vcs=fields))
        return fields is not None
    if not url.startswith("http"):
        return False
    hashes = hashes_of(direct.get("archive_info"))
    if hashes and not inside:
        file = LockedFile(url.partition("?")[0].rpartition("/")[2], url, hashes)
        found.packages.append(LockedPackage(name, package.version, archive=file))
    else:
        found.addresses[name] = f"{name} @ {url}"
    return True


def _repository(vcs: Mapping[str, object], url: str, inside: object) -> dict[str, str] | None:
    kind, commit = vcs.get("vcs"), vcs.get("commit_id")
    if kind not in _KINDS or not isinstance(commit, str) or not commit.isalnum():
        return None
    fields = {"type": str(kind), "url": url}
    revision = vcs.get("requested_revision")
    if isinstance(revision, str) and revision.isprintable():
        fields["requested-revision"] = revision
    fields["commit-id"] = commit
    if isinstance(inside, str) and inside.isprintable():
        fields["subdirectory"] = inside
    return fields
