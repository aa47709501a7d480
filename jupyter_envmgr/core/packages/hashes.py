"""Hashes behind requirement lines (``--hash=sha256:…``): which ones count, and how they are kept.

A file with hashes says that nothing else may be installed. pip's rule is followed: if one line
has a hash, each must have one, and an exact version. As pip does, only hashes count that nobody
can forge: no MD5, no SHA-1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from ..citing import cited
from ..environments.asked import FORMER

LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128}
"""The algorithms, and the hexadecimal digits that each has."""
COMPLETE = "# A complete lock: nothing besides these, and what comes from no index."
"""The first line of lines that are all there is: what they require is not looked at."""
_MARK = " --hash="
_COMMENT = re.compile(r"(^|\s)#.*$")


class BadHash(Exception):
    """Why a hash cannot be used, in words."""


def check_hash(text: str) -> str:
    """``algorithm:digits`` in lower case. Raises BadHash."""
    algorithm, colon, digits = text.strip().lower().partition(":")
    if not colon or not re.fullmatch(r"[0-9a-f]+", digits):
        raise BadHash(f"{cited(text, 40)} is no hash: write sha256: and 64 hexadecimal digits")
    length = LENGTHS.get(algorithm)
    if length is None:
        known = ", ".join(LENGTHS)
        raise BadHash(f"hashes of the kind {cited(algorithm, 20)} are not used here: {known} are")
    if len(digits) != length:
        raise BadHash(f"a {algorithm} has {length} hexadecimal digits, and this one {len(digits)}")
    return f"{algorithm}:{digits}"


def split_hashes(text: str) -> tuple[str, tuple[str, ...]]:
    """A requirement line without ``--hash=…``, and its hashes, each once. Raises BadHash."""
    if " --hash" not in text and "\t--hash" not in text:
        return text, ()
    kept: list[str] = []
    found: dict[str, None] = {}
    is_value = False
    for word in _COMMENT.sub("", text).split():
        if is_value:
            found[check_hash(word)] = None
            is_value = False
        elif word == "--hash":
            is_value = True
        elif word.startswith("--hash="):
            found[check_hash(word.removeprefix("--hash="))] = None
        else:
            kept.append(word)
    if is_value:
        raise BadHash("there is nothing behind --hash")
    return " ".join(kept), tuple(found)


def with_hashes(text: str, hashes: Iterable[str]) -> str:
    """A requirement line with hashes behind it, as requirements files have them."""
    return text + "".join(f"{_MARK}{one}" for one in hashes)


def without_hashes(line: str) -> str:
    """A line of ours without its hashes."""
    return line.partition(_MARK)[0]


def has_hashes(line: str) -> bool:
    """Whether a line of ours has hashes behind it."""
    return _MARK in line


def is_exact(requirement: str) -> bool:
    """Whether a requirement leaves no choice: one version, or one file."""
    parsed = Requirement(requirement)
    if parsed.url:
        return True
    exact = [s for s in parsed.specifier if s.operator in ("==", "===")]
    return len(parsed.specifier) == len(exact) == 1 and not exact[0].version.endswith(".*")


def known_hashes(requirements: str) -> dict[str, tuple[str, ...]]:
    """The hashes that a record's requirements have, by ``name==version``."""
    found: dict[str, tuple[str, ...]] = {}
    for line in requirements.splitlines():
        if not has_hashes(line):
            continue
        try:
            text, hashes = split_hashes(line.removeprefix(FORMER))
            parsed = Requirement(text)
        except (BadHash, InvalidRequirement):
            continue
        if not parsed.url and is_exact(text):
            version = next(iter(parsed.specifier)).version
            found[f"{canonicalize_name(parsed.name)}=={version}"] = hashes
    return found


def relocked(
    lines: Iterable[str], installed: Iterable[str], requirements: str
) -> tuple[tuple[str, ...], str]:
    """``lines`` asked for again, with the hashes that a record's ``requirements`` have of them.

    Of what is ``installed`` (``name==version``) that with known hashes is asked for too. The
    lines without, and those with as the text of a file; all are text where no hash is known.
    """
    known = known_hashes(requirements)
    wanted = dict.fromkeys((*lines, *(line for line in installed if _key(line) in known)))
    locked = {_key(line): line for line in wanted if _key(line) in known}
    plain = tuple(line for line in wanted if _key(line) not in known)
    if not locked:
        return (), "".join(f"{line}\n" for line in plain)
    text = [with_hashes(line, known[key]) for key, line in locked.items()]
    head = [COMPLETE] if requirements.startswith(COMPLETE) else []
    return plain, "".join(f"{line}\n" for line in (*head, *text))


def hashed_where_known(
    lines: Sequence[str], known: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    """The lines, with the hashes that are known of them."""
    return tuple(with_hashes(line, known.get(_key(line), ())) for line in lines)


def _key(line: str) -> str:
    name, equals, version = line.partition("==")
    return f"{canonicalize_name(name)}=={version}" if equals else line
