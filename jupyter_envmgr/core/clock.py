"""The time as records, locks and events have it."""

from __future__ import annotations

from datetime import datetime, timezone


def now() -> str:
    """ISO 8601 in UTC with milliseconds: ``2026-01-31T12:00:00.123Z``; sorts as text."""
    text = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
