"""Homes to be broken: a small user site, each operation on it, and what must hold afterwards."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.core.usersite.model import ResetRequest, RestoreRequest
from jupyter_envmgr.service import usersite
from tests.crash.faults import DIED, DONE, each_call, fail_with, in_child
from tests.homes import Home, Tree, contents, state

ERRORS = (
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EIO,
    errno.ESTALE,
    errno.EACCES,
    errno.EROFS,
    errno.EXDEV,
    errno.EBUSY,
)
OURS = (".envmgr", ".envmgr-snapshots")


def small_home(path: Path) -> Home:
    """A site, two packages in one namespace, a script, data in a directory of its own, a link."""
    home = Home(path)
    home.package("alpha", scripts=["alpha"], outside={"etc/jupyter/x.d/alpha.json": "{}"})
    home.package("ns-one", files={"ns/one/__init__.py": "one"})
    home.package("ns-two", files={"ns/two/__init__.py": "two"})
    (home.site() / "link").symlink_to("alpha")
    home.file("bin/mine", "#!/bin/sh\n")
    home.grow_old()
    return home


@dataclass
class Scene:
    """A home as it is before an operation, the operation, and what the home may be afterwards.

    ``old`` and ``new`` are what the user base looks like before, and when the operation is done.
    ``pieces`` is how often each content is there, in the base and in the snapshots together.
    """

    path: Path
    before: Callable[[Home, Settings], object]
    run: Callable[[Settings], object]
    old: Tree
    new: Tree
    pieces: dict[str, int]

    def settings(self) -> Settings:
        """The settings of the home that is broken."""
        return Home(self.path).settings()

    def prepare(self) -> None:
        """Make the home anew: a copy would not have the inodes that its snapshots name."""
        shutil.rmtree(self.path, ignore_errors=True)
        home = small_home(self.path)
        self.before(home, home.settings())

    def base(self) -> Tree:
        """The user base as it is."""
        return state(self.path / ".local", but=OURS)

    def everything(self) -> dict[str, int]:
        """The contents of base and snapshots together, wherever they are."""
        return everything(self.path)


def everything(home: Path) -> dict[str, int]:
    """How often each content is in the base, the snapshots, and a backup made by hand."""
    found: dict[str, int] = {}
    roots = [home / ".local", home / "local_backup"]
    for store in (home / ".envmgr/snapshots", home / ".local/.envmgr-snapshots"):
        if store.is_dir():
            roots += [store / name / "tree" for name in os.listdir(store)]
    for root in roots:
        for text, count in _visible(root).items():
            found[text] = found.get(text, 0) + count
    return found


def _visible(root: Path) -> dict[str, int]:
    found = contents(root)
    for name in OURS:
        for text, count in contents(root / name).items():
            found[text] -= count
    return {text: count for text, count in found.items() if count}


def scene(
    tmp_path: Path,
    operation: Callable[[Settings], object],
    *,
    before: Callable[[Home, Settings], object] = lambda home, settings: None,
) -> Scene:
    """A scene: ``before`` is done to the home, then ``operation`` is what will be broken."""
    made = Scene(tmp_path / "home", before, operation, {}, {}, {})
    made.prepare()
    made.old, made.pieces = made.base(), made.everything()
    assert in_child(lambda: operation(made.settings())) == DONE
    made.new = made.base()
    return made


def faults(made: Scene, fault: Callable[[], None] | None = None) -> Iterator[tuple[int, int]]:
    """Break the operation at each of its calls: killed, or with another error each time."""
    if fault is not None:
        yield from each_call(made.prepare, lambda: made.run(made.settings()), fault)
        return
    every = ERRORS if os.environ.get("ENVMGR_ALL_FAULTS") else (None,)
    for chosen in every:
        turn = [0]

        def fail(turn: list[int] = turn, chosen: int | None = chosen) -> None:
            fail_with(chosen if chosen is not None else ERRORS[turn[0] % len(ERRORS)])()

        def prepare(turn: list[int] = turn) -> None:
            turn[0] += 1
            made.prepare()

        yield from each_call(prepare, lambda: made.run(made.settings()), fail)


def recovered(made: Scene) -> tuple[str, ...]:
    """What `recover` says; it must come to an end, and then have nothing to do."""
    said = usersite.recover(made.settings())
    assert usersite.recover(made.settings()) == ()
    return said


def check_whole(made: Scene, code: int, *, where: str) -> None:
    """Nothing is lost or doubled; after `recover` it is all as it was, or all as it should be."""
    if code != DIED:
        assert made.everything() == made.pieces, f"{where}: before recovery"
    said = recovered(made)
    assert made.everything() == made.pieces, f"{where}: {said}"
    now = made.base()
    matching = [one for one in (made.old, made.new) if _is_like(now, one, made.old)]
    assert matching, f"{where}: {differences(now, made.old, made.new)}"
    if code == DONE:
        assert matching == [made.new], where
    assert not (made.path / ".local/.envmgr").exists(), f"{where}: something of ours stays"
    for snapshot in usersite.snapshots(made.settings()).snapshots:
        assert snapshot.state in ("complete", "restored"), where


def _is_like(now: Tree, wanted: Tree, before: Tree) -> bool:
    """As wanted; a disk that refused to remove an emptied directory may have left that."""
    more = now.keys() - wanted.keys()
    left = all(now[k] == before.get(k) and str(now[k][0]).startswith("0o4") for k in more)
    return left and all(now.get(k) == entry for k, entry in wanted.items())


def differences(now: Tree, *others: Tree) -> list[dict[str, object]]:
    """What is not as in the others."""
    return [
        {
            k: (now.get(k), other.get(k))
            for k in now.keys() | other.keys()
            if now.get(k) != other.get(k)
        }
        for other in others
    ]


def reset_all(settings: Settings) -> None:
    """Set everything aside as ``first``."""
    usersite.reset(settings, ResetRequest("all", name="first"))


def restore_first(settings: Settings) -> None:
    """Bring ``first`` back."""
    usersite.restore(settings, "first", RestoreRequest())
