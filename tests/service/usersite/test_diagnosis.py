"""Diagnosing for a real interpreter: remembered while nothing changes, with what was proved."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.core.usersite.model import Fix, Probe, ProbeRequest, Proof, Target
from jupyter_envmgr.service.usersite import proofs
from jupyter_envmgr.service.usersite.diagnosis import diagnose
from tests.core.packages.trees import dist_info, write
from tests.homes import Home
from tests.images import MINOR, make_image, site_of


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A real Python in an image of its own, and a user site that hides a package of it."""
    program = make_image(tmp_path / "image")
    home = Home(tmp_path / "home")
    made = replace(
        home.settings(python=MINOR), image_prefix=program.parents[1], image_interpreter=program
    )
    dist_info(home.site(MINOR), "mine", "1.0")
    dist_info(site_of(program), "mine", "2.0")
    _age(tmp_path)
    return made


def _age(root: Path, seconds: float = 3600) -> None:
    then = time.time() - seconds
    for directory, _, files in os.walk(root):
        for path in (directory, *(os.path.join(directory, name) for name in files)):
            os.utime(path, (then, then), follow_symlinks=False)


def _site(settings: Settings) -> Path:
    return settings.home / ".local" / "lib" / f"python{MINOR}" / "site-packages"


def test_the_image_is_asked_what_it_is(settings: Settings) -> None:
    found = diagnose(settings)
    assert [one.code for one in found.findings] == ["hides-image"]
    assert found.target.python == MINOR
    assert found.target.visible
    assert found.package_count == 1
    assert found.base == str(settings.home / ".local")


def test_it_is_remembered_until_something_changes(settings: Settings) -> None:
    first = diagnose(settings)
    assert diagnose(settings) is first
    dist_info(_site(settings), "other", "1.0")
    dist_info(site_of(settings.image_interpreter), "other", "2.0")
    assert len(diagnose(settings).findings) == 2


def test_a_change_of_the_image_is_seen_too(settings: Settings) -> None:
    diagnose(settings)
    shutil.rmtree(site_of(settings.image_interpreter) / "mine-2.0.dist-info")
    assert diagnose(settings).findings == ()


@pytest.mark.parametrize("rel", ["METADATA", "RECORD", "entry_points.txt"])
def test_a_file_that_is_rewritten_is_read_again(settings: Settings, rel: str) -> None:
    diagnose(settings)
    path = _site(settings) / "mine-1.0.dist-info" / rel
    text = {"METADATA": "Name: mine\nVersion: 2.0\n", "RECORD": "mine/gone.py,,\n"}
    write(path, text.get(rel, "[console_scripts]\n"))
    found = diagnose(settings)
    assert {one.code for one in found.findings} == {
        "METADATA": {"same-as-image"},
        "RECORD": {"missing-files", "hides-image"},
        "entry_points.txt": {"hides-image"},
    }[rel]


def test_an_interpreter_that_is_isolated_is_told_nothing(settings: Settings) -> None:
    isolated = replace(settings, environ={**settings.environ, "PYTHONNOUSERSITE": "1"})
    found = diagnose(isolated)
    assert found.findings == ()
    assert not found.target.visible
    assert "PYTHONNOUSERSITE" in found.target.why_visible


def test_an_interpreter_that_does_not_start_is_an_error(settings: Settings) -> None:
    broken = settings.image_prefix / "bin" / "broken"
    write(broken, "#!/bin/sh\necho no >&2\nexit 1\n").chmod(0o755)
    with pytest.raises(EnvMgrError, match="no") as caught:
        diagnose(replace(settings, image_interpreter=broken))
    assert caught.value.code == "interpreter-missing"


def test_a_broken_user_site_does_not_keep_the_interpreter_from_answering(
    settings: Settings,
) -> None:
    for name in ("site", "os", "usercustomize", "sitecustomize"):
        write(_site(settings) / f"{name}.py", "raise SystemExit(3)\n")
    write(_site(settings) / "bad.pth", "import no_such_module\n")
    assert "path-line-fails" in {one.code for one in diagnose(settings).findings}


# -- what was proved --------------------------------------------------------------------------


def _proof(settings: Settings, *, image: str = "", when: float = 0.0) -> Proof:
    """That hiding the package helps; ``when`` in seconds from now."""
    target = Target(str(settings.image_interpreter), str(settings.image_prefix), MINOR)
    moment = datetime.now(timezone.utc) + timedelta(seconds=when)
    return Proof(
        id="20261121-080000-abcd",
        created=moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        request=ProbeRequest(code="import mine\n"),
        target=target,
        verdict="user-site",
        summary="It works when mine 1.0 is hidden.",
        probes=(Probe(1, "as-is", False, 0.1, 1, "ImportError: no"),),
        culprits=("mine",),
        fix=Fix("hide", "Set aside mine", ("mine",), MINOR),
        image=image,
    )


def test_what_a_probe_has_shown_is_proven(settings: Settings) -> None:
    assert diagnose(settings).counts["proven"] == 0
    proofs.write(settings, _proof(settings))
    found = diagnose(settings)
    assert found.counts["proven"] == 1
    assert found.findings[0].evidence[0] == ("Proven", "import mine: ImportError: no")


def test_it_is_proven_when_the_diagnosis_is_made_after_it(settings: Settings) -> None:
    proofs.write(settings, _proof(settings, image=diagnose(settings).image))
    assert diagnose(settings, fresh=True).counts["proven"] == 1


def test_what_was_proved_before_a_change_of_the_user_site_is_not(settings: Settings) -> None:
    proofs.write(settings, _proof(settings, when=-60))
    assert diagnose(settings).counts["proven"] == 1
    dist_info(_site(settings), "another")
    assert diagnose(settings).counts["proven"] == 0


def test_what_was_proved_in_another_image_is_not(settings: Settings) -> None:
    """The same path may be another interpreter there."""
    proofs.write(settings, _proof(settings, image="tensorflow-19.02-py3"))
    assert diagnose(settings).counts["proven"] == 0


def test_a_proof_that_cannot_be_read_is_passed_over(settings: Settings) -> None:
    proofs.write(settings, _proof(settings))
    write(settings.root / "proofs" / "20261121-090000-abcd.json", "{")
    assert diagnose(settings).counts["proven"] == 1


def test_a_proof_without_a_time_holds_for_nothing(settings: Settings) -> None:
    proofs.write(settings, replace(_proof(settings), created="yesterday"))
    assert diagnose(settings).counts["proven"] == 0
