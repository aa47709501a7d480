"""The truth table, and what is read from a program's last words for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_envmgr.core.usersite.farm import UserTree, read_tree
from jupyter_envmgr.core.usersite.model import Verdict
from jupyter_envmgr.core.usersite.suspects import suspects
from jupyter_envmgr.core.usersite.traceback import CELL, read_frames, read_traceback
from jupyter_envmgr.core.usersite.verdict import Run, inside, judge
from tests.homes import Home

OK = Run(True)


@pytest.fixture
def tree(tmp_path: Path) -> UserTree:
    """A user site with jinja2 over the image's, a package that only it has, and a stray."""
    home = Home(tmp_path / "home")
    image = tmp_path / "image"
    for entry in ("Jinja2-3.1.dist-info", "yaml"):
        (image / entry).mkdir(parents=True)
    home.package("jinja2", "2.11")
    home.package("numpy", "2.0")
    home.package("pyarrow", "14.0")
    home.package("google-thing", files={"google/thing/__init__.py": ""})
    home.package("google-other", files={"google/other/__init__.py": ""})
    (home.site() / "yaml.py").touch()
    return read_tree(str(home.base), str(home.site()), [str(image)])


def failing(text: str, code: int = 1) -> Run:
    return Run(False, read_traceback(text), code)


def raising(error: str, *paths: str) -> Run:
    frames = "".join(f'  File "{path}", line 3, in <module>\n    import x\n' for path in paths)
    return failing(f"Traceback (most recent call last):\n{frames}{error}")


HANGS = Run(False, timed_out=True, seconds=5, exit_code=None)
BUG = raising("ZeroDivisionError: division by zero", "<program>")


@pytest.mark.parametrize(
    ("as_is", "without", "empty", "verdict"),
    [
        (OK, OK, OK, "works"),
        (OK, raising("ModuleNotFoundError: No module named 'numpy'"), BUG, "works"),
        (raising("ImportError: x"), OK, OK, "user-site"),
        (failing("boom", 3), OK, OK, "user-site"),
        (failing("", -11), OK, OK, "user-site"),
        (HANGS, OK, OK, "user-site"),
        (BUG, OK, BUG, "user-site"),
        (BUG, BUG, BUG, "not-user-site"),
        (HANGS, HANGS, HANGS, "unclear"),
        (raising("ImportError: x"), BUG, BUG, "unclear"),
        (raising("NameError: name 'df' is not defined"),) * 3 + ("unclear",),
        (raising("EOFError: EOF when reading a line"),) * 3 + ("unclear",),
    ],
)
def test_the_truth_table(
    tree: UserTree, as_is: Run, without: Run, empty: Run, verdict: Verdict
) -> None:
    assert judge(as_is, without, empty, tree).verdict == verdict


MISSING = raising("ModuleNotFoundError: No module named 'numpy'")


def test_what_only_the_user_site_has_is_to_be_reinstalled(tree: UserTree) -> None:
    judged = judge(raising("ImportError: GLIBC_2.99 not found"), MISSING, MISSING, tree)
    assert judged.verdict == "only-in-user-site"
    assert judged.needed == ("numpy",)


def test_culprits_of_such_a_program_are_looked_for_among_what_the_image_has_too(
    tree: UserTree,
) -> None:
    judged = judge(raising("ImportError: x"), MISSING, MISSING, tree)
    assert judged.search
    assert set(judged.candidates) == {"jinja2", "yaml.py"}


def test_a_bug_of_a_program_that_needs_the_user_site_proves_nothing(tree: UserTree) -> None:
    judged = judge(BUG, MISSING, MISSING, tree)
    assert judged.verdict == "unclear"
    assert "division by zero" in judged.summary
    assert "numpy 2.0" in judged.summary


def test_a_program_that_works_says_what_a_reset_would_take_from_it(tree: UserTree) -> None:
    assert "numpy 2.0" in judge(OK, MISSING, MISSING, tree).summary


def test_an_invisible_user_site_is_never_blamed(tree: UserTree) -> None:
    judged = judge(BUG, BUG, BUG, tree, "a virtual environment does not look at ~/.local")
    assert judged.verdict == "not-user-site"
    assert "virtual environment" in judged.summary


def test_nothing_can_be_hidden_where_an_empty_user_base_does_not_help(tree: UserTree) -> None:
    assert not judge(BUG, OK, BUG, tree).search
    assert judge(BUG, OK, OK, tree).search


def test_two_packages_of_the_user_site_alone_are_named_together(tree: UserTree) -> None:
    site = tree.site
    error = raising(
        "ImportError: numpy.core.multiarray failed to import", f"{site}/pyarrow/__init__.py"
    )
    assert set(inside(error.trace, tree, ["pyarrow"])) == {"numpy", "pyarrow"}
    alone = raising("ImportError: x", f"{site}/pyarrow/__init__.py")
    assert inside(alone.trace, tree, ["pyarrow"]) == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Error: at 0x7f12ab", "Error: at 0x7f98cd"),
        ("Error: in /a/lib/site-packages/x.py", "Error: in /b/c/site-packages/x.py"),
        ("Error: process 12345", "Error: process 54321"),
    ],
)
def test_the_same_failure_is_known_again(one: str, other: str) -> None:
    assert raising(one).symptom == raising(other).symptom


def test_other_failures_are_told_apart() -> None:
    assert raising("ImportError: a").symptom != raising("ImportError: b").symptom
    assert HANGS.symptom != BUG.symptom


# -- tracebacks ---------------------------------------------------------------------------------


def test_the_last_exception_of_a_chain_is_the_error() -> None:
    trace = read_traceback(
        "warning: x\nTraceback (most recent call last):\n"
        '  File "/a.py", line 1, in <module>\n    import b\nKeyError: 1\n\n'
        "During handling of the above exception, another exception occurred:\n\n"
        'Traceback (most recent call last):\n  File "/b.py", line 2, in f\n    g()\n'
        "pkg.Wrong: no way\nmore words\n"
    )
    assert (trace.kind, trace.error) == ("pkg.Wrong", "pkg.Wrong: no way")
    assert [frame.path for frame in trace.all_frames] == ["/b.py", "/a.py"]


def test_what_is_said_at_the_exit_is_not_the_error() -> None:
    trace = read_traceback(
        'Traceback (most recent call last):\n  File "/a.py", line 1, in <module>\nValueError: it\n'
        "Exception ignored in: <function x>\nTraceback (most recent call last):\n"
        '  File "/b.py", line 1, in __del__\nOSError: not it\n'
    )
    assert trace.error == "ValueError: it"


def test_an_error_whose_message_begins_on_the_next_line_is_still_told() -> None:
    trace = read_traceback(
        'Traceback (most recent call last):\n  File "/a.py", line 1, in <module>\n'
        "ImportError: \n\nIMPORTANT: PLEASE READ THIS\n"
    )
    assert trace.error == "ImportError: IMPORTANT: PLEASE READ THIS"


def test_a_syntax_error_a_crash_and_plain_words_are_errors_too() -> None:
    syntax = read_traceback('  File "/a.py", line 1\n    x =\n      ^\nSyntaxError: invalid syntax')
    assert (syntax.error, syntax.frames[0].path) == ("SyntaxError: invalid syntax", "/a.py")
    crash = read_traceback(
        "Fatal Python error: Segmentation fault\n\nCurrent thread 0x1 (most recent call first):\n"
        '  File "/inner.py", line 5 in f\n  File "/outer.py", line 6 in <module>\n\n'
        "Extension modules: x\n"
    )
    assert crash.frames[-1].path == "/inner.py"
    assert "Segmentation fault" in crash.error
    assert read_traceback("one\nSomething is wrong\n\n").error == "Something is wrong"
    assert read_traceback("").error == ""


IPYTHON = {
    "9": [
        "\x1b[36mCell\x1b[39m \x1b[32mIn[1]\x1b[39m\x1b[32m, line 1\x1b[39m\n"
        "\x1b[32m----> \x1b[39m\x1b[32m1\x1b[39m \x1b[38;5;28;01mimport\x1b[39;00m jinja2\n",
        "\x1b[36mFile \x1b[39m\x1b[32m~/.local/x/jinja2/__init__.py:12\x1b[39m\n"
        "\x1b[32m     10\x1b[39m pass\n\x1b[32m---> 12\x1b[39m from .a import b\n",
        "File ~/.local/x/jinja2/a.py:3, in f(x)\n---> 3 g()\n",
    ],
    "7": [
        "\x1b[0;32m<ipython-input-1-8842>\x1b[0m in \x1b[0;36m<cell line: 0>\x1b[0;34m()\x1b[0m\n"
        "\x1b[0;32m----> 1\x1b[0;31m \x1b[0;32mimport\x1b[0m jinja2\n",
        "\x1b[0;32m~/.local/x/jinja2/__init__.py\x1b[0m in \x1b[0;36m<module>\x1b[0m\n"
        "\x1b[0;32m---> 12\x1b[0;31m from .a import b\n",
        "\x1b[0;32m~/.local/x/jinja2/a.py\x1b[0m in \x1b[0;36mf\x1b[0;34m(x)\x1b[0m\n---> 3 g()\n",
    ],
}


@pytest.mark.parametrize("version", IPYTHON)
def test_the_frames_that_ipython_shows_are_read(version: str) -> None:
    frames = read_frames(IPYTHON[version], "/home/u")
    paths = [CELL, "/home/u/.local/x/jinja2/__init__.py", "/home/u/.local/x/jinja2/a.py"]
    assert [frame.path for frame in frames] == paths
    assert [frame.code for frame in frames] == ["import jinja2", "from .a import b", "g()"]
    assert [frame.is_importing for frame in frames[1:]] == [True, False]


# -- suspects -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "paths", "first"),
    [
        ("ImportError: cannot import name 'x' from 'markupsafe' (/i/m.py)", ["jinja2/a.py"], 0),
        ("ValueError: numpy.dtype size changed", [], "numpy"),
        ("ImportError: numpy.core.multiarray failed to import", [], "numpy"),
        ("AttributeError: module 'yaml' has no attribute 'safe_load'", [], "yaml.py"),
        ("ImportError: {site}/pyarrow/lib.so: undefined symbol: x", [], "pyarrow"),
        ("ModuleNotFoundError: No module named 'google.other.sub'", [], "google-other"),
        ("X: jinja2>=3 is required, but found jinja2==2.11", [], "jinja2"),
    ],
)
def test_the_likeliest_suspect_comes_first(
    tree: UserTree, error: str, paths: list[str], first: str | int
) -> None:
    run = raising(error.format(site=tree.site), *(f"{tree.site}/{path}" for path in paths))
    found = suspects(run.trace, tree)
    assert found[0] == (first or "jinja2")


def test_an_error_of_the_program_itself_has_no_suspects(tree: UserTree) -> None:
    assert suspects(BUG.trace, tree) == ()
