"""Proofs with real interpreters: which package of the user site breaks a program, if one does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_envmgr.service.usersite import probes
from tests.images import MINOR
from tests.labs import Lab


def test_one_culprit_is_named_by_one_probe_after_the_three(broken: Lab) -> None:
    proof = broken.prove("import jinja")
    assert (proof.verdict, proof.culprits) == ("user-site", ("jinja",))
    assert [(p.mode, p.ok, p.hidden) for p in proof.probes] == [
        ("as-is", False, ()),
        ("without", True, ()),
        ("empty", True, ()),
        ("hiding", True, ("jinja",)),
    ]
    assert "jinja 2.11" in proof.summary
    assert "cannot import name 'soft'" in proof.probes[0].error
    assert proof.fix is not None
    assert (proof.fix.remedy, proof.fix.packages) == ("hide", ("jinja",))
    assert proof.complete
    assert proof.target.python == MINOR
    assert proof.target.visible


def test_output_names_the_real_files_and_not_those_of_the_farm(broken: Lab) -> None:
    broken.in_user("late", "1.0", late="raise RuntimeError('late')")
    broken.in_image("late", "2.0", late="")
    proof = broken.prove("import jinja, late")
    assert proof.culprits == ("jinja", "late")
    for probe in proof.probes:
        assert "cache/probes" not in probe.output
    assert str(broken.site / "late.py") in proof.probes[3].output


def test_a_stray_module_is_named_by_its_file(lab: Lab) -> None:
    lab.in_image("yaml", "6.0", yaml="def safe_load(): pass\n")
    (lab.site / "yaml.py").write_text("x = 1\n")
    proof = lab.prove("import yaml\nyaml.safe_load()")
    assert (proof.verdict, proof.culprits) == ("user-site", ("yaml.py",))


def test_a_program_that_works_needs_nothing(broken: Lab) -> None:
    proof = broken.prove("import bystander")
    assert (proof.verdict, proof.culprits, proof.fix) == ("works", (), None)
    assert "bystander 1.0" in proof.summary


def test_a_program_that_is_broken_itself_is_not_blamed_on_the_user_site(broken: Lab) -> None:
    proof = broken.prove("1 / 0")
    assert (proof.verdict, proof.culprits) == ("not-user-site", ())
    assert len(proof.probes) == 3


def test_a_package_that_only_the_user_site_has_is_to_be_reinstalled(lab: Lab) -> None:
    lab.in_user("alone", "1.0", alone="import gone\n")
    proof = lab.prove("import alone")
    assert proof.verdict == "only-in-user-site"
    assert proof.fix is not None
    assert (proof.fix.remedy, proof.fix.packages) == ("reinstall", ("alone",))


def test_two_packages_of_the_user_site_alone_are_a_pair(lab: Lab) -> None:
    lab.in_user("one", "1.0", one="from two import missing\n")
    lab.in_user("two", "2.0", two="")
    proof = lab.prove("import one")
    assert (proof.verdict, set(proof.culprits)) == ("inside-user-site", {"one", "two"})


def test_a_user_only_package_over_a_wrong_version_of_a_shared_one_is_cured_by_hiding(
    lab: Lab,
) -> None:
    lab.in_user("alone", "1.0", alone="from shared import new\n")
    lab.in_user("shared", "1.0", shared="")
    lab.in_image("shared", "2.0", shared="new = 1\n")
    proof = lab.prove("import alone")
    assert (proof.verdict, proof.culprits) == ("user-site", ("shared",))


MISLEADING = """
    try:
        import first, second
    except Exception:
        raise SystemExit('it cannot start') from None
"""


def test_two_culprits_that_a_program_does_not_tell_are_found_among_many(lab: Lab) -> None:
    for number in range(60):
        lab.in_user(f"p{number}", "1.0", **{f"p{number}": ""})
        lab.in_image(f"p{number}", "2.0", **{f"p{number}": ""})
    for name in ("first", "second"):
        lab.in_user(name, "1.0", **{name: "raise RuntimeError\n"})
        lab.in_image(name, "2.0", **{name: ""})
    proof = lab.prove(MISLEADING)
    assert proof.culprits == ("first", "second")
    assert len(proof.probes) <= 8, "what the program loads is looked at first"


def test_a_search_that_takes_too_many_probes_ends_with_the_best_that_it_found(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probes, "MOST_PROBES", 5)
    for name in ("first", "second", "third", "fourth"):
        text = "raise RuntimeError\n" if name in ("first", "second") else ""
        lab.in_user(name, "1.0", **{name: text})
        lab.in_image(name, "2.0", **{name: ""})
    proof = lab.prove(MISLEADING.replace("second", "second, third, fourth"))
    assert proof.verdict == "user-site"
    assert {"first", "second"} <= set(proof.culprits)
    assert len(proof.probes) == 5
    assert "perhaps not all" in proof.summary


def test_culprits_of_a_child_process_are_found(broken: Lab) -> None:
    proof = broken.prove(
        """
        import subprocess, sys
        subprocess.run([sys.executable, "-c", "import jinja"], check=True, stderr=-3)
        """
    )
    assert proof.culprits == ("jinja",)


def test_parts_of_a_namespace_are_hidden_alone(lab: Lab) -> None:
    lab.in_user("ns-good", "1.0", ns__good="x = 1\n")
    lab.in_user("ns-bad", "1.0", ns__bad="raise RuntimeError('bad')\n")
    lab.in_image("ns-bad", "2.0", ns__bad="")
    (lab.site / "ns/__init__.py").unlink(missing_ok=True)
    proof = lab.prove("import ns.bad")
    assert proof.culprits == ("ns-bad",)


def test_an_editable_install_is_a_culprit_too(lab: Lab, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "thing.py").write_text("raise RuntimeError('in work')\n")
    lab.in_image("thing", "1.0", thing="")
    lab.home.package(
        "thing", "2.0", python=MINOR, files={"__editable__.thing-2.0.pth": f"{source}\n"}
    )
    assert lab.prove("import thing").culprits == ("thing",)


def test_eggs_by_relative_lines_work_in_the_farm_and_can_be_hidden(lab: Lab) -> None:
    for name, text in (("good", ""), ("bad", "raise RuntimeError('old egg')\n")):
        egg = lab.site / f"{name}-0.1-py{MINOR}.egg"
        (egg / "EGG-INFO").mkdir(parents=True)
        (egg / "EGG-INFO/PKG-INFO").write_text(f"Name: {name}\nVersion: 0.1\n")
        (egg / f"{name}.py").write_text(text)
    lines = "".join(f"./{name}-0.1-py{MINOR}.egg\n" for name in ("good", "bad"))
    (lab.site / "easy-install.pth").write_text(lines)
    lab.in_image("bad", "1.0", bad="")
    lab.in_image("good", "1.0", good="")
    proof = lab.prove("import good, bad")
    assert proof.culprits == ("bad",)


@pytest.fixture
def pip_install(lab: Lab) -> Callable[..., None]:
    def install_(*packages: str, user: bool = False) -> None:
        uv = str(Path(sys.executable).with_name("uv"))
        where = ["--prefix", str(lab.home.base), "--no-deps"] if user else []
        words = [uv, "pip", "install", "-q", "--python", str(lab.program), *where, *packages]
        subprocess.run([*words, "--break-system-packages"], check=True)

    return install_


@pytest.mark.network
def test_jinja_of_long_ago_over_the_markupsafe_of_today(
    lab: Lab, pip_install: Callable[..., None]
) -> None:
    pip_install("jinja2==3.1.4", "markupsafe==2.1.5")
    pip_install("jinja2==2.11.3", user=True)
    proof = lab.prove("import jinja2")
    assert (proof.verdict, proof.culprits, len(proof.probes)) == ("user-site", ("jinja2",), 4)


@pytest.mark.network
@pytest.mark.skipif(MINOR not in ("3.10", "3.11", "3.12"), reason="wheels of numpy 1.26")
def test_a_numpy_2_under_a_pandas_that_was_built_for_numpy_1(
    lab: Lab, pip_install: Callable[..., None]
) -> None:
    pip_install("numpy==1.26.4", "pandas==2.1.4")
    pip_install("numpy==2.0.2", user=True)
    proof = lab.prove("import pandas")
    assert (proof.verdict, proof.culprits, len(proof.probes)) == ("user-site", ("numpy",), 4)
