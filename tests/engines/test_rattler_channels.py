"""Channels over the network: credentials, mirrors, proxies, certificates, and without a network."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.events import Progress
from jupyter_envmgr.engines.rattler import CREDENTIALS
from jupyter_envmgr.engines.rattler_access import access
from tests.channel.build import Channel
from tests.channel.server import ChannelServer
from tests.engines.rattler_bench import RattlerBench, records
from tests.index.server import AUTHORITY

FORGE = "https://conda.anaconda.org/conda-forge"
SECRET = "geheimnis"


@pytest.fixture
def cold(tmp_path: Path) -> RattlerBench:
    """A bench whose cache is empty."""
    return RattlerBench(tmp_path, tmp_path / "cache")


def assert_unseen(bench: RattlerBench, secret: str = SECRET) -> None:
    """A secret is in nothing but the private files of the work."""
    for command in bench.commands[:1]:
        assert not any(secret in word for word in command.argv)
        assert not any(secret in value for value in command.environ.values())
        assert secret in command.secrets
    assert not any(secret in o.stdout + o.stderr for o in bench.outcomes)
    for root in (bench.prefix, bench.cache, bench.home / ".conda"):
        for file in root.rglob("*"):
            if file.is_file() and not file.is_symlink():
                assert secret.encode() not in file.read_bytes(), file


def test_credentials_in_an_address_are_used_and_kept_nowhere(
    cold: RattlerBench, conda_server: ChannelServer
) -> None:
    conda_server.credentials = ("me", SECRET)
    cold.create(conda_server.url_with("me", SECRET), "left")
    assert {r["url"].partition("/conda-forge")[0] for r in records(cold.prefix)} == {
        conda_server.base
    }
    assert_unseen(cold)


def test_a_token_in_an_address_is_used_and_kept_nowhere(
    cold: RattlerBench, conda_server: ChannelServer
) -> None:
    conda_server.token = "tk-0123456789"
    cold.create(conda_server.url, "left")
    assert_unseen(cold, conda_server.token)


def test_two_channels_of_one_host_have_credentials_of_their_own(
    cold: RattlerBench, conda_channel: Channel
) -> None:
    with ChannelServer({"private": conda_channel.path, "other": conda_channel.path}) as server:
        server.credentials_of = {"private": ("me", SECRET), "other": ("you", "other-secret")}
        urls = [
            f"http://{user}:{password}@{server.host}/{name}"
            for name, (user, password) in server.credentials_of.items()
        ]
        cold.create("", "left", channels=tuple(urls))
        asked = {path.split("/")[1] for path in server.requests}
    assert asked == {"private", "other"}
    assert_unseen(cold)
    assert_unseen(cold, "other-secret")


def test_two_channels_of_one_host_have_tokens_of_their_own(
    cold: RattlerBench, conda_server: ChannelServer
) -> None:
    urls = (f"{conda_server.base}/t/tk-first/one", f"{conda_server.base}/t/tk-second/two")
    with pytest.raises(EnvMgrError) as caught:
        cold.create("", "left", channels=urls)
    assert caught.value.problem.code == "index-not-found"
    assert "tk-" not in caught.value.problem.detail
    beginnings = {"/".join(path.split("/")[1:4]) for path in conda_server.requests}
    assert beginnings == {"t/tk-first/one", "t/tk-second/two"}


def test_the_persons_own_authentication_file_is_used(
    cold: RattlerBench, conda_server: ChannelServer
) -> None:
    conda_server.bearer = SECRET
    file = cold.home / "auth.json"
    file.write_text(json.dumps({"127.0.0.1": {"BearerToken": SECRET}}))
    cold.environ = {"RATTLER_AUTH_FILE": str(file)}
    cold.create(conda_server.url, "left")
    assert_unseen(cold)
    again = cold.home / "again"
    cold.create(conda_server.url, "left", prefix=again, ssl_verify=False)
    assert_unseen(cold)


def test_without_verification_credentials_are_used_too(
    cold: RattlerBench, conda_channel: Channel
) -> None:
    with ChannelServer({"conda-forge": conda_channel.path}, tls=True) as server:
        server.credentials = ("me", SECRET)
        cold.create(server.url_with("me", SECRET), "left", ssl_verify=False)
        server.credentials, server.token = None, "tk-0123456789"
        cold.change(server.url, "two-versions", ssl_verify=False)
    assert_unseen(cold)


def test_credentials_in_netrc_are_used(cold: RattlerBench, conda_server: ChannelServer) -> None:
    conda_server.credentials = ("me", SECRET)
    netrc = cold.home / ".netrc"
    netrc.write_text(f"machine 127.0.0.1 login me password {SECRET}\n")
    netrc.chmod(0o600)
    cold.create(conda_server.url, "left")


@pytest.mark.parametrize("password", ["wrong", "link", "1.0", "packed"])
def test_wrong_credentials_are_said_and_not_shown(
    cold: RattlerBench, conda_server: ChannelServer, password: str
) -> None:
    """A password that is a word of the worker's own lines does not break them."""
    conda_server.credentials = ("me", SECRET)
    with pytest.raises(EnvMgrError) as caught:
        cold.create(conda_server.url_with("me", password), "left")
    assert caught.value.problem.code == "index-unauthorised"
    assert conda_server.url in caught.value.problem.detail
    assert "wants valid credentials (401)" in caught.value.problem.detail


def test_an_explicit_list_of_a_channel_that_refuses_says_so(
    cold: RattlerBench, conda_server: ChannelServer, conda_channel: Channel
) -> None:
    file = next(conda_channel.path.glob("*/left-1.0-*.conda"))
    conda_server.credentials = ("me", SECRET)
    with pytest.raises(EnvMgrError) as caught:
        cold.create(
            conda_server.url, explicit=(f"{conda_server.url}/{file.parent.name}/{file.name}",)
        )
    assert caught.value.problem.code == "index-unauthorised"


def test_a_password_of_common_words_does_not_break_the_answer(
    cold: RattlerBench, conda_server: ChannelServer
) -> None:
    conda_server.credentials = ("me", "left")
    cold.create(conda_server.url_with("me", "left"), "left")
    assert cold.installed()["left"] == "1.0"


def test_a_mirror_stands_in_for_a_channel(cold: RattlerBench, conda_server: ChannelServer) -> None:
    cold.create("conda-forge", "left", mirrors={FORGE: (conda_server.url,)})
    assert {r["channel"].rstrip("/") for r in records(cold.prefix)} == {FORGE}
    assert "+conda-forge/noarch::left-1.0-0\n" in cold.history()


def test_a_mirror_may_be_a_directory(cold: RattlerBench, conda_channel: Channel) -> None:
    cold.create("conda-forge", "left", mirrors={FORGE: (conda_channel.url,)})
    assert cold.installed()["left"] == "1.0"


def test_a_mirror_may_want_credentials(cold: RattlerBench, conda_server: ChannelServer) -> None:
    conda_server.credentials = ("me", SECRET)
    mirrors = {FORGE: (conda_server.url_with("me", SECRET),)}
    cold.create("conda-forge", "left", mirrors=mirrors)
    assert_unseen(cold)


def test_a_channels_name_is_put_behind_the_alias(
    cold: RattlerBench, conda_server: ChannelServer
) -> None:
    cold.create("conda-forge", "left", channel_alias=conda_server.base)
    assert {r["channel"].rstrip("/") for r in records(cold.prefix)} == {conda_server.url}


def test_an_explicit_address_may_carry_credentials(
    cold: RattlerBench, conda_server: ChannelServer
) -> None:
    conda_server.credentials = ("me", SECRET)
    url = f"{conda_server.url_with('me', SECRET)}/noarch/two-versions-1.0-0.conda"
    cold.create(conda_server.url, explicit=(url,))
    assert cold.installed() == {"two-versions": "1.0"}
    assert_unseen(cold)


def test_a_spec_may_name_its_channel(cold: RattlerBench, conda_server: ChannelServer) -> None:
    alias = conda_server.base
    cold.create("conda-forge", "conda-forge::left", channel_alias=alias)
    assert cold.installed()["left"] == "1.0"
    cold.change("conda-forge", "conda-forge/noarch::two-versions", channel_alias=alias)
    assert cold.installed()["two-versions"] == "2.0"


def test_the_first_channel_that_has_a_package_is_the_one(
    cold: RattlerBench, conda_channel: Channel
) -> None:
    from tests.channel.archives import CondaPackage
    from tests.channel.build import write_channel

    other = write_channel(cold.home / "other", [CondaPackage("two-versions", "3.0")])
    channels = (conda_channel.url, other.as_uri())
    assert cold.solve("", "two-versions", channels=channels).changes[0].after == "2.0"
    first = cold.solve("", "two-versions", channels=channels[::-1])
    assert first.changes[0].after == "3.0"
    best = cold.solve("", "two-versions", channels=channels, channel_priority="disabled")
    assert best.changes[0].after == "3.0"


def test_a_proxy_is_gone_through(cold: RattlerBench, conda_server: ChannelServer) -> None:
    url = "http://nowhere.invalid/conda-forge"
    cold.create(url, "left", proxies={"http": conda_server.base})
    assert cold.installed()["left"] == "1.0"


def test_a_proxy_of_the_surroundings_is_gone_through(
    cold: RattlerBench, conda_server: ChannelServer
) -> None:
    cold.environ = {"http_proxy": conda_server.base}
    cold.create("http://nowhere.invalid/conda-forge", "left")


def test_certificates_are_checked_unless_told_otherwise(
    cold: RattlerBench, conda_channel: Channel
) -> None:
    with ChannelServer({"conda-forge": conda_channel.path}, tls=True) as server:
        with pytest.raises(EnvMgrError) as caught:
            cold.solve(server.url, "left")
        assert caught.value.problem.code == "tls-failed"
        assert server.url in caught.value.problem.detail
        cold.solve(server.url, "left", ssl_verify=str(AUTHORITY))
        other = cold.home / "other.pem"
        other.write_text("no certificate")
        with pytest.raises(EnvMgrError) as caught:
            cold.solve(server.url, "left", ssl_verify=str(other))
        assert f"{other}, which ssl_verify in .condarc names" in caught.value.problem.detail
        cold.solve(server.url, "left", ssl_verify=False)
        cold.environ = {"SSL_CERT_FILE": str(AUTHORITY)}
        cold.solve(server.url, "left")


def test_without_a_network_a_warm_cache_is_enough(
    cold: RattlerBench, conda_server: ChannelServer
) -> None:
    cold.create(conda_server.url, "left")
    conda_server.requests.clear()
    again = cold.home / "again"
    cold.create(conda_server.url, "left", prefix=again, offline=True)
    assert {r["name"] for r in records(again)} == {"left", "base-library"}
    assert conda_server.requests == []


def test_without_a_network_what_is_missing_is_said(
    cold: RattlerBench, conda_server: ChannelServer
) -> None:
    with pytest.raises(EnvMgrError) as caught:
        cold.create(conda_server.url, "left", offline=True)
    assert caught.value.problem.code == "index-unreachable"
    cold.solve(conda_server.url, "left")
    with pytest.raises(EnvMgrError) as caught:
        cold.create(conda_server.url, "left", offline=True)
    assert caught.value.problem.code == "index-unreachable"
    assert ".conda" in caught.value.problem.detail
    assert conda_server.downloads() == []
    assert not cold.prefix.exists()


def test_a_packages_directory_of_the_persons_own_is_used(
    cold: RattlerBench, conda_server: ChannelServer
) -> None:
    mine = cold.home / "pkgs"
    cold.create(conda_server.url, "two-versions", packages_dir=mine)
    assert (mine / "two-versions-2.0-0" / "info" / "index.json").exists()


def test_downloads_are_counted_in_bytes_and_links_in_packages(
    cold: RattlerBench, conda_server: ChannelServer
) -> None:
    cold.create(conda_server.url, "heavy", "left", "many-files")
    progress = [p for p in cold.payloads if isinstance(p, Progress)]
    fractions = [p.fraction for p in progress]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    loading = [p for p in progress if p.unit == "bytes"]
    sizes = {(p.total or 0) for p in loading}
    assert len(sizes) == 1
    assert min(sizes) > 24 * 1024 * 1024
    assert any("heavy" in p.label for p in loading)
    assert progress[-3].label == "Linking: 4 of 4 packages"


@pytest.mark.parametrize(
    ("what", "value", "code", "words"),
    [
        ("status", 503, "index-unreachable", "answers 503"),
        ("status", 403, "index-unauthorised", "refuses access (403)"),
        ("status", 404, "index-not-found", "there is no conda channel"),
        ("garbage", True, "index-not-found", "not as a conda channel"),
    ],
)
def test_a_channel_that_does_not_answer_as_one_is_said(
    cold: RattlerBench,
    conda_server: ChannelServer,
    what: str,
    value: object,
    code: str,
    words: str,
) -> None:
    setattr(conda_server, what, value)
    with pytest.raises(EnvMgrError) as caught:
        cold.create(conda_server.url, "left")
    assert (caught.value.problem.code, words in caught.value.problem.detail) == (code, True)
    assert conda_server.url in caught.value.problem.detail


@pytest.mark.parametrize(
    ("url", "code", "words"),
    [
        ("http://127.0.0.1:9/x", "index-unreachable", "connection was refused"),
        ("http://nowhere.invalid/x", "index-unreachable", "no such host"),
        ("file:///nowhere/at/all", "index-not-found", "no conda channel at file:///nowhere"),
    ],
)
def test_a_channel_that_is_not_there_is_said(
    cold: RattlerBench, url: str, code: str, words: str
) -> None:
    with pytest.raises(EnvMgrError) as caught:
        cold.create(url, "left")
    assert (caught.value.problem.code, words in caught.value.problem.detail) == (code, True)


def test_a_download_that_breaks_off_is_said_and_can_be_repeated(
    cold: RattlerBench, conda_server: ChannelServer
) -> None:
    conda_server.cut = {"two-versions"}
    with pytest.raises(EnvMgrError) as caught:
        cold.create(conda_server.url, "two-versions")
    assert caught.value.problem.code == "index-unreachable"
    assert "two-versions-2.0-0.conda broke off" in caught.value.problem.detail
    conda_server.cut = set()
    cold.create(conda_server.url, "two-versions")


def test_an_address_that_is_gone_is_said(cold: RattlerBench, conda_server: ChannelServer) -> None:
    url = f"{conda_server.url}/noarch/two-versions-7.0-0.conda"
    with pytest.raises(EnvMgrError) as caught:
        cold.create(conda_server.url, explicit=(url,))
    assert caught.value.problem.code == "no-such-package"


def test_names_of_channels_become_addresses(cold: RattlerBench) -> None:
    plan = cold.plan("", channels=("conda-forge", "defaults", "nodefaults", "/srv/my channel"))
    found = access(plan, "credentials.json")
    assert found.channels == (
        FORGE,
        "https://repo.anaconda.com/pkgs/main",
        "https://repo.anaconda.com/pkgs/r",
        "file:///srv/my%20channel",
    )
    assert not found.credentials
    assert access(cold.plan("", channels=()), "").channels == (FORGE,)
    work = cold.engine.create(plan)
    assert CREDENTIALS not in work.files


def test_what_the_configuration_pins_no_change_breaks(
    rattler_bench: RattlerBench, conda_channel: Channel
) -> None:
    pinned = ("greeter=1.0", "!! no spec")
    rattler_bench.create(conda_channel.url, "greeter", pinned=pinned)
    assert rattler_bench.installed()["greeter"] == "1.0"
    assert rattler_bench.solve(conda_channel.url, update=("*",), pinned=pinned).changes == ()
    with pytest.raises(EnvMgrError) as caught:
        rattler_bench.solve(conda_channel.url, "greeter=2.0", pinned=pinned)
    assert caught.value.problem.detail.endswith("cannot be installed: pinned is greeter=1.0")
    assert "pinned_packages in .condarc" in str(caught.value.problem.hint)
