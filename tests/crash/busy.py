"""A server in miniature, to be killed: runs jobs with real tools, says their ids, never ends."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from jupyter_envmgr.core.commands import Command, Step
from jupyter_envmgr.service.jobs import Jobs, Running
from tests.fakes import settings

_TREE = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGHUP, signal.SIG_IGN)
def live(name):
    open(sys.argv[1] + "/" + name + ".new", "w").write(str(os.getpid()))
    os.rename(sys.argv[1] + "/" + name + ".new", sys.argv[1] + "/" + name + ".pid")
    number = 0
    while True:
        number += 1
        print(name, number, "x" * 50, flush=True)
        time.sleep(0.001)
if os.fork() == 0:
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            live("orphan")
        os._exit(0)
    live("child")
live("tool")
"""


def main(home: Path, pids: Path) -> None:
    """Two jobs: one whose tool starts a tree of processes, one that ends again and again."""
    jobs = Jobs(settings(home))
    environ = jobs._settings.environ

    def tree(running: Running) -> dict[str, str] | None:
        argv = (sys.executable, "-I", "-S", "-c", _TREE, str(pids))
        running.run(Step("tool", "Running a tree", Command(argv, environ, pids)))
        return None

    def short(running: Running) -> dict[str, str] | None:
        running.plan([("one", "One", 1), ("two", "Two", 1)])
        for name in ("one", "two"):
            running.run(Step(name, name, Command(("sh", "-c", "echo hello"), environ, pids)))
        return {"environment": "demo"}

    say(jobs.start("environments.create", "tree", "Tree", tree).id)
    while True:
        job = jobs.start("environments.create", "short", "Short", short)
        say(job.id)
        seq = 0
        while not (answer := jobs.wait(job.id, seq, 5)).job.ended:
            seq = answer.job.seq
        say(f"{job.id} {answer.job.state}")


def say(line: str) -> None:
    """At once, so that who kills this knows what had been said."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    threading.excepthook = lambda arguments: sys.exit(f"{arguments.exc_value!r}")
    main(Path(sys.argv[1]), Path(sys.argv[2]))
