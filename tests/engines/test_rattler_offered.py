"""The Pythons that channels offer, as py-rattler reads them: quickly, by its own records alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jupyter_envmgr.core.conda.offered import Offer, by_minor
from jupyter_envmgr.core.errors import EnvMgrError
from tests.channel.archives import CondaPackage
from tests.channel.build import Channel, write_channel
from tests.channel.server import ChannelServer
from tests.engines.rattler_bench import RattlerBench


@pytest.fixture
def cold(tmp_path: Path) -> RattlerBench:
    """A bench whose cache is empty."""
    return RattlerBench(tmp_path, tmp_path / "cache")


def ask(bench: RattlerBench, *channels: str, **changes: Any) -> tuple[Offer, ...]:
    """What the channels offer, asked as the service asks."""
    plan = bench.plan("", channels=channels, **changes)
    work = bench.engine.offered(plan)
    for name, text in work.files.items():
        (plan.workdir / name).write_text(text)
    (step,) = work.steps
    outcome = bench.run(step)
    if not outcome.ok:
        raise bench.engine.explain(step, outcome, plan)
    return bench.engine.read_offered(outcome)


def python(version: str, build: str = "0_cpython", subdir: str = "noarch") -> CondaPackage:
    return CondaPackage("python", version, build=build, subdir=subdir)


def made(directory: Path, *packages: CondaPackage) -> str:
    return write_channel(directory, list(packages)).as_uri()


def kernels(offers: tuple[Offer, ...]) -> dict[str, bool | None]:
    return {offer.version: offer.has_kernel for offer in offers}


def test_exactly_the_pythons_of_a_channel_are_offered(
    cold: RattlerBench, conda_channel: Channel
) -> None:
    found = ask(cold, conda_channel.url)
    assert {offer.version for offer in found} == set(conda_channel.pythons)
    assert {offer.channel for offer in found} == {conda_channel.url}


def test_a_kernel_is_there_for_the_python_that_its_compiled_packages_are_built_for(
    cold: RattlerBench, conda_channel: Channel
) -> None:
    """ipykernel itself is there for each of them; what it needs is not."""
    expected = {version: version == conda_channel.python for version in conda_channel.pythons}
    assert kernels(ask(cold, conda_channel.url)) == expected


def test_nothing_is_downloaded_linked_or_noted(
    cold: RattlerBench, conda_server: ChannelServer
) -> None:
    ask(cold, conda_server.url)
    assert not conda_server.downloads()
    assert not cold.prefix.exists()
    assert not (cold.home / ".conda").exists()


def test_offline_the_cache_answers(cold: RattlerBench, conda_server: ChannelServer) -> None:
    online = ask(cold, conda_server.url)
    asked = len(conda_server.requests)
    assert ask(cold, conda_server.url, offline=True) == online
    assert len(conda_server.requests) == asked


def test_offline_with_nothing_in_the_cache_is_said(
    cold: RattlerBench, conda_server: ChannelServer
) -> None:
    with pytest.raises(EnvMgrError) as caught:
        ask(cold, conda_server.url, offline=True)
    assert caught.value.code == "index-unreachable"
    assert "not in the cache" in caught.value.detail


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        ({"status": 404}, "index-not-found"),
        ({"status": 403}, "index-unauthorised"),
        ({"garbage": True}, "index-not-found"),
        ({"credentials": ("me", "secret")}, "index-unauthorised"),
    ],
    ids=str,
)
def test_a_channel_that_does_not_answer_is_told_of_as_elsewhere(
    cold: RattlerBench, conda_server: ChannelServer, broken: dict[str, Any], code: str
) -> None:
    for name, value in broken.items():
        setattr(conda_server, name, value)
    with pytest.raises(EnvMgrError) as caught:
        ask(cold, conda_server.url)
    assert caught.value.code == code
    assert conda_server.url in caught.value.detail


def test_nobody_at_an_address_is_told_of(cold: RattlerBench) -> None:
    with pytest.raises(EnvMgrError) as caught:
        ask(cold, "http://127.0.0.1:9/nobody")
    assert caught.value.code == "index-unreachable"


def test_credentials_are_used_and_not_shown(
    cold: RattlerBench, conda_server: ChannelServer
) -> None:
    conda_server.credentials = ("me", "geheimnis")
    found = ask(cold, conda_server.url_with("me", "geheimnis"))
    assert {offer.channel for offer in found} == {conda_server.url}
    assert "geheimnis" not in cold.outcomes[0].stdout + cold.outcomes[0].stderr


def test_a_channel_without_python_offers_none(cold: RattlerBench, tmp_path: Path) -> None:
    assert ask(cold, made(tmp_path / "empty", CondaPackage("left"))) == ()


def test_only_the_first_channel_with_a_python_counts_as_for_the_solver(
    cold: RattlerBench, tmp_path: Path
) -> None:
    """Its order of channels is strict, unless conda's configuration switches it off."""
    first = made(tmp_path / "first", python("3.11.1"), python("3.10.2"))
    second = made(tmp_path / "second", python("3.12.1"), python("3.11.1"))
    none = made(tmp_path / "none", CondaPackage("left"))
    assert {offer.version for offer in ask(cold, none, first, second)} == {"3.11.1", "3.10.2"}
    every = ask(cold, first, second, channel_priority="disabled")
    assert [(one.version, one.channel) for one in by_minor(every)] == [
        ("3.12.1", second),
        ("3.11.1", first),
        ("3.10.2", first),
    ]


def test_builds_say_what_is_pypy(cold: RattlerBench, tmp_path: Path) -> None:
    url = made(tmp_path / "mixed", python("3.9.18", "0_73_pypy"), python("3.10.1"))
    assert [one.minor for one in by_minor(ask(cold, url))] == ["3.10"]


def test_what_is_for_another_platform_is_not_offered(cold: RattlerBench, tmp_path: Path) -> None:
    url = made(tmp_path / "mac", python("3.12.1", subdir="osx-arm64"), python("3.11.1"))
    assert [offer.version for offer in ask(cold, url)] == ["3.11.1"]


def test_a_kernel_is_looked_for_as_channels_say_what_python_they_are_for(
    cold: RattlerBench, tmp_path: Path
) -> None:
    """By the version of Python, its ABI (CFEP-20), or CPython from one version on (abi3)."""
    pythons = [python(f"3.{minor}.1") for minor in (8, 9, 10, 11)]
    url = made(
        tmp_path / "forge",
        *pythons,
        CondaPackage("ipykernel", "6.0", depends=("python >=3.9", "compiled", "__unix")),
        CondaPackage("ipykernel", "5.0", depends=("python <3.9", "compiled <2")),
        CondaPackage("compiled", "1.0", build="a", depends=("python >=3.8,<3.9",)),
        CondaPackage("compiled", "2.0", build="b", depends=("python_abi 3.9.* *_cp39",)),
        CondaPackage("compiled", "2.0", build="c", depends=("python", "cpython >=3.11")),
    )
    assert kernels(ask(cold, url)) == {
        "3.8.1": True,
        "3.9.1": True,
        "3.10.1": False,
        "3.11.1": True,
    }


def test_without_ipykernel_there_is_no_kernel(cold: RattlerBench, tmp_path: Path) -> None:
    assert kernels(ask(cold, made(tmp_path / "bare", python("3.12.1")))) == {"3.12.1": False}
