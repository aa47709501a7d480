"""Findings about the commands in the user base: those that cannot start, those that hide others."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...packages.files import read_regular
from ..model import Finding, Fix
from ..scripts import Script
from .codes import by_hand, finding, install_again, set_aside_python
from .distributions import Distribution
from .ground import Ground

_MOST = 2000
_SHOWN = 20
_HEAD = 2048
_EXEC = re.compile(r"^'''exec'\s+(?:\"([^\"]+)\"|(\S+))", re.MULTILINE)
_VERSION = re.compile(r"python(\d+\.\d+t?)")
# Whatever is called instead of these does something else than a person means.
_TELLING = re.compile(r"(jupyter(-[\w-]+)?|i?python[\d.]*|pip[\d.]*|conda|mamba|uv|nvcc|gcc|git)")


@dataclass(frozen=True)
class _Command:
    name: str
    path: str
    first: str
    interpreter: str


def commands(ground: Ground) -> Iterator[Finding]:
    """Commands of the user base that cannot start, and commands of the image behind others."""
    directory = os.path.join(ground.base.real, "bin")
    ground.watch(directory)
    try:
        names = sorted(os.listdir(directory))
    except OSError:
        return
    before, after = _around(ground, directory)
    owners = _owners(ground)
    hiding: list[tuple[str, str]] = []
    for name in names[:_MOST]:
        path = os.path.join(directory, name)
        other = next((c + "/" + name for c, names_ in after if name in names_), "")
        command = _read(name, path)
        if command is None:
            continue
        ground.watch(path)
        why = _why_dead(ground, command)
        if why:
            yield _dead(ground, command, why, other, owners.get(name))
        elif other and not any(name in names_ for _, names_ in before):
            hiding.append((name, other))
    yield from _hiding(directory, hiding)


def _around(
    ground: Ground, directory: str
) -> tuple[list[tuple[str, frozenset[str]]], list[tuple[str, frozenset[str]]]]:
    """The directories of PATH before and after the user's own, with what is in them."""
    before: list[tuple[str, frozenset[str]]] = []
    after: list[tuple[str, frozenset[str]]] = []
    seen = False
    for place in dict.fromkeys(ground.system.commands):
        if os.path.realpath(place) == directory:
            seen = True
            continue
        try:
            names = frozenset(os.listdir(place))
        except OSError:
            continue
        (after if seen else before).append((place, names))
    # Where it is not on PATH at all, it hides nothing.
    return before, after


def _read(name: str, path: str) -> _Command | None:
    data = read_regular(path, _HEAD)
    if data is None or not data.startswith(b"#!"):
        return None
    text = os.fsdecode(data)
    first = text.split("\n", 1)[0]
    words = first[2:].split(" ") if first.endswith("\r") else first[2:].split()
    words = [word for word in words if word]
    if not words:
        return None
    match = _EXEC.search(text)
    interpreter = (match.group(1) or match.group(2)) if match else words[0]
    if os.path.basename(interpreter) == "env":
        rest = [w for w in words[1:] if not w.startswith("-") and "=" not in w]
        interpreter = rest[0] if rest else ""
    return _Command(name, path, first, interpreter)


def _why_dead(ground: Ground, command: _Command) -> str:
    program = command.interpreter
    if not program:
        return ""
    if not os.path.isabs(program):
        places = ground.system.commands
        if any(os.path.exists(os.path.join(place, program)) for place in places):
            return ""
        return f"{program}, which is not on PATH" if places and "/" not in program else ""
    if not os.path.exists(program):
        ground.watch(program)
        return f"{program.rstrip()}, which is not here" + (
            " (the line ends as on Windows)" if program.endswith("\r") else ""
        )
    return ""


def _owners(ground: Ground) -> dict[str, Distribution]:
    found: dict[str, Distribution] = {}
    for one in ground.user:
        for rel in ground.files(one).outside:
            directory, _, name = rel.rpartition("/")
            if directory.endswith("/bin"):
                found[name] = one
    return found


def _dead(
    ground: Ground, command: _Command, why: str, other: str, owner: Distribution | None
) -> Finding:
    hidden = (
        f" It hides {other}, which some programs then take and a shell does not." if other else ""
    )
    match = _VERSION.search(command.interpreter)
    fix: Fix
    if owner is not None:
        fix = install_again(ground, owner)
    elif match and match.group(1) != ground.python and ground.base.site(match.group(1)):
        fix = set_aside_python(match.group(1))
    else:
        fix = by_hand("Delete it", "rm", command.path)
    return finding(
        "dead-script",
        command.name,
        f"{command.path} starts with {why}.{hidden}",
        evidence=(("First line", command.first), ("Path", command.path)),
        wins=other,
        fix=fix,
    )


def _hiding(directory: str, hiding: list[tuple[str, str]]) -> Iterator[Finding]:
    telling = [pair for pair in hiding if _TELLING.fullmatch(pair[0])]
    rest = [pair for pair in hiding if pair not in telling]
    for pairs, is_telling in ((telling, True), (rest, False)):
        if pairs:
            names = ", ".join(name for name, _ in pairs[:3])
            more = f" and {len(pairs) - 3} more" if len(pairs) > 3 else ""
            yield finding(
                "hides-command",
                names + more,
                f"On PATH {directory} comes first: these are run instead of the image's.",
                evidence=tuple((name, other) for name, other in pairs[:_SHOWN]),
                wins=directory,
                severity="risk" if is_telling else None,
            )


def scripts_without_module(ground: Ground) -> Iterator[Finding]:
    """Commands that start this interpreter and import what is not there."""
    directory = os.path.join(ground.base.real, "bin")
    try:
        names = sorted(os.listdir(directory))
    except OSError:
        return
    program = os.path.realpath(ground.target.interpreter)
    owners = _owners(ground)
    for name in names[:_MOST]:
        path = os.path.join(directory, name)
        command = _read(name, path)
        if command is None or os.path.realpath(command.interpreter) != program:
            continue
        module = Script(path).module().partition(".")[0]
        if not module or module in ground.runtime.stdlib:
            continue
        if ground.directories.find(module, ground.whole_path) is None:
            owner = owners.get(name)
            yield finding(
                "dead-script",
                name,
                f"{path} imports {module}, which is not installed.",
                evidence=(("Path", path), ("First line", command.first)),
                fix=install_again(ground, owner) if owner else by_hand("Delete it", "rm", path),
            )
