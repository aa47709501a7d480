"""Runs one tool and outlives nobody: a script by itself, started by `system.process`.

Its standard input is a socket to the process that started it. There it reads what to run, says
how that ended, and sees the other end close: then the tool and everything that came of it is
killed. So ``kill -9`` of a server ends the tools that it runs. It imports nothing of this
package and needs no site-packages (``python -I -S reaper.py``).

Read:    a line with the number of bytes that follow, then fields that end in NUL:
         the number of arguments, the directory, the arguments, the environment's ``NAME=value``.
Written: ``started PID``, then ``exit N`` or ``signal N`` or ``lost``; or ``failed STAGE ERRNO``.
"""

import contextlib
import os
import select
import signal

SOCKET = 0
PARENT_CHECK = 0.5
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
REASONS_TO_END = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def main() -> None:
    """Run what the socket says and say how it ended."""
    parent = os.getppid()
    arguments, directory, environ = read_request()
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    wakeup, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, *REASONS_TO_END):
        signal.signal(number, lambda *_: None)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    tool = start(arguments, directory, environ)
    if tool is not None:
        say(f"started {tool}")
        wait(tool, wakeup, parent)
        status = end(tool)
        if status is None:
            say("lost")
        elif os.WIFSIGNALED(status):
            say(f"signal {os.WTERMSIG(status)}")
        else:
            say(f"exit {os.WEXITSTATUS(status)}")


def read_request() -> tuple[list[bytes], bytes, dict[bytes, bytes]]:
    """Arguments, directory and environment of the tool."""
    size = b""
    while not size.endswith(b"\n"):
        size += read_or_leave(1)
    pieces, left = [], int(size)
    while left:
        pieces.append(read_or_leave(left))
        left -= len(pieces[-1])
    fields = b"".join(pieces).split(b"\0")[:-1]
    end_of_arguments = 2 + int(fields[0])
    pairs = [field.partition(b"=") for field in fields[end_of_arguments:]]
    return fields[2:end_of_arguments], fields[1], {name: value for name, _, value in pairs}


def read_or_leave(size: int) -> bytes:
    """Some of the next ``size`` bytes of the request. Without the other end there is no work."""
    piece = os.read(SOCKET, size)
    if not piece:
        os._exit(0)
    return piece


def prctl(option: int, value: int) -> None:
    """prctl(2), as far as it can be had: not on other systems, not without ctypes."""
    with contextlib.suppress(ImportError, OSError, AttributeError):
        import ctypes

        ctypes.CDLL(None).prctl(option, *map(ctypes.c_ulong, (value, 0, 0, 0)))


def start(arguments: list[bytes], directory: bytes, environ: dict[bytes, bytes]) -> "int | None":
    """Start the tool in a session of its own. Its pid, or None after saying why not."""
    reading, writing = os.pipe()
    supervisor = os.getpid()
    try:
        pid = os.fork()
    except OSError as error:
        say(f"failed fork {error.errno}")
        return None
    if pid == 0:
        stage = "start"
        try:
            become_a_child(supervisor)
            stage = "chdir"
            os.chdir(directory)
            stage = "exec"
            os.execvpe(arguments[0], arguments, environ)
        except OSError as error:
            os.write(writing, f"{stage} {error.errno}".encode())
        finally:
            os._exit(1)
    os.close(writing)
    why = os.read(reading, 100)
    os.close(reading)
    # Nothing but the tool may keep its output open.
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 1)
    os.dup2(null, 2)
    if why:
        os.waitpid(pid, 0)
        say(f"failed {why.decode()}")
        return None
    return pid


def become_a_child(supervisor: int) -> None:
    """After fork: a session of its own, signals as a program expects them, no input."""
    os.setsid()
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals():
        # What nobody handles is as it was inherited: a shell's background jobs ignore SIGQUIT.
        if signal.getsignal(number) not in (signal.SIG_DFL, None):
            signal.signal(number, signal.SIG_DFL)
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != supervisor:
        os._exit(1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)


def wait(tool: int, wakeup: int, parent: int) -> None:
    """Wait until the tool has ended, the other end is closed, or a signal says to end."""
    poll = select.poll()
    poll.register(SOCKET, select.POLLIN)
    poll.register(wakeup, select.POLLIN)
    while not has_ended(tool):
        ready = [descriptor for descriptor, _ in poll.poll(PARENT_CHECK * 1000)]
        if SOCKET in ready or os.getppid() != parent:
            return
        if wakeup in ready and any(n in REASONS_TO_END for n in os.read(wakeup, 512)):
            return


def has_ended(tool: int) -> bool:
    """Whether the tool has ended; it is not reaped yet, so that nobody else gets its pid.

    Other children are orphans of the tool that came to this process and ended: they are reaped.
    """
    while True:
        found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if found is None:
            return False
        if found.si_pid == tool:
            return True
        os.waitpid(found.si_pid, 0)


def end(tool: int) -> "int | None":
    """Kill the tool's group and whatever came of it; the tool's wait status.

    Descendants that left the group come to this process, their subreaper, when their parents are
    gone; so when there is no child any more, nothing is left. Only children are killed by pid:
    theirs cannot be given to anybody else before they are reaped here. What hangs in the kernel
    (a dead file server) is given up after four seconds: it ends when it wakes.
    """
    status = None
    with contextlib.suppress(OSError):
        os.killpg(tool, signal.SIGKILL)
    for attempt in range(250):
        try:
            while True:
                pid, code = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    break
                if pid == tool:
                    status = code
        except ChildProcessError:
            break
        for pid in children():
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        select.select((), (), (), 0.001 if attempt < 50 else 0.02)
    return status


def children() -> list[int]:
    """The children of this process (proc(5)); by all processes' parents on older kernels."""
    pid = os.getpid()
    with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{pid}/children", "rb") as file:
        return [int(child) for child in file.read().split()]
    found = []
    with contextlib.suppress(OSError):
        for name in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:
                if int(file.read().rpartition(b")")[2].split()[1]) == pid:
                    found.append(int(name))
    return found


def say(line: str) -> None:
    """Tell the other end, if it is still there."""
    with contextlib.suppress(OSError):
        os.write(SOCKET, line.encode() + b"\n")


if __name__ == "__main__":
    try:
        main()
    finally:
        os._exit(0)
