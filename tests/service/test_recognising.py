"""A pasted text with what can be done about its builds."""

from __future__ import annotations

from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.service.recognising import recognise_text
from jupyter_envmgr.service.requests import RecogniseRequest

TEXT = "dependencies:\n  - numpy=1.26.4=py311h1_0\n  - scipy=1.11=py311h2_0\n"


def test_builds_that_a_solver_did_not_find_can_be_relaxed(settings: Settings) -> None:
    plain = recognise_text(settings, RecogniseRequest(TEXT))
    assert plain.choices == ()
    found = recognise_text(settings, RecogniseRequest(TEXT, builds_gone=plain.packages[1:]))
    assert [choice.choice for choice in found.choices] == ["keep", "relax", "drop"]
    (line,) = found.choices[1].lines
    assert (line.before, line.why) == (plain.packages[1], "not in the channels")
    assert line.after.startswith("scipy=")


def test_builds_of_another_text_change_nothing(settings: Settings) -> None:
    request = RecogniseRequest(TEXT, builds_gone=("other=1.0=0",))
    assert recognise_text(settings, request).choices == ()


def test_terms_of_channels_are_spoken_of(settings: Settings) -> None:
    text = "channels: [defaults]\ndependencies: [numpy]\n"
    found = recognise_text(settings, RecogniseRequest(text))
    assert sum("terms" in warning for warning in found.warnings) == 1
