"""The person's pip configuration, read as pip reads it: files, then PIP_* variables."""

from __future__ import annotations

import configparser
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_COMMANDS = ("global", "install")
_TRUE = ("y", "yes", "t", "true", "on", "1")

OF_AN_ENVIRONMENT = "".join(
    f"[{section}]\nuser = false\ntarget =\nprefix =\nroot =\npython =\nconstraint =\n"
    for section in _COMMANDS
)
"""The pip.conf of a new environment: what leads away from it counts here no more.

pip reads the one below ``sys.prefix`` after those of the person and of the machine, and skips
what is empty. Their indexes, certificates and proxy go on to count.
"""


@dataclass(frozen=True)
class Option:
    """A value that is set, and where: a file's path or a variable's name."""

    value: str
    source: str

    @property
    def words(self) -> tuple[str, ...]:
        """The value of an option that may be given several times."""
        return tuple(self.value.split())

    @property
    def is_true(self) -> bool:
        """The value of a switch, as pip reads it (distutils' strtobool)."""
        return self.value.strip().lower() in _TRUE


@dataclass(frozen=True)
class PipConfiguration:
    """pip's options by their long names, and the notices about files that cannot be read."""

    options: Mapping[str, Option]
    notices: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Option | None:
        return self.options.get(name)


def read(environ: Mapping[str, str], home: Path, prefix: Path) -> PipConfiguration:
    """What ``pip install`` of the Python at ``prefix`` would be configured with.

    Where pip would fail on a file that it cannot read or understand, the file is left out and a
    notice says so. Order and rules: pip's documentation, "Configuration".
    """
    sections: dict[str, dict[str, Option]] = {name: {} for name in _COMMANDS}
    notices = []
    for path in _files(environ, home, prefix):
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read_string(path.read_text(encoding="utf-8"), str(path))
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError, configparser.Error) as error:
            reason = str(error).splitlines()[0]
            notices.append(f"pip's configuration {path} is left out: {reason}")
            continue
        for name in _COMMANDS:
            if parser.has_section(name):
                for key, value in parser.items(name):
                    sections[name][_normal(key)] = Option(value or "", str(path))
    options = {**sections["global"], **sections["install"]}
    for key, value in environ.items():
        if key.startswith("PIP_"):
            options[_normal(key[4:])] = Option(value, key)
    return PipConfiguration({k: v for k, v in options.items() if v.value.strip()}, tuple(notices))


def _files(environ: Mapping[str, str], home: Path, prefix: Path) -> Iterator[Path]:
    """The files in the order in which the later overrides the earlier."""
    named = environ.get("PIP_CONFIG_FILE", "")
    if named == os.devnull:
        return
    system = environ.get("XDG_CONFIG_DIRS", "").strip() or "/etc/xdg"
    for directory in system.split(os.pathsep):
        yield Path(directory) / "pip" / "pip.conf"
    yield Path("/etc/pip.conf")
    if not (named and Path(named).exists()):
        yield home / ".pip" / "pip.conf"
        user = environ.get("XDG_CONFIG_HOME", "").strip()
        yield (Path(user) if user else home / ".config") / "pip" / "pip.conf"
    yield prefix / "pip.conf"
    if named:
        yield Path(named)


def _normal(name: str) -> str:
    return name.lower().replace("_", "-").removeprefix("--")
