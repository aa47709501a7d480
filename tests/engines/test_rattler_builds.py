"""Builds that are gone from the channels: the solver's refusal names each of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_envmgr.core.conda.builds import build_choices
from jupyter_envmgr.core.conda.matchspec import parse_specs
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.engines.rattler_unsolvable import explain_unsolvable
from tests.channel.archives import CondaPackage
from tests.channel.build import write_channel
from tests.engines.rattler_bench import RattlerBench


@pytest.fixture
def channel(tmp_path: Path) -> str:
    """A channel in which two packages were built anew, and one was not."""
    packages = [CondaPackage(name, "1.0", build="new_1") for name in ("alpha", "beta")]
    packages.append(CondaPackage("gamma", "1.0", build="old_0"))
    return write_channel(tmp_path / "channel", packages).as_uri()


def refused(bench: RattlerBench, channel: str, *specs: str) -> EnvMgrError:
    asked = tuple(spec.text for spec in parse_specs(specs))
    with pytest.raises(EnvMgrError) as caught:
        bench.solve(channel, *asked)
    return caught.value


def gone(error: EnvMgrError) -> list[str]:
    return ((error.context or {}).get("builds_gone") or "").splitlines()


def test_all_builds_that_are_gone_are_named_and_can_be_relaxed(
    rattler_bench: RattlerBench, channel: str
) -> None:
    """The solver itself tells of the first alone."""
    texts = ["alpha=1.0=old_0", "beta=1.0=old_0", "gamma=1.0=old_0"]
    error = refused(rattler_bench, channel, *texts)
    assert error.code == "no-such-version"
    assert "without its build" in error.hint
    specs = parse_specs(texts)
    assert gone(error) == [spec.text for spec in specs[:2]]
    _, relax, _ = build_choices(specs, "linux-64", unavailable=frozenset(gone(error)))
    assert relax.packages == ("alpha==1.0", "beta==1.0", specs[2].text)
    assert rattler_bench.solve(channel, *relax.packages).changes


@pytest.mark.parametrize("spec", ["alpha=7", "nobody=1.0=old_0"])
def test_what_no_build_is_to_blame_for_names_none(
    rattler_bench: RattlerBench, channel: str, spec: str
) -> None:
    error = refused(rattler_bench, channel, spec)
    assert gone(error) == []
    assert "without its build" not in (error.hint or "")


def test_a_build_that_is_there_is_not_to_blame(rattler_bench: RattlerBench, channel: str) -> None:
    error = refused(rattler_bench, channel, "gamma=1.0=old_0", "alpha=7")
    assert gone(error) == []


def test_the_explanation_stays_in_the_context() -> None:
    text = "Cannot solve the request because of: No candidates were found for alpha =1.0 old_0."
    facts = {"gone": ["alpha=1.0=old_0"], "versions": {"alpha": ["1.0"]}}
    error = explain_unsolvable(text, facts, ["conda-forge"])
    assert error.context == {"explanation": text, "builds_gone": "alpha=1.0=old_0"}
