"""Findings about compiled modules: another numpy, a newer C library, another Python or machine."""

from __future__ import annotations

import mmap
import os
import re
import struct
from collections.abc import Iterable, Iterator

from ...packages.metadata import read_regular
from ..model import Finding
from ..records import Installed
from ..requires import name_of
from .codes import finding, set_aside
from .ground import Ground

_OLD_NUMPY = b"numpy.core._multiarray_umath"
_NEW_NUMPY = b"numpy._core._multiarray_umath"
# Compiled against numpy without saying that they require it.
_USE_NUMPY = frozenset({"pyarrow", "opencv-python", "opencv-python-headless", "h5py", "numexpr"})
_GLIBC = re.compile(rb"GLIBC_(\d+)\.(\d+)\0")
_TAG = re.compile(rb"^Tag:[ \t]*(\S+)", re.MULTILINE)
_NAMED = re.compile(r"\.(?:cpython|cp)-?(\d)(\d+)t?-")
_LARGEST = 256 * 1024 * 1024
_MOST = 40
_VERNEED = 0x6FFFFFFE


def other_numpy(ground: Ground) -> Iterator[Finding]:
    """Modules that know numpy 1 alone, where numpy 2 is loaded (NumPy 2.0 migration guide)."""
    numpy = ground.by_name.get("numpy") or next(
        (one for key, (_, one) in ground.image.items() if key == "numpy"), None
    )
    if numpy is None or not numpy.package.version.startswith("2"):
        return
    from_user = "numpy" in ground.by_name
    for one in ground.by_name.values():
        if _uses_numpy(ground, one):
            file = _knows_only_numpy_1(_modules(ground.site.path, one.inside))
            if file:
                yield _of_numpy(ground, one, numpy, file, one.package.name)
    if not from_user:
        return
    for key, (site, theirs) in ground.image.items():
        if key in ground.by_name or not _needs_numpy(ground.needs_of_image[key].lines, key):
            continue
        file = _knows_only_numpy_1(_under(site, theirs))
        if file:
            yield _of_numpy(ground, theirs, numpy, file, numpy.package.name)


def _of_numpy(ground: Ground, one: Installed, numpy: Installed, file: str, culprit: str) -> Finding:
    return finding(
        "numpy-abi",
        one.package.name,
        f"{one.label} was compiled for numpy 1, and {numpy.label} is what is loaded.",
        evidence=(("Compiled module", file), ("Symbol", _OLD_NUMPY.decode())),
        wins=numpy.package.version,
        fix=set_aside(ground, culprit),
    )


def _uses_numpy(ground: Ground, one: Installed) -> bool:
    return _needs_numpy(ground.needs_of_user[one.key].lines, one.key)


def _needs_numpy(lines: Iterable[str], key: str) -> bool:
    return key in _USE_NUMPY or any(name_of(line) == "numpy" for line in lines)


def _knows_only_numpy_1(files: Iterable[str]) -> str:
    for file in files:
        data = _mapped(file)
        if data is None:
            continue
        with data:
            if data.find(_OLD_NUMPY) >= 0 and data.find(_NEW_NUMPY) < 0:
                return file
    return ""


def newer_system(ground: Ground) -> Iterator[Finding]:
    """Modules that need symbols of a C library newer than the one here."""
    if not ground.libc:
        return
    have = tuple(map(int, ground.libc.split(".")[:2]))
    for one in ground.by_name.values():
        for file in _modules(ground.site.path, one.inside):
            needed = needed_libc(file)
            if needed > have:
                wanted = ".".join(map(str, needed))
                yield finding(
                    "glibc-too-old",
                    one.package.name,
                    f"{one.label} needs glibc {wanted}, and this system has {ground.libc}.",
                    evidence=(("Compiled module", file), ("Needs", f"GLIBC_{wanted}")),
                    fix=set_aside(ground, one.package.name),
                )
                break


def needed_libc(file: str) -> tuple[int, ...]:
    """The newest version of glibc that an ELF file refers to (gABI, ``.gnu.version_r``)."""
    data = _mapped(file)
    if data is None:
        return ()
    with data:
        try:
            strings = _version_strings(data)
        except (struct.error, ValueError, IndexError, OverflowError):
            return ()
    return max((tuple(map(int, found)) for found in _GLIBC.findall(strings)), default=())


def _version_strings(data: mmap.mmap) -> bytes:
    """The string table of the section that lists needed versions; 64-bit little-endian files."""
    if data[:6] != b"\x7fELF\x02\x01":
        return b""
    offset, size, count = (
        struct.unpack_from("<Q", data, 0x28)[0],
        struct.unpack_from("<H", data, 0x3A)[0],
        struct.unpack_from("<H", data, 0x3C)[0],
    )
    for number in range(min(count, 200)):
        header = struct.unpack_from("<IIQQQQIIQQ", data, offset + number * size)
        if header[1] == _VERNEED:
            strings = struct.unpack_from("<IIQQQQIIQQ", data, offset + header[6] * size)
            return data[strings[4] : strings[4] + min(strings[5], 1 << 24)]
    return b""


def wrong_platform(ground: Ground) -> Iterator[Finding]:
    """Distributions whose wheel was made for another Python or machine, by their tags (PEP 425)."""
    for one in ground.by_name.values():
        data = read_regular(ground.path(one.entry, "WHEEL"), 1 << 16) or b""
        tags = [tag.decode("ascii", "replace") for tag in _TAG.findall(data)]
        if tags and not any(_fits(tag, ground) for tag in tags):
            yield finding(
                "wrong-platform",
                one.package.name,
                f"{one.label} was made for {tags[0]}; this is Python {ground.target.python} on "
                f"{ground.machine}.",
                evidence=(("Tags", ", ".join(tags[:5])), ("WHEEL", ground.path(one.entry))),
                fix=set_aside(ground, one.package.name),
            )
            continue
        wrong = [file for file in one.inside if _is_of_another_python(file, ground)]
        right = [file for file in one.inside if file.endswith(".so") and file not in wrong]
        if wrong and not right:
            yield finding(
                "wrong-platform",
                one.package.name,
                f"The compiled modules of {one.label} are of another Python.",
                evidence=(("Compiled module", ground.path(wrong[0])),),
                fix=set_aside(ground, one.package.name),
            )


def _fits(tag: str, ground: Ground) -> bool:
    parts = tag.split("-")
    if len(parts) != 3:
        return True
    pythons, abis, platforms = (part.split(".") for part in parts)
    major, minor = (int(n) for n in ground.target.python.split(".")[:2])
    current = {f"py{major}", f"py{major}{minor}", f"cp{major}{minor}"}
    older = {f"py{major}{n}" for n in range(minor + 1)}
    stable = {f"cp{major}{n}" for n in range(2, minor + 1)} if "abi3" in abis else set()
    if not set(pythons) & (current | older | stable):
        return False
    return any(_runs_on(platform, ground) for platform in platforms)


def _runs_on(platform: str, ground: Ground) -> bool:
    if platform == "any":
        return True
    if not platform.endswith(f"_{ground.machine}"):
        return False
    return platform.startswith(("manylinux", "linux")) == bool(ground.libc)


def _is_of_another_python(file: str, ground: Ground) -> bool:
    match = _NAMED.search(os.path.basename(file)) if file.endswith(".so") else None
    if match is None:
        return False
    return f"{match.group(1)}.{match.group(2)}" != ".".join(ground.target.python.split(".")[:2])


def _modules(site: str, inside: Iterable[str]) -> Iterator[str]:
    found = (os.path.join(site, path) for path in inside if path.endswith(".so"))
    for file, _ in zip(found, range(_MOST), strict=False):
        yield file


def _under(site: str, one: Installed) -> Iterator[str]:
    """Compiled modules of a distribution that was not read as a whole: by its RECORD."""
    record = read_regular(os.path.join(site, one.entry, "RECORD"), 1 << 24) or b""
    paths = (os.fsdecode(line.split(b",", 1)[0]) for line in record.splitlines())
    yield from _modules(site, (path for path in paths if not path.startswith(("/", ".."))))


def _mapped(file: str) -> mmap.mmap | None:
    """A regular file's content, not read before it is looked at; None for what is none."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        size = os.fstat(descriptor).st_size
        if not 64 <= size <= _LARGEST:
            return None
        return mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):
        return None
    finally:
        os.close(descriptor)
