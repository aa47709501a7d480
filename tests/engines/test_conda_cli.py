"""Environments by conda, mamba and micromamba: made, changed, planned, never replaced."""

from __future__ import annotations

import json
import netrc
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.engines.conda_cli import CondaCliEngine
from jupyter_envmgr.engines.conda_plan import Change
from jupyter_envmgr.system.process import run
from tests.engines.conda_cli_bench import KINDS, REAL, CondaBench, bench_of
from tests.engines.conda_cli_channel import ChannelServer, package
from tests.fakes import eventually

ALPHA_1 = package("alpha", "1.0", ["beta >=1"])
ALPHA_2 = package("alpha", "2.0", ["beta >=2"])
BETA_1 = package("beta", "1.0")
BETA_2 = package("beta", "2.0")
GAMMA = package("gamma", "1.0", ["beta <2"])
FAILS = package("fails", post_link="#!/bin/sh\necho no good >> $PREFIX/.messages.txt\nexit 1\n")
PACKAGES = (
    *(ALPHA_1, ALPHA_2, BETA_1, BETA_2, GAMMA, FAILS),
    package("big", data=os.urandom(3_000_000)),
    package("orphan", "1.0", ["nowhere"]),
    package("needs-cuda", "1.0", ["__cuda >=12"]),
)


@pytest.fixture(scope="module")
def channel() -> Iterator[ChannelServer]:
    """A channel that no test changes."""
    with ChannelServer(PACKAGES) as server:
        yield server


@pytest.fixture
def own_channel() -> Iterator[ChannelServer]:
    """A channel for a test to break."""
    with ChannelServer(PACKAGES) as server:
        yield server


@pytest.fixture(params=KINDS)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> CondaBench:
    """Each of the tools in turn."""
    return bench_of(tmp_path, request.param)


@pytest.fixture(params=("conda", "real conda"))
def conda(request: pytest.FixtureRequest, tmp_path: Path) -> CondaBench:
    """What is conda's alone."""
    return bench_of(tmp_path, request.param)


@pytest.fixture
def fake_conda(tmp_path: Path) -> CondaBench:
    return bench_of(tmp_path, "conda")


# -- made and changed --------------------------------------------------------------------------


def test_an_environment_is_made_beside_its_marker(
    bench: CondaBench, channel: ChannelServer
) -> None:
    bench.prefix.mkdir()
    (bench.prefix / ".envmgr.json").write_text("{}")
    assert bench.create(bench.plan("alpha<2", channel=channel.url)) is None
    assert bench.packages() == {"alpha": "1.0", "beta": "2.0"}
    assert (bench.prefix / ".envmgr.json").read_text() == "{}"
    assert (bench.prefix / "conda-meta" / "history").is_file()


def test_an_empty_environment_is_one(bench: CondaBench) -> None:
    assert bench.create(bench.plan()) is None
    assert bench.packages() == {}
    assert (bench.prefix / "conda-meta" / "history").is_file()


def test_an_environment_that_is_there_is_never_replaced(
    bench: CondaBench, channel: ChannelServer
) -> None:
    assert bench.create(bench.plan("alpha", channel=channel.url)) is None
    (bench.prefix / "precious").write_text("mine")
    error = bench.create(bench.plan("beta<2", channel=channel.url))
    assert error is not None
    assert error.code == "directory-exists"
    assert str(bench.prefix) in error.detail
    assert (bench.prefix / "precious").read_text() == "mine"
    assert bench.packages() == {"alpha": "2.0", "beta": "2.0"}


def test_a_prefix_that_cannot_be_made_says_why(bench: CondaBench) -> None:
    (bench.home / "file").write_text("")
    error = bench.create(bench.plan(prefix=bench.home / "file" / "environment"))
    assert error is not None
    assert error.code == "bad-path"
    assert "Not a directory" in error.detail


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_prefix_that_may_not_be_made_says_so(bench: CondaBench) -> None:
    (bench.home / "closed").mkdir(mode=0o500)
    error = bench.create(bench.plan(prefix=bench.home / "closed" / "environment"))
    assert error is not None
    assert error.code == "not-permitted"


def test_a_plan_of_a_new_environment_does_not_touch_one_that_is_there(
    bench: CondaBench, channel: ChannelServer
) -> None:
    (bench.prefix / "conda-meta").mkdir(parents=True)
    (bench.prefix / "precious").write_text("mine")
    assert bench.solve(bench.plan("beta", channel=channel.url)).changes
    assert sorted(path.name for path in bench.prefix.iterdir()) == ["conda-meta", "precious"]


def test_packages_are_installed_updated_and_removed(
    bench: CondaBench, channel: ChannelServer
) -> None:
    assert bench.create(bench.plan("beta<2", channel=channel.url)) is None
    assert bench.change(bench.plan("gamma", channel=channel.url)) is None
    assert bench.packages() == {"beta": "1.0", "gamma": "1.0"}
    assert bench.change(bench.plan(channel=channel.url, remove=("gamma",))) is None
    assert bench.packages() == {"beta": "1.0"}
    assert bench.change(bench.plan("beta>=2", channel=channel.url)) is None
    assert bench.packages() == {"beta": "2.0"}


def test_one_package_is_brought_to_its_newest_version(
    bench: CondaBench, channel: ChannelServer
) -> None:
    urls = tuple(f"{channel.url}/noarch/{p.file}" for p in (ALPHA_1, BETA_1))
    assert bench.create(bench.plan(explicit=urls)) is None
    assert bench.packages() == {"alpha": "1.0", "beta": "1.0"}
    assert bench.change(bench.plan(channel=channel.url, update=("beta",))) is None
    assert bench.packages()["beta"] == "2.0"


def test_everything_is_brought_to_its_newest_version(
    bench: CondaBench, channel: ChannelServer
) -> None:
    urls = tuple(f"{channel.url}/noarch/{p.file}" for p in (ALPHA_1, BETA_1))
    assert bench.create(bench.plan(explicit=urls)) is None
    assert bench.change(bench.plan(channel=channel.url, update=("*",))) is None
    assert bench.packages() == {"alpha": "2.0", "beta": "2.0"}


def test_an_explicit_list_is_installed_as_it_is(bench: CondaBench, channel: ChannelServer) -> None:
    plan = bench.plan(explicit=(channel.explicit("alpha"), channel.explicit("beta")))
    assert [(c.name, c.after, c.build) for c in bench.solve(plan).changes] == [
        ("alpha", "2.0", "0"),
        ("beta", "2.0", "0"),
    ]
    assert not bench.outcomes
    assert bench.create(plan) is None
    assert bench.packages() == {"alpha": "2.0", "beta": "2.0"}


def test_what_is_there_already_is_no_error(bench: CondaBench, channel: ChannelServer) -> None:
    assert bench.create(bench.plan("alpha", channel=channel.url)) is None
    assert bench.solve(bench.plan("alpha", channel=channel.url)).changes == ()
    assert bench.change(bench.plan("alpha", channel=channel.url)) is None


def test_two_channels_are_asked_for_in_order(bench: CondaBench, channel: ChannelServer) -> None:
    with ChannelServer([package("delta")]) as second:
        plan = bench.plan("alpha", "delta", channels=(channel.url, second.url))
        assert bench.create(plan) is None
    assert set(bench.packages()) == {"alpha", "beta", "delta"}


# -- plans -------------------------------------------------------------------------------------


def test_a_plan_says_what_would_come_with_sizes_and_channel(
    bench: CondaBench, channel: ChannelServer
) -> None:
    solution = bench.solve(bench.plan("alpha", channel=channel.url))
    sizes = {p.record["name"]: p.record["size"] for p in (ALPHA_2, BETA_2)}
    assert solution.changes == tuple(
        Change(name, "", "2.0", "0", channel.url, sizes[name]) for name in ("alpha", "beta")
    )
    assert solution.download == sum(sizes.values())
    assert not bench.prefix.exists()


def test_a_plan_says_what_would_change_and_downloads_nothing_from_the_cache(
    bench: CondaBench, channel: ChannelServer
) -> None:
    assert bench.create(bench.plan("alpha", channel=channel.url)) is None
    solution = bench.solve(bench.plan("beta<2", "alpha<2", channel=channel.url))
    rows = {change.name: (change.before, change.after) for change in solution.changes}
    assert rows == {"alpha": ("2.0", "1.0"), "beta": ("2.0", "1.0")}
    assert bench.packages() == {"alpha": "2.0", "beta": "2.0"}
    assert bench.change(bench.plan("beta<2", "alpha<2", channel=channel.url)) is None
    back = bench.solve(bench.plan("alpha=2", "beta=2", channel=channel.url))
    assert {(c.name, c.after, c.size) for c in back.changes} == {
        ("alpha", "2.0", None),
        ("beta", "2.0", None),
    }
    assert back.download == 0


def test_a_plan_of_a_removal_names_what_goes_with_it(
    bench: CondaBench, channel: ChannelServer
) -> None:
    assert bench.create(bench.plan("alpha", channel=channel.url)) is None
    solution = bench.solve(bench.plan(channel=channel.url, remove=("beta",)))
    assert {(c.name, c.before, c.after) for c in solution.changes} == {
        ("alpha", "2.0", ""),
        ("beta", "2.0", ""),
    }
    assert bench.packages() == {"alpha": "2.0", "beta": "2.0"}


def test_a_plan_of_two_transactions_is_one_plan(bench: CondaBench, channel: ChannelServer) -> None:
    assert bench.create(bench.plan("beta<2", channel=channel.url)) is None
    solution = bench.solve(bench.plan("gamma", channel=channel.url, remove=("beta",)))
    assert {change.name for change in solution.changes} >= {"beta", "gamma"}


def test_a_long_plan_is_read_whole(fake_conda: CondaBench) -> None:
    many = [package(f"package-{number:04}") for number in range(700)]
    many.append(package("all", "1.0", [p.record["name"] for p in many]))
    with ChannelServer(many) as server:
        solution = fake_conda.solve(fake_conda.plan("all", channel=server.url))
    assert not fake_conda.outcomes[0].stdout.startswith("{"), "an outcome keeps 256 KiB"
    assert len(solution.changes) == 701


# -- what it is told ---------------------------------------------------------------------------


def test_the_words_of_the_person_come_behind_the_end_of_options(tmp_path: Path) -> None:
    for kind in ("conda", "micromamba"):
        bench = bench_of(tmp_path, kind)
        plan = bench.plan("alpha", "beta<2", channel="conda-forge", remove=("gamma",))
        for step in (*bench.engine.create(plan).steps, *bench.engine.change(plan).steps):
            argv = step.command.argv
            if argv[0] == sys.executable:
                continue
            words = argv[argv.index("--") + 1 :]
            assert words in (("alpha", "beta<2"), ("gamma",))
            assert "--channel=conda-forge" in argv[: argv.index("--")]


def test_the_environment_of_the_server_does_not_lead_it_astray(tmp_path: Path) -> None:
    bench = bench_of(tmp_path, "conda")
    bench.environ = {
        "CONDA_PREFIX": "/opt/server",
        "CONDA_DEFAULT_ENV": "server",
        "CONDA_SHLVL": "1",
        "CONDA_CHANNELS": "somebody",
        "CONDA_PLUGINS_AUTO_ACCEPT_TOS": "yes",
        "PYTHONPATH": "/opt/server/lib",
        "PIP_USER": "1",
        "CONDARC": "/etc/mine.yml",
        "CONDA_OVERRIDE_CUDA": "12.4",
        "CI": "true",
        "LANG": "C",
    }
    step = bench.engine.create(bench.plan("alpha")).steps[-1]
    environ = dict(step.command.environ)
    assert not {"CONDA_PREFIX", "CONDA_DEFAULT_ENV", "CONDA_SHLVL", "CONDA_CHANNELS"} & set(environ)
    assert not {"CONDA_PLUGINS_AUTO_ACCEPT_TOS", "PYTHONPATH", "PIP_USER"} & set(environ)
    kept = {"CONDARC": "/etc/mine.yml", "CONDA_OVERRIDE_CUDA": "12.4", "LANG": "C"}
    assert kept.items() <= environ.items()
    assert {"PYTHONNOUSERSITE": "1", "CI": "false"}.items() <= environ.items()
    assert environ["CONDA_PKGS_DIRS"] == str(tmp_path / "pkgs")


def test_platform_proxies_and_certificates_go_by_the_environment(tmp_path: Path) -> None:
    bench = bench_of(tmp_path, "micromamba")
    plan = bench.plan(
        "alpha",
        platform="linux-aarch64",
        proxies={"https": "http://proxy:3128", "http": "http://other"},
        ssl_verify="/etc/own.pem",
    )
    plan = replace(plan, environ={**plan.environ, "HTTP_PROXY": "http://mine"})
    environ = bench.engine.create(plan).steps[-1].command.environ
    assert environ["CONDA_SUBDIR"] == "linux-aarch64"
    assert environ["https_proxy"] == "http://proxy:3128"
    assert "http_proxy" not in environ
    assert environ["CONDA_SSL_VERIFY"] == environ["MAMBA_SSL_VERIFY"] == "/etc/own.pem"
    assert environ["MAMBA_ROOT_PREFIX"] == str(tmp_path / "cache" / "micromamba")
    off = bench.engine.create(replace(plan, ssl_verify=False)).steps[-1].command.environ
    assert off["CONDA_SSL_VERIFY"] == "false"


def test_credentials_of_a_channel_are_nowhere_to_be_seen(bench: CondaBench) -> None:
    with ChannelServer(PACKAGES, credentials="me:hunter2secret") as server:
        plan = bench.plan("alpha", channel=server.address)
        assert bench.solve(plan).changes[0].channel == server.url
        assert bench.create(plan) is None
    assert bench.packages() == {"alpha": "2.0", "beta": "2.0"}
    for command in bench.commands:
        assert not any("hunter2" in word for word in command.argv)
        assert not any("hunter2" in text for text in command.environ.values())
    for outcome in bench.outcomes:
        assert "hunter2" not in outcome.stdout + outcome.stderr
    for file in bench.prefix.rglob("*"):
        assert not file.is_file() or b"hunter2" not in file.read_bytes(), file


def test_the_persons_own_netrc_is_not_lost(tmp_path: Path) -> None:
    bench = bench_of(tmp_path, "conda")
    own = tmp_path / ".netrc"
    own.write_text("machine lab login old password stale\nmachine other login a password b\n")
    own.chmod(0o600)
    address = "https://me:hunter%232secret@lab/y"
    work = bench.engine.create(bench.plan("alpha", channel=address))
    text = work.files["netrc"]
    assert text.startswith(f"{text.splitlines()[-1]}\n"), "curl takes the first, Python the last"
    (tmp_path / "netrc").write_text(text)
    known = netrc.netrc(str(tmp_path / "netrc"))
    # Without an account it is None before Python 3.11, and empty since.
    for host, expected in (("lab", ("me", "hunter#2secret")), ("other", ("a", "b"))):
        said = known.authenticators(host)
        assert said is not None
        assert (said[0], said[2]) == expected
    own.write_text("no such word\n")
    work = bench.engine.create(bench.plan("alpha", channel=address))
    assert len(work.files["netrc"].splitlines()) == 1


@pytest.mark.skipif(sys.version_info < (3, 11), reason="this Python reads no quotes in a netrc")
@pytest.mark.parametrize("password", ["with blank", 'a"quote', "back\\slash", ""])
def test_odd_passwords_go_through_a_netrc(tmp_path: Path, password: str) -> None:
    bench = bench_of(tmp_path, "conda")
    address = f"https://me:{quote(password)}@lab/y"
    work = bench.engine.create(bench.plan("alpha", channel=address))
    (tmp_path / "netrc").write_text(work.files["netrc"])
    known = netrc.netrc(str(tmp_path / "netrc"))
    assert known.authenticators("lab") == ("me", "", password)


def test_a_token_goes_by_a_condarc_that_holds_the_persons_own(tmp_path: Path) -> None:
    bench = bench_of(tmp_path, "conda")
    own = tmp_path / "own.yml"
    own.write_text("channel_priority: flexible\ncustom_multichannels:\n  lab: [https://lab/x]\n")
    bench.environ = {"CONDARC": str(own)}
    plan = bench.plan("alpha", channel="https://lab/t/hunter2secret/y")
    work = bench.engine.create(plan)
    made = json.loads(work.files["condarc.yml"])
    assert made["channel_priority"] == "flexible"
    assert made["custom_multichannels"]["lab"] == ["https://lab/x"]
    assert ["https://lab/t/hunter2secret/y"] in made["custom_multichannels"].values()
    command = work.steps[-1].command
    assert command.environ["CONDARC"] == str(plan.workdir / "condarc.yml")
    assert not any("hunter2" in word for word in command.argv)
    assert "hunter2secret" in command.secrets
    own.write_text("[unclosed")
    assert "hunter2secret" in bench.engine.create(plan).files["condarc.yml"]


def test_a_token_is_used(fake_conda: CondaBench) -> None:
    with ChannelServer(PACKAGES, token="hunter2secret") as server:
        assert fake_conda.create(fake_conda.plan("alpha", channel=server.address)) is None
    assert fake_conda.packages() == {"alpha": "2.0", "beta": "2.0"}


# -- how far it is -----------------------------------------------------------------------------


def test_downloads_are_told_while_they_last(conda: CondaBench, channel: ChannelServer) -> None:
    assert conda.create(conda.plan("big", "alpha", channel=channel.url)) is None
    fractions = [progress.fraction for progress in conda.progress]
    assert len(fractions) > 5
    assert fractions == sorted(fractions)
    assert any(p.label.startswith("Downloading big-1.0 (") for p in conda.progress)
    assert all(p.unit == "bytes" for p in conda.progress)


def test_mamba_counts_what_it_puts_in_place(tmp_path: Path, channel: ChannelServer) -> None:
    bench = bench_of(tmp_path, "micromamba")
    assert bench.create(bench.plan("alpha", channel=channel.url)) is None
    counted = [(p.done, p.total) for p in bench.progress if p.unit == "packages"]
    assert counted == [(1, 2), (2, 2)]
    assert bench.progress[-1].fraction == 1.0


def test_the_answer_is_no_part_of_the_log_but_words_are(tmp_path: Path) -> None:
    bench = bench_of(tmp_path, "conda")
    step = bench.engine.create(bench.plan("alpha")).steps[-1]
    assert '{"fetch":"x"}'.startswith(step.unlogged)
    assert '  "success": true,'.startswith(step.unlogged)
    assert not "plugin: there is news".startswith(step.unlogged)


# -- how it ends -------------------------------------------------------------------------------


def test_words_before_the_answer_do_not_hide_it(
    fake_conda: CondaBench, channel: ChannelServer
) -> None:
    fake_conda.environ = {"FAKE_CONDA": "noise"}
    assert fake_conda.solve(fake_conda.plan("alpha", channel=channel.url)).changes
    with pytest.raises(EnvMgrError) as caught:
        fake_conda.solve(fake_conda.plan("nosuch", channel=channel.url))
    assert caught.value.code == "no-such-package"


def test_a_crash_after_the_answer_changes_nothing_of_it(
    fake_conda: CondaBench, channel: ChannelServer
) -> None:
    fake_conda.environ = {"FAKE_CONDA": "crash"}
    assert fake_conda.create(fake_conda.plan("alpha", channel=channel.url)) is None
    assert fake_conda.outcomes[-1].returncode < 0
    error = fake_conda.change(fake_conda.plan("nosuch", channel=channel.url))
    assert error is not None
    assert error.code == "no-such-package"


def test_mamba_that_was_interrupted_did_not_succeed(tmp_path: Path, channel: ChannelServer) -> None:
    bench = bench_of(tmp_path, "micromamba")
    bench.environ = {"FAKE_CONDA": "interrupt"}
    error = bench.create(bench.plan("alpha", channel=channel.url))
    assert bench.outcomes[-1].ok
    assert error is not None
    assert error.code == "interrupted"


def test_cancelling_leaves_no_process(fake_conda: CondaBench, channel: ChannelServer) -> None:
    fake_conda.environ = {"FAKE_CONDA": "hang"}
    plan = fake_conda.plan("alpha", channel=channel.url)
    claim, step = fake_conda.engine.create(plan).steps
    fake_conda.run(claim)
    started = fake_conda.home / "hangs"
    with pytest.raises(EnvMgrError) as caught:
        run(step.command, on_line=lambda *_: None, cancelled=started.exists, timeout=60)
    assert caught.value.code == "cancelled"

    def is_gone() -> bool:
        lines = [p.read_bytes() for p in Path("/proc").glob("[0-9]*/cmdline") if p.exists()]
        return not any(str(fake_conda.prefix).encode() in line for line in lines)

    eventually(is_gone, "the tool is gone")


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


def test_a_package_that_is_not_installed(conda: CondaBench, channel: ChannelServer) -> None:
    assert conda.create(conda.plan("beta", channel=channel.url)) is None
    error = conda.change(conda.plan(channel=channel.url, remove=("gamma",)))
    assert error is not None
    assert (error.code, error.detail) == (
        "no-such-package",
        f"gamma is not installed in {conda.prefix}",
    )


def test_an_environment_that_is_not_there(bench: CondaBench, channel: ChannelServer) -> None:
    error = bench.change(bench.plan("beta", channel=channel.url))
    assert error is not None
    assert error.code == "no-such-environment"


def test_a_channel_that_cannot_be_reached(conda: CondaBench) -> None:
    error = fails(conda, "alpha", channel="http://127.0.0.1:9/channel")
    assert error.code == "index-unreachable"
    assert "http://127.0.0.1:9/channel" in error.detail
    assert "refused" in error.detail


def test_a_proxy_on_the_way_is_named_without_its_password(conda: CondaBench) -> None:
    conda.environ = {"http_proxy": "http://me:hunter2secret@127.0.0.1:9"}
    error = fails(conda, "alpha", channel="http://lab.example/channel")
    assert error.code == "index-unreachable"
    assert "through the proxy http://127.0.0.1:9" in error.detail
    assert "hunter2" not in error.detail


def test_an_address_that_is_no_channel(conda: CondaBench, channel: ChannelServer) -> None:
    error = fails(conda, "alpha", channel=f"{channel.url}x")
    assert error.code == "index-not-found"
    assert f"{channel.url}x" in error.detail


def test_a_channel_that_wants_credentials(conda: CondaBench) -> None:
    with ChannelServer(PACKAGES, credentials="me:hunter2secret") as server:
        error = fails(conda, "alpha", channel=server.url)
    assert error.code == "index-unauthorised"
    assert server.url in error.detail


def test_a_channel_that_is_broken(conda: CondaBench, own_channel: ChannelServer) -> None:
    own_channel.broken = {"repodata.json": 503, ".zst": 503}
    error = fails(conda, "alpha", channel=own_channel.url)
    assert error.code == "index-unreachable"
    assert "503" in error.detail


def test_a_download_that_is_damaged(conda: CondaBench, own_channel: ChannelServer) -> None:
    own_channel.damaged = {ALPHA_2.file}
    error = fails(conda, "alpha", channel=own_channel.url)
    assert error.code == "hash-mismatch"
    assert ALPHA_2.file in error.detail


def test_a_download_that_is_not_there(conda: CondaBench, own_channel: ChannelServer) -> None:
    own_channel.broken = {ALPHA_2.file: 404}
    error = fails(conda, "alpha", channel=own_channel.url)
    assert error.kind in ("unavailable", "failed")
    assert own_channel.url in error.detail


def test_a_post_link_script_that_fails(conda: CondaBench, channel: ChannelServer) -> None:
    error = fails(conda, "fails", channel=channel.url)
    assert error.code == "link-script-failed"
    assert "fails-1.0-0" in error.detail
    assert "no good" in error.detail


def test_what_is_not_in_the_cache_offline(conda: CondaBench, channel: ChannelServer) -> None:
    assert conda.solve(conda.plan("alpha", channel=channel.url)).changes
    error = fails(conda, "alpha", channel=channel.url, offline=True)
    assert error.code == "index-unreachable"
    assert "network" in error.detail


def test_offline_from_a_warm_cache(conda: CondaBench, channel: ChannelServer) -> None:
    if not conda.is_real:
        pytest.skip("the fake keeps no index")
    assert conda.create(conda.plan("alpha", channel=channel.url)) is None
    asked = len(channel.asked)
    again = conda.plan("alpha", channel=channel.url, offline=True, prefix=conda.home / "second")
    assert conda.create(again) is None
    assert len(channel.asked) == asked
    assert (conda.home / "second/share/alpha/version").read_text() == "2.0"


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
