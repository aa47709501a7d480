"""Sizes, times and states in the words that people read."""

from __future__ import annotations

from datetime import datetime, timezone

from ..core.environments.model import Persistence

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def size(count: int | None) -> str:
    """``5_100_000_000`` as ``5.1 GB``: decimal units, as `df -H` and disk makers count."""
    if count is None:
        return ""
    value = float(count)
    for unit in _UNITS:
        if value < 999.5 or unit == _UNITS[-1]:
            break
        value /= 1000
    return f"{value:.0f} {unit}" if unit == "B" or value >= 99.95 else f"{value:.1f} {unit}"


def duration(seconds: float) -> str:
    """``93.0`` as ``1 min 33 s``."""
    whole = round(max(seconds, 0.0))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def ago(time: str | None, now: datetime | None = None) -> str:
    """An ISO 8601 time as ``2 min ago``; as it is where it cannot be read."""
    then = moment(time)
    if then is None:
        return time or ""
    seconds = int(((now or datetime.now(timezone.utc)) - then).total_seconds())
    if seconds < 0:
        return then.strftime("%Y-%m-%d")
    for limit, divisor, word in ((60, 1, "s"), (3600, 60, "min"), (86400, 3600, "h")):
        if seconds < limit:
            return f"{seconds // divisor} {word} ago"
    days = seconds // 86400
    return f"{days} day{'s' if days > 1 else ''} ago" if days < 31 else then.strftime("%Y-%m-%d")


def between(start: str | None, end: str | None) -> str:
    """How long it took from one ISO 8601 time to another; empty where that is not known."""
    first, last = moment(start), moment(end)
    return duration((last - first).total_seconds()) if first and last else ""


def moment(time: str | None) -> datetime | None:
    """An ISO 8601 time, UTC where it names no zone; None where it cannot be read."""
    if not time:
        return None
    try:
        # Before Python 3.11 fromisoformat does not know the "Z" for UTC.
        then = datetime.fromisoformat(time.replace("Z", "+00:00"))
    except ValueError:
        return None
    return then if then.tzinfo else then.replace(tzinfo=timezone.utc)


def lasts(persistence: Persistence) -> str:
    """Whether something outlives the container, in one word of a column."""
    return {True: "yes", False: "no", None: "?"}[persistence.survives]


def survival(persistence: Persistence) -> str:
    """The same as a sentence, with its evidence."""
    word = {
        True: "stays when the container goes",
        False: "lost with the container",
        None: "not known whether it outlives the container",
    }[persistence.survives]
    return f"{word} ({persistence.why})" if persistence.why else word


def count(number: int, noun: str) -> str:
    """``3 packages``, ``1 package``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
