"""What conda, mamba and micromamba are told, and what of it nobody sees."""

from __future__ import annotations

import json
import netrc
import sys
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.engines.conda_cli_bench import CondaBench, bench_of
from tests.engines.conda_cli_channel import ChannelServer
from tests.engines.conda_cli_packages import PACKAGES


def test_the_words_of_the_person_come_behind_the_end_of_options(tmp_path: Path) -> None:
    for kind in ("conda", "micromamba"):
        bench = bench_of(tmp_path, kind)
        bench.pretend("gamma-1.0-0")
        plan = bench.plan("alpha", "beta<2", channel="conda-forge", remove=("gamma",))
        for step in (*bench.engine.create(plan).steps, *bench.engine.change(plan).steps):
            argv = step.command.argv
            if argv[0] == sys.executable:
                continue
            words = argv[argv.index("--") + 1 :]
            assert words in (("alpha", "beta<2"), ("gamma",))
            # mamba's remove knows no channels.
            unknown = kind == "micromamba" and argv[1] == "remove"
            assert ("--channel=conda-forge" in argv[: argv.index("--")]) != unknown


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


def test_mamba_is_told_in_its_own_words(tmp_path: Path) -> None:
    bench = bench_of(tmp_path, "mamba")
    certificates = tmp_path / "own.pem"
    certificates.touch()
    bench.environ = {
        "CONDA_CHANNEL_ALIAS": "https://lab.example",
        "CONDA_REMOTE_MAX_RETRIES": "9",
        "MAMBA_REMOTE_MAX_RETRIES": "2",
        "MAMBA_ALWAYS_YES": "false",
        "REQUESTS_CA_BUNDLE": str(certificates),
    }
    environ = dict(bench.engine.create(bench.plan("alpha")).steps[-1].command.environ)
    assert environ["MAMBA_CHANNEL_ALIAS"] == "https://lab.example"
    assert environ["MAMBA_REMOTE_MAX_RETRIES"] == "2"
    assert environ["MAMBA_SSL_VERIFY"] == str(certificates)
    assert "MAMBA_ALWAYS_YES" not in environ
    certificates.unlink()
    environ = dict(bench.engine.create(bench.plan("alpha")).steps[-1].command.environ)
    assert "MAMBA_SSL_VERIFY" not in environ, "it stops at a file that is not there"


def test_mamba_offline_finds_nobody(tmp_path: Path) -> None:
    """Its --offline is about lists of packages: it goes on to download packages."""
    bench = bench_of(tmp_path, "mamba")
    bench.environ = {"HTTPS_PROXY": "http://proxy:3128", "no_proxy": "lab.example"}
    for offline, proxy in ((True, "http://127.0.0.1:9"), (False, "http://proxy:3128")):
        plan = bench.plan("alpha", offline=offline)
        environ = bench.engine.create(plan).steps[-1].command.environ
        assert environ.get("https_proxy", environ.get("HTTPS_PROXY")) == proxy
        assert bool(environ["no_proxy"]) != offline


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
