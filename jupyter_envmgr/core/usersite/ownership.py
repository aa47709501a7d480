"""Which files outside the site directories belong to which package, and how we know."""

from __future__ import annotations

import base64
import hashlib
import os
import posixpath
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from .base import SiteDirectory, UserBase
from .foreign import foreign_place, linked_place
from .records import Installed
from .scripts import Script, declared_scripts, owner_by_content

_LARGEST_HASHED = 256 * 1024 * 1024
_KERNELS = "share/jupyter/kernels/"

Kind = Literal["script", "data", "header"]
Owner = tuple[str, str]
"""The ``rel`` of a site directory and the metadata entry in it; "" for the site as a whole."""


@dataclass(frozen=True)
class Outside:
    """A file of a package outside its site directory.

    ``claimants`` are all distributions that list it; ``owner`` the one whose file it is now, None
    where the several cannot be told apart: then it goes only where all of them go.
    """

    rel: str
    kind: Kind
    owner: Owner | None
    claimants: tuple[Owner, ...]
    label: str
    why: str

    def goes_with(self, moved: frozenset[Owner]) -> bool:
        """Whether it belongs to what is moved."""
        if self.owner is not None:
            return self.owner in moved
        return all(claimant in moved for claimant in self.claimants)


@dataclass(frozen=True)
class Ownership:
    """The files that are owned, and those that a RECORD claims but that stay, with the reason."""

    outside: tuple[Outside, ...]
    refused: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class _Claim:
    site: SiteDirectory
    one: Installed
    digest: str

    @property
    def owner(self) -> Owner:
        return self.site.rel, self.one.entry


def outside_files(
    base: UserBase, installed: Mapping[SiteDirectory, tuple[Installed, ...]]
) -> Ownership:
    """Decide for each file that a distribution of the base claims, then for scripts without claim.

    A file is the claimant's whose RECORD has its present hash; two Pythons that installed the
    same script both list it, but only the later one's hash is that of the file. Never raises.
    """
    claims = _claims(base, installed)
    inside = _Inside(base)
    owned: list[Outside] = []
    refused: dict[str, str] = {}
    kernels_of_hand = _changed_kernels(base, claims)
    for rel in sorted(claims):
        path = base.absolute(rel)
        if not _is_movable(path):
            continue
        why = foreign_place(rel) or inside.why_not(rel)
        if not why and rel.startswith(tuple(kernels_of_hand)):
            why = "a kernelspec that was changed by hand"
        if not why and rel.startswith("bin/"):
            why = linked_place(path, base.real)
        decided = None if why else _decide(rel, path, claims[rel], list(installed.items()))
        if decided is not None:
            owned.append(decided)
        else:
            refused[rel] = why or "its content is not that which a package installed"
    owned += _scripts(base, installed, {o.rel for o in owned}, inside)
    for one in owned:
        refused.pop(one.rel, None)
    return Ownership(tuple(sorted(owned, key=lambda o: o.rel)), tuple(sorted(refused.items())))


def _claims(
    base: UserBase, installed: Mapping[SiteDirectory, tuple[Installed, ...]]
) -> dict[str, list[_Claim]]:
    claims: dict[str, list[_Claim]] = {}
    for site, distributions in installed.items():
        for one in distributions:
            for row in one.outside:
                rel = _relative(base, site, row.path)
                if rel is not None:
                    claims.setdefault(rel, []).append(_Claim(site, one, row.digest))
    return claims


def _relative(base: UserBase, site: SiteDirectory, row: str) -> str | None:
    """The row relative to the base; None for what lies elsewhere, or in a site directory.

    pip counts ``..`` by names, whatever links there are, so this does too.
    """
    if row.startswith("/"):
        path = posixpath.normpath(row)
        found = [r for r in base.roots if path.startswith(r.rstrip("/") + "/")]
        if not found:
            return None
        rel = path[len(max(found, key=len).rstrip("/")) + 1 :]
    else:
        rel = posixpath.normpath(f"{site.rel}/{row}")
    if rel in (".", "..") or rel.startswith(("../", "/", "lib/python")) or "\0" in rel:
        return None
    return rel


class _Inside:
    """Whether a file lies in the base itself, and not behind a link that leads out of it."""

    def __init__(self, base: UserBase) -> None:
        self._base = base
        self._known: dict[str, str] = {}

    def why_not(self, rel: str) -> str:
        directory = posixpath.dirname(rel)
        if directory not in self._known:
            expected = self._base.absolute(directory)
            real = os.path.realpath(expected)
            same = real == expected or (directory == "" and real == self._base.real)
            self._known[directory] = "" if same else f"it lies behind a link, in {real}"
        return self._known[directory]


def _is_movable(path: str) -> bool:
    try:
        mode = os.lstat(path).st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(mode) or stat.S_ISLNK(mode)


def _decide(
    rel: str,
    path: str,
    claims: list[_Claim],
    sites: list[tuple[SiteDirectory, tuple[Installed, ...]]],
) -> Outside | None:
    claimants = tuple(dict.fromkeys(claim.owner for claim in claims))
    kind = _kind(rel)
    single = claims[0] if len(claimants) == 1 else None
    if single is not None and (kind != "script" or not single.digest):
        # A data file that was edited still goes with its package: an orphan configuration of a
        # server extension keeps the server from starting cleanly.
        return _outside(rel, kind, single, claimants, "its RECORD")
    digest = _digest(path)
    matching = [c for c in claims if c.digest and c.digest == digest]
    if matching:
        why = "its RECORD, whose hash is that of the file"
        if len({c.owner for c in matching}) == 1:
            return _outside(rel, kind, matching[0], claimants, why)
        return Outside(rel, kind, None, tuple(c.owner for c in matching), _labels(matching), why)
    if kind == "script":
        found = owner_by_content(Script(path), sites)
        if found is None:
            return None
        site, one, why = found
        if one is None:
            one = next((c.one for c in claims if c.site is site), None)
        owner = (site.rel, one.entry if one else "")
        return Outside(rel, kind, owner, claimants, one.label if one else site.label, why)
    return Outside(rel, kind, None, claimants, _labels(claims), "the RECORD of each of them")


def _outside(
    rel: str, kind: Kind, claim: _Claim, claimants: tuple[Owner, ...], why: str
) -> Outside:
    return Outside(rel, kind, claim.owner, claimants, claim.one.label, why)


def _labels(claims: list[_Claim]) -> str:
    return ", ".join(dict.fromkeys(f"{c.one.label} ({c.site.label})" for c in claims))


def _kind(rel: str) -> Kind:
    if rel.startswith("bin/"):
        return "script"
    return "header" if rel.startswith("include/") else "data"


def _digest(path: str) -> str:
    """Base64 SHA-256 as RECORD has it; empty for links and what cannot be read."""
    checksum = hashlib.sha256()
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        left = _LARGEST_HASHED
        while left > 0 and (part := os.read(descriptor, 1 << 20)):
            checksum.update(part)
            left -= len(part)
        if left <= 0:
            return ""
    except OSError:
        return ""
    finally:
        os.close(descriptor)
    return base64.urlsafe_b64encode(checksum.digest()).rstrip(b"=").decode()


def _changed_kernels(base: UserBase, claims: Mapping[str, list[_Claim]]) -> list[str]:
    """Directories of kernelspecs whose kernel.json is no longer that of the package.

    ``python -m ipykernel install --user`` writes to the very path that ipykernel's RECORD names.
    """
    found = []
    for rel, rows in claims.items():
        if rel.startswith(_KERNELS) and rel.endswith("/kernel.json"):
            digests = {row.digest for row in rows if row.digest}
            if digests and _digest(base.absolute(rel)) not in digests:
                found.append(posixpath.dirname(rel) + "/")
    return found


def _scripts(
    base: UserBase,
    installed: Mapping[SiteDirectory, tuple[Installed, ...]],
    known: set[str],
    inside: _Inside,
) -> list[Outside]:
    """The scripts of old-style installs, which list no files."""
    try:
        names = sorted(os.listdir(base.absolute("bin")))
    except OSError:
        return []
    declared: dict[str, list[tuple[SiteDirectory, Installed]]] = {}
    for site, distributions in installed.items():
        for one in distributions:
            if not one.listed:
                for name in declared_scripts(site, one):
                    declared.setdefault(name, []).append((site, one))
    found = []
    for name in names:
        rel = f"bin/{name}"
        path = base.absolute(rel)
        if rel in known or inside.why_not(rel) or os.path.islink(path) or not _is_movable(path):
            continue
        script = Script(path)
        if not script.is_python:
            continue
        content = owner_by_content(script, installed.items())
        if content is not None:
            site, one_or_none, why = content
            owner = (site.rel, one_or_none.entry if one_or_none else "")
            label = one_or_none.label if one_or_none else f"Python {site.label}"
            found.append(Outside(rel, "script", owner, (owner,), label, why))
            continue
        owners = [(s, o) for s, o in declared.get(name, ()) if script.may_be_of(s)]
        if len(owners) == 1 and (script.distribution() or script.module()):
            site, one = owners[0]
            owner = (site.rel, one.entry)
            found.append(Outside(rel, "script", owner, (owner,), one.label, "its entry points"))
    return found
