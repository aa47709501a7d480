"""Who starts on another image than last time is told once what clashes there."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.service import recovery
from jupyter_envmgr.service.context import Context
from jupyter_envmgr.service.usersite.arrival import arrival, told
from tests.core.packages.trees import dist_info
from tests.homes import Home

MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"
Start = Callable[[str], Context]


@pytest.fixture
def start(home: Home, make_context: Callable[[Settings], Context]) -> Start:
    """Starts a server on an image of that name, over one home with a package that is cut."""
    dist_info(home.site(MINOR), "cut", files={"cut/__init__.py": b""})
    shutil.rmtree(home.site(MINOR) / "cut")

    def on(image: str) -> Context:
        settings = home.settings()
        settings = replace(
            settings,
            environ={**settings.environ, "JUPYTER_IMAGE": image},
            image_prefix=Path(sys.base_prefix),
            image_interpreter=Path(sys.base_prefix) / "bin" / f"python{MINOR}",
        )
        context = make_context(settings)
        recovery.recover(context)
        return context

    return on


def test_the_first_image_is_no_other_one(start: Start) -> None:
    found = arrival(start("tensorflow:19.02"))
    assert (found.image, found.is_other_image, found.clashes) == ("tensorflow:19.02", False, ())


def test_the_same_image_again_says_nothing(start: Start) -> None:
    start("tensorflow:19.02")
    assert not arrival(start("tensorflow:19.02")).is_other_image


def test_another_image_says_what_clashes_until_it_was_told(start: Start) -> None:
    start("tensorflow:19.02")
    context = start("pytorch:25.03")
    found = arrival(context)
    assert (found.image, found.previous, found.is_other_image, found.told) == (
        "pytorch:25.03",
        "tensorflow:19.02",
        True,
        False,
    )
    assert found.counts["will-fail"] >= 1
    assert 1 <= len(found.clashes) <= 5
    assert found.profile.startswith("pytorch")
    assert told(context).told
    again = arrival(start("pytorch:25.03"))
    assert again.told
    assert again.clashes == ()
    assert not arrival(start("tensorflow:19.02")).told


def test_a_home_that_cannot_be_written_starts_all_the_same(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError("read-only")

    monkeypatch.setattr("jupyter_envmgr.system.durable.write_file", refuse)
    assert not arrival(start("tensorflow:19.02")).is_other_image


@pytest.mark.parametrize("content", ["", "{", "[]", '{"image": 7}', "null"])
def test_a_note_that_is_damaged_counts_as_none(start: Start, home: Home, content: str) -> None:
    start("tensorflow:19.02")
    (home.settings().root / "image.json").write_text(content)
    assert not arrival(start("pytorch:25.03")).is_other_image
