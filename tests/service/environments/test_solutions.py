"""What a solver has found, as a plan shows it: in words, and in the parts of a table."""

from __future__ import annotations

from jupyter_envmgr.core.conda.condarc import CondaConfiguration
from jupyter_envmgr.core.plans import PlannedPackage
from jupyter_envmgr.engines.conda_plan import Change, Solution
from jupyter_envmgr.service.environments.solutions import changes_of

_FORGE = "https://conda.anaconda.org/conda-forge"
_OURS = "https://mirror.example/conda/ours"


def test_each_package_is_told_in_words_and_in_parts() -> None:
    solution = Solution(
        (
            Change("new", "", "2.0", channel=_FORGE, size=20_900),
            Change("other", "1.0", "1.1", channel=_FORGE),
            Change("gone", "3.0", "", channel=_FORGE),
        )
    )
    new, other, gone = changes_of(solution, CondaConfiguration())
    assert (new.action, new.target, new.detail) == ("install", "new 2.0", "conda-forge, 20.9 kB")
    assert new.package == PlannedPackage("new", "", "2.0", "conda-forge", _FORGE, 20_900)
    assert (other.action, other.target) == ("replace", "other")
    assert other.package == PlannedPackage("other", "1.0", "1.1", "conda-forge", _FORGE)
    assert (gone.action, gone.target, gone.detail) == ("remove", "gone", "3.0")
    assert gone.package == PlannedPackage("gone", "3.0", "", "conda-forge", _FORGE)


def test_channels_are_called_as_conda_is_configured_and_keep_their_addresses() -> None:
    configured = CondaConfiguration(channel_alias="https://mirror.example/conda")
    solution = Solution((Change("a", "", "1", channel=_OURS), Change("b", "", "1", channel="x")))
    parts = [step.package for step in changes_of(solution, configured)]
    assert [(p.channel, p.channel_url) for p in parts if p] == [("ours", _OURS), ("x", "x")]
