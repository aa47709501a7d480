"""Wheels and source distributions made in memory: small, valid, and wrong in chosen ways."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import tarfile
import textwrap
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

# A date that zip can say: all archives are the same whenever they are made.
_DATE = (2020, 2, 2, 0, 0, 0)


@dataclass(frozen=True)
class Archive:
    """A file of an index, and the metadata that the index serves beside it (PEP 658)."""

    project: str
    filename: str
    content: bytes
    metadata: bytes = b""
    requires_python: str = ""

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def wheel(
    name: str,
    version: str = "1.0",
    *,
    requires: Iterable[str] = (),
    requires_python: str = "",
    tag: str = "py3-none-any",
    files: Mapping[str, str] | None = None,
    size: int = 0,
) -> Archive:
    """A wheel of a package with one module; ``size`` bytes that do not compress go into it."""
    module = name.replace("-", "_")
    info = f"{module}-{version}.dist-info"
    metadata = _metadata(name, version, requires, requires_python)
    content = {f"{module}/__init__.py": f"__version__ = {version!r}\n".encode()}
    content.update({path: text.encode() for path, text in (files or {}).items()})
    if size:
        content[f"{module}/ballast.bin"] = _noise(size)
    content[f"{info}/METADATA"] = metadata
    content[f"{info}/WHEEL"] = (
        f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: {tag}\n".encode()
    )
    filename = f"{module}-{version}-{tag}.whl"
    return Archive(name, filename, zipped(content, info), metadata, requires_python)


def zipped(content: Mapping[str, bytes], info: str) -> bytes:
    """A wheel of these files with its RECORD: stored, not compressed, because it is faster."""
    rows = [f"{path},sha256={_digest(data)},{len(data)}" for path, data in content.items()]
    record = "\n".join([*rows, f"{info}/RECORD,,", ""]).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path, data in {**content, f"{info}/RECORD": record}.items():
            entry = zipfile.ZipInfo(path, _DATE)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    return buffer.getvalue()


def sdist(
    name: str, version: str = "1.0", *, backend: str, requires: Iterable[str] = ()
) -> Archive:
    """A source distribution with a build backend of its own, so that a build needs no index.

    ``backend`` is the body of ``build_wheel(directory)``; what it raises is a failed build.
    """
    module = name.replace("-", "_")
    root = f"{module}-{version}"
    project = f"""
        [build-system]
        requires = {list(requires)!r}
        build-backend = "backend"
        backend-path = ["."]
        [project]
        name = "{name}"
        version = "{version}"
        """
    code = "def build_wheel(directory, config_settings=None, metadata_directory=None):\n"
    files = {
        "pyproject.toml": textwrap.dedent(project),
        "backend.py": code + textwrap.indent(textwrap.dedent(backend), "    "),
        "PKG-INFO": _metadata(name, version, (), "").decode(),
        f"{module}.c": "#include <Python.h>\n",
    }
    return Archive(name, f"{root}.tar.gz", _tarred({f"{root}/{k}": v for k, v in files.items()}))


def _tarred(files: Mapping[str, str]) -> bytes:
    buffer = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as zipped_,
        tarfile.open(fileobj=zipped_, mode="w") as archive,
    ):
        for path, text in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return buffer.getvalue()


def _metadata(name: str, version: str, requires: Iterable[str], requires_python: str) -> bytes:
    lines = ["Metadata-Version: 2.2", f"Name: {name}", f"Version: {version}"]
    lines += [f"Requires-Dist: {text}" for text in requires]
    if requires_python:
        lines.append(f"Requires-Python: {requires_python}")
    return "\n".join([*lines, ""]).encode()


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def _noise(size: int) -> bytes:
    return hashlib.shake_128(b"noise").digest(size)
