"""Verify says of each package that was asked for whether it imports, whatever the package does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.packages.verify import VerifiedPackage, VerifyRequest
from jupyter_envmgr.service.context import Context
from jupyter_envmgr.service.environments import verify
from tests.fakes import eventually
from tests.prefixes import conda_prefix
from tests.service.conftest import ended

MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"


class Home:
    """An environment in the person's home, and packages that are put into it by hand."""

    def __init__(self, context: Context, prefix: Path) -> None:
        self.context = context
        self.prefix = prefix
        self.site = prefix / f"lib/python{MINOR}/site-packages"
        self.site.mkdir(parents=True, exist_ok=True)

    @property
    def id(self) -> str:
        found = self.context.catalogue.environments().environments
        return next(e.id for e in found if e.path == str(self.prefix))

    def install(
        self, name: str, files: Mapping[str, str], version: str = "1.0", *, requested: bool = True
    ) -> None:
        """A distribution as pip leaves it."""
        info = self.site / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n")
        (info / "INSTALLER").write_text("pip\n")
        if requested:
            (info / "REQUESTED").write_text("")
        for file, text in files.items():
            (self.site / file).parent.mkdir(parents=True, exist_ok=True)
            (self.site / file).write_text(text)
        rows = [*files, f"{info.name}/METADATA", f"{info.name}/RECORD"]
        (info / "RECORD").write_text("".join(f"{row},,\n" for row in rows))

    def verify(self, *packages: str, seconds: float = 60) -> dict[str, VerifiedPackage]:
        """What the job found, by name."""
        request = VerifyRequest(packages, seconds)
        job = ended(self.context, verify.verify(self.context, self.id, request))
        assert job.state == "succeeded", job.problem
        made = verify.verification(self.context, self.id)
        assert made.complete
        assert made.job == job.id
        assert job.result == {"environment": self.id, "ok": "yes" if made.ok else "no"}
        self.summary = made.summary
        self.lines = made.lines
        return {package.name: package for package in made.packages}

    def log(self, job: str) -> str:
        events = self.context.jobs.wait(job, 0, 0).events
        return "\n".join(event.text or "" for event in events)


@pytest.fixture
def home(context: Context) -> Home:
    """A virtual environment with nothing in it."""
    prefix = context.settings.home / "venvs" / "training"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(prefix)], check=True)
    return Home(context, prefix)


TORCH = """\
class version:
    cuda = "12.8"
    hip = None
class cuda:
    is_available = staticmethod(lambda: %s)
    device_count = staticmethod(lambda: 2)
    get_device_name = staticmethod(lambda index: "Some GPU 80GB")
"""


def test_the_versions_and_the_gpu_are_said_in_one_line(home: Home) -> None:
    home.install("torch", {"torch/__init__.py": TORCH % False}, "2.8.0")
    home.install("scikit-learn", {"sklearn/__init__.py": ""}, "1.7.1")
    found = home.verify()
    assert home.lines == ("scikit-learn 1.7.1", "torch 2.8.0, CUDA 12.8, GPU not visible")
    assert found["scikit-learn"].modules == ("sklearn",)
    assert (
        home.summary == f"Python {sys.version.split()[0]} starts, and 2 packages can be imported."
    )


def test_a_gpu_that_is_there_is_named(home: Home) -> None:
    home.install("torch", {"torch/__init__.py": TORCH % True}, "2.8.0")
    home.verify()
    assert home.lines == ("torch 2.8.0, CUDA 12.8, 2 GPUs visible (Some GPU 80GB)",)


@pytest.mark.parametrize(
    ("end", "fact"),
    [
        ("raise RuntimeError('driver too old')", "GPU: RuntimeError: driver too old"),
        ("import os; os.abort()", "GPU: looking for it ended the interpreter"),
    ],
)
def test_looking_for_a_gpu_may_fail_without_the_package_being_blamed(
    home: Home, end: str, fact: str
) -> None:
    text = f"class version:\n    cuda = '12.8'\ndef __getattr__(name):\n    {end}\n"
    home.install("torch", {"torch/__init__.py": text})
    home.install("zzz", {"zzz.py": ""})
    found = home.verify()
    assert (found["torch"].ok, found["zzz"].ok) == (True, True)
    assert fact in found["torch"].facts


@pytest.mark.parametrize(
    ("module", "error"),
    [
        ("raise ValueError('first\\nlast \\u20ac')", "ValueError: last €"),
        ("import not_there", "ModuleNotFoundError: No module named 'not_there'"),
        ("import sys; sys.exit('no')", "SystemExit: no"),
        ("def (", "SyntaxError: "),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("import os; os._exit(3)", "its import ended the interpreter (exit code 3)"),
        ("import os; os.abort()", "its import crashed the interpreter (SIGABRT)"),
        ("import ctypes; ctypes.string_at(0)", "its import crashed the interpreter (SIGSEGV)"),
        (
            "class E(Exception):\n    def __str__(self): raise E\nraise E",
            "E",
        ),
    ],
)
def test_a_package_that_fails_is_named_with_its_last_line_and_the_others_are_looked_at(
    home: Home, module: str, error: str
) -> None:
    home.install("bad", {"bad/__init__.py": module})
    home.install("after", {"after.py": ""})
    home.install("aaa", {"aaa.py": ""})
    found = home.verify()
    assert (found["aaa"].ok, found["bad"].ok, found["after"].ok) == (True, False, True)
    assert found["bad"].error.startswith(error)
    assert home.summary == "1 of 3 cannot be imported: bad."
    assert found["bad"].words.startswith("bad 1.0: ")


def test_what_packages_print_is_in_the_log_and_not_taken_for_an_answer(home: Home) -> None:
    text = (
        "import os, sys\nprint('hello from chatty', end='')\nos.write(1, b'raw')\n"
        "sys.stdout.close()\nsys.stdin.read()\nos.close(1)\nos.close(0)\nsys.stderr.close()\n"
    )
    home.install("chatty", {"chatty/__init__.py": text})
    home.install("later", {"later.py": "print('still there')"})
    found = home.verify()
    assert (found["chatty"].ok, found["later"].ok) == (True, True)
    assert "not after the others" in found["later"].remark  # whose stdout the first had closed
    made = verify.verification(home.context, home.id)
    assert "hello from chatty" in home.log(made.job)
    assert "envmgr-" not in home.log(made.job)


def test_a_package_that_forks_or_changes_the_standard_library_is_no_trouble(home: Home) -> None:
    text = "import json, os, time\njson.dumps = os.write = os._exit = time.time = None\nos.fork()\n"
    home.install("forks", {"forks/__init__.py": text})
    home.install("later", {"later.py": ""})
    found = home.verify()
    assert [(package.name, package.ok) for package in found.values()] == [
        ("forks", True),
        ("later", True),
    ]


def test_an_import_that_hangs_is_ended_and_the_others_are_looked_at(home: Home) -> None:
    home.install("hangs", {"hangs/__init__.py": "import time; time.sleep(300)"})
    home.install("later", {"later.py": ""})
    found = home.verify(seconds=2)
    assert found["hangs"].error == "its import did not end within 2 seconds"
    assert 1.5 < found["hangs"].seconds < 30
    assert found["later"].ok


def test_a_package_that_fails_only_after_another_is_told_apart(home: Home) -> None:
    home.install("first", {"first.py": "import builtins; builtins.spoiled = True"})
    text = "import builtins\nif hasattr(builtins, 'spoiled'): raise ImportError('twice')"
    home.install("second", {"second.py": text})
    found = home.verify()
    assert found["second"].ok
    assert "not after the others: ImportError: twice" in found["second"].remark


def test_only_what_was_asked_for_is_imported_unless_named(home: Home) -> None:
    home.install("wanted", {"wanted.py": ""})
    home.install("brought", {"brought.py": "raise ValueError"}, requested=False)
    assert list(home.verify()) == ["wanted"]
    assert home.verify("brought")["brought"].error == "ValueError"


def test_what_is_not_installed_or_has_nothing_to_import_is_said(home: Home) -> None:
    home.install("a-tool", {"../../../bin/a-tool": "", "a_tool-1.0.data/x": ""})
    found = home.verify("a-tool", "Not_There")
    assert found["a-tool"].ok is None
    assert found["a-tool"].remark == "there is nothing to import in it"
    assert found["not-there"].error == "is not installed"
    assert home.summary.startswith("1 of 1 cannot be imported: not-there")


@pytest.mark.parametrize(
    ("manager", "lines", "names"),
    [
        ("pip", ["numpy>=1", "Sci_Py[all]==1.0", "x @ https://h/x.whl"], ["numpy", "sci-py", "x"]),
        ("pip", ["./local", "git+https://h/r", 'w; sys_platform == "win32"', "name = 1"], []),
        ("conda", ["numpy", "conda-forge::Torch=2.*=cuda*", "x >=1,<2", "y 1.0"], None),
        ("conda", ["name: x", "channels:", "https://h/x-1-0.conda", "@EXPLICIT", "A: b c"], []),
    ],
)
def test_only_lines_that_name_a_package_are_missed_when_it_is_not_there(
    home: Home, manager: str, lines: list[str], names: list[str] | None
) -> None:
    environment = home.context.catalogue.environment(home.id)
    asked = replace(environment, manager=manager, asked_for=tuple(lines))  # type: ignore[arg-type]
    found = [item.name for item in verify.wanted(asked, (), ())]
    assert found == (["numpy", "torch", "x", "y"] if names is None else names)


def test_without_anything_asked_for_it_is_said_that_python_starts(home: Home) -> None:
    assert home.verify() == {}
    assert "starts; there is no package" in home.summary


def test_the_user_site_the_working_directory_and_pythonpath_are_not_seen(
    home: Home, tmp_path: Path
) -> None:
    base = home.context.settings.home / f".local/lib/python{MINOR}/site-packages"
    base.mkdir(parents=True)
    (base / "wanted.py").write_text("raise ValueError('of the user site')")
    (home.prefix / "wanted.py").write_text("raise ValueError('of the directory')")
    home.install("wanted", {"wanted.py": ""})
    assert home.verify()["wanted"].ok


def test_an_environment_whose_python_does_not_start_fails_the_job(home: Home) -> None:
    interpreter = home.prefix / "bin/python"
    interpreter.unlink()
    interpreter.write_text("#!/bin/sh\necho libpython is missing >&2\nexit 127\n")
    interpreter.chmod(0o755)
    job = ended(home.context, verify.verify(home.context, home.id, VerifyRequest()))
    assert job.state == "failed"
    assert job.problem is not None
    assert job.problem.code == "import-failed"
    assert "libpython is missing" in job.problem.detail


def test_a_conda_environment_is_verified_activated_and_by_its_records(context: Context) -> None:
    prefix = conda_prefix(
        context.settings.home / "miniconda3/envs/training",
        scripts={"a.sh": "echo loud; export NEEDED=1"},
    )
    home = Home(context, prefix)
    home.install("torch", {"torch/__init__.py": "import os; os.environ['NEEDED']"}, "2.8.0")
    site = f"lib/python{MINOR}/site-packages"
    files = [f"{site}/torch/__init__.py", f"{site}/torch-2.8.0.dist-info/METADATA"]
    files += [f"{site}/functorch/__init__.py", "lib/libtorch.so"]
    record = {"name": "pytorch", "version": "2.8.0", "build": "h1", "requested_spec": "pytorch"}
    (prefix / "conda-meta/pytorch-2.8.0-h1.json").write_text(json.dumps({**record, "files": files}))
    record = {"name": "zlib", "version": "1.3", "build": "h1", "requested_spec": "zlib"}
    meta = prefix / "conda-meta/zlib-1.3-h1.json"
    meta.write_text(json.dumps({**record, "files": ["lib/libz.so"]}))
    # A prefix by hand has its packages where no interpreter looks by itself.
    (prefix / "etc/conda/activate.d/path.sh").write_text(f"export PYTHONPATH={home.site}")
    found = home.verify()
    assert found["pytorch"].modules == ("torch",)
    assert found["pytorch"].ok, found["pytorch"].error
    assert found["zlib"].ok is None


def test_it_can_be_cancelled_and_leaves_no_process(home: Home, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    text = f"import os, time; open({str(pid)!r}, 'w').write(str(os.getpid())); time.sleep(300)"
    home.install("hangs", {"hangs/__init__.py": text})
    job = verify.verify(home.context, home.id, VerifyRequest())
    number = int(eventually(lambda: pid.exists() and pid.read_text(), "it began to import"))
    home.context.jobs.cancel(job.id)
    assert ended(home.context, job).state == "cancelled"
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


def test_one_that_was_never_verified_is_said_so(home: Home) -> None:
    made = verify.verification(home.context, home.id)
    assert (made.ok, made.complete, made.job) == (None, False, "")


@pytest.mark.parametrize(
    "request_", [VerifyRequest(seconds=0), VerifyRequest(("--evil",)), VerifyRequest(("a/b",))]
)
def test_a_bad_request_is_refused(home: Home, request_: VerifyRequest) -> None:
    with pytest.raises(EnvMgrError) as caught:
        verify.verify(home.context, home.id, request_)
    assert caught.value.code == "bad-request"
