"""Answers that are remembered for a while, and found out once for all who ask meanwhile."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from jupyter_envmgr.service.remembered import Remembered
from tests.fakes import eventually


class Clock:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_answer_is_good_for_its_time_and_its_question() -> None:
    clock = Clock()
    asked: list[str] = []
    remembered = Remembered[int](60, clock=clock)

    def ask(question: str) -> int:
        def find_out() -> int:
            asked.append(question)
            return len(asked)

        return remembered(question, find_out)

    assert [ask("a"), ask("b"), ask("a")] == [1, 2, 1]
    clock.now = 59.9
    assert ask("a") == 1
    clock.now = 60
    assert ask("a") == 3
    assert asked == ["a", "b", "a"]


def test_an_error_is_not_remembered() -> None:
    remembered = Remembered[int](60)
    with pytest.raises(ZeroDivisionError):
        remembered("a", lambda: 1 // 0)
    assert remembered("a", lambda: 7) == 7


def test_the_oldest_answers_go_first() -> None:
    remembered = Remembered[int](60, most=2)
    for number in range(3):
        remembered(number, lambda: 1)
    assert [remembered(number, lambda: 2) for number in (2, 1, 0)] == [1, 1, 2]


@pytest.mark.parametrize("fails", [False, True])
def test_who_asks_meanwhile_gets_the_same_answer_or_error(fails: bool) -> None:
    remembered = Remembered[int](60)
    asked: list[int] = []
    go = threading.Event()

    def find_out() -> int:
        asked.append(1)
        assert go.wait(10)
        if fails:
            raise ValueError("no")
        return 7

    def ask() -> int | str:
        try:
            return remembered("a", find_out)
        except ValueError as error:
            return str(error)

    with ThreadPoolExecutor(3) as pool:
        answers = [pool.submit(ask) for _ in range(3)]
        eventually(lambda: asked, "somebody to ask")
        # Another question is not held up.
        assert remembered("b", lambda: 8) == 8
        eventually(lambda: all(answer.running() for answer in answers), "all to ask")
        go.set()
        found = [answer.result() for answer in answers]
    assert found == (["no"] * 3 if fails else [7] * 3)
    assert len(asked) == 1 or fails
