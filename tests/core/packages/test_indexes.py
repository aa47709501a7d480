"""Which index is used: the request's, the configuration's, the person's; and what never shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.packages.indexes import (
    PYPI,
    Indexes,
    check_url,
    find_indexes,
    public_url,
)
from jupyter_envmgr.core.settings import Settings
from tests import fakes


def person(home: Path, /, *, config: str = "", environ: Any = (), **changes: Any) -> Settings:
    """Settings of somebody with this pip.conf, on a machine without a system-wide one."""
    environ = {"XDG_CONFIG_DIRS": str(home / "xdg"), **dict(environ)}
    if config:
        file = home / ".config" / "pip" / "pip.conf"
        file.parent.mkdir(parents=True)
        file.write_text(config)
    return fakes.settings(home, environ=environ, **changes)


@pytest.fixture(autouse=True)
def _no_system_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    """/etc/pip.conf of the machine that runs the tests is not read."""
    read = Path.read_text

    def without_etc(path: Path, *args: Any, **kwargs: Any) -> str:
        if str(path) == "/etc/pip.conf":
            raise FileNotFoundError(str(path))
        return read(path, *args, **kwargs)

    monkeypatch.setattr(Path, "read_text", without_etc)


def test_without_any_configuration_it_is_pypi(tmp_path: Path) -> None:
    indexes = find_indexes(person(tmp_path))
    assert indexes == Indexes()
    assert indexes.public_urls == (PYPI,)
    assert indexes.summary == f"{PYPI} (the default)"


def test_pip_configuration_is_read_as_pip_reads_it(tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    certificates = tmp_path / "ca.pem"
    certificates.write_text("")
    config = f"""\
[global]
index-url = https://mirror.example/simple
extra_index_url =
    https://one.example/simple
    https://two.example/simple
find-links = {wheels}
trusted-host = one.example two.example:8080
cert = {certificates}
proxy = http://proxy.example:3128
user = true
[install]
index-url = https://install.example/simple
"""
    indexes = find_indexes(person(tmp_path, config=config))
    assert indexes.default == "https://install.example/simple"
    assert indexes.extras == ("https://one.example/simple", "https://two.example/simple")
    assert indexes.find_links == (wheels.as_uri(),)
    assert indexes.trusted_hosts == ("one.example", "two.example:8080")
    assert indexes.certificate == str(certificates)
    assert indexes.proxy == "http://proxy.example:3128"
    assert indexes.best_of_all, "pip takes the best version of all indexes"
    assert str(tmp_path / ".config" / "pip" / "pip.conf") in indexes.source


def test_a_variable_beats_a_file_and_a_newer_file_an_older_one(tmp_path: Path) -> None:
    old = tmp_path / ".pip" / "pip.conf"
    old.parent.mkdir()
    old.write_text("[global]\nindex-url=https://old.example/simple\nno-index=false\n")
    settings = person(tmp_path, config="[global]\nindex-url=https://new.example/simple\n")
    assert find_indexes(settings).default == "https://new.example/simple"
    environ = {**settings.environ, "PIP_INDEX_URL": "https://variable.example/simple"}
    indexes = find_indexes(fakes.settings(tmp_path, environ=environ))
    assert indexes.default == "https://variable.example/simple"
    assert indexes.source == "by pip's configuration, PIP_INDEX_URL"


def test_the_configuration_of_the_image_counts(tmp_path: Path) -> None:
    prefix = tmp_path / "image"
    prefix.mkdir()
    (prefix / "pip.conf").write_text("[global]\nindex-url=https://image.example/simple\n")
    settings = person(tmp_path, config="[global]\nindex-url=https://user.example/simple\n")
    assert find_indexes(settings).default == "https://image.example/simple"


def test_pip_config_file_takes_the_place_of_the_persons(tmp_path: Path) -> None:
    named = tmp_path / "named.conf"
    named.write_text("[global]\nextra-index-url=https://named.example/simple\n")
    config = "[global]\nindex-url=https://user.example/simple\n"
    settings = person(tmp_path, config=config, environ={"PIP_CONFIG_FILE": str(named)})
    indexes = find_indexes(settings)
    assert (indexes.default, indexes.extras) == (None, ("https://named.example/simple",))
    settings = person(tmp_path / "b", config=config, environ={"PIP_CONFIG_FILE": "/dev/null"})
    assert find_indexes(settings) == Indexes()


@pytest.mark.parametrize(
    "content",
    [b"[global\nindex-url", b"index-url=x\n", b"\xff\xfe\0[", b"[global]\n[global]\nx\n"],
)
def test_a_configuration_that_cannot_be_read_is_named_and_left_out(
    tmp_path: Path, content: bytes
) -> None:
    settings = person(tmp_path, config=" ")
    file = tmp_path / ".config" / "pip" / "pip.conf"
    file.write_bytes(content)
    (notice,) = find_indexes(settings).notices
    assert str(file) in notice


def test_places_of_another_machine_are_left_out_with_a_notice(tmp_path: Path) -> None:
    wheels = tmp_path / "my wheels, all"
    wheels.mkdir()
    environ = {
        "UV_FIND_LINKS": f"{wheels.as_uri().replace(',', '%2C')},/nowhere/wheels",
        "PIP_EXTRA_INDEX_URL": "file:///nowhere/simple https://there.example/simple",
    }
    indexes = find_indexes(person(tmp_path, environ=environ))
    assert indexes.find_links == ("file://" + str(wheels).replace(" ", "%20").replace(",", "%2C"),)
    assert indexes.extras == ("https://there.example/simple",)
    assert any("/nowhere/wheels" in notice for notice in indexes.notices)
    assert any("file:///nowhere/simple" in notice for notice in indexes.notices)


def test_certificates_that_are_not_there_are_left_out_with_a_notice(tmp_path: Path) -> None:
    indexes = find_indexes(person(tmp_path, environ={"PIP_CERT": "/nowhere/ca.pem"}))
    assert indexes.certificate is None
    assert "/nowhere/ca.pem" in indexes.notices[0]


def test_uvs_own_certificates_come_first(tmp_path: Path) -> None:
    environ = {"SSL_CERT_FILE": "/etc/ca.pem", "PIP_CERT": str(tmp_path)}
    assert find_indexes(person(tmp_path, environ=environ)).certificate is None


def test_constraints_of_the_image_are_not_applied_and_a_notice_says_so(tmp_path: Path) -> None:
    environ = {"PIP_CONSTRAINT": "/etc/pip/constraint.txt"}
    (notice,) = find_indexes(person(tmp_path, environ=environ)).notices
    assert "/etc/pip/constraint.txt" in notice
    assert "not applied" in notice


def test_uvs_variables_beat_pips_and_follow_uvs_rule(tmp_path: Path) -> None:
    environ = {
        "UV_DEFAULT_INDEX": "https://uv.example/simple",
        "UV_INDEX": "team=https://team.example/simple https://more.example/simple",
        "PIP_INDEX_URL": "https://pip.example/simple",
        "PIP_EXTRA_INDEX_URL": "https://extra.example/simple",
    }
    indexes = find_indexes(person(tmp_path, environ=environ))
    assert indexes.default == "https://uv.example/simple"
    assert indexes.extras == (
        "team=https://team.example/simple",
        "https://more.example/simple",
    )
    assert indexes.public_urls[1] == "https://team.example/simple"
    assert not indexes.best_of_all, "uv takes the first index that has the name"


def test_an_index_of_the_request_replaces_all_that_is_configured(tmp_path: Path) -> None:
    settings = person(
        tmp_path,
        config="[global]\nextra-index-url=https://pip.example/simple\nfind-links=https://l.example/\n",
        index_url="https://site.example/simple",
        extra_index_urls=("https://site-extra.example/simple",),
    )
    indexes = find_indexes(settings, "https://mine.example/simple")
    assert (indexes.default, indexes.extras) == ("https://mine.example/simple", ())
    assert indexes.find_links == ()
    assert indexes.source == "as you chose"
    indexes = find_indexes(settings)
    assert indexes.default == "https://site.example/simple"
    assert indexes.extras == ("https://site-extra.example/simple",)


def test_an_extra_index_of_the_request_adds_to_what_is_configured(tmp_path: Path) -> None:
    environ = {"PIP_INDEX_URL": "https://pip.example/simple"}
    indexes = find_indexes(
        person(tmp_path, environ=environ), extra_index_urls=["https://cuda.example/whl"]
    )
    assert indexes.default == "https://pip.example/simple"
    assert indexes.extras == ("https://cuda.example/whl",)
    assert indexes.best_of_all


def test_no_index_means_no_index(tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    environ = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path / "wheels")}
    indexes = find_indexes(person(tmp_path, environ=environ))
    assert indexes.no_index
    assert indexes.public_urls == ()
    assert "wheels" in indexes.summary


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/simple",
        "file:///srv/simple",
        "/srv/simple",
        "example.org/simple",
        "https://",
        "https:///simple",
        "https://exa mple.org/simple",
        "https://example.org/\nsimple",
        "https://example.org:port/simple",
        "https://[::1/simple",
        "https://exämple.org/simple",
        "https://example.org/${HOME}",
        "--index-url=https://example.org",
        "https://example.org/" + "a" * 2000,
        "\ud800",
    ],
)
def test_what_is_not_the_url_of_an_index_is_refused_at_its_field(tmp_path: Path, url: str) -> None:
    with pytest.raises(EnvMgrError) as caught:
        find_indexes(person(tmp_path), url, ["https://fine.example/simple", url])
    assert caught.value.code == "bad-index-url"
    assert [e.field for e in caught.value.errors] == ["index_url", "extra_index_urls[1]"]
    caught.value.detail.encode()


def test_twenty_extra_indexes_are_enough(tmp_path: Path) -> None:
    with pytest.raises(EnvMgrError, match="20 at most"):
        find_indexes(person(tmp_path), "", ["https://a.example/simple"] * 21)


def test_a_good_url_is_returned_unchanged() -> None:
    url = "https://user:p%40ss@example.org:8443/simple/"
    assert check_url(url, "index_url") == url


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("", ""),
        ("https://example.org/simple", "https://example.org/simple"),
        ("https://me:geheim@example.org/simple", "https://example.org/simple"),
        ("https://token@example.org:80/simple?a=b", "https://example.org:80/simple?a=b"),
        ("https://me:ge@heim@example.org/simple", "https://example.org/simple"),
        ("name=https://me:geheim@example.org/simple", "https://example.org/simple"),
        ("https://me:geheim@[bad/simple", "https://[bad/simple"),
        ("/srv/simple", "/srv/simple"),
    ],
)
def test_a_url_is_shown_without_credentials(url: str, shown: str) -> None:
    assert public_url(url) == shown


def test_whatever_is_shown_of_indexes_has_no_credentials(tmp_path: Path) -> None:
    environ = {
        "PIP_INDEX_URL": "https://me:geheimnis@one.example/simple",
        "PIP_EXTRA_INDEX_URL": "https://__token__:glpat-0123%2F456@two.example/simple",
        "PIP_FIND_LINKS": "https://0123456789abcdef0123@three.example/wheels",
        "PIP_PROXY": "http://me:proxywort@proxy.example:3128",
    }
    indexes = find_indexes(person(tmp_path, environ=environ))
    secrets = ("geheimnis", "glpat-0123%2F456", "glpat-0123/456", "0123456789abcdef0123")
    shown = repr((indexes.summary, indexes.public_urls, indexes.notices, indexes.source))
    for secret in (*secrets, "proxywort"):
        assert secret in indexes.secrets
        assert secret not in shown


def test_a_short_user_name_alone_is_not_masked_everywhere(tmp_path: Path) -> None:
    indexes = find_indexes(person(tmp_path), "https://root@one.example/simple")
    assert indexes.secrets == ("root@",)
