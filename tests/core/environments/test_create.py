"""The plan of a create: which Python, where it lies, whether it stays."""

from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_envmgr.core.environments.create import (
    CreateFacts,
    choose_base,
    create_plan,
    named,
    readable_bytes,
)
from jupyter_envmgr.core.environments.model import (
    CreateRequest,
    EngineChoice,
    Interpreter,
    Persistence,
)
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.settings import Location

LOST = Persistence(False, "image layer")
STAYS = Persistence(True, "persistent mount /home")


def python(
    version: str, path: str | None, where: Persistence, default: bool = False
) -> Interpreter:
    return Interpreter(f"{version}@{path}", version, "CPython", path, "test", where, default)


IMAGE = python("3.12.4", "/usr/bin/python3.12", LOST, default=True)
HOME = python("3.12.1", "/home/a/.pyenv/versions/3.12.1/bin/python", STAYS)
OLD = python("2.7.18", "/usr/bin/python2.7", LOST)
OTHER = python("3.10.2", "/usr/bin/python3.10", LOST)
OFFERED = python("3.13.3", None, STAYS)


def test_the_default_is_the_images_version_on_an_interpreter_that_outlives_it() -> None:
    assert choose_base("", [IMAGE, HOME, OTHER]).python == HOME.path
    assert choose_base("", [IMAGE, OTHER]).python == IMAGE.path


def test_a_version_is_found_by_its_leading_numbers_only() -> None:
    assert choose_base("3.10", [IMAGE, OTHER]).version == "3.10.2"
    with pytest.raises(EnvMgrError, match=r"there is no Python 3\.1 here"):
        choose_base("3.1", [IMAGE, OTHER])


def test_a_version_that_is_not_here_is_downloaded_where_it_can_be() -> None:
    base = choose_base("3.13", [IMAGE, OFFERED])
    assert base.download
    assert base.version == "3.13.3"
    assert base.survives


def test_a_named_interpreter_is_taken_and_a_missing_one_refused(tmp_path: Path) -> None:
    assert choose_base("/usr/bin/python3.10", [IMAGE, OTHER]).version == "3.10.2"
    with pytest.raises(EnvMgrError, match="there is no interpreter at"):
        choose_base(str(tmp_path / "python"), [IMAGE])


@pytest.mark.parametrize("wanted", ["three", "3.12; rm -rf /", "--help", "3..1", "~/python"])
def test_what_is_neither_version_nor_path_is_refused(wanted: str) -> None:
    with pytest.raises(EnvMgrError) as caught:
        choose_base(wanted, [IMAGE])
    assert caught.value.code == "bad-python"
    assert caught.value.errors[0].field == "python"


def test_python_2_is_no_base() -> None:
    with pytest.raises(EnvMgrError, match=r"there is no Python 2\.7"):
        choose_base("2.7", [IMAGE, OLD])
    with pytest.raises(EnvMgrError, match="too old"):
        choose_base("/usr/bin/python2.7", [IMAGE, OLD])


def facts() -> CreateFacts:
    return CreateFacts(
        request=CreateRequest("x"),
        location=Location("home", Path("/home/a/.envmgr/environments")),
        prefix=Path("/home/a/.envmgr/environments/x"),
        base=choose_base("", [IMAGE]),
        engine=EngineChoice("uv", "0.13", "because you chose pip"),
        requirements=("torch", "peft"),
        persistence=STAYS,
        free=312_000_000_000,
        index="the default index",
        kernel="envmgr-x",
        display_name="Python 3.12 (x)",
        taken_by=None,
    )


def test_the_summary_says_where_whether_it_stays_and_who_makes_it() -> None:
    assert create_plan(facts()).summary == (
        "It will lie in /home/a/.envmgr/environments (312.0 GB free): it stays when the "
        "container goes. Made by uv, because you chose pip."
    )


def test_a_place_that_does_not_stay_is_a_fact_and_a_warning_and_no_more() -> None:
    plan = create_plan(replace(facts(), persistence=LOST))
    assert plan.summary.startswith("It will lie in /home/a/.envmgr/environments (312.0 GB free). M")
    assert dict(plan.facts)["Stays"] == "it is lost with the container (image layer)"
    assert plan.warnings == ("/home/a/.envmgr/environments is lost with the container.",)


def test_what_is_good_to_know_is_no_warning() -> None:
    told = replace(facts(), base=choose_base("", [HOME]), warnings=("Terms.",), notices=("Read.",))
    plan = create_plan(told)
    assert (plan.warnings, plan.notices) == (("Terms.",), ("Read.",))


def test_a_base_that_dies_with_the_image_is_warned_about() -> None:
    assert "/usr/bin/python3.12 of this image" in create_plan(facts()).warnings[0]
    stays = replace(facts(), base=choose_base("", [IMAGE, HOME]))
    assert create_plan(stays).warnings == ()


def test_the_digest_changes_with_what_would_be_done() -> None:
    plan = create_plan(facts())
    assert plan.digest == create_plan(facts()).digest
    assert plan.digest != create_plan(replace(facts(), requirements=("torch",))).digest


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (3_200_000_000, "3.2 GB")]
)
def test_bytes_are_readable(number: int, text: str) -> None:
    assert readable_bytes(number) == text


def test_packages_that_are_given_by_their_files_are_shown_by_name_and_version() -> None:
    address = "https://conda.anaconda.org/conda-forge/noarch/ipython-pygments-lexers-1.1.1"
    listed = ["numpy>=2", f"{address}-pyhd8ed1ab_0.conda#c149e1b6", "a @ https://h/a-1.whl"]
    assert named(listed) == "numpy>=2 ipython-pygments-lexers=1.1.1 a @ https://h/a-1.whl"
