"""The version constraint of a conda spec: ``>=1,<2|3.*`` read, checked and put in normal form."""

from __future__ import annotations

import re

from ..citing import cited

_OPERATOR = re.compile(r"===?|!=|~=|<=|>=|<|>|=")
_VERSION = re.compile(r"(?:\d+!)?[A-Za-z0-9_](?:[A-Za-z0-9_.-]|\*)*(?:\+[A-Za-z0-9_.]+)?\*?|\*")
_DEEPEST = 8


class BadText(Exception):
    """What is wrong with a text, in words; ``position`` counts its characters from 0."""

    def __init__(self, detail: str, position: int) -> None:
        super().__init__(detail)
        self.position = position


class Scanner:
    """A place in a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    def at_end(self) -> bool:
        """Whether nothing is left."""
        return self.position >= len(self.text)

    def next(self) -> str:
        """The next character; empty at the end."""
        return self.text[self.position : self.position + 1]

    @property
    def rest(self) -> str:
        """What is left."""
        return self.text[self.position :]

    def spaces(self) -> bool:
        """Go over blanks; whether there were any."""
        before = self.position
        while self.next() and self.next() in " \t":
            self.position += 1
        return self.position > before

    def take(self, pattern: re.Pattern[str]) -> str:
        """What the pattern matches here, and go over it; empty if it does not."""
        match = pattern.match(self.text, self.position)
        if match is None:
            return ""
        self.position = match.end()
        return match.group()


def scan_constraint(scanner: Scanner, *, offset: int = 0) -> str:
    """The constraint that begins here, in normal form; empty if it is ``*``.

    ``offset`` is where the scanner's text begins in what the person wrote. Raises BadText.
    """
    try:
        found = _alternatives(scanner, 0)
    except BadText as bad:
        raise BadText(str(bad), bad.position + offset) from None
    return "" if found == "*" else found


def exactly(version: str) -> str:
    """The one version that a constraint lets in, if it is written so; else empty."""
    if not version.startswith("==") or set(version) & set(",|()"):
        return ""
    return version[2:]


def _alternatives(scanner: Scanner, depth: int) -> str:
    return _joined(scanner, depth, "|")


def _joined(scanner: Scanner, depth: int, by: str) -> str:
    parts = [_part(scanner, depth, by)]
    while True:
        before = scanner.position
        scanner.spaces()
        if scanner.next() != by:
            scanner.position = before
            return by.join(parts)
        scanner.position += 1
        parts.append(_part(scanner, depth, by))


def _part(scanner: Scanner, depth: int, by: str) -> str:
    if by == "|":
        return _joined(scanner, depth, ",")
    scanner.spaces()
    if scanner.next() == "(":
        if depth >= _DEEPEST:
            raise BadText("the parentheses are nested too deeply", scanner.position)
        begin = scanner.position
        scanner.position += 1
        inner = _alternatives(scanner, depth + 1)
        scanner.spaces()
        if scanner.next() != ")":
            raise BadText("the parenthesis is not closed", begin)
        scanner.position += 1
        return f"({inner})"
    return _condition(scanner)


def _condition(scanner: Scanner) -> str:
    begin = scanner.position
    operator = scanner.take(_OPERATOR)
    scanner.spaces()
    at = scanner.position
    version = scanner.take(_VERSION)
    if not version:
        if scanner.at_end():
            raise BadText("a version is missing", at)
        raise BadText(f"a version is expected, not {cited(scanner.rest, 20)}", at)
    if not any(character.isdigit() for character in version) and version != "*":
        raise BadText(f"{cited(version, 40)} is no version", at)
    if operator == "===":
        raise BadText("'===' is pip's: write '=='", begin)
    return _normal(operator, version.lower(), at)


def _normal(operator: str, version: str, at: int) -> str:
    if version == "*":
        if operator in ("", "=", "==", ">="):
            return "*"
        raise BadText(f"'{operator}*' lets nothing in", at)
    series = version.endswith("*")
    if series:
        version = version[:-1].rstrip(".")
    if "*" in version:
        raise BadText("'*' can stand at the end of a version only", at)
    if not version or version[-1] in ".-_+" or ".." in version or version[0] in "_.-":
        # conda's older OpenSSL-like versions end with letters, never with a separator.
        raise BadText(f"{cited(version)} is no version", at)
    if series and operator == "~=":
        raise BadText("'~=' takes a whole version", at)
    if series and operator == ">":
        raise BadText("'>' takes a whole version: conda and mamba differ in what '.*' means", at)
    if operator == "=" or (series and operator in ("", "==")):
        return f"{version}.*"
    if series and operator == "!=":
        return f"!={version}.*"
    return f"{operator or '=='}{version}"
