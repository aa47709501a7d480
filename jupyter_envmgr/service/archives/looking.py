"""What is in a file that somebody gave: the environment it says it holds, and if it runs here."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...core.archives.check import Limits
from ...core.archives.facts import Machine, this_machine, why_not
from ...core.archives.model import ENDINGS, Archive, ArchiveManifest
from ...core.environments.check import check_labels, check_words
from ...core.environments.disk import shown
from ...core.errors import EnvMgrError
from ...core.names import NAME_PATTERN
from ...core.wire import from_wire
from ...system.regular import open_regular
from ...system.tarballs import Look, look_into
from ..context import Context
from .placing import absolute

_NEWEST = 1
_LARGEST = 10 * 10**12
_LONGEST = 200
_MOST_ROWS = 20_000
_SHA256 = re.compile(r"(?:^|\s)\*?([0-9a-fA-F]{64})(?:\s|$)")


def look(context: Context, path: str, machine: Machine | None = None) -> Archive:
    """What a file says of its environment. Errors name the file."""
    # A person's own link is followed; what is opened then is no link any more.
    place = Path(os.path.realpath(absolute(path)))
    try:
        found = look_into(place, Limits(bytes=_LARGEST))
        ours = found.manifest is not None
        manifest = _ours(found.manifest) if found.manifest is not None else _others(place, found)
    except EnvMgrError as error:
        if error.code == "bad-path":
            raise EnvMgrError.of_field("bad-path", "path", error.detail) from error
        raise EnvMgrError(error.code, f"{place.name}: {error.detail}", hint=error.hint) from error
    refusal = why_not(machine or this_machine(), manifest.platform, manifest.glibc)
    return Archive(str(place), found.size, ours, manifest, _hash_beside(place), refusal)


def suggested_name(text: str) -> str:
    """A name for an environment, made of any text; empty if nothing of it can be used."""
    name = re.sub(r"[^a-z0-9._-]+", "-", text.lower())[:63].strip("._-")
    return name if re.fullmatch(NAME_PATTERN, name) else ""


def _ours(data: bytes) -> ArchiveManifest:
    """A manifest, as hostile as the rest of the archive: what cannot be shown is left out."""
    try:
        fields = json.loads(data)
        version = fields.get("version", 1)
    except (ValueError, RecursionError, AttributeError) as error:
        raise EnvMgrError("archive-damaged", f"its manifest cannot be read: {error}") from None
    if not isinstance(version, int) or version > _NEWEST:
        detail = f"it was made by a newer version (its manifest has version {version!r:.20})"
        raise EnvMgrError("not-an-archive", detail, hint="Update jupyter_envmgr.")
    try:
        manifest = from_wire(ArchiveManifest, _cleaned(fields), strict=False)
    except EnvMgrError as error:
        detail = f"its manifest cannot be used: {error.detail[:_LONGEST]}"
        raise EnvMgrError("archive-damaged", detail) from None
    try:
        check_words("display_name", manifest.display_name)
        check_words("remarks", manifest.remarks)
        check_labels(manifest.labels)
    except EnvMgrError:
        manifest = replace(manifest, display_name="", remarks="", labels={})
    return replace(manifest, bytes=max(0, manifest.bytes), files=max(0, manifest.files))


def _cleaned(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields with texts that a list can show, and no endless lists."""
    cleaned: dict[str, Any] = {}
    for key, value in fields.items():
        if isinstance(value, str) and key != "remarks":
            value = _line(value)
        elif isinstance(value, list):
            value = [_line(v) if isinstance(v, str) else v for v in value[:_MOST_ROWS]]
        cleaned[key] = value
    return cleaned


def _others(path: Path, found: Look) -> ArchiveManifest:
    """What can be said of an archive that conda-pack made without us."""
    if found.conda is None:
        detail = "it holds no conda environment (there is no conda-meta at its top)"
        hint = ""
        if found.is_venv:
            detail = "it holds a virtual environment, which cannot move to another place"
            hint = "Export it with `jupyter envmgr archives export`: that packs its wheels."
        raise EnvMgrError("not-an-archive", detail, hint=hint or None)
    if not found.conda.python:
        raise EnvMgrError("not-an-archive", "the conda environment in it has no Python")
    ending = next((e for e in sorted(ENDINGS, key=len) if path.name.endswith(e)), "")
    return ArchiveManifest(
        name=suggested_name(path.name.removesuffix(ending)),
        kind="conda",
        manager="conda",
        python=_line(found.conda.python),
        platform=_line(found.conda.platform),
        glibc=found.conda.glibc,
        lock=tuple(map(_line, found.conda.lock)),
        channels=tuple(map(_line, found.conda.channels)),
    )


def _hash_beside(path: Path) -> str:
    """What ``FILE.sha256`` says, as sha256sum writes it; empty if there is none."""
    try:
        with open_regular(path.with_name(f"{path.name}.sha256")) as file:
            text = file.read(4096).decode("utf-8", "replace")
    except OSError:
        return ""
    match = _SHA256.search(text)
    return match[1].lower() if match else ""


def _line(text: str) -> str:
    return "".join(c for c in shown(" ".join(text.split()))[:_LONGEST] if c.isprintable())
