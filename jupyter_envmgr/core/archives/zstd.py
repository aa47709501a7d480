"""Zstandard by the system's libzstd, without a Python package for it.

dpkg, rpm and systemd bring libzstd to nearly every image, and conda brings one into its
environments. Calls through ctypes let other threads run.
"""

from __future__ import annotations

import ctypes
import os
import sys
from functools import cache
from typing import Any, Protocol

from ..errors import EnvMgrError
from .tar import Readable, cut, damaged

MAGIC = b"\x28\xb5\x2f\xfd"
LEVEL = 3

_CHUNK = 256 * 1024
_END = 2  # ZSTD_e_end
_GO_ON = 0  # ZSTD_e_continue
_PARAMETER_LEVEL = 100  # ZSTD_c_compressionLevel
_PARAMETER_CHECKSUM = 201  # ZSTD_c_checksumFlag
_PARAMETER_WORKERS = 400  # ZSTD_c_nbWorkers


class Writable(Protocol):
    """A stream that takes all that it is given."""

    def write(self, data: bytes, /) -> object: ...


def is_available() -> bool:
    """Whether zstd can be read and written here."""
    return _library() is not None


def reader(stream: Readable) -> Readable:
    """What a zstd stream unpacks to. Raises ``engine-missing`` where there is no zstd.

    Windows above 128 MB, which would take that much memory, are refused (the library's default).
    """
    return Reader(stream, _needed())


def writer(stream: Writable, *, level: int = LEVEL, workers: int = 0) -> Writer:
    """Packs what it is given into ``stream``; to be closed. Raises ``engine-missing``."""
    return Writer(stream, _needed(), level, workers)


@cache
def _library() -> Any:
    for name in (
        "libzstd.so.1",
        os.path.join(sys.prefix, "lib", "libzstd.so.1"),
        os.path.join(sys.prefix, "lib", "libzstd.1.dylib"),
        "/opt/homebrew/lib/libzstd.1.dylib",
    ):
        try:
            return _declared(ctypes.CDLL(name))
        except (OSError, AttributeError):
            continue
    return None


def _needed() -> Any:
    library = _library()
    if library is None:
        raise EnvMgrError(
            "engine-missing",
            "this machine has no zstd (libzstd.so.1)",
            hint="Use an archive that ends with .tar.gz, or install the package libzstd.",
        )
    return library


class _Buffer(ctypes.Structure):
    """ZSTD_inBuffer and ZSTD_outBuffer: where, how large, how far."""

    _fields_ = (
        ("data", ctypes.c_void_p),
        ("size", ctypes.c_size_t),
        ("position", ctypes.c_size_t),
    )


def _declared(library: Any) -> Any:
    """The functions of zstd.h that are used here, with their types."""
    pointer, buffer, size = ctypes.c_void_p, ctypes.POINTER(_Buffer), ctypes.c_size_t
    functions: dict[str, tuple[Any, tuple[Any, ...]]] = {
        "ZSTD_createDStream": (pointer, ()),
        "ZSTD_freeDStream": (size, (pointer,)),
        "ZSTD_decompressStream": (size, (pointer, buffer, buffer)),
        "ZSTD_createCCtx": (pointer, ()),
        "ZSTD_freeCCtx": (size, (pointer,)),
        "ZSTD_CCtx_setParameter": (size, (pointer, ctypes.c_int, ctypes.c_int)),
        "ZSTD_compressStream2": (size, (pointer, buffer, buffer, ctypes.c_int)),
        "ZSTD_isError": (ctypes.c_uint, (size,)),
        "ZSTD_getErrorName": (ctypes.c_char_p, (size,)),
    }
    for name, (answer, arguments) in functions.items():
        function = getattr(library, name)
        function.restype = answer
        function.argtypes = arguments
    return library


class Reader:
    """Decompresses by libzstd; frames that follow each other are one stream."""

    def __init__(self, stream: Readable, library: Any) -> None:
        self._stream = stream
        self._library = library
        self._context = library.ZSTD_createDStream()
        self._held = b""
        self._input = _Buffer(None, 0, 0)
        self._inside = True

    def __del__(self) -> None:
        self._library.ZSTD_freeDStream(self._context)

    def read(self, size: int, /) -> bytes:
        size = min(size, _CHUNK)
        out = ctypes.create_string_buffer(size)
        output = _Buffer(ctypes.cast(out, ctypes.c_void_p), size, 0)
        while not output.position:
            if self._input.position == self._input.size and not self._refill():
                # What a full output held back comes without new input.
                self._inside = self._inside and bool(self._step(output))
                if self._inside and not output.position:
                    raise cut()
                break
            self._inside = bool(self._step(output))
        return out.raw[: output.position]

    def _refill(self) -> bool:
        self._held = self._stream.read(_CHUNK)
        held = ctypes.cast(ctypes.c_char_p(self._held), ctypes.c_void_p)
        self._input = _Buffer(held, len(self._held), 0)
        return bool(self._held)

    def _step(self, output: _Buffer) -> int:
        """Go on; what is left of the frame as the library guesses it, 0 at its end."""
        left = self._library.ZSTD_decompressStream(
            self._context, ctypes.byref(output), ctypes.byref(self._input)
        )
        if self._library.ZSTD_isError(left):
            raise damaged(f"zstd: {self._library.ZSTD_getErrorName(left).decode()}")
        return int(left)


class Writer:
    """Compresses by libzstd, with a checksum in each frame."""

    def __init__(self, stream: Writable, library: Any, level: int, workers: int) -> None:
        self._stream = stream
        self._library = library
        self._context = library.ZSTD_createCCtx()
        self._out = ctypes.create_string_buffer(_CHUNK)
        for parameter, value in ((_PARAMETER_LEVEL, level), (_PARAMETER_CHECKSUM, 1)):
            self._checked(library.ZSTD_CCtx_setParameter(self._context, parameter, value))
        # A library without threads says no; then it is done in this one.
        library.ZSTD_CCtx_setParameter(self._context, _PARAMETER_WORKERS, workers)

    def __del__(self) -> None:
        self._library.ZSTD_freeCCtx(self._context)

    def write(self, data: bytes) -> int:
        """Compress all of it; some may be held back until `close`."""
        data = bytes(data)
        held = ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p)
        source = _Buffer(held, len(data), 0)
        while source.position < source.size:
            self._step(source, _GO_ON)
        return len(data)

    def close(self) -> None:
        """Write what was held back, and the end of the frame."""
        source = _Buffer(None, 0, 0)
        while self._step(source, _END):
            pass

    def _step(self, source: _Buffer, how: int) -> int:
        output = _Buffer(ctypes.cast(self._out, ctypes.c_void_p), _CHUNK, 0)
        left = self._checked(
            self._library.ZSTD_compressStream2(
                self._context, ctypes.byref(output), ctypes.byref(source), how
            )
        )
        if output.position:
            self._stream.write(self._out.raw[: output.position])
        return left

    def _checked(self, answer: int) -> int:
        if self._library.ZSTD_isError(answer):
            raise EnvMgrError(
                "internal", f"zstd: {self._library.ZSTD_getErrorName(answer).decode()}"
            )
        return int(answer)
