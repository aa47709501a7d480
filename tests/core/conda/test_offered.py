"""The Pythons that channels offer, by minor version, and which of them is suggested."""

from __future__ import annotations

from jupyter_envmgr.core.conda.offered import Offer, by_minor, usual
from jupyter_envmgr.core.environments.model import OfferedPython

FORGE, OWN = "conda-forge", "https://channels.example/own"


def offers(*versions: str, channel: str = FORGE, build: str = "0_cpython") -> list[Offer]:
    return [Offer(version, channel, build) for version in versions]


def minors(found: tuple[OfferedPython, ...]) -> list[str]:
    return [one.minor for one in found]


def test_the_newest_release_of_each_minor_version_comes_first() -> None:
    found = by_minor(offers("3.9.2", "3.12.1", "3.9.18", "3.10.4", "3.12.10", "3.12.10"))
    assert [one.version for one in found] == ["3.12.10", "3.10.4", "3.9.18"]
    assert found[0] == OfferedPython("3.12", "3.12.10", FORGE, ("3.12.10", "3.12.1"))


def test_of_channels_with_the_same_release_the_first_counts() -> None:
    both = [*offers("3.12.1", channel=OWN), *offers("3.12.1", "3.12.2", "3.11.1")]
    assert [(one.version, one.channel) for one in by_minor(both)] == [
        ("3.12.2", FORGE),
        ("3.11.1", FORGE),
    ]
    assert by_minor(offers("3.12.1", channel=OWN) + offers("3.12.1"))[0].channel == OWN


def test_what_is_not_released_is_left_out_unless_there_is_nothing_else() -> None:
    found = by_minor(offers("3.14.0rc2", "3.13.0", "3.13.1a1"))
    assert [one.releases for one in found] == [("3.13.0",)]
    (only,) = by_minor(offers("3.15.0rc1", "3.15.0a7"))
    assert (only.version, only.releases) == ("3.15.0rc1", ("3.15.0rc1", "3.15.0a7"))


def test_pypy_with_the_version_of_cpython_is_left_out_unless_there_is_nothing_else() -> None:
    pypy = offers("3.9.18", build="0_73_pypy")
    assert minors(by_minor([*pypy, *offers("3.8.1")])) == ["3.8"]
    assert minors(by_minor(pypy)) == ["3.9"]
    assert minors(by_minor([*pypy, *offers("3.15.0rc1")])) == ["3.15"]


def test_what_is_no_version_is_left_out() -> None:
    assert minors(by_minor(offers("3.12.1", "main", ""))) == ["3.12"]
    assert by_minor([]) == ()


def test_a_version_says_why_no_kernel_runs_on_it() -> None:
    found = by_minor(
        [
            Offer("3.13.0", FORGE, has_kernel=False),
            Offer("3.12.0", FORGE, has_kernel=True),
            Offer("3.5.6", FORGE, has_kernel=True),
            Offer("2.7.18", FORGE),
        ]
    )
    assert {one.minor: (one.kernel, one.why_not) for one in found} == {
        "3.13": (False, "the channels have no ipykernel for Python 3.13"),
        "3.12": (True, ""),
        "3.5": (False, "Python 3.5 is too old for a kernel"),
        "2.7": (False, "Python 2.7 is too old for a kernel"),
    }


def test_that_of_the_image_is_usual_where_it_is_offered() -> None:
    found = by_minor(offers("3.14.1", "3.13.2", "3.11.9"))
    assert usual(found, "3.11") == ("3.11", "as the image has")


def test_else_the_newest_but_one_is_usual() -> None:
    """For the newest minor version many packages are not built yet."""
    found = by_minor(offers("3.14.1", "3.13.2", "3.11.9"))
    assert usual(found, "3.12") == (
        "3.13",
        "the newest but one: packages are built for it",
    )
    assert usual(found[:1], "3.12") == ("3.14", "the only one")
    assert usual((), "3.12") == ("", "")


def test_one_without_a_kernel_is_not_suggested() -> None:
    found = by_minor(
        [
            Offer("3.15.0", FORGE, has_kernel=False),
            Offer("3.14.0", FORGE, has_kernel=False),
            Offer("3.13.0", FORGE, has_kernel=True),
        ]
    )
    assert usual(found, "3.14") == ("3.13", "the only one that a kernel can run on")
    # With no kernel at all one of them is as good as the others.
    assert usual(found[:2], "3.14")[0] == "3.14"
