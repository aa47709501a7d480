"""A healthy user site gives no alarm, however large it is."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from .sites import Sites

REAL = Path(pytest.__file__).parents[1]
"""The 130 and more distributions that these tests run on."""


@pytest.fixture
def healthy(tmp_path: Path) -> Sites:
    sites = Sites(tmp_path)
    sites.user.rmdir()
    sites.user.symlink_to(REAL)
    return sites


def test_real_packages_give_no_alarm(healthy: Sites) -> None:
    found = healthy.diagnose()
    assert found.package_count >= 130
    assert [one for one in found.findings if one.severity == "will-fail"] == []
    risks = [one for one in found.findings if one.severity == "risk"]
    assert len(risks) <= 2, risks


def test_nor_do_they_as_image_and_user_site_at_once(healthy: Sites) -> None:
    healthy.image.rmdir()
    healthy.image.symlink_to(REAL)
    found = healthy.diagnose()
    assert [one for one in found.findings if one.severity == "will-fail"] == []
    assert {one.code for one in found.findings if one.severity == "note"} <= {
        "same-as-image",
        "plugin",
        "runs-at-start",
        "unowned",
        "no-record",
    }


def test_it_takes_no_longer_than_a_person_waits(healthy: Sites) -> None:
    """The benchmark has the figures; this finds what has become much slower."""
    healthy.diagnose()
    began = time.process_time()
    healthy.diagnose()
    assert time.process_time() - began < 5
