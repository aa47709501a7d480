"""py-rattler's explanation of specs that cannot be met, reduced to one sentence that names both."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..core.conda.history import name_of
from ..core.errors import EnvMgrError
from .unsolvable import Dependency

_TREE = re.compile(r"^(?P<lead>(?:│  |   )*)(?:├─ |└─ )?(?P<words>.*)$")
_START = "Cannot solve the request because of: "
_NOBODY = re.compile(r"No candidates were found for (.+?)\.?$")
_UNMET = re.compile(r"(.+), for which no candidates were found")
_CANDIDATE = re.compile(r"(\S+) (\S+) would require$")
_DEMAND = re.compile(r"(.+?)(?:, which)? (?:can|cannot) be installed (?:with|because)")
_LOCKED = re.compile(r"(\S+) (\S+) is locked, but another version is required")
_MOST_SHOWN = 5
_VIRTUAL = {
    "__cuda": ("an NVIDIA driver", "To solve for a machine that has one, set CONDA_OVERRIDE_CUDA."),
    "__glibc": ("the C library", "It is the image's: choose an older version of the package."),
    "__linux": ("Linux", "Choose a package for this platform."),
    "__osx": ("macOS", "Choose a package for this platform."),
    "__win": ("Windows", "Choose a package for this platform."),
    "__archspec": ("the processor", "Choose another build of the package."),
}


def names_in(text: str) -> list[str]:
    """The names of all packages that an explanation speaks of."""
    found = [name_of(what.what) for what in _dependencies(text)]
    found += [name_of(what.who) for what in _dependencies(text) if what.who]
    return list(dict.fromkeys(name for name in found if name))


def unmet_in(text: str) -> list[str]:
    """The demands that no candidate meets, given what else is asked for."""
    return list(dict.fromkeys(demand for demand, _ in _unmet(text)))


def explain_unsolvable(text: str, facts: Mapping[str, Any], channels: Sequence[str]) -> EnvMgrError:
    """Why specs cannot be met together, or one of them not at all."""
    versions: Mapping[str, Sequence[str]] = facts.get("versions", {})
    asked = [Dependency("", _shown(spec)) for spec in facts.get("specs", ())]
    context = {"explanation": text[:8000]}
    gone = facts.get("gone", ())
    if gone:
        # The texts of the specs, a line each: the form offers to relax them.
        context["builds_gone"] = "\n".join(gone)
    for demand, who in _unmet(text):
        name = name_of(demand)
        if name.startswith("__"):
            return _virtual(demand, who, context)
        ours = [one for one in asked if one.name == name and one.what != name]
        if demand in facts.get("met", ()) and who and ours:
            return _conflict([Dependency(who, _shown(demand)), *ours[:1]], context, text)
        return _missing(demand, who, versions, facts, channels, context)
    demands = _contradiction([*(d for d in _dependencies(text) if d.who), *asked])
    if demands:
        return _conflict(demands, context, text)
    names = [d.what for d in _dependencies(text) if not d.who]
    held = [spec for spec in facts.get("pinned", ()) if name_of(spec) in map(name_of, names)]
    if held:
        detail = f"{_listed(names)} cannot be installed: pinned is {_listed(held)}"
        hint = "conda-meta/pinned of the environment says so, or pinned_packages in .condarc."
        return EnvMgrError("requirements-conflict", detail, hint=hint, context=context)
    detail = f"{_listed(names)} cannot be installed together" if names else text[:500]
    return EnvMgrError("requirements-conflict", detail, context=context)


def _missing(
    demand: str,
    who: str,
    versions: Mapping[str, Sequence[str]],
    facts: Mapping[str, Any],
    channels: Sequence[str],
    context: dict[str, str],
) -> EnvMgrError:
    name = name_of(demand)
    where = _listed(channels) or "the channel"
    where += " have" if len(channels) > 1 else " has"
    needed = f", which {who} needs" if who else ""
    there = versions.get(name, ())
    if there:
        shown = ", ".join(there[:_MOST_SHOWN]) + (", …" if len(there) > _MOST_SHOWN else "")
        detail = f"{where} no {_shown(demand)}{needed}; there is {shown}"
        hint = None
        if facts.get("gone"):
            hint = "Builds go from channels: ask for the version without its build."
        return EnvMgrError("no-such-version", detail, hint=hint, context=context)
    close = [n for n in facts.get("close", {}).get(name, ()) if n != name_of(who)]
    hint = f"Did you mean {' or '.join(close)}?" if close else None
    if name == "torch" and not close:
        hint = "It is called pytorch in conda's channels."
    return EnvMgrError(
        "no-such-package", f"{where} no package {name}{needed}", hint=hint, context=context
    )


def _virtual(demand: str, who: str, context: dict[str, str]) -> EnvMgrError:
    name = name_of(demand)
    what, hint = _VIRTUAL.get(name, ("something of the machine", "Choose another package."))
    detail = f"{who or 'a package'} needs {_shown(demand)} ({what}), which this machine has not"
    return EnvMgrError("no-wheel-for-platform", detail, hint=hint, context=context)


def _conflict(demands: Sequence[Dependency], context: dict[str, str], text: str) -> EnvMgrError:
    code = "requirements-conflict"
    if demands[0].name == "python":
        code = "no-version-for-python"
    roots = [d.what for d in _dependencies(text) if not d.who]
    through = [name_of(what) for what in roots]
    named = {name_of(d.who) for d in demands if d.who} | {d.name for d in demands if not d.who}
    because = [name for name in dict.fromkeys(through) if name not in named]
    start = f"{_listed(because)} cannot be installed: " if because else ""
    first, *others = demands[:3]
    if not first.who:
        detail = f"{start}you ask for {' and for '.join(d.what for d in demands[:3])}"
    else:
        detail = start + ", but ".join(map(str, (first, *others)))
    return EnvMgrError(code, detail, context=context)


def _contradiction(found: Iterable[Dependency]) -> list[Dependency]:
    """Different demands that different packages or a person make of one package."""
    by_name: dict[str, dict[str, Dependency]] = {}
    for dependency in found:
        if dependency.what != dependency.name:
            key = name_of(dependency.who) or dependency.what
            by_name.setdefault(dependency.name, {}).setdefault(key, dependency)
    for demands in by_name.values():
        if len({demand.what for demand in demands.values()}) > 1:
            return sorted(demands.values(), key=lambda d: not d.who)
    return []


def _unmet(text: str) -> Iterator[tuple[str, str]]:
    """Each demand that nothing meets, with who makes it; empty for a person."""
    for words, who in _lines(text):
        match = _NOBODY.match(words) or _UNMET.match(words)
        if match:
            yield match[1].strip().removesuffix(" *"), who


def _dependencies(text: str) -> list[Dependency]:
    """Who demands what, in the order of the explanation."""
    found = []
    for words, who in _lines(text):
        match = _UNMET.match(words) or _NOBODY.match(words) or _DEMAND.match(words)
        if match:
            found.append(Dependency(who, _shown(match[1].strip())))
        elif match := _LOCKED.match(words):
            found.append(Dependency("the environment", f"{match[1]} =={match[2]}"))
    return found


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """The words of each line, and the candidate that it stands below."""
    above: dict[int, str] = {}
    for line in text.removeprefix(_START).splitlines():
        match = _TREE.match(line)
        if match is None or not match["words"].strip():
            continue
        depth = (len(line) - len(match["words"])) // 3
        words = match["words"].strip()
        above = {level: who for level, who in above.items() if level < depth}
        candidate = _CANDIDATE.match(words)
        if candidate:
            above[depth] = f"{candidate[1]} {candidate[2]}"
        else:
            yield words, above[max(above)] if above else ""


def _shown(spec: str) -> str:
    return spec.removesuffix(" *").strip()


def _listed(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
