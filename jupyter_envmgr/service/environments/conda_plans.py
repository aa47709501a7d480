"""What a conda engine is asked with here: channels, proxies and caches, as conda has them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...core.conda.channels import Channels, resolve_channels
from ...core.conda.condarc import CondaConfiguration, read_condarc
from ...core.conda.history import registered, unregistered
from ...core.environments.conda_roots import conda_bases
from ...core.settings import Settings
from ...engines.conda_plan import CondaPlanRequest
from ...system import durable
from ...system.regular import open_regular

_LARGEST = 1 << 20


@dataclass(frozen=True)
class CondaSources:
    """Where conda packages come from on this machine."""

    configuration: CondaConfiguration
    channels: Channels

    @property
    def summary(self) -> str:
        """The channels in one line, without credentials."""
        source = f" ({self.channels.source})" if self.channels.source else ""
        return ", ".join(self.channels.public_urls) + source

    @property
    def secrets(self) -> tuple[str, ...]:
        """All that must not be seen."""
        return tuple(dict.fromkeys([*self.channels.secrets, *self.configuration.secrets]))


def find_sources(settings: Settings, channels: Sequence[str]) -> CondaSources:
    """The sources of a request; with no channels those of conda's configuration.

    Raises ``bad-channel``, ``not-allowed``.
    """
    configuration = read_configuration(settings)
    return CondaSources(configuration, resolve_channels(channels, configuration))


def read_configuration(settings: Settings) -> CondaConfiguration:
    """What conda is configured with on this machine."""
    roots = [base for base, _ in conda_bases(settings)]
    return read_condarc(settings.environ, settings.home, roots)


def conda_plan(
    settings: Settings,
    sources: CondaSources,
    prefix: Path,
    workdir: Path,
    *,
    specs: Sequence[str] = (),
    remove: Sequence[str] = (),
    update: Sequence[str] = (),
    explicit: Sequence[str] = (),
    asked: Sequence[str] = (),
    download: int = 0,
) -> CondaPlanRequest:
    """The request for an engine."""
    configuration = sources.configuration
    return CondaPlanRequest(
        prefix=prefix,
        specs=tuple(specs),
        channels=sources.channels.urls,
        environ=settings.environ,
        workdir=workdir,
        cache=settings.cache / "conda",
        home=settings.home,
        remove=tuple(remove),
        explicit=tuple(explicit),
        asked=tuple(asked),
        offline=configuration.offline,
        mirrors=dict(sources.channels.mirrors),
        proxies=configuration.proxy_servers,
        ssl_verify=configuration.ssl_verify,
        secrets=sources.secrets,
        update=tuple(update),
        channel_priority=configuration.channel_priority,
        packages_dir=_first_writable(configuration.pkgs_dirs),
        pinned=configuration.pinned_packages,
        download=download,
        channel_alias=configuration.channel_alias,
    )


def _first_writable(directories: Sequence[str]) -> Path | None:
    """Where packages are unpacked, as conda chooses: others may be shared, and read-only."""
    for directory in map(Path, directories):
        there = next(path for path in (directory, *directory.parents) if path.exists())
        if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
            return directory
    return Path(directories[0]) if directories else None


def remember_environment(settings: Settings, prefix: Path) -> None:
    """Name an environment in ``~/.conda/environments.txt``, in which conda looks for its own."""
    _note_environments(settings, lambda text: registered(text, str(prefix)))


def forget_environment(settings: Settings, prefix: Path) -> None:
    """Take an environment out of ``~/.conda/environments.txt``."""
    _note_environments(settings, lambda text: unregistered(text, str(prefix)))


def _note_environments(settings: Settings, change: Callable[[str], str]) -> None:
    """A home that cannot be written to keeps what it says, which does no harm."""
    path = settings.home / ".conda" / "environments.txt"
    text = ""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        with contextlib.suppress(FileNotFoundError), open_regular(path) as file:
            text = file.read(_LARGEST).decode()
        noted = change(text)
        if noted != text and len(text) < _LARGEST:
            durable.make_directory(path.parent, exist_ok=True)
            durable.write_file(path, noted.encode())
