"""The program as a process: start-up, pipes, terminals, signals before anything runs."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = [sys.executable, "-m", "jupyter_envmgr"]

LATE = """
import sys
import jupyter_envmgr.cli.program as program
program.build()
heavy = ("argcomplete", "asyncio", "jupyter_server", "packaging", "rich", "subprocess", "tornado",
         "traitlets", "uv", "zmq", "jupyter_envmgr.service", "jupyter_envmgr.system")
print([name for name in heavy if name in sys.modules])
"""


def test_putting_the_command_line_together_imports_nothing_heavy() -> None:
    ran = subprocess.run([sys.executable, "-c", LATE], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


ENTRY = """
import sys
before = set(sys.modules)
import jupyter_envmgr.cli.main
names = {name.partition(".")[0] for name in set(sys.modules) - before}
print(sorted(names - set(sys.stdlib_module_names) - {"jupyter_envmgr"}))
print(sorted(n for n in sys.modules if n.startswith("jupyter_envmgr.") and "_version" not in n))
"""


def test_the_entry_needs_the_standard_library_alone() -> None:
    ran = subprocess.run([sys.executable, "-c", ENTRY], capture_output=True, text=True, check=True)
    others, ours = ran.stdout.splitlines()
    assert others == "[]"
    assert ours == "['jupyter_envmgr.cli', 'jupyter_envmgr.cli.main', 'jupyter_envmgr.version']"


def test_it_knows_its_version() -> None:
    from jupyter_envmgr import __version__

    ran = subprocess.run([*PROGRAM, "--version"], capture_output=True, text=True, check=True)
    assert ran.stdout == f"jupyter_envmgr {__version__}\n"


@pytest.mark.parametrize("argv", [["nonsense"], ["env", "show"], []])
def test_a_wrong_command_line_leaves_with_two(argv: list[str]) -> None:
    assert subprocess.run([*PROGRAM, *argv], capture_output=True, check=False).returncode == 2


def test_output_that_cannot_be_written_is_not_success() -> None:
    with open("/dev/full", "w") as full:
        ran = subprocess.run(
            [*PROGRAM, "completion", "bash"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert ran.returncode == 7
    assert "(disk-full)" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("argv", [["completion", "bash"], ["completion", "bash", "--json"]])
def test_a_reader_that_had_enough_is_no_error(argv: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ran = subprocess.run(
        [*PROGRAM, *argv], stdout=writing, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writing)
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize(
    "words", ["env cre", "kernels a", "env list --js", "completion ba", "env create x --python 3."]
)
def test_the_shell_completes_verbs_and_options(words: str, tmp_path: Path) -> None:
    line = f"jupyter-envmgr {words}"
    answers = tmp_path / "answers"
    answers.touch()
    environ = {
        **os.environ,
        "_ARGCOMPLETE": "1",
        "_ARGCOMPLETE_STDOUT_FILENAME": str(answers),
        "COMP_LINE": line,
        "COMP_POINT": str(len(line)),
        "COMP_TYPE": "9",
        "IFS": "\013",
        "_ARGCOMPLETE_IFS": "\013",
    }
    subprocess.run(PROGRAM, env=environ, capture_output=True, check=False)
    last = words.split()[-1]
    offered = answers.read_text().split("\013")
    assert offered
    assert all(word.startswith(last) for word in offered)


def test_a_bad_envelope_never_mixes_with_words() -> None:
    ran = subprocess.run(
        [*PROGRAM, "env", "show", "--json"], capture_output=True, text=True, check=False
    )
    assert json.loads(ran.stdout)["ok"] is False
    assert ran.stderr == ""


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_a_process_without_standard_streams_works_in_silence(closed: str, tmp_path: Path) -> None:
    words = " ".join(map(shlex.quote, PROGRAM))
    command = f"{words} --root {shlex.quote(str(tmp_path))} env list {closed}"
    ran = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
