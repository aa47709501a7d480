"""What import-linter cannot see: which calls a layer makes, not only what it imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "jupyter_envmgr"

# The doors make settings of the environment; below them it is an argument.
_MAY_READ_ENVIRON = ("cli/", "config.py", "server/", "__main__.py")

_CHANGES = {
    "os": {
        *("chmod", "chown", "link", "makedirs", "mkdir", "mkfifo", "remove", "removedirs"),
        *("rename", "renames", "replace", "rmdir", "symlink", "truncate", "unlink", "utime"),
    },
    "shutil": {"copy", "copy2", "copyfile", "copytree", "move", "rmtree", "unpack_archive"},
    "tempfile": {"NamedTemporaryFile", "TemporaryDirectory", "mkdtemp", "mkstemp"},
}
# Of the methods of pathlib.Path those whose names no other class has.
_CHANGES_PATH = {
    *("chmod", "hardlink_to", "mkdir", "rmdir", "symlink_to", "touch", "unlink"),
    *("write_bytes", "write_text"),
}
_STARTS = {
    *("execl", "execle", "execlp", "execv", "execve", "execvp", "execvpe", "fork", "forkpty"),
    *("popen", "posix_spawn", "posix_spawnp", "spawnl", "spawnv", "system"),
}


def _modules(*but: str) -> list[str]:
    names = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))
    return [name for name in names if not name.startswith(but)]


def _tree(module: str) -> ast.Module:
    return ast.parse((PACKAGE / module).read_text(encoding="utf-8"))


def _calls(tree: ast.AST) -> Iterator[tuple[str, str, ast.Call]]:
    """Owner, name and node of each call ``owner.name(…)``; the owner is "" if it has no name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            if isinstance(function, ast.Attribute):
                owner = function.value.id if isinstance(function.value, ast.Name) else ""
                yield owner, function.attr, node
            elif isinstance(function, ast.Name):
                yield "", function.id, node


def _opens_for_writing(name: str, call: ast.Call) -> bool:
    if name != "open":
        return False
    modes = [*call.args, *(word.value for word in call.keywords if word.arg == "mode")]
    texts = [mode.value for mode in modes if isinstance(mode, ast.Constant)]
    return any(
        isinstance(text, str) and set(text) <= set("rwxabt+U") and set(text) & set("wxa+")
        for text in texts
    )


def _changes(tree: ast.AST) -> list[tuple[int, str]]:
    """Line and name of each call that changes the disk."""
    return [
        (call.lineno, name)
        for owner, name, call in _calls(tree)
        if name in _CHANGES.get(owner, ())
        or (owner not in (*_CHANGES, "durable") and name in _CHANGES_PATH)
        or _opens_for_writing(name, call)
    ]


# Programs of their own, which the system layer runs as it runs uv, and the modules of theirs.
_WORKERS = (
    "engines/conda_pack_worker.py",
    "engines/rattler_prefix.py",
    "engines/rattler_worker.py",
)


@pytest.mark.parametrize("module", _modules("system/", *_WORKERS))
def test_only_the_system_layer_changes_the_machine(module: str) -> None:
    assert _changes(_tree(module)) == []


@pytest.mark.parametrize("module", _modules())
def test_only_the_process_module_starts_processes(module: str) -> None:
    if module in ("system/process.py", "system/reaper.py"):
        return
    allowed = [f"{module}:os.execv"] if module == "cli/main.py" else []  # it goes on isolated
    found = [
        f"{module}:{owner}.{name}"
        for owner, name, call in _calls(_tree(module))
        if (owner == "os" and name in _STARTS) or name.startswith("create_subprocess_")
    ]
    assert found == allowed


@pytest.mark.parametrize("module", _modules(*_MAY_READ_ENVIRON))
def test_below_the_doors_the_environment_is_an_argument(module: str) -> None:
    found = [
        f"{module}:{node.lineno}"
        for node in ast.walk(_tree(module))
        if isinstance(node, ast.Attribute)
        and node.attr in ("environ", "environb", "getenv")
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
    ]
    assert not found


@pytest.mark.parametrize("module", _modules())
def test_nothing_reads_the_environment_at_import_time(module: str) -> None:
    """A server imports the package long before it knows its configuration."""
    statements = [
        node
        for node in _tree(module).body
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.If))
    ]
    found = [
        f"{module}:{node.lineno}"
        for statement in statements
        for node in ast.walk(statement)
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
    ]
    assert not found


def test_the_detector_finds_what_it_looks_for() -> None:
    """The tests above pass on an empty list: this one proves that they can fail."""
    tree = ast.parse("os.rename(a, b); p.write_text('x'); open(p, 'w'); text.replace('a', 'b')")
    assert [name for _, name in _changes(tree)] == ["rename", "write_text", "open"]
