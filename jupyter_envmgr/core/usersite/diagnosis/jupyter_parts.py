"""Findings about Jupyter: kernelspecs, extensions of the lab and the server, Jupyter itself."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...kernels.model import Kernel
from ...packages.files import read_regular
from ...packages.metadata import normal
from ..base import UserBase
from ..model import Finding, Fix
from ..requires import JUPYTER, Needs, closure
from .codes import by_hand, finding, set_aside
from .ground import Ground

_LARGEST = 1 << 20
_MOST = 500
_CORE = ("@jupyterlab/application", "@jupyterlab/notebook", "@jupyterlab/apputils")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class JupyterPlaces:
    """Where Jupyter looks: ``user`` data directories that win over the ``image``'s.

    ``config`` are the user base's own directories of configuration.
    """

    user: tuple[str, ...] = ()
    image: tuple[str, ...] = ()
    config: tuple[str, ...] = ()


def kernels(found: Iterable[Kernel], base: UserBase) -> Iterator[Finding]:
    """Kernelspecs in the user base that start an interpreter which is not there."""
    for kernel in found:
        if kernel.status == "ok" or not kernel.path.startswith((base.real + "/", base.path + "/")):
            continue
        remove = Fix(
            "repair",
            "Unregister it",
            kernel=kernel.name,
            command=f"jupyter envmgr kernels remove {kernel.name}",
        )
        if kernel.status == "foreign":
            yield finding(
                "foreign-kernel",
                kernel.name,
                f"{kernel.display_name} cannot start here, and may start in another container: "
                f"{kernel.reason}",
                evidence=(("Kernelspec", kernel.path),),
            )
        else:
            yield finding(
                "dead-kernel",
                kernel.name,
                f"{kernel.display_name} cannot start: {kernel.reason}",
                evidence=(("Kernelspec", kernel.path),),
                fix=remove,
            )


def labextensions(ground: Ground, places: JupyterPlaces) -> Iterator[Finding]:
    """Prebuilt extensions that hide the image's, or are for another JupyterLab."""
    image = {name: path for d in reversed(places.image) for name, path in _extensions(ground, d)}
    lab = ground.effective.get("jupyterlab")
    major = _major(lab.version) if lab else 0
    seen: set[str] = set()
    for directory in places.user:
        for name, path in _extensions(ground, directory):
            if name in seen:
                continue
            seen.add(name)
            mine = _json(os.path.join(path, "package.json"))
            version = _text(mine.get("version"))
            fix = by_hand("Disable it", "jupyter", "labextension", "disable", name)
            theirs = _json(os.path.join(image[name], "package.json")) if name in image else {}
            other = _text(theirs.get("version"))
            built = _built_for(mine)
            if major and built and built != major:
                yield finding(
                    "labextension",
                    name,
                    f"{name} {version} was made for JupyterLab {built}; this is {major}.",
                    evidence=(
                        ("User", path),
                        *((("Image", image[name]),) if name in image else ()),
                    ),
                    wins=f"{name} {version}",
                    fix=fix,
                )
            elif name in image and other != version:
                yield finding(
                    "labextension",
                    name,
                    f"{name} {version} of the user is loaded instead of the image's {other}.",
                    evidence=(("User", path), ("Image", image[name])),
                    wins=f"{name} {version}",
                    fix=_fix_of(ground, path) or fix,
                )
            else:
                half = _server_half(mine)
                if half and lab and half not in ground.effective:
                    yield finding(
                        "labextension",
                        name,
                        f"{name} {version} needs the server extension of {half}, which is not "
                        "installed: only its front half is there.",
                        evidence=(("User", path),),
                        wins=f"{name} {version}",
                        fix=fix,
                    )


def _fix_of(ground: Ground, path: str) -> Fix | None:
    data = _json(os.path.join(path, "install.json"))
    one = ground.mine.get(normal(_text(data.get("packageName"))))
    return set_aside(ground, one.name, python=ground.python_at(one.site)) if one else None


def _extensions(ground: Ground, directory: str) -> list[tuple[str, str]]:
    place = os.path.join(directory, "labextensions")
    found: list[tuple[str, str]] = []
    for name in _names(ground, place):
        path = os.path.join(place, name)
        if name.startswith("@"):
            found += [(f"{name}/{n}", os.path.join(path, n)) for n in _names(ground, path)]
        else:
            found.append((name, path))
    for _, path in found:
        ground.watch(path)
    return [(name, path) for name, path in found if os.path.isfile(f"{path}/package.json")]


def _names(ground: Ground, directory: str) -> list[str]:
    ground.watch(directory)
    try:
        return sorted(os.listdir(directory))[:_MOST]
    except OSError:
        return []


def _json(path: str) -> Mapping[str, Any]:
    data = read_regular(path, _LARGEST)
    try:
        found = json.loads(data or b"{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _major(version: str) -> int:
    match = _NUMBER.search(version)
    return int(match.group()) if match else 0


def _built_for(package: Mapping[str, Any]) -> int:
    """The major of JupyterLab, if it asks for one alone: these packages have the lab's number."""
    dependencies = package.get("dependencies")
    for name in _CORE:
        wanted = _text(dependencies.get(name)) if isinstance(dependencies, dict) else ""
        majors = {_major(part) for part in wanted.split("||") if _NUMBER.search(part)}
        if len(majors) == 1:
            return majors.pop()
    return 0


def _server_half(package: Mapping[str, Any]) -> str:
    """The Python package that the extension's ``discovery`` names."""
    found: Any = package
    for key in ("jupyterlab", "discovery", "server", "base", "name"):
        found = found.get(key) if isinstance(found, dict) else None
    return normal(_text(found))


def server_extensions(ground: Ground, places: JupyterPlaces) -> Iterator[Finding]:
    """Extensions of the server that the user base switches on, and that are not installed."""
    for directory in places.config:
        for sub, key in (
            ("jupyter_server_config.d", "ServerApp"),
            ("jupyter_notebook_config.d", "NotebookApp"),
        ):
            place = os.path.join(directory, sub)
            for name in _names(ground, place):
                path = os.path.join(place, name)
                if not name.endswith(".json"):
                    continue
                ground.watch(path)
                section = _json(path).get(key)
                field = "jpserver_extensions" if key == "ServerApp" else "nbserver_extensions"
                wanted = section.get(field) if isinstance(section, dict) else None
                for module, is_on in wanted.items() if isinstance(wanted, dict) else ():
                    top = str(module).partition(".")[0]
                    if is_on is not True or ground.directories.find(top, ground.whole_path):
                        continue
                    yield finding(
                        "server-extension",
                        str(module),
                        f"{path} switches {module} on, which is not installed: the server warns "
                        "of it at each start.",
                        evidence=(("Configuration", path),),
                        fix=by_hand("Delete it", "rm", path),
                    )


def jupyter_broken(ground: Ground, found: Iterable[Finding]) -> Iterator[Finding]:
    """Whether something that cannot work is among what Jupyter itself needs."""
    worst = [f for f in found if f.severity == "will-fail" and f.code in _BREAKING]
    if not worst:
        return
    roots = [key for key in JUPYTER if key in ground.effective and key != "jupyter-envmgr"]
    if not roots:
        return
    needs = {
        key: Needs(key, one.label, one.version, one.requires)
        for key, one in ground.effective.items()
    }
    needed = closure(roots, needs)
    tops = {
        top: key for key in needed & ground.mine.keys() for top in ground.tops(ground.mine[key])
    }
    told: set[str] = set()
    for one in worst:
        key = normal(one.subject)
        if key in told:
            continue
        if key not in needed and one.subject.removesuffix(".py") not in tops:
            continue
        told.add(key)
        path = ground.effective[key].label if key in ground.effective else one.subject
        yield finding(
            "jupyter-broken",
            one.subject,
            f"Jupyter needs {path}, and that cannot work: {one.detail} New kernels, or the whole "
            "server, may not start.",
            evidence=one.evidence,
            wins=one.wins,
            fix=one.fix,
        )


_BREAKING = frozenset(
    {
        *("wrong-platform", "glibc-too-old", "library-too-old", "library-missing", "stray-module"),
        *("damaged-module", "import-breaks", "missing-files", "dead-editable", "namespace-hidden"),
        *("numpy-abi", "torch-abi", "cpu-too-old", "generated-code"),
    }
)
