"""Whether a wheel was made for an interpreter, by its tags (PEP 425, 600, 656)."""

from __future__ import annotations

import re

from ...packages.files import read_regular
from .ground import Ground

_TAG = re.compile(rb"^Tag:[ \t]*(\S+)", re.MULTILINE)
_MANYLINUX = re.compile(r"manylinux_(\d+)_(\d+)_(.+)")
_OLD_MANYLINUX = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}
_SHORT = {"cpython": "cp", "pypy": "pp", "ironpython": "ip", "jython": "jy"}


def read_tags(path: str) -> tuple[str, ...]:
    """The tags in a WHEEL file; those of several platforms in one, taken apart."""
    data = read_regular(path, 1 << 16) or b""
    return tuple(tag.decode("ascii", "replace") for tag in _TAG.findall(data))


def runs_here(tag: str, ground: Ground) -> bool:
    """Whether a wheel of this tag would be installed here; yes for what is no tag."""
    parts = tag.split("-")
    if len(parts) != 3:
        return True
    pythons, abis, platforms = (part.split(".") for part in parts)
    return _is_of_python(pythons, abis, ground) and any(
        _is_of_platform(platform, ground) for platform in platforms
    )


def _is_of_python(pythons: list[str], abis: list[str], ground: Ground) -> bool:
    major, minor = ground.runtime.numbers
    short = _SHORT.get(ground.runtime.implementation, "cp")
    own = f"{short}{major}{minor}"
    generic = {f"py{major}", *(f"py{major}{n}" for n in range(minor + 1))}
    if set(pythons) & generic and "none" in abis:
        return True
    if own in pythons:
        # ``m`` and ``u`` are builds of old Pythons, ``t`` is free-threaded.
        free = ground.python.endswith("t")
        return any(
            abi in ("none", "abi3") or (abi.startswith(own) and abi.endswith("t") == free)
            for abi in abis
        )
    if "abi3" in abis and short == "cp" and not ground.python.endswith("t"):
        return any(f"cp{major}{n}" in pythons for n in range(2, minor + 1))
    return bool(set(pythons) & generic) and any(abi.startswith(own) for abi in abis)


def _is_of_platform(platform: str, ground: Ground) -> bool:
    if platform == "any":
        return True
    machine = ground.runtime.machine
    if not platform.endswith(f"_{machine}"):
        return False
    if platform.startswith("musllinux"):
        return ground.system.is_musl
    if platform.startswith("linux_"):
        return True
    if not platform.startswith("manylinux"):
        return ground.runtime.markers.get("sys_platform") != "linux"
    if ground.system.is_musl or not ground.system.libc:
        return False
    match = _MANYLINUX.fullmatch(platform)
    needed = (int(match[1]), int(match[2])) if match else None
    needed = needed or _OLD_MANYLINUX.get(platform.partition("_")[0])
    have = tuple(int(n) for n in re.findall(r"\d+", ground.system.libc)[:2])
    return needed is None or have >= needed
