"""What is run is run as asked, heard in full, and explained where it cannot start."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
from pathlib import Path

import pytest

from jupyter_envmgr.core.commands import Command, Outcome, Stream
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.system import process
from tests.fakes import command
from tests.system.tools import Line, run, shell


@pytest.mark.parametrize("code", [0, 1, 3, 127, 137, 255])
def test_an_exit_code_is_reported_as_it_is(code: int) -> None:
    outcome = run(shell(f"exit {code}"))
    assert outcome.returncode == code
    assert outcome.ok is (code == 0)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV, signal.SIGINT])
def test_a_signal_is_not_taken_for_an_exit_code(number: signal.Signals) -> None:
    outcome = run(shell(f"kill -{int(number)} $$"))
    assert outcome.returncode == -number
    assert not outcome.ok


def test_the_tool_gets_its_arguments_environment_and_directory_and_nothing_else(
    tmp_path: Path,
) -> None:
    program = "import os, sys; print([os.getcwd(), sys.argv[1:], sorted(os.environ.items())])"
    arguments = ("", "a b", "$HOME; rm *", "é\n", "--", "\udcff")
    environ = {"A": "x=y", "EMPTY": "", "É": "ü"}
    asked = Command((sys.executable, "-I", "-c", program, *arguments), environ, tmp_path)
    said = run(asked).stdout.strip()
    directory, got, variables = eval(said)
    assert directory == str(tmp_path)
    assert got == list(arguments)
    assert dict(variables).items() >= environ.items()
    assert not set(dict(variables)) - {*environ, "LC_CTYPE"}


def test_the_tool_has_no_input_no_open_files_and_a_session_of_its_own() -> None:
    program = (
        "import os, sys; print(sys.stdin.read() == '', os.getsid(0) == os.getpid(),"
        " sorted(int(n) for n in os.listdir('/proc/self/fd')))"
    )
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)
    try:
        said = run(command(sys.executable, "-I", "-c", program)).stdout.split(maxsplit=2)
    finally:
        os.close(reading)
        os.close(writing)
    assert said[:2] == ["True", "True"]
    assert eval(said[2])[:3] == [0, 1, 2]
    assert len(eval(said[2])) == 4  # the fourth is the directory that it lists


def test_the_tool_has_the_signals_of_a_fresh_program() -> None:
    """Whatever the thread that starts it has blocked or ignores (Python ignores SIGPIPE)."""
    blocked = {signal.SIGCHLD, signal.SIGTERM, signal.SIGUSR1}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, blocked)
    try:
        status = run(command("cat", "/proc/self/status")).stdout
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    values = dict(re.findall(r"^(Sig\w+):\s+([0-9a-f]+)$", status, re.MULTILINE))
    of_the_c_library = 0b11 << 31  # 32 and 33, which nobody else can reset (signal(7))
    assert int(values["SigBlk"], 16) & ~of_the_c_library == 0
    assert int(values["SigIgn"], 16) & ~of_the_c_library == 0


def test_every_line_is_heard_with_its_stream_in_order() -> None:
    lines: list[Line] = []
    outcome = run(shell("for i in 1 2 3; do echo out$i; done; echo err >&2; printf last"), lines)
    assert [text for stream, text in lines if stream == "stdout"] == [
        *("out1", "out2", "out3", "last")
    ]
    assert ("stderr", "err") in lines
    assert outcome.stdout == "out1\nout2\nout3\nlast"
    assert outcome.stderr == "err\n"


def test_lines_are_heard_while_the_tool_runs(tmp_path: Path) -> None:
    go = tmp_path / "go"
    heard: list[Line] = []

    def on_line(stream: Stream, line: str) -> None:
        heard.append((stream, line))
        go.touch()

    asked = shell(f"echo first; while [ ! -e {go} ]; do sleep 0.01; done; echo second")
    process.run(asked, on_line=on_line, cancelled=lambda: False, timeout=20)
    assert [line for _, line in heard] == ["first", "second"]


def test_much_output_is_heard_whole_and_kept_at_its_end() -> None:
    lines: list[Line] = []
    outcome = run(command("seq", "1", "200000"), lines)
    assert len(lines) == 200_000
    assert outcome.stdout.endswith("\n199999\n200000\n")
    assert len(outcome.stdout) == 256 * 1024


def test_a_secret_is_masked_in_lines_and_outcome_however_it_is_cut() -> None:
    lines: list[Line] = []
    script = "printf 'x hun'; sleep 0.1; printf 'ter/2 y\\n'; echo hunter%2F2 >&2"
    outcome = run(shell(script, secrets=["hunter/2"]), lines)
    assert sorted(lines) == [("stderr", "***"), ("stdout", "x *** y")]
    assert outcome.stdout == "x *** y\n"
    assert outcome.stderr == "***\n"


def test_the_environment_and_arguments_of_the_tool_are_in_no_other_command_line() -> None:
    program = "import os; print(open(f'/proc/{os.getppid()}/cmdline').read())"
    asked = Command((sys.executable, "-I", "-c", program), {"TOKEN": "hunter2"}, Path("/"))
    said = run(asked).stdout
    assert "reaper.py" in said
    assert "hunter2" not in said
    assert "getppid" not in said


def test_a_missing_program_has_the_code_that_the_caller_chose() -> None:
    for missing in ("engine-missing", "interpreter-missing"):
        with pytest.raises(EnvMgrError) as caught:
            process.run(
                command("/nowhere/uv"),
                on_line=lambda *_: None,
                cancelled=lambda: False,
                missing=missing,
            )
        assert caught.value.code == missing
        assert "/nowhere/uv" in caught.value.detail


def test_a_script_whose_interpreter_is_gone_says_so(tmp_path: Path) -> None:
    script = tmp_path / "pip"
    script.write_text("#!/nowhere/python\n")
    script.chmod(0o755)
    with pytest.raises(EnvMgrError) as caught:
        run(command(str(script)))
    assert caught.value.code == "engine-missing"
    assert "interpreter" in caught.value.detail


def test_a_file_that_is_no_program_says_so(tmp_path: Path) -> None:
    file = tmp_path / "tool"
    file.write_bytes(b"\x7fnot a program")
    with pytest.raises(EnvMgrError) as caught:
        run(command(str(file)))
    assert caught.value.code == "not-permitted"
    file.chmod(0o755)
    with pytest.raises(EnvMgrError) as caught:
        run(command(str(file)))
    assert caught.value.code == "engine-missing"


def test_a_directory_that_is_gone_says_so(tmp_path: Path) -> None:
    with pytest.raises(EnvMgrError) as caught:
        run(command("true", cwd=tmp_path / "gone"))
    assert caught.value.code == "bad-path"
    assert str(tmp_path / "gone") in caught.value.detail


def test_a_nul_is_refused_before_anything_runs() -> None:
    with pytest.raises(ValueError, match="NUL"):
        run(command("echo", "a\0b"))


def test_many_threads_run_tools_at_once() -> None:
    outcomes: dict[int, Outcome] = {}

    def work(number: int) -> None:
        outcomes[number] = run(shell(f"echo {number}; exit {number}"))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert {n: (o.returncode, o.stdout) for n, o in outcomes.items()} == {
        n: (n, f"{n}\n") for n in range(12)
    }
