"""What a conda environment is to be, and what a solver would change: for all conda engines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class CondaPlanRequest:
    """What is asked of a conda engine for the environment at ``prefix`` (absolute).

    ``specs`` are valid MatchSpecs and ``explicit`` addresses of packages; with the latter there
    is nothing to solve. ``channels`` are names or addresses, first has priority, and may carry
    credentials: these, and whatever else must not be seen, are in ``secrets``. ``platform`` is
    a subdir, empty for this machine's. ``workdir`` is a private directory: the commands run in
    it, and the files are read from it. ``cache`` holds packages that outlive the job; ``home``
    is the person's, where ``.conda/environments.txt`` and ``.condarc`` lie. ``mirrors`` maps a
    channel's address to those to use instead, ``proxies`` a scheme to an address; ``ssl_verify``
    is as in ``.condarc``: whether, or a file of certificates.

    ``update`` are names of packages to bring to their newest versions, ``*`` for all that are
    there. ``channel_priority`` is ``strict``, ``flexible`` or ``disabled``. ``packages_dir`` is
    where packages are unpacked, None for a place in ``cache``. ``download`` is how many bytes a
    solution said are to come: for progress alone, 0 if unknown. ``channel_alias`` is what a
    channel's name is put behind, conda's own if empty. ``asked`` are specs that ``explicit`` came
    of, for the history: they hold when packages change later. ``pinned`` are specs that nothing may
    break, beside those of the environment itself.
    """

    prefix: Path
    specs: tuple[str, ...]
    channels: tuple[str, ...]
    environ: Mapping[str, str]
    workdir: Path
    cache: Path
    home: Path
    remove: tuple[str, ...] = ()
    explicit: tuple[str, ...] = ()
    platform: str = ""
    offline: bool = False
    mirrors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    proxies: Mapping[str, str] = field(default_factory=dict)
    ssl_verify: str | bool = True
    secrets: tuple[str, ...] = ()
    update: tuple[str, ...] = ()
    channel_priority: str = "strict"
    packages_dir: Path | None = None
    download: int = 0
    channel_alias: str = ""
    asked: tuple[str, ...] = ()
    pinned: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """One package that a solution changes.

    ``before`` is empty for what is new, ``after`` for what goes. ``build``, ``channel`` and the
    sizes are of what comes, and of what goes where nothing comes. ``size`` counts the bytes to
    download, None if they are in the cache; ``installed_size`` those on disk, None if unknown.
    """

    name: str
    before: str
    after: str
    build: str = ""
    channel: str = ""
    size: int | None = None
    installed_size: int | None = None


@dataclass(frozen=True)
class Solution:
    """What a solver would change: sums in bytes, and the virtual packages it reckoned with.

    ``disk`` is None where the tool does not tell how much room that takes.
    """

    changes: tuple[Change, ...]
    download: int = 0
    disk: int | None = None
    virtual_packages: tuple[str, ...] = ()
