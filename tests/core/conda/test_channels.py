"""Channels: names become addresses as conda's configuration has it; credentials stay apart."""

from __future__ import annotations

import pytest

from jupyter_envmgr.core.conda.channels import channel_name, resolve_channels
from jupyter_envmgr.core.conda.condarc import CondaConfiguration
from jupyter_envmgr.core.errors import EnvMgrError

FORGE = "https://conda.anaconda.org/conda-forge"
PLAIN = CondaConfiguration(home="/home/ada")


def test_without_any_name_it_is_conda_forge_alone() -> None:
    found = resolve_channels([], PLAIN)
    assert found.urls == found.public_urls == (FORGE,)
    assert found.notices == ()
    assert found.source == "the default"


def test_without_a_name_the_configuration_decides() -> None:
    configuration = CondaConfiguration(channels=("team",), sources={"channels": "/x/.condarc"})
    found = resolve_channels([], configuration)
    assert found.urls == ("https://conda.anaconda.org/team",)
    assert found.source == "/x/.condarc"


def test_names_that_are_given_are_all_there_is() -> None:
    configuration = CondaConfiguration(channels=("team",))
    assert resolve_channels(["conda-forge"], configuration).urls == (FORGE,)


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("conda-forge", FORGE),
        (" conda-forge ", FORGE),
        ("conda-forge/label/dev", f"{FORGE}/label/dev"),
        ("conda-forge/linux-64", FORGE),
        ("pkgs/main", "https://repo.anaconda.com/pkgs/main"),
        ("https://conda.example/x/", "https://conda.example/x"),
        ("https://conda.example/x/noarch", "https://conda.example/x"),
        ("file:///data/channel", "file:///data/channel"),
        ("/data/my channel", "file:///data/my%20channel"),
        ("~/channel", "file:///home/ada/channel"),
    ],
)
def test_a_name_an_address_or_a_path_is_a_channel(name: str, url: str) -> None:
    assert resolve_channels([name], PLAIN).urls == (url,)


CONFIGURED = CondaConfiguration(
    channel_alias="https://mirror.example/conda",
    default_channels=("https://mirror.example/pkgs/main", "https://mirror.example/pkgs/r"),
    custom_channels={"team": "https://conda.example/private", "pkgs": "/data"},
    custom_multichannels={"ours": ("team", "conda-forge"), "loop": ("loop",)},
    mirrored_channels={"nvidia": ("https://a.example/nvidia", "https://b.example/nvidia")},
)


@pytest.mark.parametrize(
    ("name", "urls"),
    [
        ("conda-forge", ("https://mirror.example/conda/conda-forge",)),
        ("team", ("https://conda.example/private/team",)),
        ("team/label/dev", ("https://conda.example/private/team/label/dev",)),
        ("teams", ("https://mirror.example/conda/teams",)),
        ("pkgs/main", ("file:///data/pkgs/main",)),
        (
            "ours",
            (
                "https://conda.example/private/team",
                "https://mirror.example/conda/conda-forge",
            ),
        ),
        (
            "defaults",
            ("https://mirror.example/pkgs/main", "https://mirror.example/pkgs/r"),
        ),
        ("nvidia", ("https://a.example/nvidia",)),
        ("loop", ("https://mirror.example/conda/loop",)),
    ],
)
def test_the_configuration_says_where_a_channel_is(name: str, urls: tuple[str, ...]) -> None:
    assert resolve_channels([name], CONFIGURED).urls == urls


def test_a_mirror_of_all_channels_as_universities_configure_it() -> None:
    mirror = "https://mirrors.example.edu/anaconda"
    configuration = CondaConfiguration(
        channels=("defaults",),
        default_channels=(f"{mirror}/pkgs/main", f"{mirror}/pkgs/r"),
        custom_channels=dict.fromkeys(("conda-forge", "pytorch"), f"{mirror}/cloud"),
        sources={"channels": "~/.condarc"},
    )
    found = resolve_channels([], configuration)
    assert found.urls == (f"{mirror}/pkgs/main", f"{mirror}/pkgs/r")
    assert found.notices == ()
    named = resolve_channels(["pytorch", "conda-forge"], configuration)
    assert named.urls == (f"{mirror}/cloud/pytorch", f"{mirror}/cloud/conda-forge")
    assert channel_name(f"{mirror}/cloud/pytorch/linux-64", configuration) == "pytorch"


def test_the_other_mirrors_of_a_channel_are_known() -> None:
    found = resolve_channels(["nvidia"], CONFIGURED)
    assert found.mirrors == (("https://a.example/nvidia", ("https://b.example/nvidia",)),)


def test_nodefaults_and_what_is_no_channel_are_dropped() -> None:
    assert resolve_channels(["nodefaults", "conda-forge", "pypi"], PLAIN).urls == (FORGE,)
    assert resolve_channels(["nodefaults"], PLAIN).urls == (FORGE,)
    assert any("local" in n for n in resolve_channels(["local", "x"], PLAIN).notices)


@pytest.mark.parametrize(
    "name", ["defaults", "anaconda", "https://repo.anaconda.com/pkgs/main", "pkgs/r", "main"]
)
def test_channels_of_anaconda_have_a_note_about_their_terms(name: str) -> None:
    found = resolve_channels([name, "conda-forge"], PLAIN)
    assert any("terms" in notice for notice in found.notices)


@pytest.mark.parametrize(
    ("name", "configuration"),
    [
        ("conda-forge", PLAIN),
        ("defaults", CONFIGURED),
        ("https://conda.example/anaconda", PLAIN),
    ],
)
def test_other_channels_have_none(name: str, configuration: CondaConfiguration) -> None:
    assert resolve_channels([name], configuration).notices == ()


def test_credentials_are_in_what_is_used_and_not_in_what_is_shown() -> None:
    configuration = CondaConfiguration(channel_alias="https://ada:geheim@mirror.example")
    found = resolve_channels(
        ["conda-forge", "https://conda.anaconda.org/t/tk-12345678/team"], configuration
    )
    assert found.urls == (
        "https://ada:geheim@mirror.example/conda-forge",
        "https://conda.anaconda.org/t/tk-12345678/team",
    )
    assert found.public_urls == (
        "https://mirror.example/conda-forge",
        "https://conda.anaconda.org/team",
    )
    assert {"geheim", "tk-12345678", "ada:geheim@"} <= set(found.secrets)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a b", "neither the name nor the address"),
        ("-c", "neither the name nor the address"),
        ("../x", "a relative path"),
        ("s3://bucket/x", "(s3) is not allowed"),
        ("https://", "no host"),
        ("https://h/a b", "a character"),
        ("https://h/$X", "a character"),
        ("https://h/../x", "'..'"),
        ("x" * 300, "neither the name"),
        ("a\nb", "neither the name"),
    ],
)
def test_what_cannot_be_a_channel_is_refused(name: str, words: str) -> None:
    with pytest.raises(EnvMgrError) as caught:
        resolve_channels(["conda-forge", name], PLAIN)
    assert caught.value.code == "bad-channel"
    (error,) = caught.value.errors
    assert (error.field, error.line) == ("channels", 2)
    assert words in error.detail


def test_too_many_channels_are_refused() -> None:
    with pytest.raises(EnvMgrError, match="31 channels"):
        resolve_channels([f"c{n}" for n in range(31)], PLAIN)


def test_what_the_configuration_forbids_is_refused() -> None:
    denied = CondaConfiguration(denylist_channels=("defaults",))
    with pytest.raises(EnvMgrError, match="does not allow") as caught:
        resolve_channels(["defaults"], denied)
    assert caught.value.code == "not-allowed"
    allowed = CondaConfiguration(allowlist_channels=("conda-forge",))
    assert resolve_channels(["conda-forge"], allowed).urls == (FORGE,)
    with pytest.raises(EnvMgrError, match="does not allow"):
        resolve_channels(["team"], allowed)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        (FORGE, "conda-forge"),
        (f"{FORGE}/linux-64", "conda-forge"),
        (f"{FORGE}/label/dev", "conda-forge/label/dev"),
        ("https://repo.anaconda.com/pkgs/main/linux-64", "defaults"),
        ("https://conda.anaconda.org/t/tk-12345678/team", "team"),
        ("https://ada:geheim@conda.example/x", "https://conda.example/x"),
        ("https://mirror.example/conda/conda-forge", "conda-forge"),
        ("https://conda.example/private/team", "team"),
        ("conda-forge", "conda-forge"),
        ("https://mirror.example/pkgs/main/linux-64", "defaults"),
    ],
)
def test_an_address_has_a_short_public_name(url: str, name: str) -> None:
    assert channel_name(url, CONFIGURED) == name


@pytest.mark.parametrize(
    ("channel", "configuration"),
    [
        ("https://h.example/c", CondaConfiguration(channels=("https://ada:pw@h.example/c",))),
        ("https://h.example/c", CondaConfiguration(channels=("https://h.example/t/tk-pw/c/",))),
        (
            "https://h.example/c",
            CondaConfiguration(custom_channels={"c": "https://a:pw@h.example"}),
        ),
        ("https://h.example/c", CondaConfiguration(default_channels=("https://a:pw@h.example/c",))),
    ],
)
def test_an_address_without_credentials_gets_those_that_the_configuration_has_for_it(
    channel: str, configuration: CondaConfiguration
) -> None:
    found = resolve_channels([channel], configuration)
    assert "pw" in found.urls[0]
    assert found.public_urls == (channel,)
    assert any("pw" in secret for secret in found.secrets)
    assert resolve_channels([f"{channel}2"], configuration).urls == (f"{channel}2",)
