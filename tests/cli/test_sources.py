"""Requirements from files and standard input: errors name the file and the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_envmgr.cli.exits import EXITS
from jupyter_envmgr.cli.sources import named_after_file, read_lines, read_requirements
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.packages.requirements import parse_lines, parse_text
from tests.cli.fakes import Stream, run_cli


def test_a_file_and_standard_input_are_read_alike(tmp_path: Path) -> None:
    file = tmp_path / "reqs.txt"
    file.write_bytes("numpy>=2\n# é\n".encode())
    assert read_requirements(str(file), Stream()) == "numpy>=2\n# é\n"
    assert read_requirements("-", Stream(b"numpy>=2\n")) == "numpy>=2\n"


def test_what_powershell_writes_is_read() -> None:
    assert read_requirements("-", Stream("numpy\r\n".encode("utf-16"))).strip() == "numpy"


def test_bytes_that_are_no_text_name_the_file_and_the_line(tmp_path: Path) -> None:
    file = tmp_path / "latin.txt"
    file.write_bytes(b"numpy\n# caf\xe9\n")
    ran = run_cli(["env", "create", "demo", "-f", str(file)])
    assert ran.code == EXITS["invalid"]
    assert f"{file}, line 2" in ran.err
    assert "(bad-encoding)" in ran.err


def test_a_bad_line_names_the_file_and_the_line() -> None:
    with pytest.raises(EnvMgrError) as caught, named_after_file("reqs.txt"):
        parse_text("numpy\n-e .\n; rm -rf /\n")
    assert "reqs.txt, line 2: " in caught.value.detail
    assert "reqs.txt, line 3: " in caught.value.detail
    assert [(e.field, e.line) for e in caught.value.errors] == [("reqs.txt", 2), ("reqs.txt", 3)]


def test_the_lines_of_a_file_keep_their_hashes_and_one_without_is_named(tmp_path: Path) -> None:
    file = tmp_path / "locked.txt"
    hashed = f"--hash=sha256:{'a' * 64}"
    file.write_text(f"# made by a tool\nalpha==1 \\\n    {hashed}\nbeta==2 {hashed}  # via alpha\n")
    assert read_lines(str(file), Stream()) == [f"alpha==1 {hashed}", f"beta==2 {hashed}"]
    file.write_text(f"alpha==1 \\\n    {hashed}\n\nbeta==2\n")
    with pytest.raises(EnvMgrError) as caught:
        read_lines(str(file), Stream())
    assert f"{file}, line 4: beta==2 has no hash" in caught.value.detail


def test_errors_about_other_fields_keep_their_names() -> None:
    with pytest.raises(EnvMgrError) as caught, named_after_file("-"):
        parse_lines(("-e .",))
    assert [e.field for e in caught.value.errors] == ["packages"]


@pytest.mark.parametrize("file", ["missing.txt", ".", "\0", "x" * 300])
def test_a_file_that_cannot_be_read_is_invalid_and_named(file: str) -> None:
    ran = run_cli(["env", "create", "demo", "-f", file])
    assert ran.code == EXITS["invalid"]
    assert "(bad-path)" in ran.err


@pytest.mark.timeout(20)
def test_a_file_without_an_end_is_too_large() -> None:
    ran = run_cli(["env", "create", "demo", "-f", "/dev/zero"])
    assert ran.code == EXITS["invalid"]
    assert "(too-large)" in ran.err
    assert "/dev/zero" in ran.err
