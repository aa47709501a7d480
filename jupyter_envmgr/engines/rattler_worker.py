"""The program that works with py-rattler: a request in a file, JSON lines on standard output.

It runs in a process of its own, which ends with `os._exit`: py-rattler 0.28 crashes at exit in one
of five to ten runs, its work done, and does not stop when it is cancelled. It is started as
``python -I -S rattler_worker.py REQUEST.json``. Only its own modules import py-rattler, and nobody
but this program imports those: `rattler_world`, `rattler_solving`, `rattler_changes`,
`rattler_offered`.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rattler import RepoDataRecord

    from jupyter_envmgr.engines.rattler_talk import Talk
    from jupyter_envmgr.engines.rattler_world import Request, World


def main(path: str) -> int:
    """Do what the request in the file says. Answers the exit code."""
    request: Request = json.loads(Path(path).read_text(encoding="utf-8"))
    sys.path += [entry for entry in request["paths"] if entry not in sys.path]
    from jupyter_envmgr.engines.rattler_talk import Talk

    talk = Talk(request["secrets"])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = asyncio.run(_carry_out(request, talk))
    except BaseException as error:  # a panic of py-rattler is no Exception
        talk.end({"error": _described(error)})
        return 1
    talk.end({"result": result})
    return 0


async def _carry_out(request: Request, talk: Talk) -> Mapping[str, object]:
    # Late: importing py-rattler can fail, and that is an answer too.
    from jupyter_envmgr.engines import rattler_prefix as disk
    from jupyter_envmgr.engines import rattler_solving as solving
    from jupyter_envmgr.engines.rattler_offered import offered
    from jupyter_envmgr.engines.rattler_world import World

    prefix = Path(request["prefix"])
    if request["verb"] == "offered":
        return await offered(World(request))
    if request["new"]:
        disk.check_new(prefix)
    else:
        disk.check_there(prefix)
    talk.say(at="solve", label="Reading the channels")
    world = World(request)
    return await _change(world, await solving.wanted(world), talk)


async def _change(
    world: World, records: Sequence[RepoDataRecord], talk: Talk
) -> Mapping[str, object]:
    """Say what an environment becomes; unless that is all that is asked for, make it so."""
    from jupyter_envmgr.engines import rattler_changes as changing
    from jupyter_envmgr.engines import rattler_prefix as disk
    from jupyter_envmgr.engines import rattler_solving as solving
    from jupyter_envmgr.engines.rattler_talk import Reporter
    from jupyter_envmgr.engines.rattler_world import channel_of

    request, prefix = world.request, world.prefix
    before = {record.name.normalized: record for record in world.installed}
    changes = changing.changed(before, records)
    answer = changing.described(world, before, records, changes)
    if request["verb"] == "solve":
        return answer
    changing.check_unmapped(prefix, before, records, changes)
    changing.check_downloads(world, records, changes)
    sizes = changing.downloads(world, records, changes)
    known = set(disk.clobbered(prefix))
    disk.begin(prefix, request["command"])
    disk.remove_bytecode(prefix, changing.sources(before, changes))
    reporter = Reporter(talk, sizes)
    await changing.link(world, records, changes, reporter)
    talk.say(at="finish", label="Writing its history")
    disk.finish(
        prefix,
        Path(request["home"]),
        request["command"],
        [
            (channel_of(r), r.subdir, r.name.normalized, str(r.version), str(r.build))
            for r in records
        ],
        list(dict.fromkeys([*request["specs"], *request["update"], *request["asked"]])),
        solving.removed(world, records),
    )
    _notice(talk, disk.messages(prefix), "info")
    for name in reporter.failed_scripts:
        _notice(talk, f"The script that {name} runs after it is installed has failed.")
    for package, path in sorted({*disk.clobbered(prefix)} - known):
        _notice(talk, f"{path} of {package} gave way to the same file of another package.")
    return answer


def _notice(talk: Talk, text: str, level: str = "warning") -> None:
    if text:
        talk.say(at="notice", text=text, level=level)


def _described(error: BaseException) -> Mapping[str, object]:
    """An error as data: its class and words, and what else it carries."""
    kind = type(error).__name__
    found: dict[str, object] = {"kind": kind, "text": str(error)}
    for name in ("code", "hint", "facts", "errno", "filename"):
        value = getattr(error, name, None)
        if value:
            found[name] = value if isinstance(value, (dict, int)) else str(value)
    return found


if __name__ == "__main__":
    code = main(sys.argv[1])
    sys.stdout.flush()
    os._exit(code)
