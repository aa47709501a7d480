"""What an administrator or a person writes becomes settings, or an error that names the option."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from traitlets.config import Config

from jupyter_envmgr.config import file_config, settings
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.settings import ROOT_VARIABLE, Settings


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def read(home: Path, environ: dict[str, str] | None = None, **options: Any) -> Settings:
    """The settings of a person with these options and variables."""
    config = Config({"EnvMgr": options})
    return settings(config, "server", {"HOME": str(home), **(environ or {})})


def fault(home: Path, environ: dict[str, str] | None = None, **options: Any) -> str:
    """What is said of these options, which are wrong."""
    with pytest.raises(EnvMgrError) as raised:
        read(home, environ, **options)
    assert raised.value.code == "bad-configuration"
    return str(raised.value.detail)


def places(found: Settings) -> dict[str, Path]:
    return {location.name: location.path for location in found.locations}


def test_without_options_everything_lies_in_the_home(home: Path) -> None:
    found = read(home)
    assert found.root == home / ".envmgr"
    assert places(found) == {"home": home / ".envmgr" / "environments"}
    assert found.image_interpreter == Path(sys.executable)
    assert found.image_prefix == Path(sys.prefix)
    assert found.index_url is None
    assert (found.allowed_url_schemes, found.link_mode) == (("https", "git+https"), "hardlink")


def test_a_path_may_have_the_home_and_variables_in_it(home: Path) -> None:
    environ = {"TEAM": "vision"}
    found = read(home, environ, root="~/a/../b", search_paths=["/shared/${TEAM}/$$x", "~"])
    assert found.root == home / "b"
    assert found.search_paths == (Path("/shared/vision/$x"), home)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("relative/path", "not an absolute path"),
        ("", "not an absolute path"),
        ("/a\0b", "not an absolute path"),
        ("/shared/$NO_SUCH_VARIABLE", "$NO_SUCH_VARIABLE is not set"),
        ("/shared/$", "write $$"),
        (7, "root"),
        (None, "root"),
    ],
)
def test_a_path_that_leads_nowhere_is_refused(home: Path, path: Any, said: str) -> None:
    detail = fault(home, root=path)
    assert "root" in detail
    assert said in detail


@pytest.mark.parametrize(
    "root", ["~/.local", "~/.local/envmgr", "$HOME/.local/share/x", "~/.envmgr/../.local/envmgr"]
)
def test_the_root_never_lies_in_what_people_move_away(home: Path, root: str) -> None:
    assert "EnvMgr.root" in fault(home, root=root)
    variable = {ROOT_VARIABLE: root.replace("~", str(home)).replace("$HOME", str(home))}
    assert "~/.local" in fault(home, variable)


def test_a_link_to_what_people_move_away_is_refused_too(home: Path) -> None:
    (home / ".local" / "envmgr").mkdir(parents=True)
    (home / "link").symlink_to(home / ".local" / "envmgr")
    assert "~/.local" in fault(home, root="~/link")


def test_the_variable_comes_before_the_files_and_the_option_before_both(home: Path) -> None:
    environ = {"HOME": str(home), ROOT_VARIABLE: "/from/variable"}
    config = Config({"EnvMgr": {"root": "/from/file"}})
    assert settings(config, "cli", environ).root == Path("/from/variable")
    assert settings(config, "cli", environ, Path("/from/option")).root == Path("/from/option")
    assert ROOT_VARIABLE in fault(home, {ROOT_VARIABLE: "relative"})


def test_locations_are_added_to_the_default_one_or_replace_it(home: Path) -> None:
    found = places(read(home, locations={"team": "/shared/team", "home": "~/mine"}))
    assert found == {"home": home / "mine", "team": Path("/shared/team")}
    assert next(iter(found)) == "home"


@pytest.mark.parametrize(
    "locations",
    [
        {"Team": "/shared/team"},
        {"a b": "/shared/team"},
        {"../x": "/shared/team"},
        {"team": "shared"},
        {"team": 7},
        {"team": "/shared/team", "other": "/shared/team"},
        {"team": "/shared/team", "other": "/shared/team/inside"},
        {"team": "~/.envmgr/environments/team"},
        ["/shared/team"],
    ],
    ids=str,
)
def test_locations_that_cannot_be_are_refused(home: Path, locations: Any) -> None:
    assert "locations" in fault(home, locations=locations)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("index_url", "javascript:alert(1)"),
        ("index_url", "--index-url"),
        ("index_url", "pypi.org/simple"),
        ("index_url", "https://"),
        ("extra_index_urls", ["https://example.org/simple", "ftp://example.org"]),
        ("allowed_url_schemes", ["javascript"]),
        ("link_mode", "fast"),
        ("max_running_jobs", 0),
        ("max_running_jobs", 17),
        ("max_running_jobs", "two"),
        ("allow_downloads", "perhaps"),
        ("image_python", "python3"),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_its_option(
    home: Path, option: str, value: Any
) -> None:
    assert option in fault(home, **{option: value})


def test_a_password_in_an_index_url_is_not_said(home: Path) -> None:
    detail = fault(home, index_url="ftp://user:hunter2@example.org/simple")
    assert "hunter2" not in detail


def test_an_option_that_does_not_exist_is_said(
    home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    read(home, loctions={"team": "/shared/team"})
    assert "loctions" in caplog.text


@pytest.fixture
def etc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """The directories of configuration: the administrator's, and the person's own."""
    places = {"admin": tmp_path / "etc", "person": tmp_path / "dot-jupyter"}
    for place in places.values():
        place.mkdir()
    monkeypatch.setattr("jupyter_core.paths.SYSTEM_CONFIG_PATH", [str(places["admin"])])
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(places["person"]))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    return places


def test_files_are_read_and_the_more_special_one_decides(
    home: Path, etc: dict[str, Path], tmp_path: Path
) -> None:
    (etc["person"] / "jupyter_server_config.py").write_text("c.EnvMgr.root = '/general'\n")
    (etc["person"] / "jupyter_envmgr_config.py").write_text("c.EnvMgr.root = '/special'\n")
    (etc["person"] / "jupyter_envmgr_config.json").write_text(
        '{"EnvMgr": {"max_running_jobs": 5, "locations": {"team": "/shared/team"}}}'
    )
    found = settings(file_config(), "cli", {"HOME": str(home)})
    assert found.root == Path("/special")
    assert found.max_running_jobs == 5
    assert places(found)["team"] == Path("/shared/team")


def test_a_person_overrides_the_administrator(home: Path, etc: dict[str, Path]) -> None:
    (etc["admin"] / "jupyter_envmgr_config.py").write_text(
        "c.EnvMgr.root = '/admin'\nc.EnvMgr.link_mode = 'copy'\n"
    )
    (etc["person"] / "jupyter_envmgr_config.json").write_text('{"EnvMgr": {"root": "/person"}}')
    found = settings(file_config(), "cli", {"HOME": str(home)})
    assert (found.root, found.link_mode) == (Path("/person"), "copy")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("jupyter_envmgr_config.py", "c.EnvMgr.root = (\n"),
        ("jupyter_envmgr_config.py", "import no_such_module_anywhere\n"),
        ("jupyter_envmgr_config.py", "raise SystemExit(0)\n"),
        ("jupyter_envmgr_config.json", "{"),
        ("jupyter_envmgr_config.json", "\udcff"),
        ("jupyter_envmgr_config.py", "c.EnvMgr = 'x'\n"),
        ("jupyter_envmgr_config.json", '{"EnvMgr": "x"}'),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    etc: dict[str, Path], home: Path, name: str, text: str
) -> None:
    (etc["person"] / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(EnvMgrError) as raised:
        settings(file_config(), "cli", {"HOME": str(home)})
    assert raised.value.code == "bad-configuration"
    assert str(etc["person"]) in raised.value.detail or "EnvMgr" in raised.value.detail
