"""Which process is this, and is the process that somebody else named still alive."""

from __future__ import annotations

import os
import socket
from dataclasses import replace
from functools import lru_cache

from ..core.jobs.model import Holder


def current(door: str) -> Holder:
    """This process, as it is written into records, locks and jobs."""
    return replace(_of_process(os.getpid()), door=door)


def is_alive(holder: Holder) -> bool | None:
    """Whether ``holder`` still runs; None where that cannot be seen from here.

    - Same boot id and same pid namespace: decided by pid and start time. A namespace's inode
      number can be given out again, but only after all of its processes have ended, and the
      start time (ticks since boot) then differs.
    - Same boot id, another namespace: another container on this machine. Its pids mean nothing
      here, so None.
    - Another boot id: another machine, or this one before a restart. The host's name does not
      tell which, because containers are given the same names again on other machines. So None;
      what else is known (a heartbeat) has to decide.
    - Neither is known (no /proc): the host's name and the pid decide that it is gone; that a
      process of that pid exists is taken for life.
    """
    here = current(holder.door)
    if (holder.boot_id, holder.pid_namespace) != (here.boot_id, here.pid_namespace):
        return None
    if not here.boot_id and holder.host != here.host:
        return None
    if holder.pid <= 0:
        return None
    return _runs(holder)


def _runs(holder: Holder) -> bool | None:
    try:
        os.kill(holder.pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    started = _start_time(holder.pid)
    if started is None:
        # It exists but cannot be looked at: no /proc, hidepid=2, or it has just gone.
        return None if holder.start_time else True
    if holder.start_time and started != holder.start_time:
        return False
    return started != 0


@lru_cache(maxsize=1)
def _of_process(pid: int) -> Holder:
    return Holder(
        host=socket.gethostname(),
        boot_id=_boot_id(),
        pid_namespace=_pid_namespace(),
        pid=pid,
        start_time=_start_time(pid) or 0,
        door="",
    )


def _boot_id() -> str:
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()
    except (OSError, ValueError):
        return ""


def _pid_namespace() -> str:
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return ""


def _start_time(pid: int) -> int | None:
    """Field 22 of /proc/PID/stat (proc(5)); 0 for a process that has ended and was not reaped."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        return 0 if fields[0] in (b"Z", b"X") else int(fields[19])
    except (OSError, IndexError, ValueError):
        return None
