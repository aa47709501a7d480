"""What is run is run as asked, heard in full, and gone afterwards."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_envmgr.core.commands import Command, Outcome, Stream
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.system import process
from tests.fakes import command, eventually

Line = tuple[Stream, str]


def run(
    asked: Command,
    lines: list[Line] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    timeout: float | None = 60,
) -> Outcome:
    heard = [] if lines is None else lines
    return process.run(
        asked,
        on_line=lambda stream, line: heard.append((stream, line)),
        cancelled=cancelled,
        timeout=timeout,
    )


def shell(script: str, **options: object) -> Command:
    return command("sh", "-c", script, **options)  # type: ignore[arg-type]


def is_running(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] not in (b"Z", b"X")
    except OSError:
        return False


def python_tree(pids: Path) -> Command:
    """A tool that ignores every signal it can, with a child, and a grandchild in its own session.

    Each writes its pid into a directory, then sleeps for ever.
    """
    program = f"""
import os, signal, sys, time
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
def live(name):
    open({str(pids)!r} + "/." + name, "w").write(str(os.getpid()))
    os.rename({str(pids)!r} + "/." + name, {str(pids)!r} + "/" + name)
    while True:
        time.sleep(1000)
if os.fork() == 0:
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            live("orphan")
        os._exit(0)
    live("child")
live("tool")
"""
    return command(sys.executable, "-I", "-S", "-c", program)


def tree_pids(pids: Path) -> list[int]:
    names = ("orphan", "child", "tool")
    eventually(lambda: all((pids / name).exists() for name in names), "the tree grows")
    return [int((pids / name).read_text()) for name in names]


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


def test_cancel_ends_the_whole_tree_within_a_second(tmp_path: Path) -> None:
    wanted = threading.Event()
    answers: list[BaseException] = []

    def work() -> None:
        try:
            run(python_tree(tmp_path), cancelled=wanted.is_set)
        except BaseException as error:
            answers.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    pids = tree_pids(tmp_path)
    assert all(map(is_running, pids))
    started = time.monotonic()
    wanted.set()
    thread.join(10)
    assert time.monotonic() - started < 1
    assert not any(map(is_running, pids))
    assert isinstance(answers[0], EnvMgrError)
    assert answers[0].code == "cancelled"


def test_a_command_cancelled_before_its_start_never_starts(tmp_path: Path) -> None:
    with pytest.raises(EnvMgrError):
        run(command("touch", str(tmp_path / "started")), cancelled=lambda: True)
    assert not (tmp_path / "started").exists()


def test_a_tool_that_takes_too_long_is_ended_with_its_tree(tmp_path: Path) -> None:
    with pytest.raises(EnvMgrError) as caught:
        run(python_tree(tmp_path), timeout=1.5)
    assert caught.value.code == "timed-out"
    pids = [int(file.read_text()) for file in tmp_path.glob("[a-z]*")]
    assert pids
    assert not any(map(is_running, pids))


def test_what_a_tool_leaves_behind_ends_with_it(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    script = f"setsid sh -c 'echo $$ > {file}.new; mv {file}.new {file}; exec sleep 1000' &"
    asked = shell(f"{script} while [ ! -e {file} ]; do sleep 0.01; done; exit 5")
    assert run(asked).returncode == 5
    assert not is_running(int(file.read_text()))


def test_an_error_of_the_listener_ends_the_tool_and_is_raised(tmp_path: Path) -> None:
    def on_line(stream: Stream, line: str) -> None:
        raise RuntimeError(line)

    with pytest.raises(RuntimeError) as caught:
        process.run(
            shell("echo $$; exec sleep 1000"), on_line=on_line, cancelled=lambda: False, timeout=20
        )
    assert not is_running(int(str(caught.value)))


def test_a_supervisor_that_is_killed_takes_the_tool_with_it(tmp_path: Path) -> None:
    """The kernel's out-of-memory killer chooses whom it likes."""
    killed: list[int] = []

    def cancelled() -> bool:
        if not killed and (tmp_path / "tool").exists():
            killed.append(int((tmp_path / "tool").read_text()))
            with open(f"/proc/{killed[0]}/stat", "rb") as file:
                supervisor = int(file.read().rpartition(b")")[2].split()[1])
            os.kill(supervisor, signal.SIGKILL)
        return False

    asked = shell(f"echo $$ > {tmp_path}/t; mv {tmp_path}/t {tmp_path}/tool; sleep 1000; :")
    outcome = run(asked, cancelled=cancelled)
    assert outcome.returncode == -signal.SIGKILL
    eventually(lambda: not is_running(killed[0]), "the tool ends")


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


def test_nothing_is_left_open_by_any_way_out(tmp_path: Path) -> None:
    def go_every_way() -> None:
        run(command("true"))
        for asked in (command("/nowhere"), command("true", cwd=tmp_path / "gone")):
            with pytest.raises(EnvMgrError):
                run(asked)
        with pytest.raises(EnvMgrError):
            run(shell("sleep 1000"), timeout=0.05)

    go_every_way()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        go_every_way()
    assert len(os.listdir("/proc/self/fd")) == before


# -- a terminal for its output -----------------------------------------------------------------


def on_a_terminal(script: str, **options: object) -> Command:
    return replace(shell(script, **options), terminal=True)


def test_a_terminal_is_there_for_output_alone_and_controls_nothing() -> None:
    program = (
        "import os, sys; print(os.isatty(0), os.isatty(1), os.isatty(2), sys.stdin.read() == '')\n"
        "try: os.open('/dev/tty', os.O_RDWR)\n"
        "except OSError: print('none controls it')"
    )
    asked = replace(command(sys.executable, "-I", "-c", program), terminal=True)
    assert run(asked).stdout == "False True False True\nnone controls it\n"


def test_a_terminal_changes_nothing_of_what_is_written() -> None:
    lines: list[Line] = []
    outcome = run(on_a_terminal(r"printf 'a\tb\n\nc\003\004d\n'; echo e >&2; exit 3"), lines)
    assert outcome.returncode == 3
    assert outcome.stdout == "a\tb\n\ncd\n"
    assert [line for stream, line in lines if stream == "stdout"] == ["a\tb", "", "cd"]
    assert ("stderr", "e") in lines


def test_much_output_on_a_terminal_is_heard_whole() -> None:
    lines: list[Line] = []
    outcome = run(on_a_terminal("seq 1 200000"), lines)
    assert [line for _, line in lines] == [str(number) for number in range(1, 200001)]
    assert outcome.stdout.endswith("199999\n200000\n")


def test_what_is_written_to_a_terminal_is_heard_while_the_tool_runs(tmp_path: Path) -> None:
    heard: list[Line] = []
    asked = on_a_terminal(f"echo first; until [ -e {tmp_path}/go ]; do sleep 0.01; done; echo last")

    def cancelled() -> bool:
        if heard:
            (tmp_path / "go").touch()
        return False

    assert run(asked, heard, cancelled).stdout == "first\nlast\n"


def test_a_secret_on_a_terminal_is_masked() -> None:
    asked = on_a_terminal("printf hunt; sleep 0.05; echo er2-key", secrets=["hunter2-key"])
    lines: list[Line] = []
    assert run(asked, lines).stdout == "***\n"
    assert lines == [("stdout", "***")]


def test_cancel_ends_the_whole_tree_on_a_terminal(tmp_path: Path) -> None:
    pids: list[int] = []

    def cancelled() -> bool:
        if not pids and all((tmp_path / name).exists() for name in ("orphan", "child", "tool")):
            pids.extend(tree_pids(tmp_path))
        return bool(pids)

    with pytest.raises(EnvMgrError) as caught:
        run(replace(python_tree(tmp_path), terminal=True), cancelled=cancelled)
    assert caught.value.code == "cancelled"
    assert not any(map(is_running, pids))


def test_what_a_tool_leaves_on_a_terminal_ends_with_it(tmp_path: Path) -> None:
    outcome = run(on_a_terminal(f"sleep 1000 & echo $! > {tmp_path}/pid; echo done"))
    assert outcome.stdout == "done\n"
    assert not is_running(int((tmp_path / "pid").read_text()))


def test_a_tool_without_its_terminal_runs_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left() -> tuple[int, int]:
        raise OSError("out of pty devices")

    monkeypatch.setattr(os, "openpty", none_left)
    assert run(on_a_terminal("[ -t 1 ] || echo piped")).stdout == "piped\n"


def test_no_terminal_is_left_open_by_any_way_out(tmp_path: Path) -> None:
    def go_every_way() -> None:
        run(on_a_terminal("echo"))
        for asked in (command("/nowhere"), command("true", cwd=tmp_path / "gone")):
            with pytest.raises(EnvMgrError):
                run(replace(asked, terminal=True))
        with pytest.raises(ValueError, match="NUL"):
            run(replace(command("a\0b"), terminal=True))
        with pytest.raises(EnvMgrError):
            run(on_a_terminal("sleep 1000"), timeout=0.05)

    go_every_way()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        go_every_way()
    assert len(os.listdir("/proc/self/fd")) == before


def test_no_terminal_is_left_open_if_nothing_could_be_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    before = len(os.listdir("/proc/self/fd"))
    monkeypatch.setattr(subprocess, "Popen", fail)
    with pytest.raises(EnvMgrError):
        run(on_a_terminal("true"))
    assert len(os.listdir("/proc/self/fd")) == before
