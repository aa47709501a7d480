"""The Pythons that could be fetched: asked of the real uv, which needs no network for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_envmgr.core.environments.model import Persistence
from jupyter_envmgr.engines.pythons import listing, parse
from jupyter_envmgr.engines.uv import UvEngine
from jupyter_envmgr.system.process import run
from tests import fakes

STAYS = Persistence(True, "in your home")


def row(version: str, **changes: str) -> dict[str, str]:
    return {"implementation": "cpython", "version": version, "variant": "default", **changes}


def test_uv_knows_a_python_of_each_minor_version_without_a_network(tmp_path: Path) -> None:
    settings = fakes.settings(tmp_path)
    command = listing(UvEngine.find(settings), settings, tmp_path)
    outcome = run(command, on_line=lambda s, line: None, cancelled=lambda: False, timeout=30)
    assert outcome.ok
    found = parse(outcome.stdout, STAYS)
    minors = [".".join(i.version.split(".")[:2]) for i in found]
    assert {"3.10", "3.11", "3.12", "3.13"} <= set(minors)
    assert len(minors) == len(set(minors))
    assert all(i.path is None and i.persistence is STAYS for i in found)


def test_the_newest_final_cpython_of_each_minor_is_offered() -> None:
    rows = [
        row("3.14.0rc2"),
        row("3.12.9"),
        row("3.12.10"),
        row("3.13.1", variant="freethreaded"),
        row("3.11.4", implementation="pypy"),
        row("3.10.22"),
        row("3.7.9"),
    ]
    assert [i.version for i in parse(json.dumps(rows), STAYS)] == ["3.12.10", "3.10.22"]


def test_a_version_that_is_here_is_not_offered() -> None:
    rows = [row("3.12.10"), row("3.11.4")]
    assert [i.version for i in parse(json.dumps(rows), STAYS, {"3.12.10"})] == ["3.11.4"]


@pytest.mark.parametrize("output", ["", "no json", "[1]", "{}", '[{"version": 3}]', "null"])
def test_an_answer_that_cannot_be_read_offers_nothing(output: str) -> None:
    assert parse(output, STAYS) == ()
