"""What lies in a user base and is not pip's: other tools' places, which are never moved."""

from __future__ import annotations

import os

from .base import OWN_DIRECTORIES

# Moving these breaks what has nothing to do with packages: running kernels lose their connection
# files, uv and pipx their tools, pipenv its environments (each tried out with `mv ~/.local`).
_PLACES: dict[str, str] = {
    "share/jupyter/runtime": "connection files of running kernels and servers",
    "share/jupyter/notebook_secret": "the key that notebooks are signed with",
    "share/jupyter/nbsignatures.db": "which notebooks are trusted",
    "share/Trash": "the desktop's waste bin",
    "share/uv": "Pythons and tools of uv",
    "share/pipx": "programs that pipx installed",
    "pipx": "programs that pipx installed",
    "share/virtualenvs": "environments of pipenv",
    "share/hatch": "environments of hatch",
    "share/pdm": "environments of pdm",
    "share/pypoetry": "Poetry itself",
    "share/mamba": "environments of micromamba",
    "share/pyenv": "Pythons of pyenv",
    "share/containers": "container images",
    "share/keyrings": "stored passwords",
    "share/claude": "another program's own",
    "share/nvim": "another program's own",
    "state": "what programs remember",
    "pyenvs": "user bases of profiles",
}


def foreign_place(rel: str) -> str:
    """Why the entry ``rel`` of a user base must stay where it is; empty if it may be pip's."""
    first = rel.split("/", 1)[0]
    if first in OWN_DIRECTORIES:
        return "locks, journals and snapshots of jupyter_envmgr"
    for place, why in _PLACES.items():
        if rel == place or rel.startswith((place + "/", place + "-")):
            return why
    return ""


def linked_place(path: str, base: str) -> str:
    """Why a script in ``bin`` that is a link is somebody else's; empty if it is no link."""
    if not os.path.islink(path):
        return ""
    target = os.path.realpath(path)
    if target.startswith(base + os.sep):
        rel = os.path.relpath(target, base)
        why = foreign_place(rel)
        return f"a link into {rel}: {why}" if why else f"a link to {rel}"
    if not os.path.exists(path):
        return f"a link to {os.readlink(path)}, which is not there"
    return f"a link to {target}"
