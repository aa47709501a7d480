"""The quiet hint: given for what the user site explains, and never for a person's own error."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_envmgr.core.usersite.base import UserBase, read_base
from jupyter_envmgr.core.usersite.hint import Hint, hint
from tests.homes import Home

CELL = "Cell In[1], line 1\n----> 1 {code}\n"


class World:
    """A user site over an image, and the errors of notebooks in it."""

    def __init__(self, root: Path) -> None:
        self.home = Home(root / "home")
        self.image = root / "image/lib/python3.11/site-packages"
        self.image.mkdir(parents=True)
        self.site = self.home.site()

    @property
    def base(self) -> UserBase:
        return read_base(self.home.base)

    def in_image(self, rel: str, text: str = "") -> None:
        path = self.image / rel
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def hint(
        self, ename: str, evalue: str, *frames: tuple[str, str], code: str = "f()"
    ) -> Hint | None:
        """``frames`` are ``(path, function)``; an empty function is the top of a module."""
        lines = [f"{ename}   Traceback (most recent call last)", CELL.format(code=code)]
        for path, function in frames:
            inside = f", in {function}(x)" if function else ""
            lines.append(f"File {path}:3{inside}\n----> 3 something\n")
        lines.append(f"{ename}: {evalue}")
        home = str(self.home.home)
        return hint(ename, evalue, lines, self.base, home=home, image=[str(self.image)])


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.home.package("jinja2", "2.11")
    made.home.package("numpy", "2.0.2", files={"numpy/__init__.py": "def ones(): pass\n"})
    made.home.package("requests", "2.0", files={"requests/api.py": "g(timeout=1)\n"})
    made.in_image("numpy-1.26.4.dist-info/METADATA")
    made.in_image("numpy/__init__.py", "def ones(): pass\ndef oldone(): pass\n")
    made.in_image("yaml/__init__.py", "def safe_load(): pass\n")
    made.in_image("pandas/__init__.py")
    return made


def test_a_package_that_cannot_be_imported_is_named_with_its_version(world: World) -> None:
    error = "cannot import name 'soft_unicode' from 'markupsafe' (/i/site-packages/markupsafe.py)"
    found = world.hint("ImportError", error, ("~/.local/" + site(world, "jinja2/a.py"), ""))
    assert found is not None
    assert (found.distribution, found.version) == ("jinja2", "2.11")
    assert found.sentence.startswith("jinja2 2.11 comes from ")


def site(world: World, rel: str) -> str:
    return f"lib/python3.11/site-packages/{rel}"


@pytest.mark.parametrize(
    "message",
    [
        "numpy.dtype size changed, may indicate binary incompatibility. Expected 96",
        "numpy.core.multiarray failed to import",
        "No module named 'numpy.core._multiarray_umath'",
        "_ARRAY_API not found",
        "module compiled against ABI version 0x1000009 but this version of numpy is 0x2000000",
    ],
)
def test_numpy_is_named_although_no_file_of_it_is_in_the_traceback(
    world: World, message: str
) -> None:
    found = world.hint("ImportError", message, (f"{world.image}/pandas/__init__.py", ""))
    assert found is not None
    assert found.distribution == "numpy"


@pytest.mark.parametrize(
    "message",
    [
        "{site}/jinja2/_x.so: undefined symbol: _ZN3c10",
        "/lib/libc.so.6: version `GLIBC_2.34' not found (required by {site}/jinja2/_x.so)",
        "/lib/libstdc++.so.6: version `GLIBCXX_3.4.30' not found (required by {site}/jinja2/_x.so)",
        "{site}/jinja2/_x.so: invalid ELF header",
    ],
)
def test_a_compiled_package_that_does_not_fit_is_named(world: World, message: str) -> None:
    found = world.hint("ImportError", message.format(site=world.site))
    assert found is not None
    assert found.distribution == "jinja2"


def test_a_missing_library_is_a_hint_where_a_package_asks_for_it(world: World) -> None:
    words = "libcudart.so.11.0: cannot open shared object file: No such file or directory"
    assert world.hint("ImportError", words, (f"{world.site}/jinja2/a.py", "load"))
    assert world.hint("OSError", words) is None


def test_a_package_of_the_image_that_misses_something_in_one_of_the_user_site(
    world: World,
) -> None:
    words = f"cannot import name 'x' from 'jinja2' ({world.site}/jinja2/__init__.py)"
    found = world.hint("ImportError", words, (f"{world.image}/pandas/__init__.py", ""))
    assert found is not None
    assert found.distribution == "jinja2"


def test_a_stray_module_that_hides_a_package_of_the_image(world: World) -> None:
    (world.site / "yaml.py").write_text("x = 1\n")
    words = "module 'yaml' has no attribute '{}'"
    found = world.hint("AttributeError", words.format("safe_load"))
    assert found is not None
    assert found.distribution == "yaml.py"
    assert world.hint("AttributeError", words.format("safe_lode")) is None


def test_a_name_that_only_the_images_version_has(world: World) -> None:
    assert world.hint("AttributeError", "module 'numpy' has no attribute 'oldone'")
    assert world.hint("ImportError", "cannot import name 'oldone' from 'numpy' (x)")
    assert world.hint("AttributeError", "module 'numpy' has no attribute 'ons'") is None
    (world.image / "numpy/__init__.py").write_text("def ones(): pass\ndef both(): pass\n")
    (world.site / "numpy/__init__.py").write_text("# both was taken out long ago\n")
    assert world.hint("AttributeError", "module 'numpy' has no attribute 'both'") is None
    # Modules of which a function answers for missing names (PEP 562) raise in their own file.
    asked = (f"{world.site}/numpy/__init__.py", "__getattr__")
    words = "module 'numpy' has no attribute 'ons'"
    assert world.hint("AttributeError", words, asked) is None
    words = "`np.float_` was removed in the NumPy 2.0 release. Use `np.float64` instead."
    assert world.hint("AttributeError", words, (f"{world.site}/numpy/__init__.py", "__getattr__"))


def test_a_package_that_calls_another_one_wrongly_by_itself(world: World) -> None:
    words = "Client.__init__() got an unexpected keyword argument '{}'"
    frame = (f"{world.site}/requests/api.py", "g")
    assert world.hint("TypeError", words.format("timeout"), frame)
    assert world.hint("TypeError", words.format("colour"), frame) is None
    typed = world.hint("TypeError", words.format("timeout"), frame, code="f(timeout=3)")
    assert typed is None


def test_a_package_that_says_which_version_it_wants(world: World) -> None:
    words = "jinja2>=3,<4 is required for this module, but found jinja2=={}"
    assert world.hint("ImportError", words.format("2.11"))
    assert world.hint("ImportError", words.format("2.12")) is None


def test_a_file_of_another_python(world: World) -> None:
    frame = (f"{world.site}/jinja2/a.py", "")
    assert world.hint("SyntaxError", "invalid syntax (a.py, line 3)", frame)
    assert world.hint("SyntaxError", "invalid syntax (<expr>, line 1)", (*frame[:1], "run")) is None


@pytest.mark.parametrize(
    ("ename", "evalue"),
    [
        ("ValueError", "cannot reshape array of size 3 into shape (7,)"),
        ("TypeError", "unsupported operand type(s) for +: 'int' and 'str'"),
        ("KeyError", "'price'"),
        ("LinAlgError", "Singular matrix"),
        ("FileNotFoundError", "[Errno 2] No such file or directory: 'x.csv'"),
        ("ConnectionError", "Max retries exceeded with url: /"),
        ("AttributeError", "'list' object has no attribute 'shape'"),
        ("ImportError", "Missing optional dependency 'openpyxl'. Use pip or conda to install it."),
        ("ModuleNotFoundError", "No module named 'psycopg2'"),
        ("RuntimeError", "mat1 and mat2 shapes cannot be multiplied (3x4 and 5x6)"),
        ("KeyboardInterrupt", ""),
    ],
)
def test_an_error_of_the_person_that_a_package_reports_gives_no_hint(
    world: World, ename: str, evalue: str
) -> None:
    frames = [(f"{world.site}/requests/api.py", "get"), (f"{world.site}/numpy/core.py", "dot")]
    assert world.hint(ename, evalue, *frames) is None


@pytest.mark.parametrize(
    ("ename", "evalue"),
    [
        ("NameError", "name 'np' is not defined"),
        ("ModuleNotFoundError", "No module named 'nonsense'"),
        ("ModuleNotFoundError", "No module named 'numpy.nonsense'"),
        ("ImportError", "cannot import name 'nonsense' from 'numpy' (/x)"),
        ("ZeroDivisionError", "division by zero"),
    ],
)
def test_an_error_in_the_cell_itself_gives_no_hint(world: World, ename: str, evalue: str) -> None:
    assert world.hint(ename, evalue) is None


def test_a_failing_import_of_the_persons_own_module_gives_no_hint(
    world: World, tmp_path: Path
) -> None:
    own = (str(tmp_path / "work/mine.py"), "")
    frame = (f"{world.site}/requests/api.py", "get")
    assert world.hint("ValueError", "wrong", own, frame) is None
    assert world.hint("ModuleNotFoundError", "No module named 'x'", own) is None


def test_what_fails_in_the_image_alone_gives_no_hint(world: World) -> None:
    frame = (f"{world.image}/pandas/__init__.py", "")
    assert world.hint("ImportError", "cannot import name 'a' from 'b' (/c)", frame) is None


def test_a_home_without_a_user_site_gives_no_hint(tmp_path: Path) -> None:
    assert hint("ImportError", "undefined symbol", [], read_base(tmp_path)) is None
