"""conda's configuration: found where conda looks, merged as conda merges, secrets known."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jupyter_envmgr.core.conda.condarc import ALIAS, CondaConfiguration, read_condarc
from jupyter_envmgr.core.conda.condarc_files import condarc_places


class Home:
    """A person's home and a conda installation, in a temporary directory."""

    def __init__(self, path: Path) -> None:
        self.home = path / "home"
        self.root = path / "conda"
        self.home.mkdir()
        self.root.mkdir()

    def write(self, path: str, text: str) -> Path:
        file = self.home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def read(self, **environ: str) -> CondaConfiguration:
        return read_condarc(environ, self.home, [self.root])


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_without_a_file_conda_knows_no_channel(home: Home) -> None:
    found = home.read()
    assert found.channels == ()
    assert found.channel_alias == ALIAS
    assert found.ssl_verify is True
    assert found.offline is False
    assert found.files == ()
    assert found.secrets == ()


def test_all_that_concerns_downloads_is_read(home: Home) -> None:
    home.write(
        ".condarc",
        """\
channels: [conda-forge, nodefaults]
channel_alias: https://mirror.example/conda/
default_channels:
  - https://mirror.example/pkgs/main
custom_channels:
  team: https://conda.example
custom_multichannels:
  ours: [team, conda-forge]
mirrored_channels:
  conda-forge: [https://a.example/conda-forge, https://b.example/conda-forge]
proxy_servers:
  http: http://proxy.example:3128
  https: http://proxy.example:3128
ssl_verify: ~/certificates.pem
offline: yes
channel_priority: flexible
envs_dirs: [~/envs, $SCRATCH/envs]
pkgs_dirs:
  - /scratch/pkgs
pinned_packages: ["python=3.11"]
denylist_channels: [defaults]
changeps1: false
""",
    )
    (home.home / "certificates.pem").touch()
    found = home.read(SCRATCH="/scratch/ada")
    assert found.channels == ("conda-forge", "nodefaults")
    assert found.channel_alias == "https://mirror.example/conda"
    assert found.default_channels == ("https://mirror.example/pkgs/main",)
    assert found.custom_channels == {"team": "https://conda.example"}
    assert found.custom_multichannels == {"ours": ("team", "conda-forge")}
    assert found.mirrored_channels["conda-forge"][1] == "https://b.example/conda-forge"
    assert found.proxy_servers["https"] == "http://proxy.example:3128"
    assert found.ssl_verify == str(home.home / "certificates.pem")
    assert found.offline is True
    assert found.channel_priority == "flexible"
    assert found.envs_dirs == (str(home.home / "envs"), "/scratch/ada/envs")
    assert found.pkgs_dirs == ("/scratch/pkgs",)
    assert found.pinned_packages == ("python=3.11",)
    assert found.denylist_channels == ("defaults",)
    assert found.sources["channels"] == str(home.home / ".condarc")


def test_files_are_searched_in_the_order_of_conda(home: Home) -> None:
    environ = {
        "XDG_CONFIG_HOME": "/xdg",
        "CONDA_PREFIX": "/envs/active",
        "CONDARC": "$SCRATCH/my.rc",
        "SCRATCH": "/scratch",
    }
    paths = [p.path for p in condarc_places(environ, "/home/ada", ["/opt/conda", "/opt/second"])]
    assert paths == [
        "/etc/conda",
        "/var/lib/conda",
        "/opt/second",
        "/opt/conda",
        "/xdg/conda",
        "/home/ada/.config/conda",
        "/home/ada/.conda",
        "/home/ada/.condarc",
        "/home/ada/.mambarc",
        "/envs/active",
        "/scratch/my.rc",
    ]


def test_lists_are_joined_maps_are_merged_and_of_words_the_last_counts(home: Home) -> None:
    (home.root / ".condarc").write_text(
        "channels: [site, shared]\nproxy_servers: {http: a, https: b}\nssl_verify: false\n"
    )
    (home.root / "condarc.d").mkdir()
    (home.root / "condarc.d" / "b.yml").write_text("channels: [part]\n")
    (home.root / "condarc.d" / "ignored.txt").write_text("channels: [wrong]\n")
    home.write(".condarc", "channels: [mine, shared]\nproxy_servers: {https: c}\n")
    found = home.read(CONDA_CHANNELS="first,second", CONDA_SSL_VERIFY="true")
    assert found.channels == ("first", "second", "mine", "shared", "part", "site")
    assert found.proxy_servers == {"http": "http://a", "https": "http://c"}
    assert found.ssl_verify is True
    assert len(found.files) == 3


def test_the_flags_in_comments_count(home: Home) -> None:
    (home.root / ".condarc").write_text(
        "channels:\n  - top  #!top\n  - site\n  - last  #!bottom\nssl_verify: false  #!final\n"
    )
    home.write(".condarc", "channels: [mine]\nssl_verify: true\n")
    found = home.read()
    assert found.channels == ("top", "mine", "site", "last")
    (home.root / ".condarc").write_text("channels:  #!final\n  - site\n")
    assert home.read().channels == ("site",)


def test_a_key_with_final_in_it_ends_the_search(home: Home) -> None:
    (home.root / ".condarc").write_text("ssl_verify: false #!final\n")
    home.write(".condarc", "ssl_verify: true\n")
    assert home.read(CONDA_SSL_VERIFY="true").ssl_verify is False


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ssl_verify: no\n", False),
        ("ssl_verify: True\n", True),
        ("ssl_verify: <truststore>\n", "<truststore>"),
        ("ssl_verify: /usr\n", "/usr"),
        ("verify_ssl: false\n", False),
        ("ssl_verify:\n", True),
    ],
)
def test_certificates_are_a_switch_or_a_path(home: Home, text: str, expected: object) -> None:
    home.write(".condarc", text)
    assert home.read().ssl_verify == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("channels: [a\n", "line 2, column"),
        ("channels: !!python/object/apply:os.system [x]\n", "line 1, column 11: the tag"),
        ("- a\n", "entries such as"),
        ("channels: [a]\nchannels: [b]\n", "line 2, column 1"),
    ],
)
def test_a_file_that_cannot_be_read_is_left_out_and_said(home: Home, text: str, words: str) -> None:
    file = home.write(".condarc", text)
    home.write(".conda/condarc", "channels: [fine]\n")
    found = home.read()
    assert found.channels == ("fine",)
    (notice,) = found.notices
    assert str(file) in notice
    assert words in notice


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_said(home: Home) -> None:
    home.write(".condarc", "channels: [a]\n").chmod(0)
    assert "permission denied" in home.read().notices[0]


def test_a_directory_or_a_fifo_in_the_place_of_a_file_is_no_file(home: Home) -> None:
    (home.home / ".condarc").mkdir()
    os.mkfifo(home.home / ".mambarc")
    assert home.read().notices == ()


def test_variables_are_filled_in_and_what_they_bring_is_a_secret(home: Home) -> None:
    home.write(
        ".condarc",
        "channels:\n"
        "  - https://${WHO}:$WORD@conda.example/team\n"
        "  - https://conda.example/t/${TOKEN}/team\n"
        "proxy_servers: {https: 'http://ada:pr0xy-word@proxy:3128'}\n"
        "channel_alias: https://alias:alias-word@h\n"
        "custom_channels: {x: 'https://c:custom-word@h'}\n"
        "mirrored_channels: {y: ['https://m:mirror-word@h']}\n",
    )
    found = home.read(WHO="ada", WORD="geheim", TOKEN="tk-123456")
    assert found.channels[0] == "https://ada:geheim@conda.example/team"
    assert {
        "geheim",
        "tk-123456",
        "pr0xy-word",
        "alias-word",
        "custom-word",
        "mirror-word",
        "ada:geheim@",
    } <= set(found.secrets)


def test_a_variable_that_nobody_set_stays(home: Home) -> None:
    home.write(".condarc", "channels: ['https://$NOBODY@h/x']\n")
    assert home.read().channels == ("https://$NOBODY@h/x",)


def test_what_has_the_wrong_form_does_no_harm(home: Home) -> None:
    home.write(
        ".condarc",
        "channels: {a: b}\nproxy_servers: [x]\ncustom_multichannels: {a: {b: c}}\n"
        "ssl_verify: [x]\nchannel_alias: {a: b}\nenvs_dirs: [[x], relative, /fine]\n",
    )
    found = home.read()
    assert f"channels in {home.home}/.condarc, line 1, column 11, is left out" in "".join(
        found.notices
    )
    assert {text.split()[0] for text in found.notices} == {
        "channels",
        "proxy_servers",
        "ssl_verify",
        "channel_alias",
    }
    assert found.channels == ()
    assert found.proxy_servers == {}
    assert found.ssl_verify is True
    assert found.channel_alias == ALIAS
    assert found.envs_dirs == ("/fine",)


def test_a_proxy_needs_no_scheme_and_what_is_none_is_left_out_and_said(home: Home) -> None:
    proxies = "{http: 'proxy.example:3128', https: 'http://no:99999', all: 'a b'}"
    home.write(".condarc", f"proxy_servers: {proxies}\n")
    found = home.read()
    assert found.proxy_servers == {"http": "http://proxy.example:3128"}
    assert [notice.partition(" is")[0] for notice in found.notices] == [
        "The proxy for 'https'",
        "The proxy for 'all'",
    ]


def test_a_file_without_certificates_is_named(home: Home) -> None:
    path = home.home / "no.pem"
    home.write("no.pem", "no certificate\n")
    home.write(".condarc", "ssl_verify: ~/no.pem\n")
    found = home.read()
    assert found.ssl_verify == str(path)
    assert found.notices == (f"ssl_verify names {path}, which holds no certificates in PEM.",)


def test_certificates_that_are_not_there_are_left_out_and_said(home: Home) -> None:
    home.write(".condarc", "ssl_verify: ~/gone.pem\n")
    found = home.read()
    assert found.ssl_verify is True
    assert found.notices == (
        f"ssl_verify names {home.home}/gone.pem, which is not there: the usual ones are used.",
    )
