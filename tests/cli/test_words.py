"""Sizes and times in words."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from jupyter_envmgr.cli import words

NOW = datetime(2026, 5, 2, 12, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (None, ""),
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (5_100_000_000, "5.1 GB"),
        (999_600, "1.0 MB"),
        (312_000_000_000, "312 GB"),
        (10**18, "1000 PB"),
    ],
)
def test_sizes_are_short_and_decimal(count: int | None, expected: str) -> None:
    assert words.size(count) == expected


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("2026-05-02T11:59:30+00:00", "30 s ago"),
        ("2026-05-02T11:59:30Z", "30 s ago"),
        ("2026-05-02T11:30:00", "30 min ago"),
        ("2026-05-02T13:30:00+02:00", "30 min ago"),
        ("2026-05-01T12:00:00+00:00", "1 day ago"),
        ("2026-04-20T12:00:00+00:00", "12 days ago"),
        ("2025-01-20T12:00:00+00:00", "2025-01-20"),
        ("2027-01-20T12:00:00+00:00", "2027-01-20"),
        ("yesterday", "yesterday"),
        (None, ""),
    ],
)
def test_times_say_how_long_ago(time: str | None, expected: str) -> None:
    assert words.ago(time, NOW) == expected


def test_durations_have_two_units_at_most() -> None:
    assert [words.duration(s) for s in (0, 41.4, 59.6, 93, 3700)] == [
        "0 s",
        "41 s",
        "1 min 0 s",
        "1 min 33 s",
        "1 h 1 min",
    ]
