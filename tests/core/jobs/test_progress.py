"""Progress is that of the whole job, never falls, and does not flood the log."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from jupyter_envmgr.core.events import Progress
from jupyter_envmgr.core.jobs.progress import Scale, Throttle


def test_a_step_counts_by_its_weight() -> None:
    scale = Scale()
    scale.plan([("make", "Making", 1), ("install", "Installing", 3)])
    started = scale.begin("make")
    assert (started.title, started.number, started.total) == ("Making", 1, 2)
    assert scale.whole(Progress(0.5, "")).fraction == 0.125
    scale.begin("install")
    assert scale.whole(Progress(0.0, "")).fraction == 0.25
    assert scale.whole(Progress(1.0, "")).fraction == 1.0


def test_a_step_that_was_left_out_counts_as_done() -> None:
    scale = Scale()
    scale.plan([("download", "", 1), ("make", "", 1)])
    assert scale.begin("make").number == 2
    assert scale.whole(Progress(0.0, "")).fraction == 0.5


def test_a_step_that_was_not_planned_is_put_in() -> None:
    scale = Scale()
    scale.plan([("make", "", 1), ("install", "", 1)])
    scale.begin("make")
    started = scale.begin("extra", "Something else")
    assert (started.number, started.total, started.title) == (2, 3, "Something else")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b", "c", "d"]), st.floats(allow_nan=True, allow_infinity=True)
        )
    )
)
def test_progress_never_falls_and_stays_between_0_and_1(says: list[tuple[str, float]]) -> None:
    scale = Scale()
    scale.plan([("a", "", 1), ("b", "", 0), ("c", "", 2.5)])
    highest = 0.0
    for step, fraction in says:
        scale.begin(step)
        shown = scale.whole(Progress(fraction, "")).fraction
        assert highest <= shown <= 1
        assert not math.isnan(shown)
        highest = shown


def test_ten_thousand_steps_of_progress_are_at_most_five_hundred_events() -> None:
    throttle = Throttle()
    shown = [throttle.offer(Progress(n / 10_000, ""), now=0.0) for n in range(10_001)]
    assert len([p for p in shown if p]) <= 501


def test_what_was_held_back_is_shown_when_its_time_comes() -> None:
    throttle = Throttle()
    assert throttle.offer(Progress(0.5, "a"), now=0.0)
    assert throttle.offer(Progress(0.5001, "b"), now=0.01) is None
    assert throttle.due(0.05) is None
    assert throttle.due(0.11) == Progress(0.5001, "b")
    assert throttle.due(1.0) is None


def test_the_last_is_always_shown() -> None:
    throttle = Throttle()
    throttle.offer(Progress(0.999, "a"), now=0.0)
    assert throttle.offer(Progress(1.0, "a"), now=0.0) is None
    assert throttle.last(0.0) == Progress(1.0, "a")
    assert throttle.last(0.0) is None


def test_the_same_again_is_not_shown() -> None:
    throttle = Throttle()
    throttle.offer(Progress(0.5, "a"), now=0.0)
    assert throttle.offer(Progress(0.5, "a"), now=9.0) is None
