"""Every code is said of some user site, and is not said of one that only looks like it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from jupyter_envmgr.core.usersite.diagnosis.codes import CODES, ORDER
from jupyter_envmgr.core.usersite.model import Finding

from .scenarios import SCENARIOS
from .sites import Sites

PROVEN = frozenset({"breaks-program"})
"""Only a probe can say these: see test_proven."""


def test_every_code_has_a_scenario() -> None:
    assert SCENARIOS.keys() | PROVEN == CODES.keys()


@pytest.mark.parametrize("code", SCENARIOS)
def test_it_is_found(tmp_path: Path, code: str) -> None:
    sites = Sites(tmp_path)
    SCENARIOS[code].make(sites)
    found = sites.of(code)
    assert len(found) == 1
    check(found[0])


@pytest.mark.parametrize("code", SCENARIOS)
def test_what_only_looks_like_it_is_not_found(tmp_path: Path, code: str) -> None:
    sites = Sites(tmp_path)
    SCENARIOS[code].near(sites)
    assert set(sites.codes()) <= SCENARIOS[code].beside


@pytest.mark.parametrize("code", SCENARIOS)
def test_nothing_is_said_of_packages_that_are_not_seen(tmp_path: Path, code: str) -> None:
    """Commands, kernels and extensions are found by others than Python."""
    always = {"dead-script", "hides-command", "other-python", "dead-kernel", "foreign-kernel"}
    always |= {"labextension", "server-extension"}
    sites = Sites(tmp_path)
    SCENARIOS[code].make(sites)
    shutil.rmtree(sites.user)
    sites.environ.clear()
    found = {one.code for one in sites.diagnose(visible=False).findings}
    assert found <= always
    assert (code in found) == (code in always)


def check(one: Finding) -> None:
    """What holds of every finding: a person can read it, check it and send it on."""
    entry = CODES[one.code]
    assert one.title == entry.title
    assert one.severity in ORDER
    assert ORDER.index(one.severity) >= ORDER.index("will-fail")
    assert one.subject
    assert one.detail.endswith(".")
    assert one.evidence
    assert all(label and text for label, text in one.evidence)
    words = [one.subject, one.detail, one.wins, *(text for row in one.evidence for text in row)]
    assert all(text.isprintable() for text in words)
    if one.fix is not None:
        assert one.fix.label
        assert one.fix.command


def test_packages_that_another_python_compiled_fail_for_certain(sites: Sites) -> None:
    SCENARIOS["pythonpath-other"].make(sites)
    assert sites.of("pythonpath-other")[0].severity == "will-fail"
