"""Requirements that cannot be met: no such package, version, Python or build, or a conflict."""

from __future__ import annotations

import re

from ..core.errors import EnvMgrError
from . import unsolvable
from .failure import Asked, Rule, Said
from .spelling import suggestion

ADDED = frozenset({"ipykernel", "pip"})
"""What every environment gets although nobody asked for it."""

_UNSOLVABLE = "No solution found when resolving"
_BAD_LINE = re.compile(r"Couldn't parse requirement in `[^`]*` at position \d+ (?:cause: )?(.*)")


def _bad_line(said: Said, asked: Asked) -> EnvMgrError | None:
    match = _BAD_LINE.search(said.text)
    if not match:
        return None
    return EnvMgrError("bad-requirement", f"uv cannot read a requirement: {match[1]}")


def _requirements(said: Said, asked: Asked) -> EnvMgrError | None:
    if _UNSOLVABLE not in said.text:
        return None
    facts = unsolvable.read(said.text.partition(_UNSOLVABLE)[2].partition(" hint: ")[0])
    for explain_facts in (_wrong_index, _missing, _python, _wheel, _version, _conflict):
        error = explain_facts(facts, said, asked)
        if error is not None:
            return error
    sentence = facts.text.removeprefix("dependencies").lstrip(": ").removeprefix("cause: ")
    return EnvMgrError("requirements-conflict", sentence or "the requirements cannot be met")


def _wrong_index(facts: unsolvable.Facts, said: Said, asked: Asked) -> EnvMgrError | None:
    index = asked.indexes.public_urls[0] if asked.indexes.public_urls else ""
    statuses = list(said.answers.values())
    if facts.missing and len(statuses) > 1 and all(status == 404 for status in statuses):
        return EnvMgrError("index-not-found", f"{index} answers 404 for every package")
    empty = facts.without_files[:1]
    if empty and (asked.indexes.default or ADDED.intersection(empty)):
        detail = f"{index} answers with a page that lists no files of {empty[0]}"
        return EnvMgrError("index-not-found", detail)
    return None


def _missing(facts: unsolvable.Facts, said: Said, asked: Asked) -> EnvMgrError | None:
    for what in (*facts.missing, *facts.without_files):
        name = unsolvable.name_of(what)
        who = facts.who_needs(name)
        where = _where(asked)
        if name in ADDED:
            who = "every environment"
        needed = f", which {who} needs" if who else ""
        detail = f"{where} has no package {name}{needed}"
        return EnvMgrError("no-such-package", detail, hint=suggestion(name) or None)
    return None


def _python(facts: unsolvable.Facts, said: Said, asked: Asked) -> EnvMgrError | None:
    for version, needed, what in facts.python:
        wanted = needed.removeprefix("Python")
        detail = f"{what} needs Python {wanted}, and this is Python {version}"
        return EnvMgrError("no-version-for-python", detail)
    return None


def _wheel(facts: unsolvable.Facts, said: Said, asked: Asked) -> EnvMgrError | None:
    for what, tag in facts.without_wheel:
        found = re.search(r"with the following ([\w ]+) tags?: (.*?)(?: hint: |$)", said.text)
        found = found or re.search(r"on the following (platform)s?: (.*?)(?: hint: |$)", said.text)
        only = f": there are only ones for {found[2].replace('`', '')}" if found else ""
        code = "no-wheel-for-platform" if "platform" in tag or not tag else "no-version-for-python"
        target = "machine" if code == "no-wheel-for-platform" else "Python"
        return EnvMgrError(code, f"{what} has no build for this {target}{only}")
    return None


def _version(facts: unsolvable.Facts, said: Said, asked: Asked) -> EnvMgrError | None:
    available = dict(facts.available)
    wanted = [d for d in facts.dependencies if d.name in available and d.what != d.name]
    missing = [unsolvable.Dependency(facts.who_needs(w), w) for w in facts.without_version]
    if len(facts.contradictions()) > 1 and not missing:
        return None
    for need in (*missing, *wanted):
        versions = available.get(need.name, ())
        there = f": there is {_there_is(versions)}" if versions else ""
        who = f", which {need.who} needs" if need.who else ""
        detail = f"{_where(asked)} has no {_as_asked(need, asked)}{who}{there}"
        hint = None
        if asked.indexes.default:
            hint = "Loosen the version, and check that the index is the one that you meant."
        return EnvMgrError("no-such-version", detail, hint=hint)
    return None


def _as_asked(need: unsolvable.Dependency, asked: Asked) -> str:
    """A requirement as it was written, rather than as uv took it apart."""
    written = [text for text in asked.requirements if unsolvable.name_of(text) == need.name]
    return written[0] if len(written) == 1 and not need.who else need.what


def _there_is(versions: tuple[str, ...]) -> str:
    if len(versions) == 1:
        version = versions[0]
        for sign, words in (("<=", "nothing newer than "), (">=", "nothing older than ")):
            if version.startswith(sign) and "," not in version:
                return words + version.removeprefix(sign)
    if len(versions) == 2 and versions[0].startswith("<=") and versions[1].startswith(">="):
        return f"nothing between {versions[0][2:]} and {versions[1][2:]}"
    shown = [version.removeprefix("==") for version in versions]
    return "only " + ", ".join(shown if len(shown) <= 8 else [*shown[:3], "…", *shown[-3:]])


def _conflict(facts: unsolvable.Facts, said: Said, asked: Asked) -> EnvMgrError | None:
    demands = facts.contradictions()
    if not demands:
        return None
    needs = [str(demand) for demand in demands[:4] if demand.who]
    asked_for = [demand.what for demand in demands[:4] if not demand.who]
    if asked_for:
        needs.append("you ask for " + " and for ".join(asked_for))
    return EnvMgrError("requirements-conflict", ", but ".join(needs))


def _where(asked: Asked) -> str:
    urls = asked.indexes.public_urls
    if not urls:
        return "the directory of packages" if asked.indexes.find_links else "no index"
    return urls[0] if len(urls) == 1 else f"none of the {len(urls)} indexes"


_NOT_LOCKED = re.compile(
    r"no trusted hash was provided for: `([^`]+)`|must have their versions pinned with `==`, but"
    r" found: (\S+)"
)


def _not_locked(said: Said, asked: Asked) -> EnvMgrError | None:
    match = _NOT_LOCKED.search(said.text)
    if not match:
        return None
    detail = f"a package of the file needs {match[1] or match[2]}, for which there is no hash in it"
    return EnvMgrError("hash-missing", detail)


REQUIREMENTS: tuple[Rule, ...] = (_bad_line, _not_locked, _requirements)
