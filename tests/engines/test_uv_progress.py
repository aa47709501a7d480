"""uv's lines become progress that is monotonic and readable."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jupyter_envmgr.core.events import Progress
from jupyter_envmgr.engines.uv_progress import InstallReader, PythonReader

LINES = """\
Using Python 3.12.1 environment at: env
TRACE Received response for fresh request with status 200 OK for: https://pypi.org/simple/numpy/
TRACE Received response for fresh request with status 200 OK for: https://pypi.org/a/numpy-2.whl
Resolved 3 packages in 465ms
Downloading torch (780.0MiB)
Downloading numpy (15.0MiB)
   Building tiny==1.0
      Built tiny==1.0
 Downloaded numpy
 Downloaded torch
Prepared 3 packages in 1.31s
TRACE Extracting wheel files name=PackageName("torch")
TRACE Extracted wheel files name=PackageName("tiny")
TRACE Extracted wheel files name=PackageName("numpy")
TRACE Extracted wheel files name=PackageName("torch")
Installed 3 packages in 1.37s
 + numpy==2.5.5
""".splitlines()


def read(lines: list[str]) -> list[Progress]:
    reader = InstallReader()
    found = [payload for line in lines for payload in reader("stderr", line)]
    assert all(isinstance(payload, Progress) for payload in found)
    return [payload for payload in found if isinstance(payload, Progress)]


def test_an_install_is_told_from_looking_up_to_installed() -> None:
    assert [p.label for p in read(LINES)] == [
        "Looking up packages: 1 so far",
        "3 packages to install",
        "Downloading torch (818 MB)",
        "Downloading torch (818 MB) and 1 more",
        "Building tiny==1.0",
        "Built tiny==1.0",
        "Downloading torch (818 MB)",
        "Downloading",
        "Everything is downloaded",
        "Copying: 1 of 3 packages",
        "Copying: 2 of 3 packages",
        "Copying: 3 of 3 packages",
        "3 packages installed",
    ]


def test_downloads_count_in_bytes_and_copies_in_packages() -> None:
    progress = read(LINES)
    (numpy,) = [p for p in progress if p.unit == "bytes" and p.done == 15 * 1024**2]
    assert numpy.total == 795 * 1024**2
    assert [(p.done, p.total) for p in progress if p.unit == "packages"] == [(1, 3), (2, 3), (3, 3)]


@given(st.lists(st.sampled_from([*LINES, "", "error: x", "Resolved x", "Downloading (MiB)"])))
def test_in_whatever_order_lines_come_the_fraction_never_falls(lines: list[str]) -> None:
    fractions = [p.fraction for p in read(lines)]
    assert fractions == sorted(fractions)
    assert all(0 <= fraction <= 1 for fraction in fractions)


def test_what_stands_on_stdout_is_not_progress() -> None:
    assert not list(InstallReader()("stdout", "Installed 3 packages in 1.37s"))


def test_the_download_of_a_python_is_told() -> None:
    reader = PythonReader("3.12.9")
    lines = (
        "Downloading cpython-3.12.9-linux-x86_64-gnu (download) (32.1MiB)",
        " Downloaded cpython-3.12.9-linux-x86_64-gnu (download)",
        "Installed Python 3.12.9 in 2.13s",
    )
    found = [payload for line in lines for payload in reader("stderr", line)]
    assert [getattr(p, "label", "") for p in found] == [
        "Downloading Python 3.12.9 (34 MB)",
        "Python 3.12.9 is downloaded",
        "Python 3.12.9 is installed",
    ]
