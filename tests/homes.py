"""Homes with user sites in them, made of files, and what tells whether one changed at all."""

from __future__ import annotations

import base64
import hashlib
import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

from jupyter_envmgr.core.settings import Location, Settings

Tree = dict[str, tuple[object, ...]]


def state(root: Path, *, but: Sequence[str] = ()) -> Tree:
    """Everything below ``root``: type, mode, time, content or target, and which are hard links.

    ``but`` are directories, relative to it, that are left out.
    """
    found: Tree = {}
    inodes: dict[int, str] = {}
    for directory, directories, files in os.walk(root):
        rel = os.path.relpath(directory, root)
        if rel in but:
            directories[:] = []
            continue
        directories.sort()
        for name in sorted([*directories, *files]):
            path = os.path.join(directory, name)
            key = os.path.normpath(os.path.join(rel, name))
            if key in but:
                continue
            status = os.lstat(path)
            more: tuple[object, ...] = ()
            if stat.S_ISREG(status.st_mode):
                with open(path, "rb") as file:
                    more = (hashlib.sha256(file.read()).hexdigest(), status.st_mtime_ns)
                if status.st_nlink > 1:
                    more = (*more, inodes.setdefault(status.st_ino, key))
            elif stat.S_ISLNK(status.st_mode):
                more = (os.readlink(path), status.st_mtime_ns)
            found[key] = (oct(status.st_mode), *more)
    return found


def everything_with_times(root: Path) -> Tree:
    """As `state`, with the times of directories too, but for that of the root itself."""
    found = state(root)
    for rel, entry in found.items():
        path = root / rel
        if path.is_dir() and not path.is_symlink():
            found[rel] = (*entry, path.stat().st_mtime_ns)
    return found


def contents(root: Path) -> dict[str, int]:
    """How often each content and link is there, wherever: what must be neither lost nor doubled."""
    found: dict[str, int] = {}
    for directory, directories, files in os.walk(root):
        links = [n for n in directories if os.path.islink(os.path.join(directory, n))]
        for name in (*files, *links):
            path = os.path.join(directory, name)
            if os.path.islink(path):
                text = "-> " + os.readlink(path)
            elif os.path.isfile(path):
                with open(path, "rb") as file:
                    text = hashlib.sha256(file.read()).hexdigest()
            else:
                text = "special"
            found[text] = found.get(text, 0) + 1
    return found


class Home:
    """A home with a user site. Files have old times, so that nothing looks as if just written."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.base = home / ".local"
        self.base.mkdir(parents=True, exist_ok=True)
        (home / "image/bin").mkdir(parents=True, exist_ok=True)

    def settings(self, *, python: str = "3.11", **environ: str) -> Settings:
        """Settings whose image's Python is of that version."""
        image = self.home / "image"
        (image / "lib" / f"python{python}" / "site-packages").mkdir(parents=True, exist_ok=True)
        interpreter = image / "bin" / f"python{python}"
        if not interpreter.exists():
            interpreter.touch()
        kernels = self.base / "share/jupyter/kernels"
        return Settings(
            root=self.home / ".envmgr",
            home=self.home,
            locations=(Location("home", self.home / ".envmgr/environments"),),
            image_prefix=image,
            image_interpreter=interpreter,
            kernel_dirs=(kernels,),
            user_kernels=kernels,
            image_kernels=image / "share/jupyter/kernels",
            environ={"HOME": str(self.home), "PATH": "/usr/bin:/bin", **environ},
            door="test",
        )

    def site(self, python: str = "3.11") -> Path:
        """The site directory of a Python, made if it is missing."""
        path = self.base / "lib" / f"python{python}" / "site-packages"
        path.mkdir(parents=True, exist_ok=True)
        return path

    def file(self, rel: str, text: str = "", *, mode: int = 0o644) -> Path:
        """A file of the base that nobody's package lists."""
        path = self.base / rel
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text or rel)
        path.chmod(mode)
        return path

    def package(
        self,
        name: str,
        version: str = "1.0",
        *,
        python: str = "3.11",
        requires: Sequence[str] = (),
        files: Mapping[str, str] | None = None,
        outside: Mapping[str, str] | None = None,
        scripts: Sequence[str] = (),
        requested: bool = False,
        rows: Sequence[str] = (),
    ) -> Path:
        """A distribution as pip leaves one. ``outside`` are files by their path in the base.

        ``rows`` are further lines of its RECORD.
        """
        site = self.site(python)
        module = name.replace("-", "_")
        info = f"{module}-{version}.dist-info"
        content = files if files is not None else {f"{module}/__init__.py": f"v = {version!r}\n"}
        elsewhere = dict(outside or {})
        for script in scripts:
            elsewhere[f"bin/{script}"] = _script(python, module, script)
        record = []
        for rel, text in content.items():
            _write(site / rel, text)
            record.append(_row(rel, text))
        for rel, text in elsewhere.items():
            _write(self.base / rel, text, mode=0o755 if rel.startswith("bin/") else 0o644)
            record.append(_row(f"../../../{rel}", text))
        lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
        lines += [f"Requires-Dist: {text}" for text in requires]
        metadata = "\n".join([*lines, "", ""])
        _write(site / info / "METADATA", metadata)
        _write(site / info / "INSTALLER", "pip\n")
        if requested:
            _write(site / info / "REQUESTED", "")
            record.append(f"{info}/REQUESTED,,")
        record += [_row(f"{info}/METADATA", metadata), _row(f"{info}/INSTALLER", "pip\n")]
        _write(site / info / "RECORD", "\n".join([*record, *rows, f"{info}/RECORD,,", ""]))
        return site / info

    def grow_old(self) -> None:
        """Give everything an old time."""
        for directory, directories, files in os.walk(self.home, topdown=False):
            for name in (*files, *directories):
                os.utime(os.path.join(directory, name), (1.6e9, 1.6e9), follow_symlinks=False)


def _write(path: Path, text: str, *, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


def _row(path: str, text: str) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
    return f"{path},sha256={digest},{len(text)}"


def _script(python: str, module: str, name: str) -> str:
    return (
        f"#!/usr/bin/python{python}\n# {name}\nimport sys\nfrom {module} import main\n"
        "if __name__ == '__main__':\n    sys.argv[0] = sys.argv[0].removesuffix('.exe')\n"
        "    sys.exit(main())\n"
    )


def rich_home(home: Path) -> Home:
    """Packages of two Pythons with a shared script, data, headers; and much that is not pip's."""
    made = Home(home)
    made.package("numpy", "1.26.4", scripts=["f2py"], requested=True)
    made.package("numpy", "1.24.4", python="3.8", scripts=["f2py-old"])
    made.package("pandas", "2.1.4", requires=["numpy>=1.22", "python-dateutil"], requested=True)
    made.package("python-dateutil", "2.8.2", files={"dateutil/__init__.py": "x = 1\n"})
    made.package(
        "jupyterlab-thing",
        "0.3",
        outside={
            "share/jupyter/labextensions/thing/package.json": "{}",
            "share/jupyter/labextensions/thing/static/a.js": "1",
            "etc/jupyter/jupyter_server_config.d/thing.json": "{}",
            "share/jupyter/kernels/thing/kernel.json": "{}",
            "share/man/man1/thing.1": "manual",
        },
    )
    made.package("greenlet", "3.0", outside={"include/python3.11/greenlet/greenlet.h": "h"})
    for part in ("one", "two"):
        made.package(f"ns-{part}", files={f"ns/{part}/__init__.py": part, f"ns/{part}/m.py": "m"})
    site = made.site()
    (site / "yaml.py").write_text("stray = True\n")
    (site / "dangling").symlink_to("nowhere")
    os.link(site / "yaml.py", site / "hard.py")
    made.file("bin/uv", "\x7fELF uv", mode=0o755)
    made.file("bin/mine", "#!/usr/bin/env python3\nfrom numpy import array\n", mode=0o755)
    made.file("share/pipx/venvs/black/bin/black", "#!x\n", mode=0o755)
    (made.base / "bin/black").symlink_to("../share/pipx/venvs/black/bin/black")
    made.file("share/uv/tools/ruff/x")
    made.file("share/Trash/files/x")
    made.file("share/jupyter/runtime/kernel-1.json")
    made.file("share/jupyter/nbsignatures.db")
    made.file("share/jupyter/kernels/mine/kernel.json", "{}")
    made.file("state/x/y")
    made.grow_old()
    return made
