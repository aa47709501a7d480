"""What is shipped: built from a clean copy of the tree, looked into, and installed."""

from __future__ import annotations

import json
import os
import pwd
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

TREE = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
LABEXTENSION = "data/share/jupyter/labextensions/jupyter_envmgr/"
SERVER_CONFIG = "data/etc/jupyter/jupyter_server_config.d/jupyter_envmgr.json"

pytestmark = pytest.mark.timeout(600)


def run(*command: str | Path, path: str, cwd: Path | None = None) -> str:
    """Its output, both streams, without colours. A failure shows it."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=os.environ | {"PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}"
    return re.sub(r"\x1b\[\d*m", "", done.stdout)


def _clone_to(clone: Path) -> Path:
    """The tree as a clone would have it: all that git tracks or would track, nothing built."""
    if not (TREE / ".git").exists():
        pytest.skip("not a git tree")
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=TREE,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listing.stdout.split("\0")):
        source = TREE / name
        if source.is_file():  # and not deleted since git was told of it
            target = clone / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    return clone


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clone that the distributions are built in."""
    return _clone_to(tmp_path_factory.mktemp("clone"))


@pytest.fixture(scope="module")
def built(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the sdist and the wheel that was made from that sdist."""
    built = tmp_path_factory.mktemp("dist")
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    build = (sys.executable, "-m", "build", "--no-isolation", "--outdir", built, clone)
    run(*build, path=path)
    return built


def _wheel(built: Path) -> Path:
    return next(built.glob("*.whl"))


@pytest.fixture(scope="module")
def wheel(built: Path) -> Mapping[str, bytes]:
    """The wheel's files. Names below the data directory begin with ``data/``."""
    with zipfile.ZipFile(_wheel(built)) as archive:
        return {_short(name): archive.read(name) for name in archive.namelist()}


def _short(name: str) -> str:
    return "data/" + name.partition(".data/data/")[2] if ".data/data/" in name else name


@pytest.fixture(scope="module")
def sdist(built: Path) -> Mapping[str, bytes]:
    """The sdist's files, named from its top directory on."""
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        members = [member for member in archive if member.isfile()]
        return {
            member.name.partition("/")[2]: content.read()
            for member in members
            if (content := archive.extractfile(member)) is not None
        }


def test_the_wheel_has_the_whole_extension(wheel: Mapping[str, bytes]) -> None:
    expected = {
        "jupyter_envmgr/__init__.py",
        "jupyter_envmgr/_version.py",
        "jupyter_envmgr/locale/zh_CN/LC_MESSAGES/jupyter_envmgr.json",
        "jupyter_envmgr/py.typed",
        "jupyter_envmgr/schema/openapi.json",
        LABEXTENSION + "install.json",
        LABEXTENSION + "package.json",
        LABEXTENSION + "static/style.js",
        LABEXTENSION + "static/third-party-licenses.json",
        SERVER_CONFIG,
    }
    expected |= {
        f"{LABEXTENSION}schemas/jupyter_envmgr/{schema.name}"
        for schema in (TREE / "labextension/schema").glob("*.json")
    }
    assert expected <= wheel.keys()
    modules = {
        module.relative_to(TREE).as_posix() for module in (TREE / "jupyter_envmgr").rglob("*.py")
    }
    assert modules <= wheel.keys()


def test_the_wheel_enables_the_server_extension(wheel: Mapping[str, bytes]) -> None:
    config = json.loads(wheel[SERVER_CONFIG])
    assert config == {"ServerApp": {"jpserver_extensions": {"jupyter_envmgr": True}}}


def test_the_frontend_is_a_production_build(wheel: Mapping[str, bytes]) -> None:
    package = json.loads(wheel[LABEXTENSION + "package.json"])
    entry = LABEXTENSION + package["jupyterlab"]["_build"]["load"]
    assert entry in wheel
    assert b"sourceMappingURL" not in wheel[entry]
    assert not [name for name in wheel if name.endswith("build_log.json")]


def test_the_frontend_is_shipped_once(wheel: Mapping[str, bytes]) -> None:
    assert len([name for name in wheel if "remoteEntry" in name]) == 1


def test_a_wheel_needs_no_node_when_made_from_the_sdist(sdist: Mapping[str, bytes]) -> None:
    assert "jupyter_envmgr/labextension/static/style.js" in sdist
    assert "PKG-INFO" in sdist


def test_the_licence_is_shipped(wheel: Mapping[str, bytes], sdist: Mapping[str, bytes]) -> None:
    assert "LICENSE" in sdist
    assert [name for name in wheel if name.endswith(".dist-info/licenses/LICENSE")]


def _is_a_copy(content: bytes, source: Path) -> bool:
    """Whether a person wrote the file: an example may well speak of /root or /home/jovyan."""
    return source.is_file() and content == source.read_bytes()


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_no_path_of_the_building_machine_is_shipped(
    kind: str, clone: Path, request: pytest.FixtureRequest
) -> None:
    files: Mapping[str, bytes] = request.getfixturevalue(kind)
    home = pwd.getpwuid(os.getuid()).pw_dir
    machine = [f"{home}/", f"{TREE}/", str(clone), f"{sys.prefix}/", os.environ["HOME"]]
    found = {
        (name, path)
        for name, content in files.items()
        for path in machine
        if path.encode() in content and not _is_a_copy(content, clone / name)
    }
    assert not found


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_nothing_that_is_only_for_development_is_shipped(
    kind: str, request: pytest.FixtureRequest
) -> None:
    files: Mapping[str, bytes] = request.getfixturevalue(kind)
    unwanted = (".map", ".pyc", ".tsbuildinfo", ".log")
    assert not [name for name in files if name.endswith(unwanted) or "node_modules/" in name]


def test_no_registry_address_is_in_the_tree(clone: Path) -> None:
    """Indexes are what pip, uv and npm are configured to; a lock must not bring its own."""
    assert not (clone / "uv.lock").exists()
    assert not list(clone.rglob("package-lock.json"))
    assert "://" not in (clone / "labextension/yarn.lock").read_text()
    assert "npmRegistryServer" not in (clone / "labextension/.yarnrc.yml").read_text()


@pytest.mark.network
def test_a_clone_installs_where_there_is_no_node(tmp_path: Path) -> None:
    """The promise of the README: Python is enough, and both halves are on at once."""
    clone = _clone_to(tmp_path / "clone")
    path = _path_without_node(tmp_path)
    assert shutil.which("node", path=path) is None
    uv, environment = BIN / "uv", tmp_path / "environment"
    run(uv, "venv", "--python", sys.executable, environment, path=path)
    python = environment / "bin/python"
    run(uv, "pip", "install", "--python", python, f"{clone}[lab]", path=path)

    frontend = run(environment / "bin/jupyter", "labextension", "list", path=path)
    server = run(environment / "bin/jupyter", "server", "extension", "list", path=path)
    assert any(
        "jupyter_envmgr v" in line and "enabled OK" in line for line in frontend.splitlines()
    )
    assert "jupyter_envmgr enabled" in server
    assert any("jupyter_envmgr" in line and line.endswith(" OK") for line in server.splitlines())
    run(environment / "bin/jupyter-envmgr", "--help", path=path)


def _path_without_node(directory: Path) -> str:
    """The system's programs by links, without any Node, Yarn or Python tool among them."""
    programs = directory / "programs"
    programs.mkdir()
    for name in ("sh", "bash", "env", "uname", "dirname", "basename", "readlink", "sed", "cat"):
        if found := shutil.which(name):
            (programs / name).symlink_to(found)
    return str(programs)
