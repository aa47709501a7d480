"""What the loader refuses is said, and what it takes is not: by modules that are made here."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.core.packages.trees import dist_info

from .scenarios import SUFFIX
from .truth import Truth

pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="no compiler")

OLD = "_ZN3c103oldEv"
NEW = "_ZN3c103newEv"
LOAD = "import ctypes; ctypes.CDLL({path!r}, ctypes.RTLD_GLOBAL); import flash"
# Python asks for that, and the rest is never called.
MODULE = "int {name}(void);\nvoid *PyInit_flash(void) {{ return (void *)(long){name}(); }}\n"


def _compile(path: Path, source: str, *flags: str) -> bytes:
    text = path.with_suffix(".c")
    text.write_text(source)
    argv = ["gcc", "-shared", "-fPIC", "-o", str(path), str(text), *flags]
    subprocess.run(argv, check=True, capture_output=True)
    return path.read_bytes()


@pytest.mark.parametrize(("name", "fails"), [(OLD, False), (NEW, True)])
def test_an_extension_that_was_compiled_for_another_torch(
    tmp_path: Path, name: str, fails: bool
) -> None:
    truth = Truth(tmp_path)
    made = tmp_path / "made"
    made.mkdir()
    source = f"int {OLD}(void) {{ return 0; }}\n"
    library = _compile(made / "libc10.so", source, "-Wl,-soname,libc10.so")
    dist_info(truth.image, "torch", "2.3.0", files={"torch/lib/libc10.so": library})
    flags = (f"-L{made}", "-Wl,--no-as-needed", "-lc10", "-Wl,--allow-shlib-undefined")
    module = _compile(made / "flash.so", MODULE.format(name=name), *flags)
    head = "Requires-Dist: torch\n"
    dist_info(truth.user, "flash-attn", head=head, files={f"flash{SUFFIX}": module})
    said = truth.error(LOAD.format(path=str(truth.image / "torch" / "lib" / "libc10.so")))
    assert "cannot open" not in said
    assert ("undefined symbol" in said) == fails
    assert truth.worst() == ({("torch-abi", "flash-attn")} if fails else set())


@pytest.mark.parametrize("is_there", [True, False])
def test_a_library_that_is_not_there(tmp_path: Path, is_there: bool) -> None:
    truth = Truth(tmp_path)
    made = tmp_path / "made"
    made.mkdir()
    library = _compile(made / "libthing.so", "int thing(void) { return 0; }\n")
    flags = (f"-L{made}", "-lthing", "-Wl,-rpath,$ORIGIN/mine.libs")
    module = _compile(made / "flash.so", MODULE.format(name="thing"), *flags)
    files = {f"flash{SUFFIX}": module}
    if is_there:
        files["mine.libs/libthing.so"] = library
    dist_info(truth.user, "mine", files=files)
    said = truth.error("import flash")
    assert ("cannot open shared object file" in said) == (not is_there)
    assert truth.worst() == (set() if is_there else {("library-missing", "mine")})
