"""What the solvers of conda and mamba say of specs that do not go together, reduced to a cause."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..core.errors import EnvMgrError
from .unsolvable import Dependency

_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
_VERSION = r"((?: |(?<=\w)[=<>!~])[^,\n]*?)??"
_LEAD = re.compile(r"[│├└─| ]*")
_REQUIRES = re.compile(r"\brequires?:?$")
_END = re.compile(
    r",? (?:which |but )?(?:is|can|cannot|would|does|conflicts?|has|there|for which|but)\b.*"
    r"|,? which (?:requires?)$|,? requires?$"
)
_BRACKETS = re.compile(rf"({_NAME})\[version='([^']*)'\]")
_MOST_SHOWN = 8000

# What the solver rattler, libmamba and libsolv say of a thing that is nowhere to be had.
_MISSING = (
    re.compile(rf"({_NAME}){_VERSION}, for which no candidates were found"),
    re.compile(rf"No candidates were found for ({_NAME}){_VERSION}\.$"),
    re.compile(rf"({_NAME}){_VERSION},? (?:which )?does not exist \(perhaps"),
    re.compile(rf"({_NAME}){_VERSION},? (?:which )?is missing on the system"),
    re.compile(rf"nothing provides (?:requested )?({_NAME}){_VERSION}(?: needed by (\S+))?$"),
)
# How libsolv says it without a tree, and conda's own solver.
_UNMET = re.compile(r"package (\S+) requires ([^,]+(?:,[<>=!][^,]*)*), but none of the providers")
_CHAIN = re.compile(r"^(\S[^\n]*?) -> ([^\n]+)$", re.MULTILINE)

_WHAT_VIRTUAL = {
    "__cuda": "an NVIDIA driver",
    "__glibc": "the C library",
    "__linux": "Linux",
    "__osx": "macOS",
    "__win": "Windows",
    "__archspec": "a processor",
}
_PRIORITY = (
    "Packages of different channels may go together if channel_priority is flexible in ~/.condarc."
)


@dataclass(frozen=True)
class _Line:
    """One line of a tree: how deep it is, below which side, and what is below what."""

    depth: int
    side: int
    words: str
    holder: str


def explain_unsolvable(text: str, specs: Sequence[str], channels: Sequence[str]) -> EnvMgrError:
    """Why no set of packages fits: something is missing on the machine or in the channels, or
    the specs contradict each other. What the solver said goes with it as ``explanation``.
    """
    context = {"explanation": text.strip()[:_MOST_SHOWN]}
    lines = tuple(_tree(text))
    for name, version, holder, _ in _missing(text, lines):
        if name.startswith("__"):
            return missing_on_machine(name, version, holder, context)
    sides = {line.side for line in lines}
    for name, version, holder, depth in _missing(text, lines):
        # Of several sides that do not go together each names what it lacks: no cause by itself.
        if len(sides) < 2 or depth == 0:
            return _missing_in_channels(name, version, holder, specs, channels, context)
    detail = _conflict(text, lines) or "the packages that were asked for do not go together"
    hint = _PRIORITY if "channel priority" in text else None
    return EnvMgrError("requirements-conflict", detail, hint=hint, context=context)


def missing_on_machine(
    name: str, version: str, holder: str = "", context: dict[str, str] | None = None
) -> EnvMgrError:
    """A virtual package that this machine does not have: ``__cuda`` without a driver."""
    what = _WHAT_VIRTUAL.get(name, name)
    of = f" of version {version}" if version else ""
    hint = None
    if name == "__cuda":
        hint = "To solve for a machine that has one, set CONDA_OVERRIDE_CUDA to its version."
    who = holder or "a package"
    detail = f"{who} needs {what}{of} ({name}), which this machine does not have"
    return EnvMgrError("no-wheel-for-platform", detail, hint=hint, context=context)


def readable(spec: str) -> str:
    """A spec without conda's brackets and mamba's asterisks: ``beta >=2`` for either's.

    conda writes ``beta[version='>=2']``, mamba ``beta >=2 *`` and ``beta =* *``.
    """
    return re.sub(r"=\*", "", _BRACKETS.sub(r"\1 \2", spec)).strip(" *;.:")


def _missing_in_channels(
    name: str,
    version: str,
    holder: str,
    specs: Sequence[str],
    channels: Sequence[str],
    context: dict[str, str],
) -> EnvMgrError:
    where = ", ".join(channels) or "the channels"
    asked_for = any(_name_of(spec) == name.lower() for spec in specs)
    by = "" if asked_for or not holder else f", which {holder} needs"
    detail = f"no {f'{name} {version}'.strip()} in {where}{by}"
    code = "no-such-version" if version else "no-such-package"
    hint = "Check the spelling, and that the channel has it."
    if version:
        hint = "Loosen the version, or choose one that the channel has."
    return EnvMgrError(code, detail, hint=hint, context=context)


def _missing(text: str, lines: Sequence[_Line]) -> Iterable[tuple[str, str, str, int]]:
    """``(name, constraint, who needs it, depth)`` of what no channel and no machine provides."""
    plain = [_Line(0, 0, line.strip(" -"), "") for line in text.splitlines()]
    for line in lines or plain:
        for pattern in _MISSING:
            match = pattern.search(line.words)
            if match:
                holder = match[3] if pattern.groups > 2 and match[3] else line.holder
                yield match[1], readable(match[2] or ""), holder, line.depth
                break


def _tree(text: str) -> Iterable[_Line]:
    """The lines of the last tree in a text. Each step in is three characters wide."""
    wanted = [line for line in text.splitlines() if re.match(r"\s*[│├└]", line)]
    if not wanted:
        return
    indent = min(len(line) - len(line.lstrip(" ")) for line in wanted)
    side = -1
    holders: list[str] = []
    started = False
    for line in text.splitlines():
        if line in wanted:
            started = True
        elif not (started and line.startswith(" " * (indent + 3)) and "─" in line):
            continue
        line = line[indent:]
        lead = _LEAD.match(line)
        assert lead is not None
        depth = max(0, len(lead[0]) // 3 - 1)
        words = line[lead.end() :].rstrip(" ;.")
        side += depth == 0
        del holders[depth:]
        holder = next((h for h in reversed(holders) if h), "")
        direct = holders[-1] if holders else ""
        yield _Line(depth, side, words, direct or holder)
        holders += [""] * (depth - len(holders))
        holders.append(_package(words) if _REQUIRES.search(words) else "")


def _package(words: str) -> str:
    """What a line is about, in words for people: ``pypy [7.3.0|7.3.1] would require``."""
    return readable(_END.sub("", words))


def _conflict(text: str, lines: Sequence[_Line]) -> str:
    """Two demands that cannot both be met, else what was asked for and does not fit."""
    unmet = _UNMET.search(text)
    if unmet:
        return f"{unmet[1]} needs {unmet[2]}, and that does not fit"
    demands = [(0, Dependency(readable(who), readable(what))) for who, what in _CHAIN.findall(text)]
    demands = [(number, demand) for number, (_, demand) in enumerate(demands)]
    for line in lines:
        who = "" if line.depth == 0 else line.holder
        what = _package(line.words)
        # mamba writes several versions in one line as ``python [=3.12 *|=3.13 *]``.
        if (line.depth == 0 or who) and "[" not in what:
            demands.append((line.side, Dependency(who, what)))
    for number, (side, first) in enumerate(demands):
        for other, second in demands[number + 1 :]:
            same = _name_of(first.what) == _name_of(second.what)
            if same and side != other and first.what != second.what:
                both_asked = not first.who and not second.who
                return f"{first} and for {second.what}" if both_asked else f"{first}, and {second}"
    named = (_package(line.words) for line in lines if line.depth == 0)
    sides = list(dict.fromkeys(name for name in named if "[" not in name))
    if len(sides) > 1:
        return f"{', '.join(sides[:-1])} and {sides[-1]} do not go together"
    needs = [demand for _, demand in demands if demand.who]
    return f"{needs[-1]}, and that does not fit" if needs else ""


def _name_of(spec: str) -> str:
    match = re.match(rf"(?:[^:\s]*::)?({_NAME})", spec)
    return match[1].lower() if match else ""
