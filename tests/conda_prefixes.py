"""Conda environments made by py-rattler from the tests' own channel, without this package."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.channel import build

_INSTALL = """
import asyncio, os, sys, traceback
async def main(url, subdir, prefix, cache, *specs):
    from rattler import Channel, Platform, install, solve
    sources = [Channel(url)]
    records = await solve(sources, list(specs), platforms=[Platform(subdir), Platform("noarch")])
    await install(records, target_prefix=prefix, cache_dir=cache)
code = 0
try:
    asyncio.run(main(*sys.argv[1:]))
except BaseException:
    traceback.print_exc()
    code = 1
sys.stdout.flush(); sys.stderr.flush()
os._exit(code)
"""


def make_prefix(prefix: Path, *specs: str) -> Path:
    """An environment at ``prefix``, as conda knows it: with an (empty) history."""
    channel = build.channel()
    cache = channel.path.parent / "unpacked"
    argv = [sys.executable, "-I", "-c", _INSTALL, channel.url, channel.subdir, str(prefix)]
    done = subprocess.run(
        [*argv, str(cache), *specs],
        capture_output=True,
        text=True,
        check=False,
        timeout=170,
        env={"PATH": os.environ["PATH"], "HOME": str(prefix.parent)},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    (prefix / "conda-meta" / "history").touch()
    return prefix


def copied(prefix: Path, target: Path) -> Path:
    """A copy that a test may damage; its paths still name the original."""
    shutil.copytree(prefix, target, symlinks=True)
    return target
