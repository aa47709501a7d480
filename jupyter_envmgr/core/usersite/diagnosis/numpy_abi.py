"""Findings about modules that know numpy 1 alone, where numpy 2 is loaded."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial

from ..model import Finding
from ..requires import name_of
from .codes import finding, set_aside_one
from .distributions import Distribution
from .elf import contains
from .ground import Ground

_OLD = b"numpy.core._multiarray_umath"
_NEW = b"numpy._core._multiarray_umath"
# Compiled against numpy without saying that they require it.
_USE_NUMPY = frozenset(
    {
        *("pyarrow", "opencv-python", "opencv-python-headless", "opencv-contrib-python", "h5py"),
        *("numexpr", "tables", "shapely", "pyproj", "rasterio", "fiona", "torch", "blosc2"),
        *("netcdf4", "cftime", "bottleneck", "pywavelets", "scikit-image", "tensorflow"),
    }
)
_LARGEST = 64 << 20
_MOST_FILES = 60
_MOST_BYTES = 1 << 30


def other_numpy(ground: Ground) -> Iterator[Finding]:
    """Modules compiled against numpy 1 that would run with numpy 2 (its migration guide).

    The name of numpy's own module, which a built one has in it, tells: only those that were
    built with numpy 2 know the new one, and these work with both.
    """
    numpy = ground.effective.get("numpy")
    if numpy is None or not numpy.version.startswith("2"):
        return
    budget = _MOST_BYTES
    for key, one in ground.effective.items():
        is_mine = key in ground.mine
        if key == "numpy" or not (is_mine or "numpy" in ground.mine) or not _uses(one):
            continue
        file, size = _knows_only_numpy_1(ground, one, budget)
        budget -= size
        if file:
            yield _finding(ground, one, numpy, file)
        if budget <= 0:
            ground.skip("Not all compiled modules were searched for the numpy they were built for.")
            return


def _uses(one: Distribution) -> bool:
    return one.key in _USE_NUMPY or any(name_of(line) == "numpy" for line in one.requires)


def _knows_only_numpy_1(ground: Ground, one: Distribution, budget: int) -> tuple[str, int]:
    """The first module that does not know numpy 2's name; and how many bytes were read."""
    read = 0
    files = [f for f in ground.files(one).inside if f.endswith(".so")]
    for rel in files[:_MOST_FILES]:
        path = os.path.join(one.site, rel)
        try:
            size = min(os.path.getsize(path), _LARGEST)
        except OSError:
            continue
        if read + size > budget:
            return "", budget
        read += size
        ground.watch(path)
        look = partial(contains, path, (_OLD, _NEW), _LARGEST)
        old, new = ground.kept.get("numpy", path, look)
        if old and not new:
            return path, read
        if new:
            # One build made them all.
            return "", read
    return "", read


def _finding(ground: Ground, one: Distribution, numpy: Distribution, file: str) -> Finding:
    from_user = "numpy" in ground.mine
    culprit = one
    if from_user and (one.key not in ground.mine or "numpy" in ground.image_effective):
        theirs = ground.image_effective.get("numpy")
        if one.key not in ground.mine or (theirs and not theirs.version.startswith("2")):
            culprit = numpy
    return finding(
        "numpy-abi",
        one.name,
        f"{one.label} was compiled for numpy 1, and {numpy.label} is what is loaded.",
        evidence=(
            ("Compiled module", file),
            ("Symbol", f"{_OLD.decode()}, and no {_NEW.decode()}"),
            ("numpy", numpy.path),
        ),
        wins=numpy.label,
        fix=set_aside_one(ground, culprit),
    )
