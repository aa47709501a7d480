"""Lines of conda and mamba as progress that never falls, and as an answer that is whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_envmgr.core.commands import Stream
from jupyter_envmgr.core.events import Output, Progress
from jupyter_envmgr.engines.conda_cli_answers import find_answer, solution
from jupyter_envmgr.engines.conda_cli_progress import CondaReader, MambaReader
from tests.engines.conda_cli.test_causes import outcome

RECORDED = Path(__file__).parents[1] / "recorded"


def fetch(name: str, size: str, share: float, *, finished: bool = False) -> str:
    line = {"fetch": f"{name:<20.20} | {size:<9} | ", "finished": finished, "maxval": 1}
    return json.dumps({**line, "progress": share}, separators=(",", ":"))


def read(reader: CondaReader | MambaReader, *lines: str) -> list[Progress]:
    events = [event for line in lines for event in reader("stdout", line)]
    assert all(isinstance(event, Progress) for event in events)
    return [event for event in events if isinstance(event, Progress)]


def test_a_recorded_run_is_read_from_its_start_to_its_end() -> None:
    lines = (RECORDED / "conda-26.7-create-on-a-terminal.txt").read_text().splitlines()
    reader = CondaReader()
    seen = read(reader, *lines)
    fractions = [progress.fraction for progress in seen]
    assert fractions == sorted(fractions)
    assert seen[-1].label == "Putting the packages in place"
    assert seen[-1].done == seen[-1].total == 987
    assert '"fetch"' not in reader.text
    answer = find_answer(reader.text)
    assert answer is not None
    assert [change.name for change in solution(answer).changes] == ["alpha", "beta"]


def test_the_largest_that_is_on_its_way_is_named() -> None:
    seen = read(
        CondaReader(),
        fetch("small-1.0", "1.0 KB", 0.5),
        fetch("big-2.0", "1.5 GB", 0.1),
        fetch("other-1", "3.2 MB", 0.2),
        fetch("big-2.0", "1.5 GB", 1.0),
    )
    assert [progress.label for progress in seen] == [
        "Downloading small-1.0 (0.0 MB)",
        "Downloading big-2.0 (1.6 GB) and 1 more",
        "Downloading big-2.0 (1.6 GB) and 2 more",
        "Downloading other-1 (3.4 MB) and 1 more",
    ]


def test_what_a_plan_promised_counts_from_the_beginning() -> None:
    whole = 10 * 1024 * 1024
    (first,) = read(CondaReader(expected=whole), fetch("a-1", "1.0 MB", 1.0))
    assert first.fraction < 0.3
    assert (first.done, first.total) == (whole // 10, whole)


def test_one_that_is_here_does_not_mean_that_all_are() -> None:
    reader = CondaReader()
    (first,) = read(reader, fetch("a-1", "1.0 MB", 1.0))
    assert first.fraction < 0.3
    assert first.total is None
    last = read(
        reader,
        fetch("b-1", "90.0 MB", 1.0),
        fetch("a-1", "1.0 MB", 1.0, finished=True),
        fetch("b-1", "90.0 MB", 1.0, finished=True),
    )
    assert [progress.label for progress in last] == [
        "Downloading",
        "Putting the packages in place",
    ]


def test_unpacking_does_not_count_back() -> None:
    reader = CondaReader()
    before = read(reader, fetch("a-1", "9.0 MB", 1.0), fetch("b-1", "9.0 MB", 0.5))[-1]
    after = read(reader, fetch("a-1", "9.0 MB", 0.1), fetch("b-1", "9.0 MB", 0.6))
    assert all(progress.fraction >= before.fraction for progress in after)


def test_steps_too_small_to_see_are_left_out() -> None:
    reader = CondaReader()
    lines = [fetch("a-1", "9.0 MB", number / 10000) for number in range(10001)]
    assert 30 < len(read(reader, *lines)) < 1000


def test_odd_lines_are_no_progress_and_no_harm() -> None:
    reader = CondaReader()
    odd = ['{"fetch": 3}', '{"fetch":"x', '{"fetch":"","progress":1}', "", "words"]
    assert read(reader, *odd) == []
    assert list(reader("stderr", fetch("a-1", "1.0 MB", 0.5))) == []
    assert read(reader, fetch("no-size", "", 0.5))


def test_the_words_of_an_error_go_into_the_log_and_the_rest_of_the_answer_does_not() -> None:
    lines = (RECORDED / "conda-26.7-no-package.txt").read_text().splitlines()
    reader = CondaReader()
    said = [event for line in lines for event in reader("stdout", line)]
    assert all(isinstance(event, Output) for event in said)
    texts = [event.text for event in said if isinstance(event, Output)]
    assert texts[0].startswith("PackagesNotFoundInChannelsError: The following packages")
    assert "  - nosuch" in texts
    assert not any('"' in text for text in texts)
    (cut,) = reader("stdout", '  "error": "FooError: cut …')
    assert isinstance(cut, Output)
    assert "FooError" in cut.text


def test_the_answer_that_is_kept_has_an_end() -> None:
    reader = CondaReader()
    for _ in range(9000):
        read(reader, "x" * 4096)
    assert len(reader.text) < 33 * 1024 * 1024


def recorded(name: str) -> list[Progress]:
    """What a run of mamba said of how far it was, in the order in which it comes."""
    said = outcome(f"mamba-2.8.1-{name}")
    reader = MambaReader()
    seen = [*reader_of(reader, "stderr", said.stderr), *reader_of(reader, "stdout", said.stdout)]
    fractions = [progress.fraction for progress in seen]
    assert fractions == sorted(fractions)
    return seen


def reader_of(reader: MambaReader, stream: Stream, text: str) -> Iterator[Progress]:
    for line in text.splitlines():
        for event in reader(stream, line):
            assert isinstance(event, Progress)
            yield event


def test_mamba_counts_packages_that_go_and_come() -> None:
    seen = recorded("update")
    assert [(progress.label, progress.done, progress.total) for progress in seen] == [
        ("Looking for packages that fit", None, None),
        ("Downloading 996 B", None, None),
        ("Taking away beta-2.0-0", 1, 4),
        ("Taking away alpha-2.0-0", 2, 4),
        ("Putting in place beta-1.0-0", 3, 4),
        ("Putting in place alpha-1.0-0", 4, 4),
        ("The packages are in place", None, None),
    ]


def test_mamba_that_waits_for_another_says_so() -> None:
    labels = [progress.label for progress in recorded("locked")]
    assert "Waiting for another mamba or micromamba to end" in labels


@pytest.mark.parametrize("name", ["nothing-to-do", "remove"])
def test_mamba_that_downloads_nothing_does_not_say_so(name: str) -> None:
    labels = [progress.label for progress in recorded(name)]
    assert labels[-1] == "The packages are in place"
    assert not any(label.startswith("Downloading") for label in labels)
