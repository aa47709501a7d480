"""What a probe has shown raises findings, and nothing else does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jupyter_envmgr.core.usersite.diagnosis import with_proofs
from jupyter_envmgr.core.usersite.model import (
    Diagnosis,
    Fix,
    Probe,
    ProbeRequest,
    Proof,
    Target,
    Verdict,
)

from .scenarios import SCENARIOS
from .sites import MINOR, Sites

ERROR = "ImportError: cannot import name 'soft_unicode'"
TARGET = Target("/image/bin/python", "/image", MINOR)


def proof(
    *culprits: str,
    code: str = "# cell\n\nimport jinja2\njinja2.x\n",
    verdict: Verdict = "user-site",
    target: Target = TARGET,
    complete: bool = True,
) -> Proof:
    probes = (Probe(1, "as-is", False, 0.3, 1, ERROR), Probe(2, "without", True, 0.3, 0))
    fix = Fix("hide", "Set aside", culprits, MINOR)
    request = ProbeRequest(code=code)
    return Proof(
        *("20261121-1", "2026-11-21T08:00:00.000Z", request, target, verdict, "It works."),
        *(probes, culprits, fix, complete),
    )


@pytest.fixture
def made(sites: Sites) -> Diagnosis:
    SCENARIOS["import-breaks"].make(sites)
    sites.both("numpy", "1.21.6", "2.1.3")
    return sites.diagnose()


def test_findings_about_the_culprit_become_proven(made: Diagnosis) -> None:
    shown = with_proofs(made, [proof("Jinja2")])
    assert [(one.severity, one.subject) for one in shown.findings] == [
        ("proven", "jinja2"),
        ("risk", "numpy"),
    ]
    assert shown.counts == {"proven": 1, "will-fail": 0, "risk": 1, "note": 0}
    assert shown.findings[0].code == "import-breaks"
    assert shown.findings[0].evidence[0] == ("Proven", f"import jinja2: {ERROR}")
    assert shown.findings[0].evidence[1:] == made.findings[0].evidence


def test_the_first_diagnosis_stays_as_it_was(made: Diagnosis) -> None:
    before = replace(made)
    with_proofs(made, [proof("jinja2")])
    assert made == before
    assert with_proofs(made, []) is made


@pytest.mark.parametrize(
    "other",
    [
        proof("jinja2", complete=False),
        proof("jinja2", verdict="not-user-site"),
        proof("jinja2", verdict="unclear"),
        proof("jinja2", target=replace(TARGET, interpreter="/opt/bin/python")),
        proof(),
    ],
    ids=["unfinished", "not it", "unclear", "another Python", "no culprit"],
)
def test_other_proofs_say_nothing(made: Diagnosis, other: Proof) -> None:
    assert with_proofs(made, [other]) == made


def test_a_proof_of_another_kernel_says_nothing(made: Diagnosis) -> None:
    mine = replace(made, target=replace(made.target, kernel="one"))
    other = proof("jinja2", target=replace(TARGET, kernel="two"))
    assert with_proofs(mine, [other]) == mine
    same = proof("jinja2", target=replace(TARGET, kernel="one"))
    assert with_proofs(mine, [same]).counts["proven"] == 1


def test_a_kernel_that_does_not_see_the_user_site_has_nothing_proven(made: Diagnosis) -> None:
    isolated = replace(made, target=replace(made.target, visible=False))
    assert with_proofs(isolated, [proof("jinja2")]) == isolated


def test_a_culprit_that_nothing_was_found_about_is_told_of(made: Diagnosis) -> None:
    shown = with_proofs(made, [proof("quiet", code="", verdict="user-site")])
    first = shown.findings[0]
    assert (first.code, first.severity, first.subject) == ("breaks-program", "proven", "quiet")
    assert first.evidence == (("Proven", f"a program: {ERROR}"),)
    assert first.fix
    assert first.fix.packages == ("quiet",)
    assert len(shown.findings) == len(made.findings) + 1


def test_two_that_do_not_fit_together_are_not_said_to_harm_alone(sites: Sites) -> None:
    shown = with_proofs(sites.diagnose(), [proof("one", "two", verdict="inside-user-site")])
    assert [one.subject for one in shown.findings] == ["one", "two"]
    assert all("do not fit together" in one.detail for one in shown.findings)


def test_papers_of_a_culprit_are_not_what_breaks_it(sites: Sites) -> None:
    """That it lacks its RECORD was not proven."""
    SCENARIOS["no-record"].make(sites)
    shown = with_proofs(sites.diagnose(), [proof("mine")])
    assert [(one.code, one.severity) for one in shown.findings] == [
        ("breaks-program", "proven"),
        ("no-record", "note"),
    ]


def test_several_programs_are_named_once_each(made: Diagnosis) -> None:
    proofs = [proof("jinja2"), proof("jinja2"), proof("jinja2", code="import flask")]
    shown = with_proofs(made, proofs)
    said = [text for label, text in shown.findings[0].evidence if label == "Proven"]
    assert said == [f"import jinja2: {ERROR}", f"import flask: {ERROR}"]


def test_a_long_line_of_a_program_is_cut(made: Diagnosis) -> None:
    shown = with_proofs(made, [proof("jinja2", code="x = '" + "y" * 500 + "'")])
    assert len(shown.findings[0].evidence[0][1]) < 200


def test_modules_and_scripts_are_programs_too(made: Diagnosis) -> None:
    for request, words in (
        (ProbeRequest(module="jinja2.ext"), "import jinja2.ext"),
        (ProbeRequest(script="/home/me/train.py"), "/home/me/train.py"),
    ):
        shown = with_proofs(made, [replace(proof("jinja2"), request=request)])
        assert shown.findings[0].evidence[0][1].startswith(words + ": ")
