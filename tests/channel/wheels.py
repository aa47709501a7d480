"""Conda packages of what is installed here: ipykernel, pip and what they need."""

from __future__ import annotations

import configparser
import io
import zipfile
from collections.abc import Iterable
from email.parser import Parser
from importlib.metadata import PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tests.channel.archives import PLACEHOLDER, CondaPackage, Entry, text
from tests.channel.pythons import Interpreter
from tests.index.repack import closure, repack


def installed_packages(main: Interpreter, subdir: str) -> list[CondaPackage]:
    """ipykernel, pip, and all that they require, for the Python that runs the tests."""
    found = [repack(installed).content for installed in closure(["ipykernel"])]
    try:
        found.append(repack(distribution("pip")).content)
    except PackageNotFoundError:
        (bundled,) = main.library.glob("ensurepip/_bundled/pip-*.whl")
        found.append(bundled.read_bytes())
    return [from_wheel(content, main, subdir) for content in found]


def from_wheel(content: bytes, main: Interpreter, subdir: str) -> CondaPackage:
    """A wheel as a package: a pure one for every Python, a compiled one for this Python."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        inside = {name: archive.read(name) for name in archive.namelist()}
    (info,) = {name.split("/")[0] for name in inside if name.endswith(".dist-info/METADATA")}
    described = Parser().parsestr(inside[f"{info}/METADATA"].decode())
    tags = Parser().parsestr(inside[f"{info}/WHEEL"].decode()).get_all("Tag") or []
    is_pure = all(tag.endswith("-none-any") for tag in tags)
    site = "site-packages" if is_pure else f"lib/python{main.minor}/site-packages"
    data = info.replace(".dist-info", ".data") + "/data/"
    files = {
        name.removeprefix(data) if name.startswith(data) else f"{site}/{name}": Entry(body)
        for name, body in inside.items()
    }
    files[f"{site}/{info}/INSTALLER"] = Entry(b"conda\n")
    scripts = tuple(_entry_points(inside.get(f"{info}/entry_points.txt", b"").decode()))
    if not is_pure:
        files |= {f"bin/{name}": _script(module, call) for name, module, call in scripts}
    python = f"python {main.minor}.*"
    if is_pure:
        python = _python(described.get("Requires-Python", ""))
    return CondaPackage(
        canonicalize_name(described["Name"]),
        described["Version"],
        build="pyhd8ed1ab_0" if is_pure else f"py{main.minor.replace('.', '')}_0",
        depends=(python, *_depends(described.get_all("Requires-Dist") or [], main)),
        noarch="python" if is_pure else "",
        subdir="noarch" if is_pure else subdir,
        entry_points=tuple(f"{name} = {module}:{call}" for name, module, call in scripts)
        if is_pure
        else (),
        files=files,
        summary=described.get("Summary", ""),
    )


def _depends(lines: Iterable[str], main: Interpreter) -> Iterable[str]:
    environment = {
        "extra": "",
        "python_version": main.minor,
        "python_full_version": main.version,
    }
    for line in lines:
        needed = Requirement(line)
        if needed.marker is None or needed.marker.evaluate(environment):
            yield f"{canonicalize_name(needed.name)} {_version(needed.specifier)}".strip()


def _python(required: str) -> str:
    return f"python {_version(SpecifierSet(required))}" if required else "python"


def _version(specifiers: SpecifierSet) -> str:
    """PEP 440 in conda's words: the same but for ``==1.*``, which is ``1.*`` there."""
    words = sorted(str(one).replace("===", "==") for one in specifiers)
    return ",".join(w.removeprefix("==") if w.endswith(".*") and w[0] == "=" else w for w in words)


def _entry_points(described: str) -> Iterable[tuple[str, str, str]]:
    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(described)
    if parser.has_section("console_scripts"):
        for name, target in parser.items("console_scripts"):
            module, _, call = target.partition("[")[0].strip().partition(":")
            yield name, module.strip(), call.strip()


def _script(module: str, call: str) -> Entry:
    top = call.split(".")[0]
    return text(
        f"#!{PLACEHOLDER}/bin/python\nimport sys\nfrom {module} import {top}\nsys.exit({call}())\n",
        executable=True,
    )
