"""uv's explanation of requirements that cannot be met, reduced to the facts that it gives."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from packaging.utils import canonicalize_name

# A name with extras and versions as uv writes them: ``alpha[x]>=1,<2``.
_WHAT = r"[A-Za-z0-9][A-Za-z0-9._-]*(?:\[[^\]\s]*\])?(?:[<>=!~][^\s]*)?"
_PREMISES = re.compile(r"[Bb]ecause (.*?),? (?:and )?we can conclude that")
_NOT_FOUND = re.compile(
    rf"({_WHAT}) was not found in (?:the package registry|the provided package locations"
    r"|the cache)"
)
_NO_VERSIONS = re.compile(rf"there are no versions of ({_WHAT})")
_NO_VERSION = re.compile(rf"there is no version of ({_WHAT})")
_ONLY = re.compile(
    r"only (?:the following versions of ([A-Za-z0-9][A-Za-z0-9._-]*)\S* are available:"
    rf"((?: \1\S+)+)|({_WHAT}) (?:is|are) available)"
)
_PYTHON = re.compile(
    rf"current Python version \(([^)]+)\) does not satisfy (Python\S+) and ({_WHAT}) depends? on"
)
_NO_WHEEL = re.compile(
    rf"({_WHAT}) has no (?:wheels with a matching (.+?) tag|usable wheels|wheels|source)"
)
_DEPENDS = re.compile(rf"(?:all versions of )?({_WHAT}) depends? on ({_WHAT})")
_ONE_OF = re.compile(r"you require one of: (([A-Za-z0-9][A-Za-z0-9._-]*)\S+(?: \2\S+)*)")
_REQUIRE = re.compile(rf"you require ({_WHAT}(?:(?:, | and |, and )(?:you require )?{_WHAT})*)")
_NOT_NAMES = frozenset({"and", "because", "we", "only", "all", "the", "there", "you", "one"})


@dataclass(frozen=True)
class Dependency:
    """``who`` (with its version, if uv says one) needs ``what``; a person needs it if empty."""

    who: str
    what: str

    def __str__(self) -> str:
        return f"{self.who} needs {self.what}" if self.who else f"you ask for {self.what}"

    @property
    def name(self) -> str:
        """The name of what is needed."""
        return name_of(self.what)


@dataclass(frozen=True)
class Facts:
    """What an explanation rests on. Each is in the order in which uv says it."""

    missing: tuple[str, ...]
    without_files: tuple[str, ...]
    without_version: tuple[str, ...]
    available: tuple[tuple[str, tuple[str, ...]], ...]
    python: tuple[tuple[str, str, str], ...]
    without_wheel: tuple[tuple[str, str], ...]
    dependencies: tuple[Dependency, ...]
    text: str

    def who_needs(self, name: str) -> str:
        """Who needs a package that was not asked for; empty if it was."""
        needs = [d for d in self.dependencies if d.name == name_of(name)]
        if not needs or any(not d.who for d in needs):
            return ""
        return needs[0].who

    def contradictions(self) -> tuple[Dependency, ...]:
        """What several make different demands of: those demands; nothing if there is no such.

        Versions of one package that need different ones of another do not contradict each other.
        """
        demands: dict[str, dict[tuple[str, str], Dependency]] = {}
        for dependency in self.dependencies:
            if dependency.what.partition("[")[0] != dependency.name:
                who = name_of(dependency.who) if dependency.who else dependency.what
                found = demands.setdefault(dependency.name, {})
                if not any(other == who for other, _ in found):
                    found[who, dependency.what] = dependency
        for found in demands.values():
            if len({what for _, what in found}) > 1:
                return tuple(found.values())
        return ()


def name_of(what: str) -> str:
    """The normalised name in ``alpha[x]>=1``."""
    return canonicalize_name(re.split(r"[\[<>=!~\s]", what, maxsplit=1)[0])


def read(explanation: str) -> Facts:
    """The facts in uv's explanation, whose lines were joined by spaces."""
    text = " ".join(explanation.split())
    premises = " ; ".join(_PREMISES.findall(text)) or text
    asked = [
        Dependency("", _clean(what))
        for group in _REQUIRE.findall(premises)
        for what in re.findall(_WHAT, group.replace("you require ", ""))
        if what not in _NOT_NAMES
    ]
    asked += [Dependency("", " or ".join(g.split())) for g, _ in _ONE_OF.findall(premises)]
    needed = [
        Dependency(_clean(who), _clean(what))
        for who, what in _DEPENDS.findall(premises)
        if name_of(what) != "python" and what not in _NOT_NAMES
    ]
    return Facts(
        missing=_each(_NOT_FOUND.findall(premises)),
        without_files=_each(_NO_VERSIONS.findall(premises)),
        without_version=_each(_NO_VERSION.findall(premises)),
        available=tuple(_available(premises)),
        python=tuple((v, _clean(p), _clean(w)) for v, p, w in _PYTHON.findall(premises)),
        without_wheel=tuple((_clean(w), tag) for w, tag in _NO_WHEEL.findall(premises)),
        dependencies=tuple(dict.fromkeys([*needed, *asked])),
        text=text,
    )


def _available(premises: str) -> Iterable[tuple[str, tuple[str, ...]]]:
    for name, several, one in _ONLY.findall(premises):
        if one:
            yield name_of(one), (_version_of(one),)
        else:
            yield name_of(name), tuple(map(_version_of, several.split()))


def _version_of(what: str) -> str:
    found = re.search(r"[<>=!~].*", _clean(what))
    return found.group() if found else ""


def _each(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(_clean, found)))


def _clean(what: str) -> str:
    return what.rstrip(",.;:")
