"""The command line: what it accepts, and how answers and errors leave it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jupyter_envmgr.cli.exits import EXITS
from jupyter_envmgr.cli.program import build, parse
from jupyter_envmgr.core.errors import ERRORS, EnvMgrError, FieldError
from jupyter_envmgr.core.kernels.model import Kernel
from jupyter_envmgr.core.packages.model import (
    Package,
    PackageList,
    UserPackage,
    UserPython,
    UserSite,
)
from tests.cli.fakes import FakeCatalogue, FakeContext, environment, run_cli


def context(*names: str) -> FakeContext:
    return FakeContext(FakeCatalogue(tuple(environment(name) for name in names)))


class Raising(FakeCatalogue):
    """A service that fails in the way a test wants."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error

    def environments(self, fresh: bool = False):
        raise self.error


def envelope(text: str) -> Any:
    """The one envelope that standard output has."""
    assert text.count("\n") == 1
    assert text.endswith("\n")
    return json.loads(text)


@pytest.mark.parametrize(
    "argv", [["--json", "env", "list"], ["env", "--json", "list"], ["env", "list", "--json"]]
)
def test_json_may_stand_anywhere_and_prints_one_envelope(argv: list[str]) -> None:
    ran = run_cli(argv, context("one", "two"))
    answer = envelope(ran.out)
    assert answer["version"] == 1
    assert answer["operation"] == "environments.list"
    assert answer["ok"] is True
    assert [e["id"] for e in answer["data"]["environments"]] == ["one", "two"]
    assert (ran.code, ran.err) == (0, "")


@pytest.mark.parametrize("code", ERRORS)
def test_every_error_has_the_exit_code_of_its_kind(code: str) -> None:
    error = EnvMgrError(code, "this and that", errors=(FieldError("name", "is odd"),))
    ran = run_cli(["env", "list"], FakeContext(Raising(error)))
    assert ran.code == EXITS[ERRORS[code].kind]
    assert ran.code != 0
    assert ran.out == ""
    for words in (ERRORS[code].title, code, "this and that", ERRORS[code].hint, "name: is odd"):
        assert words in ran.err


@pytest.mark.parametrize("code", ERRORS)
def test_every_error_is_one_envelope_with_the_problem(code: str) -> None:
    ran = run_cli(["--json", "env", "list"], FakeContext(Raising(EnvMgrError(code, "so it is"))))
    answer = envelope(ran.out)
    assert answer["ok"] is False
    assert answer["operation"] == "environments.list"
    assert answer["error"]["code"] == code
    assert answer["error"]["detail"] == "so it is"
    assert "data" not in answer
    assert ran.code == EXITS[ERRORS[code].kind]


def test_exit_codes_tell_the_kinds_apart() -> None:
    assert len(set(EXITS.values())) == len(EXITS)
    assert {entry.kind for entry in ERRORS.values()} <= set(EXITS)


def test_a_bug_of_ours_says_so_and_where() -> None:
    ran = run_cli(["env", "list"], FakeContext(Raising(ZeroDivisionError("oh"))))
    assert ran.code == 70
    assert "ZeroDivisionError: oh" in ran.err
    assert "Traceback" in ran.err


def test_a_bug_of_ours_leaves_standard_output_to_the_machine() -> None:
    ran = run_cli(["env", "list", "--json"], FakeContext(Raising(ZeroDivisionError("oh"))))
    assert envelope(ran.out)["error"]["code"] == "internal"
    assert "Traceback" in ran.err


def test_what_the_system_refuses_is_explained_and_no_bug() -> None:
    error = PermissionError(13, "Permission denied", "/etc/x")
    ran = run_cli(["env", "list"], FakeContext(Raising(error)))
    assert ran.code == EXITS["failed"]
    assert "(not-permitted)" in ran.err
    assert "/etc/x" in ran.err
    assert "Traceback" not in ran.err


def test_the_service_is_closed_whatever_happens() -> None:
    for error in (EnvMgrError("locked", "by another"), RuntimeError(), KeyboardInterrupt()):
        fake = FakeContext(Raising(error))
        run_cli(["env", "list"], fake)
        assert fake.jobs.closed


@pytest.mark.parametrize(
    "argv",
    [
        ["nonsense"],
        ["env"],
        ["env", "nonsense"],
        ["env", "show"],
        ["env", "list", "--nonsense"],
        ["env", "list", "stray"],
        ["env", "create", "demo", "--manager", "npm"],
        ["env", "create", "demo", "--pythn", "3.12"],
        ["env", "lis"],
        ["env", "create", "demo", "--pyth", "3.12"],
        ["packages", "list", "--user", "--system"],
        ["completion", "tcsh"],
    ],
)
def test_a_wrong_command_line_is_invalid_and_shows_the_usage(argv: list[str]) -> None:
    ran = run_cli(argv)
    assert ran.code == EXITS["invalid"]
    assert ran.err.startswith("usage: jupyter-envmgr")
    assert "(bad-request)" in ran.err
    assert ran.out == ""


@pytest.mark.parametrize("argv", [["--json", "nonsense"], ["env", "list", "--json", "--what"]])
def test_a_wrong_command_line_with_json_is_an_envelope_too(argv: list[str]) -> None:
    ran = run_cli(argv)
    answer = envelope(ran.out)
    assert answer["error"]["code"] == "bad-request"
    assert ran.code == EXITS["invalid"]


def test_without_a_verb_it_says_what_there_is() -> None:
    ran = run_cli([])
    assert ran.code == EXITS["invalid"]
    assert "env" in ran.err
    assert "kernels" in ran.err


@pytest.mark.parametrize("flag", ["--help", "--version"])
def test_help_and_version_succeed(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([], ["env"], ["env", "create"]):
        assert run_cli([*words, flag]).code == 0
    assert "envmgr" in capsys.readouterr().out


@pytest.mark.parametrize(
    "argv",
    [
        ["env", "create", "demo", "--", "-e"],
        ["env", "create", "demo", "--", "--index-url=http://evil"],
        ["env", "create", "demo", "numpy", "--", "-r/etc/passwd"],
    ],
)
def test_an_option_is_never_taken_for_a_package(argv: list[str]) -> None:
    ran = run_cli([*argv, "--json"] if "--" not in argv else ["--json", *argv])
    assert ran.code == EXITS["invalid"]
    assert envelope(ran.out)["error"]["code"] in ("bad-requirement", "bad-request")


def test_an_environment_is_found_by_id_name_and_path() -> None:
    found = environment("torch", id="found-1", path="/opt/torch", managed=False)
    fake = FakeContext(FakeCatalogue((environment("demo"), found)))
    for text in ("found-1", "torch", "/opt/torch"):
        ran = run_cli(["--json", "env", "show", text], fake)
        assert envelope(ran.out)["data"]["id"] == "found-1"


def test_an_ambiguous_name_is_not_guessed() -> None:
    twins = tuple(environment("torch", id=f"found-{i}", path=f"/opt/{i}") for i in (1, 2))
    ran = run_cli(["env", "show", "torch"], FakeContext(FakeCatalogue(twins)))
    assert ran.code == EXITS["not-found"]
    assert "found-1" in ran.err
    assert "found-2" in ran.err


def test_nothing_in_a_list_can_steer_the_terminal() -> None:
    evil = environment("demo", path="/x/\x1b[31mred", reason="line\r\nline", status="broken")
    for tty in (False, True):
        ran = run_cli(["env", "list"], FakeContext(FakeCatalogue((evil,))), tty=tty)
        assert "\x1b" not in ran.out
        assert "\r" not in ran.out


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_names_that_a_terminal_cannot_show_do_not_end_the_program(encoding: str) -> None:
    odd = environment("demo", path="/home/ада/环境/\udcff", remarks="…")
    fake = FakeContext(FakeCatalogue((odd,)))
    for argv in (["env", "list"], ["env", "show", "demo"], ["env", "show", "demo", "--json"]):
        ran = run_cli(argv, fake, encoding=encoding, tty=True, environ={"COLUMNS": "40"})
        assert ran.code == 0, ran.err


def test_a_list_fits_into_eighty_columns_and_keeps_the_names() -> None:
    names = ("my-training", "qwen-eval", "from-another-image")
    ran = run_cli(["env", "list"], context(*names), tty=True, environ={"COLUMNS": "80"})
    lines = ran.out.splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert all(any(line.startswith(name) for line in lines) for name in names)


def test_a_pipe_gets_whole_paths_and_no_colours() -> None:
    long = environment("demo", path="/scratch/" + "deep/" * 40 + "demo")
    ran = run_cli(["env", "list"], FakeContext(FakeCatalogue((long,))))
    assert long.path in ran.out
    assert "\x1b" not in ran.out


def test_columns_line_up_with_wide_characters() -> None:
    packages = PackageList(
        "demo", "/x", (Package("环境", "1.0", "wide"), Package("numpy", "2.0", "narrow"))
    )
    fake = FakeContext(FakeCatalogue((environment("demo"),), packages_of={"demo": packages}))
    heading, wide, narrow = run_cli(["packages", "list", "-e", "demo"], fake).out.splitlines()[:3]
    assert heading.index("VERSION") == narrow.index("2.0")
    assert wide.index("1.0") == narrow.index("2.0") - 2


def test_an_empty_list_teaches_the_next_step() -> None:
    assert "env create" in run_cli(["env", "list"], context()).out


def test_what_is_not_ready_says_why() -> None:
    broken = environment("old", status="foreign", reason="needs /usr/bin/python3.9")
    ran = run_cli(["env", "list"], FakeContext(FakeCatalogue((broken,), warnings=("no /opt",))))
    assert "needs /usr/bin/python3.9" in ran.out
    assert "no /opt" in ran.out


def test_the_user_site_shows_what_it_hides() -> None:
    hidden = UserPackage(Package("numpy", "1.21.6"), hides="2.1.3", wins="1.21.6")
    python = UserPython("3.12", "/home/ada/.local/lib/python3.12", True, (hidden,), 1, 1)
    site = UserSite("/home/ada/.local", True, True, "ENABLE_USER_SITE", (python,))
    fake = FakeContext(FakeCatalogue(site=site))
    ran = run_cli(["packages", "list", "--user"], fake)
    line = next(line for line in ran.out.splitlines() if line.startswith("numpy"))
    assert line.split() == ["numpy", "1.21.6", "2.1.3", "1.21.6"]
    ran = run_cli(["packages", "list", "--user", "--json"], fake)
    assert envelope(ran.out)["operation"] == "usersite.show"


def test_packages_are_those_of_the_image_unless_said_otherwise() -> None:
    image = environment("image", id="found-image", kind="image", managed=False)
    packages = PackageList("found-image", "/usr", (Package("torch", "2.8.0"),))
    fake = FakeContext(FakeCatalogue((image,), packages_of={"found-image": packages}))
    for argv in (["packages", "list"], ["packages", "list", "--system"]):
        assert "torch" in run_cli(argv, fake).out


def test_kernels_say_what_is_wrong_with_them() -> None:
    dead = Kernel("old", "Old", "/k/old", False, "dead", reason="/gone/python is not here")
    ran = run_cli(["kernels", "list"], FakeContext(FakeCatalogue(registered=(dead,))))
    assert "dead" in ran.out
    assert "/gone/python is not here" in ran.out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_script_is_for_both_names_of_the_program(shell: str) -> None:
    ran = run_cli(["completion", shell])
    assert ran.code == 0
    assert "jupyter-envmgr" in ran.out
    assert "_ARGCOMPLETE" in ran.out


@pytest.mark.parametrize(
    ("argv", "packages"),
    [
        (["demo", "--", "numpy", "pandas"], ["numpy", "pandas"]),
        (["demo", "--python", "3.12", "--", "numpy"], ["numpy"]),
        (["demo", "--python", "3.12", "numpy", "--", "pandas"], ["numpy", "pandas"]),
        (["demo", "--python", "3.12", "--", "-e"], ["-e"]),
    ],
)
def test_behind_two_dashes_everything_is_a_package(argv: list[str], packages: list[str]) -> None:
    assert parse(build(), ["env", "create", *argv]).packages == packages


def test_an_envelope_says_that_a_verb_is_missing() -> None:
    ran = run_cli(["--json"], FakeContext())
    assert (ran.code, json.loads(ran.out)["error"]["code"]) == (2, "bad-request")
