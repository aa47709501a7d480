"""What conda, mamba and micromamba answer with ``--json``, found among what else they print."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..core.conda.channels import channel_name
from ..core.conda.offered import Offer
from ..core.conda.urls import parse_package_url
from .conda_plan import Change, Solution

_BEGINNING = re.compile(r"^\{", re.MULTILINE)
_PROGRESS = '{"fetch"'

Answer = Mapping[str, Any]


def find_answer(*texts: str) -> Answer | None:
    """The last JSON object that begins a line in the first of the texts that has one.

    Notices, warnings of plugins and progress may come before it (conda), and a failed attempt
    may answer before the one that counts.
    """
    decoder = json.JSONDecoder()
    for text in texts:
        answer = None
        position = 0
        for match in _BEGINNING.finditer(text):
            if match.start() < position or text.startswith(_PROGRESS, match.start()):
                continue
            try:
                found, position = decoder.raw_decode(text, match.start())
            except ValueError:
                continue
            if isinstance(found, dict) and found:
                answer = found
        if answer is not None:
            return answer
    return None


def failures(answer: Answer) -> tuple[Answer, ...]:
    """The errors that an answer holds: several at once come in one (CondaMultiError)."""
    errors = answer.get("errors")
    if isinstance(errors, list):
        inside = [error for error in errors if isinstance(error, dict)]
        return tuple(deeper for error in inside for deeper in failures(error))
    return (answer,)


def solution(answer: Answer) -> Solution:
    """What a dry run would change. Packages are in ``FETCH`` only if they are not in the cache."""
    actions = answer.get("actions")
    # conda 4.x answered with a list of one.
    if isinstance(actions, list):
        actions = actions[0] if actions else {}
    if not isinstance(actions, dict):
        return Solution(())
    fetched = {_key(row): row for row in _rows(actions, "FETCH")}
    coming = {row["name"]: row for row in _rows(actions, "LINK")}
    going = {row["name"]: row for row in _rows(actions, "UNLINK")}
    changes = []
    for name in sorted({*coming, *going}):
        row = coming.get(name) or going[name]
        record = fetched.get(_key(row), {}) if name in coming else {}
        size = record.get("size")
        changes.append(
            Change(
                name=name,
                before=_version(going.get(name)),
                after=_version(coming.get(name)),
                build=str(row.get("build_string") or row.get("build") or ""),
                channel=_channel(row, record),
                size=size if isinstance(size, int) and not isinstance(size, bool) else None,
            )
        )
    return Solution(tuple(changes), sum(change.size or 0 for change in changes))


def offers(answer: Answer, name: str, channels: Sequence[str]) -> tuple[Offer, ...]:
    """What a search for ``name`` has found, in the order of ``channels``.

    conda answers with rows by name, mamba 2 with a ``result``. A failed search of conda's goes on
    to names that are like it: those do not count.
    """
    found = answer.get(name)
    result = answer.get("result")
    if isinstance(result, dict):
        found = result.get("pkgs")
    rows = [row for row in found or () if isinstance(row, dict) and row.get("name") == name]
    if isinstance(result, dict):
        # Of a channel that has an address mamba names the host alone.
        urls = (parse_package_url(str(row.get("url"))) for row in rows)
        named = zip(rows, urls, strict=True)
        rows = [{**row, "channel": url.channel} if url else row for row, url in named]
    order = {channel_name(channel): place for place, channel in enumerate(channels)}
    rows.sort(key=lambda row: order.get(_channel(row, {}), len(order)))
    return tuple(
        Offer(
            str(row.get("version")),
            _channel(row, {}),
            str(row.get("build_string") or row.get("build") or ""),
        )
        for row in rows
    )


def explicit_solution(addresses: tuple[str, ...]) -> Solution:
    """What an explicit list brings: its addresses say all but the sizes."""
    found = filter(None, map(parse_package_url, addresses))
    changes = [
        Change(url.name, "", url.version, url.build, channel_name(url.channel)) for url in found
    ]
    return Solution(tuple(sorted(changes, key=lambda change: change.name)))


def merged(first: Solution, second: Solution) -> Solution:
    """Two solutions, carried out one after the other, as one."""
    changes = {change.name: change for change in first.changes}
    for change in second.changes:
        earlier = changes.get(change.name)
        changes[change.name] = replace(change, before=earlier.before) if earlier else change
    rows = tuple(changes[name] for name in sorted(changes))
    return Solution(rows, first.download + second.download)


def _rows(actions: Answer, kind: str) -> list[dict[str, Any]]:
    rows = actions.get(kind)
    rows = rows if isinstance(rows, list) else []
    return [row for row in rows if isinstance(row, dict) and isinstance(row.get("name"), str)]


def _key(row: Answer) -> tuple[str, ...]:
    build = row.get("build_string") or row.get("build") or ""
    return (str(row.get("name")), str(row.get("version")), str(build))


def _version(row: Answer | None) -> str:
    return str(row.get("version") or "") if row else ""


def _channel(row: Answer, record: Answer) -> str:
    """The channel's name, or its address without credentials and subdir.

    conda's own name for one that is no part of anaconda.org is the end of its path alone.
    """
    name = str(row.get("base_url") or record.get("channel") or row.get("channel") or "")
    return channel_name(name) if name else ""
