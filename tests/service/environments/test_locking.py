"""A lock of an environment, most of which no index knows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jupyter_envmgr.core.commands import Outcome
from jupyter_envmgr.core.packages.toml_text import parse_toml
from jupyter_envmgr.engines.uv_lock import LockPlan
from jupyter_envmgr.service.context import Context
from jupyter_envmgr.service.environments import exporting, pylock
from tests.index.server import LocalIndex
from tests.service.environments.test_pylock import index as index
from tests.service.environments.test_pylock import made, prefix_of


def test_however_many_are_in_no_index_the_rest_is_locked(
    indexed: Context, index: LocalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """uv names one of them at a time, and is asked again without it."""
    made(indexed, "old", packages=("alpha",), kernel=False)
    site = next(prefix_of(indexed, "old").glob("lib/python3*/site-packages"))
    names = [f"private-{number:02}" for number in range(45)]
    for name in names:
        info = site / f"{name.replace('-', '_')}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    indexed.catalogue.forget()
    real = pylock._run

    def one_at_a_time(context: Context, plan: LockPlan) -> Outcome:
        missing = tuple(line for line in plan.lines if line.startswith("private-"))
        return real(context, replace(plan, lines=missing[:1] or plan.lines))

    monkeypatch.setattr(pylock, "_run", one_at_a_time)
    export = exporting.export(indexed, "old", "pylock")
    packages = {package["name"] for package in parse_toml(export.text)["packages"]}
    assert {"alpha", "beta"} <= packages
    assert any("Not in the index" in n and "40 more" in n for n in export.notices)
