"""Exports: whole, without secrets, without the user site, and read back as they were."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from jupyter_envmgr.core.conda.environment_yml import parse_environment_yml
from jupyter_envmgr.core.conda.explicit import parse_explicit
from jupyter_envmgr.core.conda.export import (
    export_environment_yml,
    export_explicit,
    export_from_history,
    export_requirements,
)
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.packages.requirements import parse_text
from tests.core.packages.trees import conda_record, dist_info, site_of, write

FORGE = "https://conda.anaconda.org/conda-forge"
MD5 = "d73490214f536cccb5819e9873048c92"


def add(
    prefix: Path, name: str, version: str = "1.0", subdir: str = "linux-64", **more: Any
) -> None:
    """A package of conda-forge, as conda records it."""
    fields = {
        "url": f"{FORGE}/{subdir}/{name}-{version}-h0_0.conda",
        "channel": f"{FORGE}/{subdir}",
        "subdir": subdir,
        "md5": MD5,
        **more,
    }
    conda_record(prefix, name, version, **fields)


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """A conda environment with three packages, and one of pip's."""
    prefix = tmp_path / "training"
    add(prefix, "python", "3.11.9", files=["bin/python"], depends=["tzdata"])
    add(prefix, "tzdata", "2024a", subdir="noarch")
    add(
        prefix,
        "numpy",
        "2.1.0",
        depends=["python >=3.11"],
        files=["lib/python3.11/site-packages/numpy-2.1.0.dist-info/METADATA"],
    )
    site = site_of(prefix)
    dist_info(site, "numpy", "2.1.0")
    dist_info(site, "rich", "13.7.1")
    write(
        prefix / "conda-meta" / "history",
        "==> 2026-01-01 00:00:00 <==\n# cmd: conda create\n"
        "# update specs: ['python=3.11', 'conda-forge::numpy >=2', 'gone']\n",
    )
    return prefix


def test_a_full_export_names_every_package_with_its_build(prefix: Path) -> None:
    export = export_environment_yml(prefix, name="training")
    file = parse_environment_yml(export.text)
    assert file.name == "training"
    assert file.channels == ("conda-forge",)
    assert [s.text for s in file.specs] == [
        "numpy=2.1.0=h0_0",
        "python=3.11.9=h0_0",
        "tzdata=2024a=h0_0",
    ]
    assert [line.text for line in file.pip] == ["rich==13.7.1"]
    assert file.platform == "linux-64"
    assert file.prefix == ""
    assert export.filename == "environment.yml"
    assert export.notices == ()


def test_without_builds_only_the_versions_stay(prefix: Path) -> None:
    file = parse_environment_yml(export_environment_yml(prefix, builds=False).text)
    assert [s.text for s in file.specs] == ["numpy=2.1.0", "python=3.11.9", "tzdata=2024a"]
    assert file.platform == ""


def test_from_history_only_what_was_asked_for_stays(prefix: Path) -> None:
    export = export_from_history(prefix, name="training")
    file = parse_environment_yml(export.text)
    assert [s.text for s in file.specs] == ["conda-forge::numpy>=2", "python=3.11"]
    assert [line.text for line in file.pip] == ["rich==13.7.1"]
    assert any("left out: gone" in notice for notice in export.notices)


def test_without_a_history_what_nobody_needs_stays(prefix: Path) -> None:
    (prefix / "conda-meta" / "history").write_text("")
    export = export_from_history(prefix)
    assert [s.text for s in parse_environment_yml(export.text).specs] == ["numpy=2.1.0"]
    assert any("Nothing is known" in notice for notice in export.notices)


def test_what_the_records_say_was_asked_for_counts_too(prefix: Path) -> None:
    (prefix / "conda-meta" / "history").write_text("")
    add(prefix, "tzdata", "2024a", subdir="noarch", requested_specs=["tzdata>=2024"])
    export = export_from_history(prefix)
    assert [s.text for s in parse_environment_yml(export.text).specs] == ["tzdata>=2024"]


def test_an_explicit_list_has_addresses_and_hashes_each_after_what_it_needs(prefix: Path) -> None:
    export = export_explicit(prefix)
    found = parse_explicit(export.text)
    assert found.platform == "linux-64"
    assert [s.name for s in found.specs] == ["tzdata", "python", "numpy"]
    assert all(dict(s.keys) == {"md5": MD5} for s in found.specs)
    assert any("rich==13.7.1" in notice for notice in export.notices)
    assert export.filename == "explicit-linux-64.txt"


def test_packages_that_need_each_other_are_listed_once(prefix: Path) -> None:
    add(prefix, "a", depends=["b"])
    add(prefix, "b", depends=["a", "python", "c >=1"])
    add(prefix, "c", depends=["c"])
    names = [s.name for s in parse_explicit(export_explicit(prefix).text).specs]
    assert sorted(names) == ["a", "b", "c", "numpy", "python", "tzdata"]


def test_credentials_of_channels_stay_out(prefix: Path) -> None:
    secret = "https://ada:geheim@conda.example/t/tk-ge-heim-1/team"
    add(
        prefix,
        "mine",
        url=f"{secret}/linux-64/mine-1.0-h0_0.conda",
        channel=f"{secret}/linux-64",
    )
    write(
        prefix / "conda-meta" / "history",
        f"==> 2026-01-01 00:00:00 <==\n# update specs: ['{secret}::mine', 'mine=1']\n"
        f"==> 2026-01-02 00:00:00 <==\n# update specs: ['{secret}::mine']\n",
    )
    for export in (
        export_environment_yml(prefix),
        export_environment_yml(prefix, channels=[secret]),
        export_from_history(prefix),
        export_explicit(prefix),
    ):
        assert "heim" not in export.text + str(export.notices)
        assert "conda.example/team" in export.text


def test_variables_that_look_like_secrets_stay_out(prefix: Path) -> None:
    variables = {
        "OMP_NUM_THREADS": "4",
        "WANDB_API_KEY": "geheim",
        "HF_TOKEN": "hf_geheim",
        "INDEX": "https://ada:geheim@index.example/simple",
        "GITHUB": "ghp_geheim",
        "NOTHING": "***unset***",
    }
    write(prefix / "conda-meta" / "state", json.dumps({"env_vars": variables, "version": 1}))
    for export in (export_environment_yml(prefix), export_from_history(prefix)):
        assert dict(parse_environment_yml(export.text).variables) == {"OMP_NUM_THREADS": "4"}
        assert "geheim" not in export.text
        assert any("look like secrets" in notice for notice in export.notices)


def test_the_user_site_is_no_part_of_an_environment(
    prefix: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PYTHONUSERBASE", str(tmp_path / ".local"))
    dist_info(tmp_path / ".local/lib/python3.11/site-packages", "intruder")
    assert "intruder" not in export_environment_yml(prefix).text
    assert "intruder" not in export_requirements(prefix, "venv").text


def direct_url(**fields: Any) -> dict[str, str]:
    return {"direct_url.json": json.dumps(fields)}


def test_packages_of_a_repository_keep_its_address_and_commit(prefix: Path) -> None:
    site = site_of(prefix)
    git = {"vcs": "git", "commit_id": "a" * 40, "requested_revision": "main"}
    url = "https://ada:geheim@git.example/x.git"
    dist_info(site, "of-git", extra=direct_url(url=url, vcs_info=git))
    archive = "https://h.example/of_url-1.0-py3-none-any.whl"
    dist_info(site, "of-url", extra=direct_url(url=archive, archive_info={}))
    dist_info(site, "of-file", extra=direct_url(url="file:///tmp/x.whl", archive_info={}))
    dist_info(
        site, "of-work", extra=direct_url(url="file:///home/ada/x", dir_info={"editable": True})
    )
    export = export_environment_yml(prefix)
    lines = [line.text for line in parse_environment_yml(export.text).pip]
    assert f"of-git @ git+https://git.example/x.git@{'a' * 40}" in lines
    assert f"of-url @ {archive}" in lines
    assert "of-file==1.0" in lines
    assert "of-work" not in export.text
    assert "geheim" not in export.text
    assert any("Editable packages are left out: of-work" in n for n in export.notices)
    assert any("of-file" in n for n in export.notices)


def test_what_pip_has_put_in_the_place_of_condas_is_pips(prefix: Path) -> None:
    site = site_of(prefix)
    shutil.rmtree(site / "numpy-2.1.0.dist-info")
    dist_info(site, "numpy", "2.2.0")
    file = parse_environment_yml(export_environment_yml(prefix).text)
    assert "numpy==2.2.0" in [line.text for line in file.pip]
    assert "numpy" not in [s.name for s in file.specs]


def test_the_channels_that_it_was_made_with_come_first(prefix: Path) -> None:
    export = export_environment_yml(prefix, channels=["https://conda.anaconda.org/nvidia", "x"])
    assert parse_environment_yml(export.text).channels == ("nvidia", "x", "conda-forge")


def test_a_channel_of_this_machine_is_said(prefix: Path) -> None:
    add(
        prefix,
        "mine",
        url="file:///data/channel/linux-64/mine-1.0-h0_0.conda",
        channel="file:///data/channel/linux-64",
    )
    assert any("this machine only" in n for n in export_environment_yml(prefix).notices)
    assert any("this machine only: mine" in n for n in export_explicit(prefix).notices)


def test_a_record_that_cannot_be_read_is_no_export(prefix: Path) -> None:
    write(prefix / "conda-meta" / "broken-1.0-0.json", "{")
    for export in (export_environment_yml, export_from_history, export_explicit):
        with pytest.raises(EnvMgrError, match=r"broken-1\.0-0\.json") as caught:
            export(prefix)
        assert caught.value.code == "bad-record"


def test_without_addresses_there_is_no_explicit_list(prefix: Path) -> None:
    conda_record(prefix, "lost")
    with pytest.raises(EnvMgrError, match="lost"):
        export_explicit(prefix)


def test_a_pip_environment_becomes_requirements(tmp_path: Path) -> None:
    site = site_of(tmp_path, "3.12")
    for name, version in (("torch", "2.5.0+cu124"), ("pip", "24.0"), ("setuptools", "70.0")):
        dist_info(site, name, version)
    (site / "~orch-2.0.dist-info").mkdir()
    export = export_requirements(tmp_path, "venv", interpreter_version="3.12.4")
    assert [r.text for r in parse_text(export.text)] == ["setuptools==70.0", "torch==2.5.0+cu124"]
    older = tmp_path / "older"
    dist_info(site_of(older, "3.11"), "setuptools", "70.0")
    assert export_requirements(older, "venv", interpreter_version="3.11.9").text == ""


def test_what_was_asked_for_can_be_exported_instead(tmp_path: Path) -> None:
    requested = ["numpy>=2", "x @ https://ada:geheim@h.example/x-1-py3-none-any.whl"]
    export = export_requirements(tmp_path, "venv", requested=requested)
    assert export.text == "numpy>=2\nx @ https://h.example/x-1-py3-none-any.whl\n"


def test_names_that_are_no_names_never_become_lines(prefix: Path) -> None:
    site = site_of(prefix)
    dist_info(site, "evil", "1.0\n--index-url http://evil.example")
    dist_info(site, "evil2", head="Name: -e .\n")
    text = export_requirements(prefix, "venv").text
    assert "--index-url" not in text
    for line in text.splitlines():
        assert "==" in line
