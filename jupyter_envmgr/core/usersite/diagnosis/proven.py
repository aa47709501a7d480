"""Raising findings to *proven*: a probe has shown that a program works without their subject."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ...packages.metadata import normal
from ..model import Diagnosis, Finding, ProbeRequest, Proof
from .codes import ORDER, finding, printable

_LONGEST = 120
_MOST = 3
# These name what harms; the others tell of a culprit's papers, and harm nobody.
_HARMFUL = ("will-fail", "risk")


def with_proofs(diagnosis: Diagnosis, proofs: Iterable[Proof]) -> Diagnosis:
    """The diagnosis with what ``proofs`` have shown, the newest first.

    Findings about a culprit become *proven*, and say by which program. A culprit that nothing
    was found about becomes a finding of its own. Proofs of another interpreter or kernel, or that
    have no verdict yet, say nothing; whether they still hold is for the caller to know.
    """
    shown: dict[str, list[Proof]] = {}
    for proof in proofs:
        if _is_about(proof, diagnosis):
            for culprit in proof.culprits:
                shown.setdefault(normal(culprit), []).append(proof)
    if not shown or not diagnosis.target.visible:
        return diagnosis
    found = [_raised(one, shown) for one in diagnosis.findings]
    told = {normal(one.subject) for one in found if one.severity == "proven"}
    found += [_told(key, proofs) for key, proofs in shown.items() if key not in told]
    return with_findings(diagnosis, found)


def with_findings(diagnosis: Diagnosis, found: Iterable[Finding]) -> Diagnosis:
    """The diagnosis with these findings in place of its own, the worst first, and counted."""
    ordered = sorted(
        found, key=lambda one: (ORDER.index(one.severity), one.code, one.subject.lower())
    )
    counts: dict[str, int] = dict.fromkeys(ORDER, 0)
    for one in ordered:
        counts[one.severity] += 1
    return replace(diagnosis, findings=tuple(ordered), counts=counts)


def _is_about(proof: Proof, diagnosis: Diagnosis) -> bool:
    one, other = proof.target, diagnosis.target
    return (
        proof.complete
        and proof.verdict in ("user-site", "inside-user-site")
        and one.interpreter == other.interpreter
        and (one.kernel == other.kernel or not (one.kernel and other.kernel))
    )


def _raised(one: Finding, shown: dict[str, list[Proof]]) -> Finding:
    proofs = shown.get(normal(one.subject))
    if not proofs or one.severity not in _HARMFUL:
        return one
    return replace(one, severity="proven", evidence=(*_rows(proofs), *one.evidence))


def _rows(proofs: Iterable[Proof]) -> Iterator[tuple[str, str]]:
    said = dict.fromkeys(f"{_program(p.request)}: {_error(p)}" for p in proofs)
    for words in list(said)[:_MOST]:
        yield "Proven", printable(words)


def _told(key: str, proofs: list[Proof]) -> Finding:
    newest = proofs[0]
    name = next(c for c in newest.culprits if normal(c) == key)
    words = f"A program fails with {name} and works without it."
    if newest.verdict == "inside-user-site":
        words = f"A program fails with {' and '.join(newest.culprits)}: they do not fit together."
    elif len(newest.culprits) > 1:
        words = f"A program fails with {name}, and works when it and others are hidden."
    return finding(
        "breaks-program",
        name,
        words,
        evidence=tuple(_rows(proofs)),
        fix=newest.fix,
    )


def _program(request: ProbeRequest) -> str:
    """What was run, in one line: the first one of a snippet."""
    if request.module:
        return f"import {request.module}"
    if request.script:
        return request.script
    lines = (line.strip() for line in request.code.splitlines())
    first = next((line for line in lines if line and not line.startswith("#")), "a program")
    return first if len(first) <= _LONGEST else first[: _LONGEST - 1] + "…"


def _error(proof: Proof) -> str:
    """How it fails with the user site."""
    first = next((probe for probe in proof.probes if probe.mode == "as-is"), None)
    return (first.error if first else "") or "it fails"
