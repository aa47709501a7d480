"""What py-rattler does that nobody expects (measured with 0.28), and what becomes of it here."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.engines import rattler_worker
from jupyter_envmgr.engines.rattler import REQUEST
from jupyter_envmgr.engines.rattler_prefix import remove_bytecode, unmapped, was_edited
from jupyter_envmgr.engines.rattler_talk import Reporter, Talk, unpacked
from tests.channel.build import Channel
from tests.engines.rattler_bench import RattlerBench, bad_files

ROOT = Path(__file__).parents[2]


def test_its_process_never_crashes_at_its_end(
    rattler_bench: RattlerBench, conda_channel: Channel
) -> None:
    """Without `os._exit` it does in one of five to ten runs."""
    for _ in range(25):
        rattler_bench.solve(conda_channel.url, "left")
    assert {outcome.returncode for outcome in rattler_bench.outcomes} == {0}
    assert "os._exit(" in Path(rattler_worker.__file__).read_text()


def test_a_panic_of_its_library_is_an_error_like_others(
    tmp_path: Path, rattler_bench: RattlerBench, conda_channel: Channel
) -> None:
    """Panics of Rust are no Exception."""
    stub = tmp_path / "stub" / "rattler"
    stub.mkdir(parents=True)
    (stub / "__init__.py").write_text(
        "class PanicException(BaseException): pass\nraise PanicException('it panicked')\n"
    )
    plan = rattler_bench.plan(conda_channel.url, "left")
    work = rattler_bench.engine.create(plan)
    request = json.loads(work.files[REQUEST])
    request["paths"] = [str(stub.parent), str(ROOT)]
    file = tmp_path / "request.json"
    file.write_text(json.dumps(request))
    command = [sys.executable, "-I", "-S", rattler_worker.__file__, str(file)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert unpacked(answer.stdout)["error"]["text"] == "it panicked"


def conda_made(bench: RattlerBench, name: str) -> None:
    """Write a noarch package's record as conda does: its paths as the package has them."""
    (path,) = (bench.prefix / "conda-meta").glob(f"{name}-*.json")
    text = re.sub(
        r'"_path": "lib/python3\.\d+/site-packages/', '"_path": "site-packages/', path.read_text()
    )
    path.write_text(text)


@pytest.mark.parametrize("what", ["remove", "update", "another python"])
def test_what_conda_installed_is_left_to_conda(
    rattler_bench: RattlerBench, conda_channel: Channel, what: str
) -> None:
    """py-rattler would leave its files and report success."""
    bench, url = rattler_bench, conda_channel.url
    bench.create(url, "greeter=1.0", "python")
    conda_made(bench, "greeter")
    assert unmapped(bench.prefix) == {"greeter-1.0-0.json"}
    others = [v for v in conda_channel.pythons if v != bench.installed()["python"]]
    if what == "another python" and not others:
        pytest.skip("this machine has one Python")
    specs = {
        "remove": [],
        "update": ["greeter=2.0"],
        "another python": [f"python={version}" for version in others[:1]],
    }
    remove = ("greeter",) if what == "remove" else ()
    with pytest.raises(EnvMgrError) as caught:
        bench.change(url, *specs[what], remove=remove)
    assert caught.value.problem.code == "made-by-other-tool"
    assert "greeter" in caught.value.problem.detail
    assert bench.installed()["greeter"] == "1.0"
    assert bench.python("-c", "import greeter; greeter.main()") == "hello 1.0"


def test_other_packages_can_be_added_to_what_conda_made(
    rattler_bench: RattlerBench, conda_channel: Channel
) -> None:
    rattler_bench.create(conda_channel.url, "greeter=1.0")
    conda_made(rattler_bench, "greeter")
    rattler_bench.change(conda_channel.url, "left")
    rattler_bench.change(conda_channel.url, remove=("left",))
    assert set(rattler_bench.installed()) == {"greeter", "python"}


def test_cuda_can_be_promised_for_a_machine_without_it(
    rattler_bench: RattlerBench, conda_channel: Channel
) -> None:
    """`VirtualPackage.detect()` alone ignores the variable."""
    bench = rattler_bench
    bench.environ = {"CONDA_OVERRIDE_CUDA": ""}
    with pytest.raises(EnvMgrError) as caught:
        bench.solve(conda_channel.url, "needs-cuda")
    assert caught.value.problem.code == "no-wheel-for-platform"
    assert "needs-cuda 1.0 needs __cuda >=12" in caught.value.problem.detail
    assert "CONDA_OVERRIDE_CUDA" in caught.value.problem.hint
    bench.environ = {"CONDA_OVERRIDE_CUDA": "12.4"}
    solution = bench.solve(conda_channel.url, "needs-cuda")
    assert any(name.startswith("__cuda=12.4") for name in solution.virtual_packages)
    bench.environ = {"CONDA_OVERRIDE_CUDA": "11.8"}
    with pytest.raises(EnvMgrError):
        bench.solve(conda_channel.url, "needs-cuda")


def test_a_script_that_fails_is_said(rattler_bench: RattlerBench, conda_channel: Channel) -> None:
    rattler_bench.create(conda_channel.url, "post-link-fails", "left")
    assert rattler_bench.notices == [
        "The script that post-link-fails runs after it is installed has failed."
    ]


def test_a_script_that_works_is_run_with_the_prefix(
    rattler_bench: RattlerBench, conda_channel: Channel
) -> None:
    rattler_bench.create(conda_channel.url, "post-link-works")
    done = rattler_bench.prefix / "share" / "post-link-works.done"
    assert done.read_text() == "done\n"
    assert rattler_bench.notices == []


def test_one_package_over_another_is_said_once(
    rattler_bench: RattlerBench, conda_channel: Channel
) -> None:
    rattler_bench.create(conda_channel.url, "clobber-a", "clobber-b")
    (notice,) = rattler_bench.notices
    assert notice.startswith("share/clobbered.txt of clobber-")
    rattler_bench.change(conda_channel.url, "left")
    assert len(rattler_bench.notices) == 1


def test_a_wrong_hash_is_found_in_files_too(tmp_path: Path, conda_channel: Channel) -> None:
    """py-rattler checks what it downloads, and not what lies at a file:// address."""
    bench = RattlerBench(tmp_path, tmp_path / "cache")
    with pytest.raises(EnvMgrError) as caught:
        bench.create(conda_channel.url, "bad-hash")
    assert caught.value.problem.code == "hash-mismatch"
    assert "bad-hash-1.0-0.conda" in caught.value.problem.detail
    assert not bench.prefix.exists()


def test_a_wrong_hash_of_a_download_is_said(tmp_path: Path, conda_server: object) -> None:
    bench = RattlerBench(tmp_path, tmp_path / "cache")
    with pytest.raises(EnvMgrError) as caught:
        bench.create(conda_server.url, "bad-hash")  # type: ignore[attr-defined]
    assert caught.value.problem.code == "hash-mismatch"
    assert not (bench.cache / "pkgs" / "bad-hash-1.0-0" / "info").exists()


def test_the_reporter_answers_every_method_that_is_called(
    capsys: pytest.CaptureFixture[str],
) -> None:
    program = (
        "from rattler.install import InstallerReporter as R; import os;"
        "print(*[n for n in dir(R) if n.startswith('on_')], flush=True); os._exit(0)"
    )
    names = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    reporter = Reporter(Talk(()), {"left": 10})
    assert len(names) > 15
    for name in names:
        assert callable(getattr(reporter, name))
    assert reporter.on_something_new(1, 2) == 0
    reporter.on_transaction_start(1)
    entry = reporter.on_populate_cache_start(0, "left")
    download = reporter.on_download_start(entry)
    reporter.on_download_progress(download, 7, 10)
    reporter.on_populate_cache_complete(entry)
    reporter.on_transaction_operation_complete(0)
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (last["got"], last["bytes"], last["linked"], last["packages"]) == (10, 10, 1, 1)


def test_an_environment_shares_its_files_with_the_cache_and_is_whole(
    rattler_bench: RattlerBench, conda_channel: Channel
) -> None:
    """Hard links: 100 MB for each environment would be 100 MB of a quota."""
    rattler_bench.create(conda_channel.url, "many-files")
    file = rattler_bench.prefix / "share" / "many" / "00" / "00001.txt"
    assert file.stat().st_nlink > 1
    assert bad_files(rattler_bench.prefix) == []


def test_a_file_that_was_edited_in_its_place_does_not_reach_the_next_environment(
    tmp_path: Path, conda_channel: Channel
) -> None:
    bench = RattlerBench(tmp_path, tmp_path / "cache")
    bench.create(conda_channel.url, "two-versions", "left")
    (bench.prefix / "share" / "two-versions.txt").write_text("edited\n")
    again = tmp_path / "again"
    bench.create(conda_channel.url, "two-versions", "left", prefix=again)
    assert (again / "share" / "two-versions.txt").read_text() == "2.0\n"
    assert (bench.prefix / "share" / "two-versions.txt").read_text() == "edited\n"
    assert not was_edited(bench.cache / "pkgs" / "two-versions-2.0-0")


def test_bytecode_goes_with_the_package_whose_source_it_was_made_of(
    rattler_bench: RattlerBench, conda_channel: Channel
) -> None:
    bench, url = rattler_bench, conda_channel.url
    bench.create(url, "jupyter-core", "greeter=1.0")
    (site,) = bench.prefix.glob("lib/python3*/site-packages")
    (site / "jupyter2.py").write_text("")
    for source in site.glob("greeter/*.py"):
        os.utime(source, (1_600_000_000, 1_600_000_000))
    bench.python("-m", "compileall", "-q", "-l", str(site))
    assert bench.python("-c", "import greeter; print(greeter.__version__)") == "1.0"
    assert len(list(site.glob("__pycache__/jupyter*.pyc"))) == 2
    bench.change(url, "greeter=2.0", remove=("jupyter-core",))
    assert [path.name.split(".")[0] for path in site.glob("__pycache__/*.pyc")] == ["jupyter2"]
    # The new source may have as many bytes, and be as old: tools that build packages do that.
    source = site / "greeter" / "__init__.py"
    os.utime(source, (1_600_000_000, 1_600_000_000))
    assert bench.python("-c", "import greeter; print(greeter.__version__)") == "2.0"
    assert bad_files(bench.prefix) == []


def test_bytecode_of_others_is_not_touched(tmp_path: Path) -> None:
    """Not outside of the environment, nor by a link, nor what only begins with the same words."""
    elsewhere, prefix = tmp_path / "elsewhere", tmp_path / "prefix"
    for place in (elsewhere, prefix / "lib"):
        (place / "__pycache__").mkdir(parents=True)
        for name in ("a.cpython-312.pyc", "a.cpython-312.opt-1.pyc", "ab.cpython-312.pyc", "a.txt"):
            (place / "__pycache__" / name).touch()
    (prefix / "linked").mkdir()
    (prefix / "linked" / "__pycache__").symlink_to(elsewhere / "__pycache__")
    sources = [f"{elsewhere}/a.py", "../elsewhere/a.py", "linked/a.py", "none/a.py", "lib/a.py"]
    remove_bytecode(prefix, sources)
    assert len(os.listdir(elsewhere / "__pycache__")) == 4
    assert sorted(os.listdir(prefix / "lib" / "__pycache__")) == ["a.txt", "ab.cpython-312.pyc"]
