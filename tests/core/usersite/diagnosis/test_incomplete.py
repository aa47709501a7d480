"""What an interrupted pip, two pips and people leave behind; and the order of it all."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.core.packages.trees import dist_info, write

from .scenarios import SCENARIOS
from .sites import MINOR, Sites


def test_a_clean_user_site_gives_nothing(sites: Sites) -> None:
    dist_info(sites.user, "only-mine", files={"only_mine.py": b""})
    dist_info(sites.image, "theirs", files={"theirs.py": b""})
    assert sites.diagnose().findings == ()


def test_an_empty_user_site_gives_nothing(sites: Sites) -> None:
    assert sites.diagnose().findings == ()
    shutil.rmtree(sites.base)
    assert sites.diagnose().findings == ()


def test_another_version_than_the_images_is_a_risk(sites: Sites) -> None:
    sites.both("numpy", "1.21.6", "2.1.3")
    found = sites.only("hides-image")
    assert found.wins == "numpy 1.21.6"
    assert "2.1.3" in found.detail
    assert found.fix
    assert found.fix.packages == ("numpy",)
    assert found.fix.command == f"jupyter envmgr usersite reset --package numpy --python {MINOR}"
    assert dict(found.evidence)["Image"].startswith(str(sites.image))


def test_jupyter_itself_is_named(sites: Sites) -> None:
    sites.both("jupyter-server", "1.0", "2.14")
    assert "2.14" in sites.only("jupyter-hidden").detail


def test_the_worst_comes_first(sites: Sites) -> None:
    for code in ("leftover", "missing-files", "hides-image"):
        SCENARIOS[code].make(sites)
    found = sites.diagnose()
    assert [one.severity for one in found.findings] == ["will-fail", "risk", "note"]
    assert found.counts == {"proven": 0, "will-fail": 1, "risk": 1, "note": 1}


def test_a_package_that_has_gone_but_for_its_metadata(sites: Sites) -> None:
    dist_info(sites.user, "requests", files={"requests/__init__.py": b"", "requests/api.py": b""})
    shutil.rmtree(sites.user / "requests")
    assert sites.only("missing-files").subject == "requests"


@pytest.mark.parametrize("left", ["nothing", "no __init__.py", "a module less"])
def test_what_is_not_here_any_more_is_the_images(sites: Sites, left: str) -> None:
    """A directory without its ``__init__.py`` is the last resort of an import."""
    files = {"mine/__init__.py": b"", "mine/api.py": b""}
    dist_info(sites.user, "mine", "1.0", files=files)
    dist_info(sites.image, "mine", "2.0", files=files)
    if left == "nothing":
        shutil.rmtree(sites.user / "mine")
    else:
        gone = "__init__.py" if left == "no __init__.py" else "api.py"
        (sites.user / "mine" / gone).unlink()
    (found,) = sites.of("missing-files")
    assert found.severity == ("will-fail" if left == "a module less" else "risk")
    assert found.wins == ("mine 1.0" if left == "a module less" else "mine 2.0")
    assert found.fix
    assert found.fix.packages == ("mine",)


def test_a_stray_that_lacks_most_of_what_it_hides_fails_for_certain(sites: Sites) -> None:
    source = b"def load(): ...\ndef dump(): ...\ndef safe_load(): ...\n"
    dist_info(sites.image, "pyyaml", files={"yaml/__init__.py": source})
    write(sites.user / "yaml.py", "x = 1\n")
    found = sites.of("stray-module")[0]
    assert found.severity == "will-fail"
    assert "safe_load" in found.detail or "dump" in found.detail
    assert found.fix
    assert found.fix.packages == ("yaml.py",)


@pytest.mark.parametrize("name", ["random.py", "json.py", "enum.py"])
def test_a_module_of_pythons_own_name_comes_too_late_to_harm(sites: Sites, name: str) -> None:
    write(sites.user / name, "raise RuntimeError\n")
    assert sites.only("unowned").severity == "note"


def test_a_directory_that_cannot_be_listed_is_named_and_not_called_empty(
    sites: Sites, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    dist_info(sites.user, "mine", files={"mine/__init__.py": b""})
    real = os.listdir

    def refuse(path: str = ".") -> list[str]:
        if str(path).endswith("/mine"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "listdir", refuse)
    found = sites.diagnose()
    assert found.findings == ()
    assert "Permission denied" in found.skipped[0]


def test_a_link_to_another_place_is_the_same_user_site(tmp_path: Path) -> None:
    sites = Sites(tmp_path)
    real = tmp_path / "elsewhere"
    sites.user.rename(real)
    sites.user.symlink_to(real)
    sites.both("numpy", "1.21.6", "2.1.3")
    assert sites.codes() == ["hides-image"]
