"""The platforms of conda, as its channels name their directories."""

from __future__ import annotations

SUBDIRS = frozenset(
    (
        "noarch",
        "linux-32",
        "linux-64",
        "linux-aarch64",
        "linux-armv6l",
        "linux-armv7l",
        "linux-ppc64",
        "linux-ppc64le",
        "linux-riscv32",
        "linux-riscv64",
        "linux-s390x",
        "osx-64",
        "osx-arm64",
        "win-32",
        "win-64",
        "win-arm64",
        "freebsd-64",
        "emscripten-wasm32",
        "wasi-wasm32",
        "zos-z",
    )
)

_MACHINES = {
    "x86_64": "64",
    "amd64": "64",
    "i386": "32",
    "i686": "32",
    "arm64": "aarch64",
}
_SYSTEMS = {"linux": "linux", "darwin": "osx", "win32": "win", "cygwin": "win"}


def subdir_of(system: str, machine: str) -> str:
    """The platform of a machine, by ``sys.platform`` and ``platform.machine()``."""
    name = _SYSTEMS.get(system.rstrip("0123456789") if system != "win32" else system, system)
    machine = machine.lower()
    if name in ("osx", "win") and machine in ("arm64", "aarch64"):
        return f"{name}-arm64"
    return f"{name}-{_MACHINES.get(machine, machine)}"


def this_subdir() -> str:
    """The platform of this machine."""
    import platform
    import sys

    return subdir_of(sys.platform, platform.machine())
