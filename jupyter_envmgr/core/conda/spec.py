"""A conda spec as a value, and its normal form."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .constraint import exactly

SIMPLE_BUILD = re.compile(r"[A-Za-z0-9_.+*-]+")


HASHES = ("md5", "sha256")


@dataclass(frozen=True)
class Spec:
    """One conda spec that was found good. ``text`` is its normal form, one line without options.

    ``version`` is a constraint such as ``==1.2``, ``1.2.*`` or ``>=1,<2``, ``build`` a pattern;
    either is empty for any. ``channel`` is a name or URL. ``keys`` are the other keys in
    brackets. ``line`` counts from 1 in the ``field`` that it came from.
    """

    name: str
    version: str = ""
    build: str = ""
    channel: str = ""
    subdir: str = ""
    url: str = ""
    keys: tuple[tuple[str, str], ...] = ()
    field: str = "packages"
    line: int = 1

    @property
    def text(self) -> str:
        """The spec as conda, mamba and rattler read it, and `parse_spec` again."""
        if self.url:
            # rattler takes a hash without a word before it for an MD5.
            hashes = {key: value for key, value in self.keys if key in HASHES}
            sha256 = f"#sha256:{hashes['sha256']}" if "sha256" in hashes else ""
            return self.url + (f"#{hashes['md5']}" if "md5" in hashes else sha256)
        keys = list(self.keys)
        channel = self.channel
        if channel and self.subdir:
            channel += f"/{self.subdir}"
        elif self.subdir:
            keys.append(("subdir", self.subdir))
        name = f"{channel}::{self.name}" if channel else self.name
        simple = SIMPLE_BUILD.fullmatch(self.build)
        exact = exactly(self.version)
        if not self.build:
            body = _versioned(self.version)
        elif simple and exact:
            body = f"={exact}={self.build}"
        elif simple and (not self.version or is_series(self.version)):
            body = f"={self.version or '*'}={self.build}"
        else:
            body = ""
            named = (("version", self.version), ("build", self.build))
            keys = [pair for pair in named if pair[1]] + keys
        if not keys:
            return name + body
        return f"{name}{body}[{','.join(f'{key}={_quoted(value)}' for key, value in keys)}]"


def _versioned(version: str) -> str:
    if not version or version[0] in "=<>!~":
        return version
    if is_series(version):
        return f"={version.removesuffix('.*')}"
    return f" {version}"


def is_series(version: str) -> bool:
    """Whether it is a series alone: ``1.2.*``."""
    return version.endswith(".*") and not set(version) & set("=<>!~,|()") - {"!"}


def _quoted(value: str) -> str:
    return f"'{value}'" if re.search(r"[^A-Za-z0-9_.-]", value) else value
