"""What a probe runs: a cell as plain Python, and the interpreter as its kernel starts it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.usersite.model import ProbeRequest
from jupyter_envmgr.core.usersite.program import (
    Places,
    check_request,
    encoded,
    environ_for,
    interpreter_options,
    plain_python,
)


@pytest.mark.parametrize(
    "code", ["x = 1\n", "a = (5\n% 3)\n", "'''\n!ls\n%cd\n'''\n", "async def f():\n    await g()\n"]
)
def test_python_stays_as_it_is(code: str) -> None:
    assert plain_python(code).text == code


def test_magics_of_the_display_are_left_out_and_lines_keep_their_numbers() -> None:
    plain = plain_python("%matplotlib inline\nif x:\n    %load_ext autoreload\nx?\nimport y\n")
    assert plain.text == "pass\nif x:\n    pass\npass\nimport y\n"
    assert plain.left_out == ("%matplotlib inline", "%load_ext autoreload", "x?")


def test_what_only_measures_is_taken_off() -> None:
    assert plain_python("%time import x\n").text == "import x\n"
    assert plain_python("%timeit -n 3 f()\n").text == "f()\n"
    assert plain_python("%%time\nimport x\n").text == "\nimport x\n"


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("import x\n!pip install y\n", 2),
        ("%pip install y\n", 1),
        ("%cd /tmp\n", 1),
        ("files = !ls\n", 1),
        ("files = %sx ls\n", 1),
        ("%%bash\nrm -rf x\n", 1),
        ("\n\n%env A=1\n", 3),
        ("x = '''\n%cd\n'''\n%cd /tmp\n", 4),
        ("y = 1\nawait f()\n", 2),
        ("async for x in y:\n    pass\n", 1),
    ],
)
def test_what_a_probe_cannot_repeat_is_refused_with_its_line(code: str, line: int) -> None:
    with pytest.raises(EnvMgrError) as caught:
        plain_python(code)
    assert caught.value.code == "bad-request"
    assert caught.value.errors[0].field == "code"
    assert f"line {line}" in caught.value.detail


def test_code_of_another_python_is_left_to_that() -> None:
    assert plain_python("print 'old'\n").text == "print 'old'\n"


def test_a_file_says_that_it_is_utf_8_where_that_matters() -> None:
    assert encoded("x = 1") == b"x = 1"
    assert encoded("'é'").startswith(b"\xef\xbb\xbf")
    ast.parse(encoded("'é'"))


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (ProbeRequest(), "code"),
        (ProbeRequest(code="x", module="y"), "module"),
        (ProbeRequest(code="x" * 300_000), "code"),
        (ProbeRequest(code="x\0"), "code"),
        (ProbeRequest(module="-c import x"), "module"),
        (ProbeRequest(module="a..b"), "module"),
        (ProbeRequest(script="relative.py"), "script"),
        (ProbeRequest(script="/not/there.py"), "script"),
        (ProbeRequest(code="x", seconds=0), "seconds"),
        (ProbeRequest(code="x", seconds=float("nan")), "seconds"),
        (ProbeRequest(code="x", directory="/not/there"), "directory"),
    ],
)
def test_a_wrong_request_names_its_field(request_: ProbeRequest, field: str) -> None:
    with pytest.raises(EnvMgrError) as caught:
        check_request(request_)
    assert [error.field for error in caught.value.errors] == [field]


@pytest.mark.parametrize(
    ("argv", "options"),
    [
        (["python", "-m", "ipykernel_launcher", "-f", "x"], ()),
        (["python", "-Xfrozen_modules=off", "-s", "-m", "x"], ("-Xfrozen_modules=off", "-s")),
        (["python", "-W", "ignore", "-X", "dev", "-mx"], ("-W", "ignore", "-X", "dev")),
        (["python", "-I", "/launcher.py", "-E"], ("-I",)),
        (["python"], ()),
    ],
)
def test_the_options_of_a_kernels_interpreter_are_kept(
    argv: list[str], options: tuple[str, ...]
) -> None:
    assert interpreter_options(argv) == options


def test_the_variables_of_each_mode(tmp_path: Path) -> None:
    base, site = tmp_path / ".local", tmp_path / ".local/lib/python3.11/site-packages"
    other = tmp_path / ".local/lib/python3.8/site-packages"
    for directory in (site, other):
        directory.mkdir(parents=True)
    given = {"PYTHONPATH": f"/mine:{site}:{other}", "PYTHONINSPECT": "1", "HOME": "/h"}
    places = Places(str(base), str(site))

    def path(mode: str, hidden: tuple[str, ...] = ()) -> str:
        made = Places(str(base), str(site), frozenset(hidden))
        return environ_for(mode, given, base="/farm", site="/farm/site", places=made)[  # type: ignore[arg-type]
            "PYTHONPATH"
        ]

    as_is = environ_for("as-is", given, places=places)
    assert as_is["PYTHONPATH"] == given["PYTHONPATH"]
    assert as_is["PYTHONDONTWRITEBYTECODE"] == "1"
    assert "PYTHONINSPECT" not in as_is
    assert "PYTHONNOUSERSITE" not in as_is
    assert environ_for("without", given, places=places)["PYTHONNOUSERSITE"] == "1"
    assert environ_for("empty", given, base="/e", places=places)["PYTHONUSERBASE"] == "/e"
    assert path("without") == path("empty") == "/mine"
    assert path("hiding") == f"/mine:/farm/site:{other}"
    assert path("hiding", (str(other),)) == "/mine:/farm/site"
