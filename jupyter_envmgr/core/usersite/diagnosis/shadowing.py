"""Findings about packages of the user site that are loaded instead of the image's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..model import Finding
from ..requires import JUPYTER
from .codes import finding, set_aside, set_aside_one
from .ground import Ground

_SHOWN = 20
_CUDA = (
    re.compile(r"^nvidia-.*-cu(\d\d)$"),
    re.compile(r"^cupy-cuda(\d\d)[\dx]$"),
    re.compile(r"^jax-cuda(\d\d)-"),
    re.compile(
        r"^(?:cudf|cuml|cugraph|dask-cudf|rmm|cucim|cuspatial|raft-dask|pylibraft)-cu(\d\d)$"
    ),
)
_LOCAL = re.compile(r"\+(?:[\w.]*\.)?cu(\d\d)\d")


def hidden(ground: Ground) -> Iterator[Finding]:
    """Packages that the image has in another version, which is not what is loaded."""
    same = []
    for key, one in ground.mine.items():
        theirs = ground.image_effective.get(key)
        if theirs is None:
            continue
        if theirs.version == one.version:
            same.append(one)
            continue
        yield finding(
            "jupyter-hidden" if key in JUPYTER else "hides-image",
            one.name,
            f"{one.label} of the user site is loaded instead of the image's {theirs.version}.",
            evidence=(("User site", one.path), ("Image", theirs.path)),
            wins=one.label,
            fix=set_aside_one(ground, one),
        )
    if same:
        names = [one.name for one in same]
        yield finding(
            "same-as-image",
            f"{len(same)} packages" if len(same) > 1 else names[0],
            "The user site has the same version as the image. It is loaded from the user site, "
            "and it will stay when the image has a newer one.",
            evidence=tuple(("Package", one.label) for one in same[:_SHOWN]),
            fix=set_aside(ground, *names) if len(names) <= _SHOWN else None,
        )


def jupyter_only_here(ground: Ground) -> Iterator[Finding]:
    """Jupyter in the user site of an image that has none: a reset takes it away."""
    server = ground.mine.get("jupyter-server")
    if server is None or "jupyter-server" in ground.image_effective:
        return
    if {"notebook", "jupyterlab", "nbclassic"} & ground.image_effective.keys():
        return
    yield finding(
        "jupyter-only-here",
        server.name,
        "The image has no Jupyter server of its own: after a reset there would be none.",
        evidence=(("User site", server.path),),
        wins=server.label,
    )


def mixed_cuda(ground: Ground) -> Iterator[Finding]:
    """Libraries of two majors of CUDA in one process, unless the image is so by itself."""
    found: dict[str, list[str]] = {}
    of_image: set[str] = set()
    mine: set[str] = set()
    for key, one in ground.effective.items():
        major = _cuda(key, one.version)
        if major:
            found.setdefault(major, []).append(one.label)
            if key in ground.mine:
                mine.add(major)
    for key, one in ground.image_effective.items():
        major = _cuda(key, one.version)
        if major:
            of_image.add(major)
    if len(found) < 2 or set(found) == of_image or not mine:
        return
    culprits = [one.name for k, one in ground.mine.items() if _cuda(k, one.version)]
    if of_image:
        others = [
            one.name
            for k, one in ground.mine.items()
            if (major := _cuda(k, one.version)) and major not in of_image
        ]
        culprits = others or culprits
    yield finding(
        "cuda-mixed",
        "CUDA",
        f"Libraries of CUDA {' and '.join(sorted(found))} would be loaded together.",
        evidence=tuple(
            (f"CUDA {major}", ", ".join(sorted(labels)[:_SHOWN]))
            for major, labels in sorted(found.items())
        ),
        fix=set_aside(ground, *culprits),
    )


def _cuda(key: str, version: str) -> str:
    for pattern in _CUDA:
        match = pattern.search(key)
        if match:
            return match.group(1)
    local = _LOCAL.search(version)
    return local.group(1) if local else ""
