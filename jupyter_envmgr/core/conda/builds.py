"""Build strings that cannot be had here: keep them, relax them to the version, or drop them all."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from .constraint import exactly
from .spec import Spec
from .subdirs import SUBDIRS

Choice = Literal["keep", "relax", "drop"]

# What conda-forge and defaults have for one system only, and exports of it name.
_ONLY = {
    "linux": (
        "_libgcc_mutex",
        "_sysroot_linux-64_curr_repodata_hack",
        "keyutils",
        "libgcc-ng",
        "libnsl",
        "libstdcxx-ng",
        "nccl",
        "secretstorage",
    ),
    "osx": ("appnope", "libcxx", "libcxx-devel", "pyobjc-core", "python.app"),
    "win": (
        "console_shortcut",
        "libwinpthread",
        "m2w64-gcc-libgfortran",
        "m2w64-gcc-libs",
        "m2w64-gcc-libs-core",
        "m2w64-gmp",
        "m2w64-libwinpthread-git",
        "menuinst",
        "msys2-conda-epoch",
        "pywin32",
        "pywin32-ctypes",
        "pywinpty",
        "ucrt",
        "vc",
        "vc14_runtime",
        "vcomp14",
        "vs2013_runtime",
        "vs2015_runtime",
        "win_inet_pton",
        "wincertstore",
        "winpty",
    ),
}
# Builds of conda-build for all platforms: pyhd8ed1ab_0, py_1.
_NOARCH_BUILD = re.compile(r"py(h[0-9a-f]{6,7})?_\d+|pyh[0-9a-z]*_\d+")
# The hash of "no dependency that matters" in builds of `defaults` tells the platform.
_HASHES = {
    "h06a4308": "linux-64",
    "hd43f75c": "linux-aarch64",
    "hecd8cb5": "osx-64",
    "hca03da5": "osx-arm64",
    "haa95532": "win-64",
}
_HASH = re.compile(r"h[0-9a-f]{7}(?=_\d+$)")
_SYSTEM_OF = {name: system for system, names in _ONLY.items() for name in names}


@dataclass(frozen=True)
class BuildLine:
    """One line before and after a choice; ``after`` is empty for one that is left out."""

    line: int
    before: str
    after: str
    why: str


@dataclass(frozen=True)
class BuildChoice:
    """One thing that can be done about builds: what it says, and the lines that it changes."""

    choice: Choice
    title: str
    packages: tuple[str, ...]
    changed: tuple[BuildLine, ...] = ()


def platform_of_specs(specs: Iterable[Spec]) -> tuple[str, str]:
    """The platform that specs were written on, and the package that shows it; both may be empty.

    A single package proves little: those of one system only, and none of another, do.
    """
    seen: dict[str, str] = {}
    for spec in specs:
        if spec.subdir and spec.subdir != "noarch":
            return spec.subdir, spec.name
        hashed = _HASH.search(spec.build)
        platform = _platform_in(spec.name) or _HASHES.get(hashed.group() if hashed else "", "")
        if platform and platform not in seen:
            seen[platform] = spec.name
        system = _SYSTEM_OF.get(spec.name)
        if system:
            seen.setdefault(f"{system}-64", spec.name)
    # ld_impl_linux-aarch64 says more than libgcc-ng, which all Linuxes have.
    exact = {p: name for p, name in seen.items() if name not in _SYSTEM_OF}
    found = exact or seen
    if len(found) != 1 or len({p.split("-")[0] for p in seen}) != 1:
        return "", ""
    ((platform, name),) = found.items()
    return platform, name


def _platform_in(name: str) -> str:
    """The platform that a compiler's package names: ``ld_impl_linux-aarch64``."""
    last = name.rpartition("_")[2]
    return last if last in SUBDIRS and last != "noarch" else ""


def build_choices(
    specs: Sequence[Spec], here: str, *, platform: str = "", unavailable: Collection[str] = ()
) -> tuple[BuildChoice, ...]:
    """What can be done about the builds of ``specs`` on the platform ``here``; none if all is well.

    ``platform`` is the one that the file was made for, if it says so; else it is guessed.
    ``unavailable`` are the texts of specs whose builds the channels do not have. The first
    choice that changes anything is the one to suggest.
    """
    platform = platform or platform_of_specs(specs)[0]
    foreign = bool(platform) and platform != here
    with_build = [spec for spec in specs if _has_build(spec)]
    lost = [spec for spec in specs if foreign and _only_elsewhere(spec, here)]
    missing = [s for s in with_build if s.text in unavailable or (foreign and _is_exact(s))]
    if not missing and not lost:
        return ()
    where = f"for {platform}" if foreign else "not in the channels"
    relaxed = _changed(specs, missing, lost, here, where)
    choices = [
        BuildChoice("keep", "Keep the builds as they are", tuple(spec.text for spec in specs)),
        BuildChoice(
            "relax",
            f"Relax to the version where a build is {where}",
            _texts(specs, relaxed),
            relaxed,
        ),
    ]
    dropped = _changed(specs, with_build, lost, here, "all builds go")
    if dropped != relaxed:
        title = "Drop all builds"
        choices.append(BuildChoice("drop", title, _texts(specs, dropped), dropped))
    return tuple(choices)


def without_build(spec: Spec) -> Spec:
    """The spec with its version and without its build; a package's address becomes its name."""
    keys = tuple((k, v) for k, v in spec.keys if k not in ("build_number", "md5", "sha256", "fn"))
    return replace(spec, build="", url="", subdir="" if spec.url else spec.subdir, keys=keys)


def _has_build(spec: Spec) -> bool:
    return bool(spec.build or spec.url or any(k in ("build_number", "fn") for k, _ in spec.keys))


def _is_exact(spec: Spec) -> bool:
    """Whether it names one platform's build: ``*cuda*`` is a wish that others may fulfil too."""
    if spec.url:
        return spec.subdir != "noarch"
    if not spec.build or "*" in spec.build or _NOARCH_BUILD.fullmatch(spec.build):
        return False
    return bool(exactly(spec.version))


def _only_elsewhere(spec: Spec, here: str) -> bool:
    system = _SYSTEM_OF.get(spec.name)
    if system is None:
        return _platform_in(spec.name) not in ("", here)
    return not here.startswith(f"{system}-")


def _changed(
    specs: Sequence[Spec], relaxed: Sequence[Spec], lost: Sequence[Spec], here: str, why: str
) -> tuple[BuildLine, ...]:
    lines = []
    for spec in specs:
        if spec in lost:
            reason = f"{spec.name} is not for {here}"
            lines.append(BuildLine(spec.line, spec.text, "", reason))
        elif spec in relaxed:
            lines.append(BuildLine(spec.line, spec.text, without_build(spec).text, why))
    return tuple(lines)


def _texts(specs: Sequence[Spec], changed: Sequence[BuildLine]) -> tuple[str, ...]:
    after = {line.before: line.after for line in changed}
    texts = (after.get(spec.text, spec.text) for spec in specs)
    return tuple(dict.fromkeys(text for text in texts if text))
