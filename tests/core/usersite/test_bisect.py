"""The search for culprits, against programs that are predicates."""

from __future__ import annotations

import math
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from jupyter_envmgr.core.usersite.bisect import Hidden, Search, Seen, narrow, peel

Program = Callable[[Hidden], Seen]


def run(search: Search, program: Program) -> tuple[set[str] | None, list[set[str]]]:
    """The answer, and what was tried for it."""
    tried: list[set[str]] = []
    try:
        hidden = next(search)
        while True:
            tried.append(set(hidden))
            hidden = search.send(program(hidden))
    except StopIteration as end:
        return (None if end.value is None else set(end.value)), tried


def needs(*culprits: str) -> Program:
    """A program that works when all of these are hidden, and says nothing of use."""
    return lambda hidden: Seen(set(culprits) <= hidden, "it fails")


def telling(*culprits: str) -> Program:
    """A program that fails because of one culprit after the other, and names each."""

    def program(hidden: Hidden) -> Seen:
        left = [culprit for culprit in culprits if culprit not in hidden]
        return Seen(not left, f"because of {left[0]}" if left else "", tuple(left[:1]))

    return program


def test_one_named_culprit_takes_one_probe() -> None:
    program = telling("numpy")
    assert run(peel(program(frozenset())), program) == ({"numpy"}, [{"numpy"}])


def test_culprits_that_show_one_after_the_other_are_peeled_off() -> None:
    program = telling("numpy", "jinja2")
    found, tried = run(peel(program(frozenset())), program)
    assert found == {"numpy", "jinja2"}
    assert len(tried) == 3


def test_what_only_changed_the_symptom_is_not_blamed() -> None:
    def program(hidden: Hidden) -> Seen:
        if "b" in hidden:
            return Seen(True)
        return Seen(False, f"fails {'a' in hidden}", ("b",) if "a" in hidden else ("a",))

    found, _ = run(peel(program(frozenset())), program)
    assert found == {"b"}


def test_a_suspect_that_the_program_cannot_do_without_is_put_back() -> None:
    def program(hidden: Hidden) -> Seen:
        if "a" in hidden:
            return Seen(False, "No module named 'a'", ("a",), frozenset({"a"}))
        return Seen("b" in hidden, "fails", ("a", "b"))

    found, _ = run(peel(program(frozenset())), program)
    assert found == {"b"}


def test_a_trail_that_leads_nowhere_ends_soon() -> None:
    suspects = tuple("abcdefghij")

    def program(hidden: Hidden) -> Seen:
        return Seen(False, "always the same", suspects)

    found, tried = run(peel(program(frozenset())), program)
    assert found is None
    assert len(tried) <= 3


def test_a_symptom_that_changes_for_ever_ends_with_the_suspects() -> None:
    def program(hidden: Hidden) -> Seen:
        return Seen(False, f"number {len(hidden)}", tuple("abc"))

    found, tried = run(peel(program(frozenset())), program)
    assert found is None
    assert len(tried) <= 6


def test_groups_are_hidden_in_their_order() -> None:
    _, tried = run(narrow([["a"], ["a", "b"], ["a", "b", "c"]]), needs("c"))
    assert tried[:3] == [{"a"}, {"a", "b"}, {"a", "b", "c"}]


def test_nothing_is_found_where_hiding_all_does_not_help() -> None:
    found, tried = run(narrow([["a"], ["b"]]), needs("elsewhere"))
    assert found is None
    assert len(tried) == 2
    assert run(narrow([]), needs("a")) == (None, [])


def test_the_answer_was_seen_to_help() -> None:
    program = needs("b", "d")
    found, tried = run(narrow([list("abcde")]), program)
    assert found == {"b", "d"}
    assert found in tried


def test_one_culprit_among_131_takes_no_more_than_halving() -> None:
    units = [f"unit-{number}" for number in range(131)]
    for culprit in (units[0], units[64], units[130]):
        found, tried = run(narrow([units]), needs(culprit))
        assert found == {culprit}
        assert len(tried) <= 2 + math.ceil(math.log2(131))


@given(
    st.integers(1, 40).flatmap(
        lambda n: st.tuples(
            st.just(n), st.sets(st.integers(0, n - 1), min_size=1, max_size=4), st.integers(0, n)
        )
    )
)
def test_exactly_the_culprits_are_found_wherever_they_are(
    case: tuple[int, set[int], int],
) -> None:
    count, numbers, cut = case
    units = [str(number) for number in range(count)]
    culprits = {str(number) for number in numbers}
    found, tried = run(narrow([units[:cut], units]), needs(*culprits))
    assert found == culprits
    assert len(tried) == len(set(map(frozenset, tried))), "nothing is tried twice"
    assert len(tried) <= 2 + len(culprits) * (math.ceil(math.log2(count + 1)) + 1)
