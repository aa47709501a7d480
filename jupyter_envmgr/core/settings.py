"""Settings: plain data that both doors make from configuration and pass in."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT_VARIABLE = "JUPYTER_ENVMGR_ROOT"
DEFAULT_LOCATION = "home"


@dataclass(frozen=True)
class Location:
    """A named directory that holds managed environments and carries their records."""

    name: str
    path: Path

    @property
    def records(self) -> Path:
        """Where the records of this location's environments lie, one JSON file each."""
        return self.path / ".envmgr" / "records"

    @property
    def locks(self) -> Path:
        """Where the locks of this location's environments lie."""
        return self.path / ".envmgr" / "locks"

    @property
    def staging(self) -> Path:
        """Where a directory is made before it is renamed to its name."""
        return self.path / ".envmgr" / "staging"

    @property
    def aside(self) -> Path:
        """Where the old one is kept, with its record, while a new one of its name is made."""
        return self.path / ".envmgr" / "aside"

    @property
    def revisions(self) -> Path:
        """Where it is noted what environments held after each change."""
        return self.path / ".envmgr" / "revisions"

    @property
    def trash(self) -> Path:
        """Where a directory is renamed to before it is deleted: same file system by design."""
        return self.path / ".envmgr" / "trash"


@dataclass(frozen=True)
class Settings:
    """All that the layers below may know about this person, machine and configuration.

    ``environ`` is a snapshot of the process environment; no layer below the doors reads
    ``os.environ``. ``locations[0]`` is the default one.
    """

    root: Path
    home: Path
    locations: tuple[Location, ...]
    image_prefix: Path
    image_interpreter: Path
    kernel_dirs: tuple[Path, ...]
    user_kernels: Path
    image_kernels: Path
    environ: Mapping[str, str]
    search_paths: tuple[Path, ...] = ()
    index_url: str | None = None
    extra_index_urls: tuple[str, ...] = ()
    allow_downloads: bool = True
    allowed_url_schemes: tuple[str, ...] = ()
    link_mode: str = "copy"
    max_running_jobs: int = 2
    door: str = "library"

    @property
    def jobs(self) -> Path:
        """Where jobs lie, one directory each."""
        return self.root / "jobs"

    @property
    def cache(self) -> Path:
        """Where things lie that can be computed or downloaded again."""
        return self.root / "cache"

    @property
    def pythons(self) -> Path:
        """Where the Pythons lie that are fetched: not below ~/.local, which people move away."""
        named = self.environ.get("UV_PYTHON_INSTALL_DIR", "")
        return Path(named) if named.startswith("/") else self.root / "pythons"

    @property
    def default_location(self) -> Location:
        """Where an environment goes if nothing else is said."""
        return self.locations[0]


def plain_settings(environ: Mapping[str, str], door: str, root: Path | None = None) -> Settings:
    """The settings without any configuration file, for where nothing can read one."""
    home = Path(environ.get("HOME") or Path.home())
    named = environ.get(ROOT_VARIABLE, "")
    chosen = root or (Path(named) if os.path.isabs(named) else home / ".envmgr")
    prefix = Path(sys.prefix)
    data = environ.get("JUPYTER_DATA_DIR") or os.path.join(
        environ.get("XDG_DATA_HOME") or home / ".local" / "share", "jupyter"
    )
    user, image = Path(data) / "kernels", prefix / "share" / "jupyter" / "kernels"
    return Settings(
        root=Path(os.path.abspath(chosen)),
        home=home,
        locations=(Location(DEFAULT_LOCATION, Path(os.path.abspath(chosen)) / "environments"),),
        image_prefix=prefix,
        image_interpreter=Path(sys.executable or prefix / "bin" / "python"),
        kernel_dirs=(user, image),
        user_kernels=user,
        image_kernels=image,
        environ=dict(environ),
        door=door,
    )
