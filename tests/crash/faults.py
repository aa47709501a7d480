"""A child process in which the n-th change of the disk kills it, or fails."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterator
from typing import Any

from jupyter_envmgr.system import durable

_CHANGES = (
    *("open", "write", "pwrite", "fsync", "close", "rename", "link", "unlink", "mkdir", "rmdir"),
    *("chmod", "fchmod", "ftruncate", "utime", "symlink", "mkfifo", "copy_file_range"),
)
DIED, FAILED, DONE = 9, 3, 0


def in_child(function: Callable[[], object]) -> int:
    """Run ``function`` in a forked child: `DONE`, `FAILED` if it raised, `DIED` if killed."""
    pid = os.fork()
    if pid == 0:
        code = FAILED
        try:
            function()
            code = DONE
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def each_call(
    prepare: Callable[[], object], function: Callable[[], object], fault: Callable[[], None]
) -> Iterator[tuple[int, int]]:
    """For n = 1, 2, … : prepare, then run with ``fault`` in place of the n-th change of the disk.

    Yields n and how the child ended; stops after the first run in which there was no n-th call.
    """
    number = 0
    while True:
        number += 1
        prepare()
        reading, writing = os.pipe()

        def child(n: int = number, writing: int = writing) -> None:
            real_write = os.write

            def say_and_fail() -> None:
                real_write(writing, b"!")
                fault()

            install(n, say_and_fail)
            function()

        code = in_child(child)
        os.close(writing)
        reached = bool(os.read(reading, 1))
        os.close(reading)
        yield number, code
        if not reached:
            assert code == DONE, "without a fault it works"
            assert number > 2, "the faults were installed"
            return


def die() -> None:
    """As kill -9 would."""
    os._exit(DIED)


def fail_with(number: int) -> Callable[[], None]:
    """As a full, broken or read-only disk would."""

    def fail() -> None:
        raise OSError(number, os.strerror(number), "injected")

    return fail


def install(number: int, fault: Callable[[], object]) -> None:
    """Have the ``number``-th change of the disk from now on be ``fault``, in this process.

    A write is done by half first: that is what a kill or a full disk in its middle leaves.
    """
    calls = 0

    def guard(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*arguments: Any, **options: Any) -> Any:
            nonlocal calls
            if name == "open" and not arguments[1] & (os.O_CREAT | os.O_WRONLY | os.O_RDWR):
                return real(*arguments, **options)
            calls += 1
            if calls == number:
                if name in ("write", "pwrite") and len(arguments[1]) > 1:
                    real(arguments[0], arguments[1][: len(arguments[1]) // 2], *arguments[2:])
                if name == "close":
                    real(*arguments)
                fault()
            return real(*arguments, **options)

        return guarded

    for name in _CHANGES:
        setattr(os, name, guard(name, getattr(os, name)))
    # renameat2(2) is called past `os`.
    vars(durable)["_renameat2"] = guard("renameat2", durable._renameat2)
