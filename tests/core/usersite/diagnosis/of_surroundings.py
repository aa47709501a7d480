"""Scenarios of what is incomplete, of the start of Python, of commands and of Jupyter."""

from __future__ import annotations

import sys

from jupyter_envmgr.core.kernels.model import Kernel
from jupyter_envmgr.core.usersite.diagnosis import JupyterPlaces
from tests.core.packages.trees import dist_info, write

from .elves import elf
from .sites import Sites, listed
from .table import scenario

# -- incomplete ------------------------------------------------------------------------------------


@scenario("missing-files")
class _Missing:
    @staticmethod
    def make(sites: Sites) -> None:
        dist_info(sites.user, "mine", files={"mine/__init__.py": b"", "mine/api.py": b""})
        (sites.user / "mine" / "api.py").unlink()

    @staticmethod
    def near(sites: Sites) -> None:
        """What distributors leave out, and what Python makes again."""
        info = dist_info(sites.user, "mine", files={"mine/__init__.py": b""})
        rows = ("mine/__init__.py", "mine/tests/test_api.py", "mine/__pycache__/api.cpython-3.pyc")
        listed(sites.user, info, rows)


@scenario("duplicate")
class _Duplicate:
    @staticmethod
    def make(sites: Sites) -> None:
        dist_info(sites.user, "attrs", "21.1")
        dist_info(sites.user, "attrs", "24.2")

    @staticmethod
    def near(sites: Sites) -> None:
        dist_info(sites.user, "attrs", "21.1")
        dist_info(sites.user, "attrs-strict", "24.2")


@scenario("no-record")
class _NoRecord:
    @staticmethod
    def make(sites: Sites) -> None:
        (dist_info(sites.user, "mine") / "RECORD").unlink()

    @staticmethod
    def near(sites: Sites) -> None:
        """An egg-info never has one."""
        write(sites.user / "mine-1.0.egg-info" / "PKG-INFO", "Name: mine\nVersion: 1.0\n")


@scenario("no-metadata")
class _NoMetadata:
    @staticmethod
    def make(sites: Sites) -> None:
        (dist_info(sites.user, "mine") / "METADATA").unlink()

    @staticmethod
    def near(sites: Sites) -> None:
        write(sites.user / "mine-1.0.egg-info", "Name: mine\nVersion: 1.0\n")


@scenario("leftover")
class _Leftover:
    @staticmethod
    def make(sites: Sites) -> None:
        (sites.user / "~umpy-1.0.dist-info").mkdir()

    @staticmethod
    def near(sites: Sites) -> None:
        (sites.user / "numpy~").mkdir()


def _editable(sites: Sites) -> None:
    url = f'{{"url": "file://{sites.root}/project", "dir_info": {{"editable": true}}}}'
    line = f"{sites.root}/project\n".encode()
    files = {"__editable__.project-1.0.pth": line}
    dist_info(sites.user, "project", files=files, extra={"direct_url.json": url})


@scenario("dead-editable")
class _DeadEditable:
    @staticmethod
    def make(sites: Sites) -> None:
        _editable(sites)

    @staticmethod
    def near(sites: Sites) -> None:
        (sites.root / "project").mkdir()
        _editable(sites)


# -- at the start of Python ------------------------------------------------------------------------


@scenario("path-line-fails", beside="runs-at-start")
class _PathLineFails:
    @staticmethod
    def make(sites: Sites) -> None:
        write(sites.user / "old.pth", "import no_such_module\n")

    @staticmethod
    def near(sites: Sites) -> None:
        write(sites.user / "old.pth", "import sys; sys.dont_write_bytecode\n")


@scenario("dead-path-line")
class _DeadPathLine:
    @staticmethod
    def make(sites: Sites) -> None:
        write(sites.user / "old.pth", "/gone/project\n# a comment\n")

    @staticmethod
    def near(sites: Sites) -> None:
        (sites.root / "project").mkdir()
        write(sites.user / "old.pth", f"\n# /gone/project\n{sites.root}/project\n")


@scenario("runs-at-start")
class _RunsAtStart:
    @staticmethod
    def make(sites: Sites) -> None:
        write(sites.user / "usercustomize.py", "import os\n")

    @staticmethod
    def near(sites: Sites) -> None:
        dist_info(sites.user, "mine", files={"mine.pth": b"import os\n"})


def _pythonpath(sites: Sites, *parts: str) -> None:
    place = sites.root.joinpath(*parts)
    place.mkdir(parents=True, exist_ok=True)
    sites.environ["PYTHONPATH"] = str(place)


@scenario("pythonpath-other")
class _PythonPathOther:
    @staticmethod
    def make(sites: Sites) -> None:
        _pythonpath(sites, "image", "lib", "python2.7", "site-packages")
        name = "mine.cpython-27-x86_64-linux-gnu.so"
        place = sites.root / "image" / "lib" / "python2.7" / "site-packages"
        dist_info(place, "mine", files={name: elf()})

    @staticmethod
    def near(sites: Sites) -> None:
        _pythonpath(sites, "project", "src")


@scenario("pythonpath-user")
class _PythonPathUser:
    @staticmethod
    def make(sites: Sites) -> None:
        sites.environ["PYTHONPATH"] = str(sites.user)

    @staticmethod
    def near(sites: Sites) -> None:
        sites.environ["PYTHONPATH"] = str(sites.image)


@scenario("stdlib-hidden", beside="pythonpath-user")
class _StdlibHidden:
    @staticmethod
    def make(sites: Sites) -> None:
        dist_info(sites.user, "enum34", files={"enum/__init__.py": b""})
        sites.environ["PYTHONPATH"] = str(sites.user)

    @staticmethod
    def near(sites: Sites) -> None:
        """Without PYTHONPATH the user site comes after Python's own library."""
        dist_info(sites.user, "enum34", files={"enum/__init__.py": b""})


@scenario("other-python")
class _OtherPython:
    @staticmethod
    def make(sites: Sites) -> None:
        dist_info(sites.base / "lib" / "python2.7" / "site-packages", "six")

    @staticmethod
    def near(sites: Sites) -> None:
        (sites.base / "lib" / "python2.7" / "site-packages" / "six").mkdir(parents=True)


# -- commands --------------------------------------------------------------------------------------


@scenario("dead-script")
class _DeadScript:
    @staticmethod
    def make(sites: Sites) -> None:
        sites.command("mine", "#!/opt/gone/bin/python3.9")

    @staticmethod
    def near(sites: Sites) -> None:
        sites.command("mine", f"#!{sys.executable}")


@scenario("hides-command")
class _HidesCommand:
    @staticmethod
    def make(sites: Sites) -> None:
        sites.command("tool", f"#!{sys.executable}", image=True)
        sites.command("tool", f"#!{sys.executable}")

    @staticmethod
    def near(sites: Sites) -> None:
        sites.command("tool", f"#!{sys.executable}", image=True)
        sites.command("tool", f"#!{sys.executable}")
        sites.commands = tuple(reversed(sites.commands))


# -- Jupyter ---------------------------------------------------------------------------------------


@scenario("jupyter-broken", beside="missing-files same-as-image")
class _JupyterBroken:
    @staticmethod
    def make(sites: Sites) -> None:
        head = "Requires-Dist: traitlets>=5\n"
        dist_info(sites.image, "jupyter-server", "2.14", head=head)
        files = {"traitlets/__init__.py": b"", "traitlets/config.py": b""}
        dist_info(sites.user, "traitlets", "5.14", files=files)
        dist_info(sites.image, "traitlets", "5.14", files=files)
        (sites.user / "traitlets" / "config.py").unlink()

    @staticmethod
    def near(sites: Sites) -> None:
        dist_info(sites.image, "jupyter-server", "2.14")
        dist_info(sites.user, "mine", files={"mine/__init__.py": b"", "mine/api.py": b""})
        (sites.user / "mine" / "api.py").unlink()


@scenario("jupyter-hidden", beside="hides-image")
class _JupyterHidden:
    @staticmethod
    def make(sites: Sites) -> None:
        sites.both("jupyter-server", "1.0", "2.14")

    @staticmethod
    def near(sites: Sites) -> None:
        sites.both("jupyter-thing", "1.0", "2.14")


@scenario("jupyter-only-here")
class _JupyterOnlyHere:
    @staticmethod
    def make(sites: Sites) -> None:
        dist_info(sites.user, "jupyter-server", "2.14")

    @staticmethod
    def near(sites: Sites) -> None:
        dist_info(sites.user, "jupyter-client", "8.6")
        dist_info(sites.image, "jupyter-server", "2.14")


def _kernel(sites: Sites, status: str) -> None:
    path = str(sites.base / "share" / "jupyter" / "kernels" / "mine")
    reason = "" if status == "ok" else "/gone/bin/python is not here."
    sites.kernels = (Kernel("mine", "Mine", path, False, status, reason=reason),)


@scenario("dead-kernel", beside="foreign-kernel")
class _DeadKernel:
    @staticmethod
    def make(sites: Sites) -> None:
        _kernel(sites, "dead")

    @staticmethod
    def near(sites: Sites) -> None:
        _kernel(sites, "foreign")


@scenario("foreign-kernel")
class _ForeignKernel:
    @staticmethod
    def make(sites: Sites) -> None:
        _kernel(sites, "foreign")

    @staticmethod
    def near(sites: Sites) -> None:
        _kernel(sites, "ok")


def _labextension(sites: Sites, version: str) -> None:
    user, image = (str(sites.base / "share" / "jupyter"), str(sites.root / "image" / "share"))
    for place, number in ((user, version), (image, "4.1.0")):
        text = f'{{"name": "@org/mine", "version": "{number}"}}'
        write(sites.root / place / "labextensions" / "@org" / "mine" / "package.json", text)
    sites.places = JupyterPlaces((user,), (image,))


@scenario("labextension")
class _Labextension:
    @staticmethod
    def make(sites: Sites) -> None:
        _labextension(sites, "3.9.0")

    @staticmethod
    def near(sites: Sites) -> None:
        _labextension(sites, "4.1.0")


def _server_extension(sites: Sites, is_on: bool) -> None:
    config = sites.base / "etc" / "jupyter"
    value = "true" if is_on else "false"
    text = f'{{"ServerApp": {{"jpserver_extensions": {{"gone_extension": {value}}}}}}}'
    write(config / "jupyter_server_config.d" / "gone.json", text)
    sites.places = JupyterPlaces(config=(str(config),))


@scenario("server-extension")
class _ServerExtension:
    @staticmethod
    def make(sites: Sites) -> None:
        _server_extension(sites, True)

    @staticmethod
    def near(sites: Sites) -> None:
        _server_extension(sites, False)
