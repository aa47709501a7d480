"""Hashes in a pasted text are understood, kept where they are asked for, and prove something."""

from __future__ import annotations

import pytest

from jupyter_envmgr.core.packages.recognised import recognise
from tests.core.packages.pasted_texts import HASH, good


def test_hashes_and_indexes_of_a_file_are_understood() -> None:
    text = (
        "--index-url https://index.example/simple\n"
        "--extra-index-url=https://extra.example/simple  # GPU\n"
        "-i https://other.example/simple\n"
        "--prefer-binary\n"
        f"numpy==2.1.0 \\\n    --hash=sha256:{HASH} \\\n    --hash=sha512:{HASH * 2}\n"
        "    # via scipy --hash=sha256:00\n"
        f"scipy==1.14 ; python_version >= '3' \\\n  --hash sha256:{HASH.upper()} # via x\n"
    )
    found = good(text)
    names = ("numpy==2.1.0", 'scipy==1.14; python_version >= "3"')
    assert found.packages == names
    assert found.hashed == 2
    assert found.index_url == "https://other.example/simple"
    assert found.extra_index_urls == ("https://extra.example/simple",)
    written = recognise(text, hashes=True)
    assert written.packages == (
        f"{names[0]} --hash=sha256:{HASH} --hash=sha512:{HASH * 2}",
        f"{names[1]} --hash=sha256:{HASH}",
    )
    assert recognise("\n".join(written.packages), hashes=True).packages == written.packages


@pytest.mark.parametrize(
    ("text", "places", "words"),
    [
        (f"a==1 --hash=sha256:{HASH}\n\nb==1\nc\n", [(3, 1), (4, 1)], "has no hash"),
        ("--require-hashes\n  a==1\n", [(2, 3)], "--require-hashes is asked for"),
        (f"a>=1 --hash=sha256:{HASH}\n", [(1, 1)], "write a==VERSION"),
        (f"a==1.* --hash=sha256:{HASH}\n", [(1, 1)], "no exact version"),
        (f"a --hash=sha256:{HASH}\n", [(1, 1)], "no exact version"),
        ("a==1 --hash=sha256:00aa\n", [(1, 1)], "64 hexadecimal digits, and this one 4"),
        (f"a==1 \\\n --hash=md5:{HASH[:32]}\n", [(1, 1)], "'md5' are not used here"),
        ("a==1 --hash=whatever\n", [(1, 1)], "is no hash"),
        ("a==1 --hash\n", [(1, 1)], "nothing behind --hash"),
    ],
)
def test_hashes_that_prove_nothing_are_errors(
    text: str, places: list[tuple[int, int]], words: str
) -> None:
    found = recognise(text)
    assert [(e.line, e.column) for e in found.errors] == places
    assert words in found.errors[0].detail


def test_hashes_of_hundreds_of_files_are_no_long_text() -> None:
    lines = "".join(
        f"p{n}==1 \\\n" + " \\\n".join([f"    --hash=sha256:{HASH}"] * 30) + "\n"
        for n in range(300)
    )
    assert len(good(lines).packages) == 300


def test_hashes_for_pip_in_a_conda_environment_are_there_too() -> None:
    text = f"dependencies:\n  - pip:\n    - rich==13 --hash=sha256:{HASH}\n    - x\n"
    found = good(text)
    assert (found.pip, found.hashed) == (("rich==13", "x"), 1)
    assert recognise(text, hashes=True).pip == (f"rich==13 --hash=sha256:{HASH}", "x")
