"""Why conda, mamba and micromamba failed, told in our words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.engines.conda_cli import CondaCliEngine
from tests.engines.conda_cli_bench import REAL, CondaBench, bench_of
from tests.engines.conda_cli_channel import ChannelServer
from tests.engines.conda_cli_packages import ALPHA_2, PACKAGES


def fails(bench: CondaBench, *specs: str, **changes: Any) -> EnvMgrError:
    plan = bench.plan(*specs, **changes)
    error = bench.create(plan)
    assert error is not None, "it did not fail"
    return error


def test_a_package_that_no_channel_has(bench: CondaBench, channel: ChannelServer) -> None:
    error = fails(bench, "nosuch", channel=channel.url)
    assert error.code == "no-such-package"
    assert "nosuch" in error.detail
    assert channel.url in error.detail


def test_a_version_that_no_channel_has(bench: CondaBench, channel: ChannelServer) -> None:
    error = fails(bench, "alpha=7", channel=channel.url)
    assert error.code == "no-such-version"
    assert "alpha=7" in error.detail.replace(" ", "").replace("==", "=")


def test_a_dependency_that_no_channel_has(bench: CondaBench, channel: ChannelServer) -> None:
    error = fails(bench, "orphan", channel=channel.url)
    assert error.code == "no-such-package"
    assert "nowhere" in error.detail
    assert "orphan" in error.detail


def test_packages_that_do_not_go_together(bench: CondaBench, channel: ChannelServer) -> None:
    error = fails(bench, "alpha=2", "gamma", channel=channel.url)
    assert error.code == "requirements-conflict"
    assert error.detail
    assert error.context
    assert "beta" in error.context["explanation"]


def test_a_package_for_a_gpu_that_is_not_here(bench: CondaBench, channel: ChannelServer) -> None:
    error = fails(bench, "needs-cuda", channel=channel.url)
    assert error.code == "no-wheel-for-platform"
    assert "__cuda" in error.detail
    assert "needs-cuda" in error.detail
    assert "CONDA_OVERRIDE_CUDA" in error.hint


@pytest.mark.parametrize("change", ["remove", "update"])
def test_a_package_that_is_not_installed(
    bench: CondaBench, channel: ChannelServer, change: str
) -> None:
    if not bench.is_real and not bench.engine.native and change == "update":
        pytest.skip("the fake conda installs what it is to update")
    assert bench.create(bench.plan("beta", channel=channel.url)) is None
    with pytest.raises(EnvMgrError) as caught:
        bench.must_change(bench.plan(channel=channel.url, **{change: ("gamma",)}))
    assert (caught.value.code, caught.value.detail) == (
        "no-such-package",
        f"gamma is not installed in {bench.prefix}",
    )
    assert bench.packages() == {"beta": "2.0"}


def test_a_plan_that_does_not_work_out_says_why(bench: CondaBench, channel: ChannelServer) -> None:
    wanted = {
        ("alpha", "nosuch"): ("no-such-package", "nosuch"),
        ("alpha=7",): ("no-such-version", "alpha"),
        ("alpha=2", "gamma"): ("requirements-conflict", "beta"),
        ("needs-cuda",): ("no-wheel-for-platform", "__cuda"),
    }
    for specs, (code, word) in wanted.items():
        with pytest.raises(EnvMgrError) as caught:
            bench.solve(bench.plan(*specs, channel=channel.url))
        error = caught.value
        assert error.code == code
        assert word in error.detail + (error.context or {}).get("explanation", "")
        assert channel.url in error.detail or "no-such" not in code


def test_an_environment_that_is_not_there(bench: CondaBench, channel: ChannelServer) -> None:
    error = bench.change(bench.plan("beta", channel=channel.url))
    assert error is not None
    assert error.code == "no-such-environment"


def test_a_channel_that_cannot_be_reached(bench: CondaBench) -> None:
    error = fails(bench, "alpha", channel="http://127.0.0.1:9/channel")
    assert error.code == "index-unreachable"
    assert "http://127.0.0.1:9/channel" in error.detail
    assert "refused" in error.detail


def test_a_proxy_on_the_way_is_named_without_its_password(bench: CondaBench) -> None:
    bench.environ = {"http_proxy": "http://me:hunter2secret@127.0.0.1:9"}
    error = fails(bench, "alpha", channel="http://lab.example/channel")
    assert error.code == "index-unreachable"
    assert "through the proxy http://127.0.0.1:9" in error.detail
    assert "hunter2" not in error.detail


def test_an_address_that_is_no_channel(bench: CondaBench, channel: ChannelServer) -> None:
    error = fails(bench, "alpha", channel=f"{channel.url}x")
    assert error.code == "index-not-found"
    assert f"{channel.url}x" in error.detail


def test_a_channel_that_wants_credentials(bench: CondaBench) -> None:
    with ChannelServer(PACKAGES, credentials="me:hunter2secret") as server:
        error = fails(bench, "alpha", channel=server.url)
    assert error.code == "index-unauthorised"
    assert server.url in error.detail


def test_a_channel_that_is_broken(bench: CondaBench, own_channel: ChannelServer) -> None:
    own_channel.broken = {"repodata.json": 503, ".zst": 503}
    error = fails(bench, "alpha", channel=own_channel.url)
    assert error.code == "index-unreachable"
    assert "503" in error.detail


def test_a_download_that_is_damaged(bench: CondaBench, own_channel: ChannelServer) -> None:
    own_channel.damaged = {ALPHA_2.file}
    error = fails(bench, "alpha", channel=own_channel.url)
    assert error.code == "hash-mismatch"
    assert ALPHA_2.file in error.detail


def test_a_download_that_is_not_there(bench: CondaBench, own_channel: ChannelServer) -> None:
    own_channel.broken = {ALPHA_2.file: 404}
    error = fails(bench, "alpha", channel=own_channel.url)
    assert error.kind in ("unavailable", "failed")
    assert own_channel.url in error.detail


def test_a_post_link_script_that_fails(conda: CondaBench, channel: ChannelServer) -> None:
    error = fails(conda, "fails", channel=channel.url)
    assert error.code == "link-script-failed"
    assert "fails-1.0-0" in error.detail
    assert "no good" in error.detail


def test_a_post_link_script_that_fails_is_nothing_to_mamba(
    native: CondaBench, channel: ChannelServer
) -> None:
    """What it says is all there is of it; conda calls it an error."""
    assert native.create(native.plan("fails", channel=channel.url)) is None
    assert native.packages() == {"fails": "1.0"}
    assert "\nno good\n" in native.outcomes[-1].stdout


def test_what_is_not_in_the_cache_offline(bench: CondaBench, channel: ChannelServer) -> None:
    assert bench.solve(bench.plan("alpha", channel=channel.url)).changes
    error = fails(bench, "alpha", channel=channel.url, offline=True)
    assert error.code == "index-unreachable"
    assert "network" in error.detail


def test_offline_from_a_warm_cache(bench: CondaBench, channel: ChannelServer) -> None:
    if not bench.is_real:
        pytest.skip("the fake keeps no index")
    assert bench.create(bench.plan("alpha", channel=channel.url)) is None
    asked = len(channel.asked)
    again = bench.plan("alpha", channel=channel.url, offline=True, prefix=bench.home / "second")
    assert bench.create(again) is None
    assert len(channel.asked) == asked
    assert (bench.home / "second/share/alpha/version").read_text() == "2.0"


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"CI": "true"},
        {"JOB_NAME": "train", "CONTAINER": "1"},
        {"CONDA_PLUGINS_AUTO_ACCEPT_TOS": "yes"},
    ],
)
def test_terms_of_service_are_the_persons_to_accept(
    conda: CondaBench, own_channel: ChannelServer, environ: dict[str, str]
) -> None:
    if conda.is_real and not knows_terms():
        pytest.skip("this conda does not ask for terms (conda-anaconda-tos)")
    own_channel.terms = "You owe us."
    conda.environ = environ
    error = fails(conda, "alpha", channel=own_channel.url)
    assert error.code == "terms-not-accepted"
    assert own_channel.url in error.detail
    assert "conda-forge" in error.hint
    assert error.context == {"channels": own_channel.url, "use": "conda-forge"}
    assert "/channel/terms.json" in own_channel.asked
    assert all("accept" not in command.argv for command in conda.commands)
    assert conda.packages() == {}


def knows_terms() -> bool:
    base = Path(REAL["conda"]).resolve().parent.parent
    return any(base.glob("lib/python3*/site-packages/conda_anaconda_tos"))


@pytest.mark.parametrize(
    ("failure", "code", "words"),
    [
        ("no-space", "disk-full", "no space left"),
        ("not-writable", "not-permitted", "/opt/env"),
        ("frozen", "read-only", "frozen"),
        ("pip-made", "engine-missing", "installed by pip"),
        ("traceback", "bad-requirement", "a>>1"),
        ("unknown", "tool-failed", "Something about foo."),
    ],
)
def test_each_family_of_errors_is_told_in_its_own_words(
    fake_conda: CondaBench, failure: str, code: str, words: str
) -> None:
    fake_conda.environ = {"FAKE_CONDA": failure}
    error = fails(fake_conda, "alpha")
    assert error.code == code
    assert words in error.detail


def test_what_micromamba_says_in_plain_words_is_understood(tmp_path: Path) -> None:
    bench = bench_of(tmp_path, "micromamba")
    bench.environ = {"FAKE_CONDA": "plain"}
    error = fails(bench, "alpha", channel="http://c")
    assert error.code == "index-unreachable"
    assert error.detail == "http://c cannot be reached: it did not answer in time"


def test_an_engine_that_is_gone_says_so(tmp_path: Path) -> None:
    engine = CondaCliEngine("conda", str(tmp_path / "gone"), "")
    bench = CondaBench(tmp_path, engine)
    with pytest.raises(EnvMgrError) as caught:
        bench.create(bench.plan("alpha"))
    assert caught.value.code == "engine-missing"
