"""Running tools: the only subprocess of the project. What is started is also ended."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import selectors
import signal
import socket
import subprocess
import sys
import termios
import time
import tty
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO

from ..core.commands import Command, Outcome, Stream
from ..core.errors import EnvMgrError
from ..core.lines import LineSplitter, without_escapes
from ..core.masking import Masker
from .oserrors import explain_os_error

OnLine = Callable[[Stream, str], None]

_REAPER = str(Path(__file__).with_name("reaper.py"))
_TAIL = 256 * 1024
_CHUNK = 32 * 1024
_POLL = 0.05
_LAST_WORDS = 0.5
_PATIENCE = 5.0


def run(
    command: Command,
    *,
    on_line: OnLine,
    cancelled: Callable[[], bool],
    timeout: float | None = None,
    missing: str = "engine-missing",
) -> Outcome:
    """Run a command to its end, giving every line to ``on_line`` as it comes.

    When this returns or raises, the tool and all that it started are gone, whatever session they
    moved to; they also end within a second when this process is killed. ``cancelled`` is asked
    at least ten times a second. A tool that fails is an `Outcome`, not an error.

    Raises ``cancelled``, ``timed-out``, ``missing`` if there is no such program,
    ``not-permitted`` if it may not be run. Safe in many threads at once.
    """
    if cancelled():
        raise _cancelled(command)
    started = time.monotonic()
    error: EnvMgrError | None = None
    with _Supervised(command, on_line) as tool:
        while not tool.is_over:
            tool.listen(_POLL)
            if error is not None:
                continue
            if cancelled():
                error = _cancelled(command)
            elif timeout is not None and time.monotonic() - started > timeout:
                error = EnvMgrError(
                    "timed-out", f"{_name(command)} did not end within {timeout:g} seconds"
                )
            if error is not None:
                tool.end()
        if error is not None:
            raise error
        return tool.outcome(time.monotonic() - started, missing)


class _Output:
    """One stream of the tool: its lines, and its end for the outcome."""

    def __init__(self, name: Stream, command: Command, on_line: OnLine) -> None:
        self._name = name
        self._on_line = on_line
        self._masker = Masker(command.secrets)
        self._lines = LineSplitter()
        self._tail: deque[bytes] = deque()
        self._size = 0

    def feed(self, data: bytes) -> None:
        masked = self._masker.feed(data)
        self._keep(masked)
        for line in self._lines.feed(masked):
            self._on_line(self._name, line)

    def finish(self) -> None:
        masked = self._masker.finish()
        self._keep(masked)
        for line in (*self._lines.feed(masked), *self._lines.finish()):
            self._on_line(self._name, line)

    def text(self) -> str:
        data = b"".join(self._tail)[-_TAIL:].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return without_escapes(data.decode("utf-8", "replace")).lstrip("\ufffd")

    def _keep(self, data: bytes) -> None:
        self._tail.append(data)
        self._size += len(data)
        while self._size - len(self._tail[0]) >= _TAIL:
            self._size -= len(self._tail.popleft())


class _Supervised:
    """A tool under its reaper: see reaper.py for what they say to each other."""

    def __init__(self, command: Command, on_line: OnLine) -> None:
        self._command = command
        self._on_line = on_line
        self._words = b""
        self._silent_since: float | None = None
        self._ending_since: float | None = None

    def __enter__(self) -> _Supervised:
        request = _request(self._command)
        with contextlib.ExitStack() as stack:
            screen, stdout = _terminal(stack) if self._command.terminal else (None, None)
            try:
                self._socket, theirs = socket.socketpair()
                stack.callback(self._socket.close)
                with theirs:
                    self._reaper = _start(theirs, stdout)
            except OSError as error:
                raise explain_os_error(error, f"cannot start {_name(self._command)}") from error
            stack.pop_all()
        if stdout is not None:
            os.close(stdout)
        self._selector = selectors.DefaultSelector()
        self._screen = screen
        self._stdout = self._hear("stdout", screen or self._reaper.stdout)
        self._stderr = self._hear("stderr", self._reaper.stderr)
        self._selector.register(self._socket, selectors.EVENT_READ, None)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._socket.sendall(request)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Whatever happened: nothing of the tool stays."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)
        try:
            self._reaper.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._reaper.kill()
            self._reaper.wait()
        if self._reaper.returncode:
            self._kill_orphans()
        self._selector.close()
        self._socket.close()
        for pipe in (self._screen, self._reaper.stdout, self._reaper.stderr):
            if pipe:
                pipe.close()

    @property
    def is_over(self) -> bool:
        """Whether there is nothing more to hear."""
        if not self._selector.get_map():
            return True
        now = time.monotonic()
        if self._ending_since is not None and now - self._ending_since > _PATIENCE:
            return True
        # Somebody that could not be killed may keep the pipes open for ever.
        return self._silent_since is not None and now - self._silent_since > _LAST_WORDS

    def end(self) -> None:
        """Have everything killed; `listen` goes on until it is."""
        self._ending_since = time.monotonic()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def listen(self, seconds: float) -> None:
        """Take in what has come, or wait so long for it."""
        for key, _ in self._selector.select(seconds):
            output = key.data
            data = self._read(key.fd)
            if output is None:
                self._words += data
                if not data:
                    self._silent_since = time.monotonic()
            elif data:
                output.feed(data)
            else:
                output.finish()
            if not data:
                self._selector.unregister(key.fileobj)

    def outcome(self, seconds: float, missing: str) -> Outcome:
        """What the reaper said about the end. Raises if the tool could not be started."""
        words = self._words.decode("ascii", "replace").split("\n")
        for verb, *rest in (line.split() for line in words if line):
            if verb == "failed":
                raise self._not_started(rest[0], int(rest[1]), missing)
            if verb in ("exit", "signal", "lost"):
                code = {"exit": 1, "signal": -1, "lost": -1}[verb] * int((rest or ["9"])[0])
                return self._ended(code, seconds)
        # The reaper was killed itself: so was, by the kernel, its tool (PR_SET_PDEATHSIG).
        code = self._reaper.wait()
        if code >= 0:
            raise EnvMgrError("internal", f"the supervisor of {_name(self._command)} crashed")
        return self._ended(code, seconds)

    def _ended(self, code: int, seconds: float) -> Outcome:
        return Outcome(code, self._stdout.text(), self._stderr.text(), seconds)

    def _hear(self, name: Stream, pipe: IO[bytes] | None) -> _Output:
        assert pipe is not None
        output = _Output(name, self._command, self._on_line)
        self._selector.register(pipe, selectors.EVENT_READ, output)
        return output

    def _read(self, descriptor: int) -> bytes:
        try:
            return os.read(descriptor, _CHUNK)
        except ConnectionResetError:
            return b""
        except OSError as error:
            # A terminal that nobody has open any more (Linux).
            if error.errno == errno.EIO:
                return b""
            raise

    def _kill_orphans(self) -> None:
        """The reaper did not get to it: its tool's group at least, which nobody else can have."""
        for line in self._words.decode("ascii", "replace").split("\n"):
            if line.startswith("started "):
                with contextlib.suppress(OSError):
                    os.killpg(int(line.split()[1]), signal.SIGKILL)

    def _not_started(self, stage: str, number: int, missing: str) -> EnvMgrError:
        program = self._command.argv[0]
        if stage == "exec" and number == errno.ENOENT:
            exists = os.path.exists(program)
            why = "the interpreter that its first line names is missing" if exists else "not there"
            return EnvMgrError(missing, f"{program} cannot be run: {why}")
        if stage == "exec" and number in (errno.ENOEXEC, errno.ENOTDIR):
            return EnvMgrError(missing, f"{program} cannot be run: {os.strerror(number)}")
        where = str(self._command.cwd) if stage == "chdir" else program
        what = f"cannot enter {where}" if stage == "chdir" else f"cannot run {where}"
        return explain_os_error(OSError(number, os.strerror(number), where), what)


def _terminal(stack: contextlib.ExitStack) -> tuple[IO[bytes] | None, int | None]:
    """A terminal: the end that reads, and the descriptor of the end that the tool writes to.

    It changes nothing of what is written. None for both if there is none to be had.
    """
    try:
        ours, theirs = os.openpty()
    except OSError:
        return None, None
    screen = stack.enter_context(io.FileIO(ours, "rb"))
    stack.callback(os.close, theirs)
    with contextlib.suppress(termios.error):
        tty.setraw(theirs)
    return screen, theirs


def _start(theirs: socket.socket, stdout: int | None) -> subprocess.Popen[bytes]:
    """The reaper has this process's own environment; the tool's goes to it by the socket."""
    return subprocess.Popen(
        [sys.executable, "-I", "-S", _REAPER],
        stdin=theirs.fileno(),
        stdout=subprocess.PIPE if stdout is None else stdout,
        stderr=subprocess.PIPE,
        bufsize=0,
        cwd="/",
        start_new_session=True,
    )


def _request(command: Command) -> bytes:
    fields = [str(len(command.argv)), os.fspath(command.cwd), *command.argv]
    fields += [f"{name}={value}" for name, value in command.environ.items()]
    encoded = [os.fsencode(field) for field in fields]
    if not command.argv or any(b"\0" in field for field in encoded):
        raise ValueError("a command needs a program, and its words must not contain NUL")
    body = b"".join(field + b"\0" for field in encoded)
    return b"%d\n%s" % (len(body), body)


def _name(command: Command) -> str:
    return os.path.basename(command.argv[0])


def _cancelled(command: Command) -> EnvMgrError:
    return EnvMgrError("cancelled", f"{_name(command)} was stopped because the job was cancelled")
