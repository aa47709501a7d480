"""What an archive may hold is decided by its member list alone."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_envmgr.core.archives.check import Contents, Limits, clean, leads_out, shown
from jupyter_envmgr.core.archives.tar import Member
from jupyter_envmgr.core.errors import EnvMgrError


def contents() -> Contents:
    return Contents(Limits(bytes=1000, members=100))


def link(name: str, target: str) -> Member:
    return Member(name, "symlink", target=target)


def admitted(*members: Member) -> Contents:
    made = contents()
    for member in members:
        made.admit(member)
    made.finish()
    return made


@pytest.mark.parametrize(
    ("written", "plain"),
    [("./bin/python", "bin/python"), ("a//b/./c/", "a/b/c"), ("./", ""), (".", ""), ("", "")],
)
def test_names_have_one_spelling(written: str, plain: str) -> None:
    assert clean(written) == plain


@pytest.mark.parametrize("name", ["/a", "../a", "a/../b", "a\nb", "a\0b", "..", "x" * 256])
def test_names_that_are_not_inside_are_refused(name: str) -> None:
    with pytest.raises(EnvMgrError) as caught:
        clean(name)
    assert caught.value.code == "archive-refused"


@pytest.mark.parametrize(
    ("name", "target", "out"),
    [
        ("lib64", "lib", False),
        ("bin/python", "python3.11", False),
        ("a/b/c", "../../d", False),
        ("a/b/c", "../../../d", True),
        ("a", "..", True),
        ("a", "/usr/lib", True),
        ("a", ".", False),
    ],
)
def test_where_a_link_leads_is_known_by_its_words(name: str, target: str, out: bool) -> None:
    assert leads_out(name, target) is out
    if out:
        with pytest.raises(EnvMgrError):
            admitted(link(name, target))
    else:
        admitted(link(name, target))


def test_links_are_followed_through_each_other() -> None:
    """``a/b/c`` is the root; by its words alone ``a/b/c/../evil`` would be ``a/b/evil``."""
    with pytest.raises(EnvMgrError, match="out of the environment"):
        admitted(link("a/b/c", "../.."), link("z", "a/b/c/../evil"))


def test_links_that_go_round_in_a_circle_do_no_harm() -> None:
    admitted(link("a", "b"), link("b", "a"), link("c", "c/x"))


def test_sizes_are_summed_and_the_excess_is_refused_before_it_is_read() -> None:
    made = contents()
    made.admit(Member("a", "file", size=600))
    with pytest.raises(EnvMgrError, match="more than the"):
        made.admit(Member("b", "file", size=401))


Kind = Literal["file", "directory", "symlink", "hardlink"]
names = st.lists(st.sampled_from(["a", "b", "..", ".", "c"]), min_size=1, max_size=5).map("/".join)
kinds: st.SearchStrategy[Kind] = st.sampled_from(["file", "directory", "symlink", "hardlink"])


@given(st.lists(st.tuples(names, kinds, names), max_size=8))
def test_what_is_admitted_never_leads_out(rows: list[tuple[str, Kind, str]]) -> None:
    """Whatever is admitted, resolved as the kernel would, stays below the root."""
    made = contents()
    links: dict[str, str] = {}
    for name, kind, target in rows:
        try:
            member = made.admit(Member(name, kind, target=target))
        except EnvMgrError:
            return
        assert member is None or ".." not in member.name.split("/")
        if member is not None and kind == "symlink":
            links[member.name] = member.target
    try:
        made.finish()
    except EnvMgrError:
        return
    for name in links:
        assert _stays_inside(name, links)


def _stays_inside(name: str, links: dict[str, str]) -> bool:
    """A second, recursive way to follow a link. After 40 links the kernel gives up (ELOOP)."""
    left = 40

    def walk(place: tuple[str, ...], path: str) -> tuple[str, ...] | None:
        nonlocal left
        for part in path.split("/"):
            if part in ("", "."):
                continue
            if part == "..":
                if not place:
                    return None
                place = place[:-1]
                continue
            onward = links.get("/".join((*place, part)))
            if onward is None:
                place = (*place, part)
                continue
            left -= 1
            if left < 0:
                raise RecursionError
            found = walk(place, onward)
            if found is None:
                return None
            place = found
        return place

    try:
        return walk(tuple(name.split("/")[:-1]), links[name]) is not None
    except RecursionError:
        return True


def test_names_in_messages_are_one_short_line() -> None:
    assert shown("a\nb") == "'a\\nb'"
    assert len(shown("x" * 10_000)) < 130
    assert "\\udcff" in shown("a\udcff")
