"""Heads of core metadata: their fields, and what they say about licence and home page."""

from __future__ import annotations

import os
import re

from .files import open_regular

Fields = dict[str, list[str]]
"""The values of each field that was looked for, in order, by its name in lower case."""

_LARGEST = 1024 * 1024
# The head of 9 in 10 distributions ends within this; the description follows it.
_USUAL = 4 * 1024
_LONGEST_LICENCE = 80
# Labels of Project-URL that mean the home page, the best first (PyPI's well-known labels).
_HOMES = ("homepage", "home", "website", "source", "sourcecode", "repository", "github", "code")
# The first blank line.
_END = re.compile(rb"\n\r?\n")
# Classifiers only of licences: there are many others.
_FIELD = re.compile(
    r"\n(Name|Version|Summary|License|License-Expression|Home-[Pp]age|Project-URL"
    r"|Classifier(?=: *License ::)):[ \t]*(.*(?:\n[ \t].*)*)"
)
_FIELD_IN_ANY_CASE = re.compile(_FIELD.pattern, re.IGNORECASE)
_NOT_A_LETTER = re.compile(r"[^a-z]+")


def read_head(path: str, directory: int | None = None) -> bytes | None:
    """The headers of a METADATA or PKG-INFO file, without the description that follows.

    None for what is missing, unreadable or no regular file. At most 1 MB is looked at. ``path``
    may be relative to the descriptor ``directory``.
    """
    descriptor = open_regular(path, directory)
    if descriptor is None:
        return None
    try:
        data = os.read(descriptor, _USUAL)
        end = _END.search(data)
        while end is None and len(data) < _LARGEST:
            more = os.read(descriptor, len(data) * 3 or 1)
            if not more:
                break
            data += more
            end = _END.search(data)
    except OSError:
        return None
    finally:
        os.close(descriptor)
    if data[:1] in (b"\n", b"\r"):
        return b""
    return data[: end.start()] if end else data


def parse_head(data: bytes) -> Fields:
    """The fields of a head (PEP 566, 643) that are shown, by lower-case name.

    A value that goes over several lines comes as one; a line that is not UTF-8 is read as
    Latin-1, which is what the tools wrote before there was a rule. One search for all is three
    times as fast as looking at each line.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = "\n".join(map(_decoded, data.split(b"\n")))
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", " ")
    text = "\n" + text.removeprefix("\ufeff")
    found = _FIELD.findall(text)
    if len(found) < 3:  # names of fields know no case; the tools differ only in that of Home-Page
        found = _FIELD_IN_ANY_CASE.findall(text)
    fields: Fields = {}
    for name, value in found:
        if "\n" in value:
            value = " ".join(value.split())
        key = name.lower()
        if key in fields:
            fields[key].append(value)
        else:
            fields[key] = [value]
    return fields


def _decoded(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")


def first(fields: Fields, name: str) -> str:
    """The first value of a field; empty without one."""
    values = fields.get(name)
    return values[0].rstrip() if values else ""


def licence_of(fields: Fields) -> str:
    """The SPDX expression (PEP 639), else a short License field, else what classifiers say.

    Some packages have the whole text of their licence there: then, without a classifier, its
    first words.
    """
    expression = first(fields, "license-expression")
    if expression:
        return expression
    stated = _known(first(fields, "license"))
    if stated and len(stated) <= _LONGEST_LICENCE:
        return stated
    found = fields.get("classifier", ())
    words = ", ".join(dict.fromkeys(c.rpartition(" :: ")[2].rstrip() for c in found))
    return words or (f"{stated[:_LONGEST_LICENCE].rstrip()}…" if stated else "")


def home_page_of(fields: Fields) -> str:
    """Home-page, else the Project-URL whose label says it, else the first one (PEP 753)."""
    stated = _known(first(fields, "home-page"))
    if stated:
        return stated
    urls: dict[str, str] = {}
    for row in fields.get("project-url", ()):
        label, comma, url = row.partition(",")
        label = label.lower()
        if not label.isalpha():
            label = _NOT_A_LETTER.sub("", label)
        urls.setdefault(label, url.strip() if comma else row)
    for label in _HOMES:
        if label in urls:
            return urls[label]
    return next(iter(urls.values()), "")


def _known(value: str) -> str:
    """``value`` unless it is the word that old tools wrote for none."""
    return "" if len(value) < 8 and value.upper() in ("UNKNOWN", "NONE") else value
