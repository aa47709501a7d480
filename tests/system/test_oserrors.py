"""What the operating system refuses is said in a person's words."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from jupyter_envmgr.system.oserrors import explain_os_error
from jupyter_envmgr.system.regular import NotRegular, open_regular


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "disk-full"),
        (errno.EDQUOT, "quota-exceeded"),
        (errno.EACCES, "not-permitted"),
        (errno.EPERM, "not-permitted"),
        (errno.EROFS, "read-only-disk"),
        (errno.EIO, "disk-error"),
        (errno.ESTALE, "disk-error"),
        (errno.EMFILE, "out-of-resources"),
        (errno.ENAMETOOLONG, "bad-path"),
    ],
)
def test_each_cause_has_its_code(number: int, code: str) -> None:
    error = OSError(number, os.strerror(number), "/home/me/x")
    explained = explain_os_error(error, "cannot write the record")
    assert explained.code == code
    assert explained.detail == f"cannot write the record: {os.strerror(number)} (/home/me/x)"


def test_a_path_that_is_named_already_is_not_named_twice() -> None:
    error = OSError(errno.EIO, "x", "/home/me/x")
    assert explain_os_error(error, "cannot read /home/me/x").detail.count("/home/me/x") == 1


def test_an_error_without_a_number_is_said_too() -> None:
    assert explain_os_error(OSError("odd"), "cannot").detail == "cannot: odd"


def test_what_is_no_file_is_a_bad_path(tmp_path: Path) -> None:
    pipe = tmp_path / "x.tar.gz"
    os.mkfifo(pipe)
    with pytest.raises(NotRegular) as raised:
        open_regular(pipe)
    explained = explain_os_error(raised.value, f"cannot read {pipe}")
    assert (explained.code, explained.detail) == (
        "bad-path",
        f"cannot read {pipe}: it is no regular file",
    )
