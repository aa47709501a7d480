"""A kernel as it is registered."""

from __future__ import annotations

from dataclasses import dataclass

KERNEL_METADATA = "envmgr"


@dataclass(frozen=True)
class Kernel:
    """A registered kernelspec and the environment that it starts.

    ``status``: ``ok``, ``dead`` (its interpreter is not here), ``foreign`` (made by another
    image whose interpreter is not here) or ``broken`` (kernel.json cannot be read). ``managed``
    ones were written by us and carry ``metadata.envmgr``.
    """

    name: str
    display_name: str
    path: str
    managed: bool
    status: str
    language: str = "python"
    interpreter: str | None = None
    environment: str | None = None
    reason: str = ""


@dataclass(frozen=True)
class RegisterRequest:
    """The body of ``POST /kernels``: ``environment`` is the id of one."""

    environment: str
    name: str = ""
    display_name: str = ""
