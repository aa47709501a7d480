"""``env pythons``: what an environment can be based on, and what channels offer."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_envmgr.cli.exits import EXITS
from tests.channel.build import Channel
from tests.cli.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "home").mkdir()
    return Home(tmp_path / "home")


def test_the_pythons_of_a_channel_are_listed(home: Home, conda_channel: Channel) -> None:
    found = home.data("env", "pythons", "--channel", conda_channel.url)
    assert {one["version"] for one in found["pythons"]} == set(conda_channel.pythons)
    code, out, err = home.run("env", "pythons", "--channel", conda_channel.url)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].split() == ["PYTHON", "NEWEST", "KERNEL", "CHANNEL", "NOTE"]
    assert len(lines) == 1 + len(conda_channel.pythons)
    (usual,) = [line for line in lines if "usual: " in line]
    assert usual.split()[1:3] == [conda_channel.python, "yes"]


def test_the_channels_of_the_configuration_are_asked_for_conda(
    home: Home, conda_channel: Channel
) -> None:
    (home.path / ".condarc").write_text(f"channels: [{conda_channel.url}]\n")
    found = home.data("env", "pythons", "--manager", "conda")
    assert found["channels"] == [conda_channel.url]


def test_for_pip_the_interpreters_are_listed(home: Home) -> None:
    (default,) = [i for i in home.data("env", "pythons")["interpreters"] if i["default"]]
    code, out, _ = home.run("env", "pythons")
    assert code == 0
    assert f"{default['version']} (default)" in out


def test_a_channel_that_is_not_reached_is_told_of(home: Home) -> None:
    code, problem = home.problem("env", "pythons", "--channel", "http://127.0.0.1:9/x")
    assert (code, problem["code"]) == (EXITS["unavailable"], "index-unreachable")
