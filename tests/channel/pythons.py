"""The package ``python``: an interpreter of this machine, without what no test needs."""

from __future__ import annotations

import functools
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.channel.archives import PLACEHOLDER, CondaPackage, Entry

_LEFT_OUT = {
    *("__pycache__", "site-packages", "dist-packages", "EXTERNALLY-MANAGED"),
    *("test", "tests", "idlelib", "tkinter", "turtledemo", "lib2to3", "pydoc_data"),
}
_OLDEST = (3, 9)
_LARGEST_TEXT = 2 * 1024 * 1024
_QUESTION = """
import json, os, platform, sys, sysconfig
print(json.dumps({
    "version": platform.python_version(),
    "prefix": sys.base_prefix,
    "shared": bool(sysconfig.get_config_var("Py_ENABLE_SHARED")),
    "plain": not getattr(sys, "abiflags", "") and sys.implementation.name == "cpython"
        and "dist-packages" not in "".join(sys.path)
        and not os.path.exists(os.path.join(sys.base_prefix, "conda-meta")),
}))
"""


@dataclass(frozen=True)
class Interpreter:
    """A CPython that a package can be made of: its version and its tree."""

    version: str
    prefix: Path

    @property
    def minor(self) -> str:
        """``3.11`` of ``3.11.7``."""
        return ".".join(self.version.split(".")[:2])

    @property
    def library(self) -> Path:
        """Where its standard library lies."""
        return self.prefix / "lib" / f"python{self.minor}"

    @property
    def program(self) -> Path:
        return self.prefix / "bin" / f"python{self.minor}"


def main_interpreter() -> Interpreter:
    """A Python of the version that runs the tests: its own base, else another one's of it.

    Debian's will not do (its packages go to dist-packages). What is not here is fetched by uv.
    """
    minor = "{}.{}".format(*sys.version_info)
    found = [one for one in _candidates() if one.minor == minor]
    if not found:
        found = [one for one in _fetched(minor) if one.minor == minor]
    if not found:
        raise RuntimeError(f"there is no Python {minor} here that a conda package can be made of")
    return found[0]


def other_interpreters(main: Interpreter) -> list[Interpreter]:
    """One Python of each other version, the newest first, as many as the machine has."""
    others = {one.minor: one for one in reversed(_candidates())}
    others.pop(main.minor, None)
    return sorted(others.values(), key=lambda one: _numbers(one.version), reverse=True)


def python_package(interpreter: Interpreter, subdir: str) -> CondaPackage:
    """The package of an interpreter: it runs wherever it is put."""
    minor = interpreter.minor
    files = {
        "bin/python": Entry(target=f"python{minor}"),
        "bin/python3": Entry(target=f"python{minor}"),
        f"bin/python{minor}": _binary(interpreter, interpreter.program.resolve()),
    }
    for path in sorted(interpreter.prefix.glob("lib/*.so*")):
        files[f"lib/{path.name}"] = _entry(interpreter, path)
    headers = interpreter.prefix / "include" / f"python{minor}"
    for root in (interpreter.library, headers):
        for path in _tree(root):
            name = path.relative_to(interpreter.prefix).as_posix()
            files.setdefault(name, _entry(interpreter, path))
    return CondaPackage(
        "python",
        interpreter.version,
        build="0_cpython",
        noarch="",
        subdir=subdir,
        files=files,
        summary="General purpose programming language",
        more={"python_site_packages_path": f"lib/python{minor}/site-packages"},
    )


@functools.cache
def _candidates() -> list[Interpreter]:
    """The Pythons near the one that runs this, and those on PATH; its own first."""
    base = Path(sys.base_prefix)
    bins = [base / "bin", *sorted(base.parent.glob("*/bin"))]
    bins += [Path(part) for part in os.environ.get("PATH", "").split(os.pathsep) if part]
    programs: dict[Path, None] = {}
    for directory in dict.fromkeys(bins):
        for program in sorted(directory.glob("python3.*")):
            if re.fullmatch(r"python3\.\d+", program.name) and _is_binary(program):
                programs.setdefault(program.resolve())
    found: dict[Path, Interpreter] = {}
    for program in programs:
        one = _look_at(program)
        if one is not None:
            found.setdefault(one.prefix.resolve(), one)
    return list(found.values())


def _is_binary(program: Path) -> bool:
    """Whether it is a program and no script: a version manager's shims are slow."""
    try:
        with program.open("rb") as file:
            return file.read(2) != b"#!" and os.access(program, os.X_OK)
    except OSError:
        return False


def _fetched(minor: str) -> list[Interpreter]:
    try:
        import uv
    except ImportError:
        return []
    program = str(uv.find_uv_bin())
    for words in ([], ["install"]):
        if words:
            subprocess.run([program, "python", *words, minor], check=False)
        answer = subprocess.run(
            [program, "python", "find", "--managed-python", minor],
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode == 0:
            one = _look_at(Path(answer.stdout.strip()))
            return [one] if one else []
    return []


def _look_at(program: Path) -> Interpreter | None:
    """The interpreter if a package can be made of it."""
    try:
        answer = subprocess.run(
            [str(program), "-I", "-c", _QUESTION],
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        )
        said = json.loads(answer.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    one = Interpreter(said["version"].rstrip("+"), Path(said["prefix"]))
    fits = said["plain"] and _numbers(one.version) >= _OLDEST and one.library.is_dir()
    return one if fits and one.program.is_file() else None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])


def _tree(root: Path) -> list[Path]:
    found = []
    for directory, directories, names in os.walk(root):
        directories[:] = sorted(name for name in directories if name not in _LEFT_OUT)
        for name in sorted(names):
            if name not in _LEFT_OUT and not name.endswith((".a", ".o", ".pyc")):
                found.append(Path(directory, name))
    return found


def _entry(interpreter: Interpreter, path: Path) -> Entry:
    """A file or link of the tree; in a text the prefix is replaced by the placeholder."""
    if path.is_symlink() and "/" not in os.readlink(path):
        return Entry(target=os.readlink(path))
    content = path.read_bytes()
    if content.startswith(b"\x7fELF"):
        return _binary(interpreter, path)
    executable = os.access(path, os.X_OK)
    prefix = os.fsencode(interpreter.prefix)
    if prefix in content and b"\0" not in content and len(content) < _LARGEST_TEXT:
        content = content.replace(prefix, PLACEHOLDER.encode())
        return Entry(content, executable=executable, placeholder=PLACEHOLDER)
    return Entry(content, executable=executable)


def _binary(interpreter: Interpreter, path: Path) -> Entry:
    """A program or library that finds its libraries wherever it is put.

    Its RUNPATH names the prefix; what replaces it is not longer, so that no tool is needed.
    """
    content = path.read_bytes()
    library = os.fsencode(interpreter.prefix / "lib")
    depth = len(path.parent.relative_to(interpreter.prefix).parts)
    relative = b"$ORIGIN/" + b"/".join([b".."] * depth + [b"lib"])
    if len(relative) <= len(library):
        pattern = rb"\0(%s(?::[^\0]*)?)\0" % re.escape(library)

        def shorter(match: re.Match[bytes]) -> bytes:
            return b"\0" + relative.ljust(len(match[1]), b"\0") + b"\0"

        content = re.sub(pattern, shorter, content)
    return Entry(content, executable=os.access(path, os.X_OK))
