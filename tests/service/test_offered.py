"""Which Pythons the channels of a request offer: asked by the engine, and remembered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.service import offered as service
from jupyter_envmgr.service.answers import OfferedPythons
from jupyter_envmgr.service.context import Context
from jupyter_envmgr.service.requests import OfferRequest
from tests.channel.archives import CondaPackage
from tests.channel.build import Channel, write_channel
from tests.channel.server import ChannelServer
from tests.engines.conda_cli_bench import fake
from tests.engines.conda_cli_channel import ChannelServer as SmallServer
from tests.engines.conda_cli_channel import package


def ask(context: Context, *channels: str, engine: str = "") -> OfferedPythons:
    return service.offered(context, OfferRequest(channels, engine))


def minor(version: str) -> str:
    return ".".join(version.split(".")[:2])


def test_exactly_what_the_channel_has_and_that_of_the_image_is_usual(
    context: Context, conda_channel: Channel
) -> None:
    found = ask(context, conda_channel.url)
    assert {one.version for one in found.pythons} == set(conda_channel.pythons)
    numbers = [tuple(map(int, one.minor.split("."))) for one in found.pythons]
    assert numbers == sorted(numbers, reverse=True)
    assert (found.usual, found.why) == (minor(conda_channel.python), "as the image has")
    assert found.image == found.usual
    assert {one.minor for one in found.pythons if one.kernel} == {minor(conda_channel.python)}
    assert (found.channels, found.engine) == ((conda_channel.url,), "rattler")


def test_without_channels_those_of_condas_configuration_are_asked(
    context: Context, settings: Settings, conda_channel: Channel
) -> None:
    (settings.home / ".condarc").write_text(f"channels: [{conda_channel.url}]\n")
    assert ask(context).channels == (conda_channel.url,)


def test_a_channel_is_asked_once_for_as_long_as_a_form_is_filled_in(
    context: Context, conda_server: ChannelServer
) -> None:
    first = ask(context, conda_server.url)
    asked = len(conda_server.requests)
    assert asked > 0
    assert ask(context, conda_server.url) == first
    assert len(conda_server.requests) == asked


def test_other_channels_are_another_question(
    context: Context, conda_channel: Channel, tmp_path: Path
) -> None:
    own = write_channel(tmp_path / "own", [CondaPackage("python", "3.7.1")]).as_uri()
    assert len(ask(context, conda_channel.url).pythons) == len(conda_channel.pythons)
    assert [one.version for one in ask(context, own).pythons] == ["3.7.1"]


def test_a_channel_that_did_not_answer_is_asked_again(
    context: Context, conda_server: ChannelServer
) -> None:
    conda_server.status = 404
    with pytest.raises(EnvMgrError) as caught:
        ask(context, conda_server.url)
    assert caught.value.code == "index-not-found"
    conda_server.status = None
    assert ask(context, conda_server.url).pythons


def test_a_channel_that_says_nothing_is_given_up_in_words(
    context: Context, conda_server: ChannelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "PATIENCE", 1.0)
    conda_server.hold("repodata")
    with pytest.raises(EnvMgrError) as caught:
        ask(context, conda_server.url)
    assert caught.value.code == "index-unreachable"
    assert "did not answer within 1 seconds" in caught.value.detail


def test_a_channel_without_python_is_no_error(context: Context, tmp_path: Path) -> None:
    found = ask(context, write_channel(tmp_path / "own", [CondaPackage("left")]).as_uri())
    assert (found.pythons, found.usual, found.why) == ((), "", "")


def test_credentials_are_in_no_answer(context: Context, conda_server: ChannelServer) -> None:
    conda_server.credentials = ("me", "geheimnis")
    found = ask(context, conda_server.url_with("me", "geheimnis"))
    assert found.channels == (conda_server.url,)
    assert "geheimnis" not in repr(found)


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (OfferRequest(("no such channel!",)), "bad-channel"),
        (OfferRequest(engine="mamba"), "engine-missing"),
        (OfferRequest(engine="uv"), "bad-request"),
    ],
    ids=str,
)
def test_what_cannot_be_asked_is_said(
    settings: Settings,
    make_context: Callable[[Settings], Context],
    tmp_path: Path,
    request_: OfferRequest,
    code: str,
) -> None:
    without_tools = {**settings.environ, "PATH": str(tmp_path)}
    with pytest.raises(EnvMgrError) as caught:
        service.offered(make_context(replace(settings, environ=without_tools)), request_)
    assert caught.value.code == code


def test_the_engine_that_was_chosen_asks(
    settings: Settings, make_context: Callable[[Settings], Context], tmp_path: Path
) -> None:
    engine = fake(tmp_path / "bin", "conda")
    context = make_context(
        replace(settings, environ={**settings.environ, "CONDA_EXE": engine.executable})
    )
    with SmallServer([package("python", "3.9.1")]) as server:
        found = ask(context, server.url, engine="conda")
        assert ask(context, server.url, engine="conda") == found
        asked = len(server.asked)
    with SmallServer([package("ipython")]) as server:
        assert ask(context, server.url, engine="conda").pythons == ()
    (only,) = found.pythons
    assert (only.version, only.kernel, found.engine) == ("3.9.1", None, "conda")
    assert asked <= 2  # terms of service, and what is there


def test_nothing_stays_in_the_cache_of_a_question(
    context: Context, settings: Settings, conda_channel: Channel
) -> None:
    ask(context, conda_channel.url)
    assert list(settings.cache.iterdir()) == []
    assert not (settings.home / ".conda").exists()
