"""An environment as a file for others: environment.yml, explicit list, pixi.lock, requirements.

Made from the records on the disk alone. Credentials stay out: of channels, of addresses, of
variables; and so does the user site, which is no part of an environment.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..credentials import without_credentials
from ..environments.model import EnvironmentKind, Export
from ..errors import EnvMgrError
from ..packages.freeze import names_of, pip_lines
from ..packages.locked import LockedPackage
from ..packages.metadata import normal
from .channels import channel_name, without_platform
from .condarc import CondaConfiguration
from .environment_yml_writer import write_environment_yml
from .explicit import write_explicit
from .history import name_of
from .matchspec import parse_spec
from .pixi_lock_writer import write_pixi_lock
from .records import Record, Records, read_records, read_variables
from .subdirs import this_subdir

__all__ = [
    "export_environment_yml",
    "export_explicit",
    "export_from_history",
    "export_pixi_lock",
    "export_requirements",
    "pip_lines",
]

_SECRET_NAME = re.compile(
    r"(?i)(token|secret|passw|credential|api_?key|access_?key|private|auth(?!or))"
)
_SECRET_VALUE = re.compile(r"//[^/\s]*@|/t/[A-Za-z0-9-]{8,}|^(gh[pousr]_|hf_|sk-|AKIA|xox[bp]-)")


def export_environment_yml(
    prefix: Path,
    *,
    name: str = "",
    builds: bool = True,
    channels: Sequence[str] = (),
    configuration: CondaConfiguration | None = None,
    interpreter_version: str = "",
) -> Export:
    """Every package with its version, and its build unless ``builds`` is off; pip's below ``pip:``.

    ``channels`` are those that the environment was made with; others that packages came from are
    added.
    """
    records = read_records(prefix)
    _check_whole(records, prefix)
    notices: list[str] = []
    pip = pip_lines(prefix, "conda", interpreter_version, notices)
    # What pip has put into the place of conda's is pip's.
    replaced = {normal(_name_of_line(line)) for line in pip} - {"python"}
    kept = [record for record in records.packages if normal(record.name) not in replaced]
    specs = [f"{r.name}={r.version}" + (f"={r.build}" if builds else "") for r in kept]
    return Export(
        "environment.yml",
        write_environment_yml(
            name,
            _channels(records, channels, configuration, notices),
            specs,
            pip,
            _variables(prefix, notices),
            (f"platform: {_platform(records)}",) if builds else (),
        ),
        tuple(notices),
    )


def export_from_history(
    prefix: Path,
    *,
    name: str = "",
    channels: Sequence[str] = (),
    configuration: CondaConfiguration | None = None,
    interpreter_version: str = "",
) -> Export:
    """What a person asked for, as they wrote it: it can be solved on another platform too.

    Where nothing is known of that, the packages that no other one needs, with their versions.
    """
    records = read_records(prefix)
    _check_whole(records, prefix)
    notices: list[str] = []
    there = {record.name: record for record in records.packages}
    specs: list[str] = []
    gone: list[str] = []
    for package, text in sorted(records.requested.items()):
        if package in there:
            specs.append(_public_spec(text, there[package]))
        else:
            gone.append(package)
    if gone:
        notices.append(f"Asked for and no longer there, left out: {', '.join(gone[:5])}.")
    if not specs:
        notices.append("Nothing is known of what was asked for: these are what nothing needs.")
        specs = [f"{r.name}={r.version}" for r in _not_needed(records.packages)]
    pip = pip_lines(prefix, "conda", interpreter_version, notices)
    text = write_environment_yml(
        name,
        _channels(records, channels, configuration, notices),
        specs,
        pip,
        _variables(prefix, notices),
    )
    return Export("environment.yml", text, tuple(notices))


def export_explicit(prefix: Path) -> Export:
    """The addresses of all packages with their hashes: the same files again, on this platform.

    pip's packages have no place in it; a notice names them. Raises ``bad-record`` where packages
    do not say where they came from.
    """
    records = read_records(prefix)
    _check_whole(records, prefix)
    _check_addresses(records)
    notices: list[str] = []
    pip = pip_lines(prefix, "conda", "", notices)
    if pip:
        notices.append(f"Packages of pip have no place in it: {names_of(pip)}.")
    local = [r.name for r in records.packages if r.url.startswith("file:")]
    if local:
        notices.append(f"These lie on this machine only: {names_of(local)}.")
    urls = [_hashed(record) for record in _in_order(records.packages)]
    platform = _platform(records)
    text = write_explicit(urls, platform)
    return Export(f"explicit-{platform}.txt", text, tuple(notices))


def export_pixi_lock(
    prefix: Path,
    *,
    pip: Sequence[LockedPackage] = (),
    indexes: Sequence[str] = (),
    channels: Sequence[str] = (),
    configuration: CondaConfiguration | None = None,
    notices: Sequence[str] = (),
) -> Export:
    """A pixi.lock for this platform: the addresses and hashes of conda's packages, and of pip's.

    ``notices`` say what is not among the latter. Raises ``bad-record`` as `export_explicit` does.
    """
    records = read_records(prefix)
    _check_whole(records, prefix)
    _check_addresses(records)
    said = list(notices)
    kept = [p for p in pip if p.files and not p.files[0].is_local]
    gone = [package.name for package in pip if package not in kept]
    if gone:
        said.append(f"Packages of a repository or directory are left out: {names_of(gone)}.")
    local = [r.name for r in records.packages if r.url.startswith("file:")]
    if local:
        said.append(f"These lie on this machine only: {names_of(local)}.")
    count = Counter(record.channel for record in records.packages)
    names = [channel_name(without_platform(name), configuration) for name in channels]
    order = {name: place for place, name in enumerate(names)}
    found = [url for url, _ in count.most_common()]
    found.sort(key=lambda url: order.get(channel_name(url, configuration), len(order)))
    text = write_pixi_lock(
        _in_order(records.packages),
        kept,
        platform=_platform(records),
        channels=found,
        indexes=indexes,
        comments=said,
    )
    return Export("pixi.lock", text, tuple(said))


def export_requirements(
    prefix: Path,
    kind: EnvironmentKind,
    *,
    interpreter_version: str = "",
    requested: Sequence[str] = (),
) -> Export:
    """The packages of a pip environment as requirements: all with versions, or as ``requested``."""
    notices: list[str] = []
    lines = [_public_line(line) for line in requested]
    if not lines:
        lines = pip_lines(prefix, kind, interpreter_version, notices)
    return Export("requirements.txt", "".join(f"{line}\n" for line in lines), tuple(notices))


def _public_line(line: str) -> str:
    match = re.match(r"([^@]+?)\s*@\s*(\S+)(.*)", line)
    if match is None:
        return line
    name, url, rest = match.groups()
    return f"{name} @ {without_credentials(url)}{rest}"


def _public_spec(text: str, record: Record) -> str:
    """A spec of the history in normal form; by version where it cannot be understood."""
    channel, colons, rest = text.rpartition("::")
    try:
        return parse_spec(f"{without_credentials(channel)}::{rest}" if colons else text).text
    except EnvMgrError:
        return f"{record.name}={record.version}"


def _not_needed(records: Iterable[Record]) -> list[Record]:
    needed = {name_of(depend) for record in records for depend in record.depends}
    return [record for record in records if record.name not in needed]


def _name_of_line(line: str) -> str:
    return line.partition("==")[0].partition(" @")[0]


def _check_whole(records: Records, prefix: Path) -> None:
    if records.unreadable:
        detail = f"records in {prefix}/conda-meta cannot be read: {names_of(records.unreadable)}"
        raise EnvMgrError("bad-record", detail)


def _check_addresses(records: Records) -> None:
    lost = [record.name for record in records.packages if not record.url]
    if lost:
        raise EnvMgrError(
            "bad-record",
            f"these packages do not say where they came from: {names_of(lost)}",
            hint="Export an environment.yml instead: it names packages by version.",
        )


def _channels(
    records: Records,
    channels: Sequence[str],
    configuration: CondaConfiguration | None,
    notices: list[str],
) -> tuple[str, ...]:
    """The channels in order: as given, then those of the packages, that of the most first."""
    count = Counter(channel_name(r.channel, configuration) for r in records.packages if r.channel)
    of_packages = [name for name, _ in count.most_common() if "<" not in name]
    given = [channel_name(without_platform(name), configuration) for name in channels]
    found = tuple(dict.fromkeys([*given, *of_packages]))
    local = [name for name in found if name.startswith(("file:", "/"))]
    if local:
        notices.append(f"A channel lies on this machine only: {names_of(local)}.")
    return found


def _variables(prefix: Path, notices: list[str]) -> dict[str, str]:
    """The variables of the environment, without those that look like secrets."""
    found: dict[str, str] = {}
    left_out: list[str] = []
    for name, value in sorted(read_variables(prefix).items()):
        if value == "***unset***":
            continue
        if _SECRET_NAME.search(name) or _SECRET_VALUE.search(value):
            left_out.append(name)
        else:
            found[name] = value
    if left_out:
        notices.append(f"Variables that look like secrets are left out: {names_of(left_out)}.")
    return found


def _platform(records: Records) -> str:
    return next(
        (r.subdir for r in records.packages if r.subdir not in ("", "noarch")), this_subdir()
    )


def _hashed(record: Record) -> str:
    if record.md5:
        return f"{record.url}#{record.md5}"
    return f"{record.url}#sha256:{record.sha256}" if record.sha256 else record.url


def _in_order(records: Sequence[Record]) -> list[Record]:
    """Each after what it needs: conda links an explicit list in the order of its lines."""
    by_name = {record.name: record for record in records}
    done: dict[str, Record] = {}
    for first in records:
        waiting: list[tuple[Record, bool]] = [(first, False)]
        entered: set[str] = set()
        while waiting:
            record, is_ready = waiting.pop()
            if record.name in done:
                continue
            if is_ready or record.name in entered:
                done[record.name] = record
                continue
            entered.add(record.name)
            waiting.append((record, True))
            for depend in reversed(record.depends):
                needed = by_name.get(name_of(depend))
                if needed is not None and needed.name not in done and needed.name not in entered:
                    waiting.append((needed, False))
    return list(done.values())
