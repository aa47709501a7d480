"""What was asked for stays what a person wrote, whatever becomes of the packages."""

from __future__ import annotations

from jupyter_envmgr.core.environments.asked import (
    FORMER,
    asked_for,
    asked_of_manager,
    in_one_text,
    with_hashed,
    without,
)
from jupyter_envmgr.core.environments.model import CreateRequest
from jupyter_envmgr.core.packages.hashes import known_hashes


def name_of(line: str) -> str:
    return line.split("=")[0].split("<")[0].strip()


FILE = "# comment\n-r other.txt\nalpha==1 --hash=sha256:00\n\nbeta<2  # why\n"


def test_lines_of_a_file_count_without_comments_hashes_and_options() -> None:
    request = CreateRequest("x", packages=("gamma", "alpha==1"), requirements=FILE, pip=("delta",))
    assert asked_for(request) == ("gamma", "alpha==1", "beta<2", "delta")


def test_what_is_removed_goes_from_the_file_and_nothing_else_does() -> None:
    request = CreateRequest("x", packages=("gamma",), requirements=FILE, pip=("delta", "gamma"))
    left = without(request, {"beta", "gamma"}, name_of)
    assert left.packages == ()
    assert left.pip == ("delta",)
    assert left.requirements == "# comment\n-r other.txt\nalpha==1 --hash=sha256:00\n\n"


def test_a_clone_that_changes_asks_for_what_its_original_was_asked_for() -> None:
    request = CreateRequest(
        "x",
        requirements="@EXPLICIT\nhttps://example.org/noarch/numpy-2-0.conda\n",
        pip=("peft==1", "six==1"),
        asked=("numpy=2", "scipy", "peft==1"),
    )
    assert asked_for(request) == ("numpy=2", "scipy", "peft==1")
    assert asked_of_manager(request, name_of) == ("numpy=2", "scipy")
    left = without(request, {"scipy"}, name_of)
    assert (left.packages, left.pip) == (("numpy=2",), ("peft==1",))
    assert (left.requirements, left.asked) == ("", ())


def test_hashes_of_what_is_removed_stay_known_and_are_asked_for_no_more() -> None:
    request = CreateRequest("x", requirements=FILE)
    left = without(request, {"alpha"}, name_of)
    line = "alpha==1 --hash=sha256:00\n"
    assert left.requirements == f"# comment\n-r other.txt\n{FORMER}{line}\nbeta<2  # why\n"
    assert asked_for(left) == ("beta<2",)
    assert without(left, {"alpha"}, name_of) == left
    assert known_hashes(f"{FORMER}a==1 --hash=sha256:{'a' * 64}\n") == {
        "a==1": (f"sha256:{'a' * 64}",)
    }


def test_lines_with_hashes_stand_apart_from_those_without() -> None:
    request = CreateRequest("x", packages=("gamma",), requirements=FILE)
    more = with_hashed(request, ("delta==2 --hash=sha256:11",))
    assert more.packages == ("gamma", "beta<2")
    hashed = "alpha==1 --hash=sha256:00\ndelta==2 --hash=sha256:11\n"
    assert more.requirements == f"# comment\n{hashed}"
    assert asked_for(more) == ("gamma", "beta<2", "alpha==1", "delta==2")
    assert asked_for(more, hashed=True)[2:] == tuple(hashed.split("\n")[:2])


def test_packages_stand_in_one_text_as_a_person_would_write_them() -> None:
    def text(**fields: object) -> str:
        made = in_one_text(CreateRequest("x", **fields), name_of)  # type: ignore[arg-type]
        assert (made.packages, made.pip, made.asked) == ((), (), ())
        return made.requirements

    assert text(packages=("gamma",), requirements=FILE) == f"gamma\n{FILE}"
    assert text(requirements=FILE) == FILE
    assert text() == ""
    conda = {"manager": "conda", "packages": ("numpy=2", "scipy")}
    assert text(**conda) == "numpy=2\nscipy\n"
    assert text(**conda, pip=("six>=1",)).splitlines() == [
        "dependencies:",
        "  - numpy=2",
        "  - scipy",
        "  - pip:",
        "      - six>=1",
    ]
    address = "https://example.org/noarch/numpy-2-0.conda"
    assert text(manager="conda", packages=(address,)) == f"@EXPLICIT\n{address}\n"
    assert text(manager="conda", packages=(address,), asked=("numpy=2",)) == "numpy=2\n"
