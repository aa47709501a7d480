"""Configuration: traitlets of an administrator or a person become `Settings`, for both doors."""

from __future__ import annotations

import os
import string
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_core import paths
from jupyter_core.paths import jupyter_config_path, jupyter_data_dir, jupyter_path
from traitlets import Bool, Dict, Enum, Integer, List, TraitError, Unicode, validate
from traitlets.config import Config, LoggingConfigurable
from traitlets.config.loader import (
    ConfigFileNotFound,
    JSONFileConfigLoader,
    PyFileConfigLoader,
)

from .core.errors import EnvMgrError
from .core.names import check_name
from .core.packages.indexes import check_url
from .core.settings import DEFAULT_LOCATION, ROOT_VARIABLE, Location, Settings

LINK_MODES = ("hardlink", "copy", "clone", "symlink")
URL_SCHEMES = ("https", "http", "file", "git+https", "git+http", "git+ssh", "git+file")
# The later overrides the earlier. Those that start with jupyter_server are the server's own.
_FILES = ("jupyter_config", "jupyter_server_config", "jupyter_envmgr_config")


class EnvMgr(LoggingConfigurable):
    """Environments, kernels and user packages."""

    root = Unicode(
        "~/.envmgr",
        help="Where jobs, caches and, by default, environments lie. It should outlive the "
        "container, and must not lie below ~/.local, which people move away. "
        f"The variable {ROOT_VARIABLE} comes before this.",
    ).tag(config=True)
    locations = Dict(
        key_trait=Unicode(),
        value_trait=Unicode(),
        help="More places for environments, as {name: directory}: shared storage of a team or a "
        "cluster. Each carries its own records, so whoever mounts it sees its environments. "
        f"{DEFAULT_LOCATION!r} is the default one, ROOT/environments unless it is given here.",
    ).tag(config=True)
    search_paths = List(
        Unicode(),
        help="Directories in which environments are looked for, besides the usual places.",
    ).tag(config=True)
    image_python = Unicode(
        "",
        help="The image's own Python, where Jupyter runs on another one. Empty: that of Jupyter.",
    ).tag(config=True)
    index_url = Unicode(
        "",
        help="The package index to install from. Empty: what pip and uv are configured to use.",
    ).tag(config=True)
    extra_index_urls = List(Unicode(), help="Further package indexes.").tag(config=True)
    allow_downloads = Bool(
        True, help="Whether uv may download a Python that is not on the machine."
    ).tag(config=True)
    allowed_url_schemes = List(
        Enum(URL_SCHEMES),
        ["https", "git+https"],
        help="URL schemes that a requirement such as `name @ https://…` may have, of "
        f"{', '.join(URL_SCHEMES)}.",
    ).tag(config=True)
    link_mode = Enum(
        LINK_MODES,
        "hardlink",
        help="How uv puts files from its cache into environments. 'hardlink' is quick and takes no "
        "room; with 'copy' a file that somebody edits changes in one environment only.",
    ).tag(config=True)
    max_running_jobs = Integer(2, help="How many jobs run at once, 1 to 16; others wait.").tag(
        config=True
    )

    @validate("locations")
    def _check_locations(self, proposal: Any) -> dict[str, str]:
        for name in proposal["value"]:
            try:
                check_name(name)
            except EnvMgrError as error:
                raise TraitError(f"EnvMgr.locations: {error.detail}") from None
        return dict(proposal["value"])

    @validate("index_url")
    def _check_index(self, proposal: Any) -> str:
        return _checked(proposal["value"], "EnvMgr.index_url") if proposal["value"] else ""

    @validate("extra_index_urls")
    def _check_extra_indexes(self, proposal: Any) -> list[str]:
        urls = enumerate(proposal["value"])
        return [_checked(url, f"EnvMgr.extra_index_urls[{i}]") for i, url in urls]

    @validate("max_running_jobs")
    def _check_jobs(self, proposal: Any) -> int:
        if not 1 <= proposal["value"] <= 16:
            raise TraitError(f"EnvMgr.max_running_jobs: {proposal['value']} is not 1 to 16")
        return int(proposal["value"])


def _checked(url: str, field: str) -> str:
    try:
        return check_url(url, field)
    except EnvMgrError as error:
        raise TraitError(error.detail) from None


def file_config() -> Config:
    """What the configuration files of Jupyter say, for a door that is not a Jupyter application.

    Raises ``bad-configuration`` for a file that cannot be read or run.
    """
    config = Config()
    for name in _FILES:
        for directory in reversed(jupyter_config_path()):
            for loader in (
                PyFileConfigLoader(f"{name}.py", path=directory),
                JSONFileConfigLoader(f"{name}.json", path=directory),
            ):
                try:
                    config.merge(loader.load_config())
                except ConfigFileNotFound:
                    continue
                except (Exception, SystemExit) as error:
                    # The Python files are programs of the person: anything may come out of them.
                    said = f"{type(error).__name__}: {error}".rstrip(": ")
                    raise _bad(f"{loader.full_filename}: {said}") from error
    return config


def settings(
    config: Config, door: str, environ: Mapping[str, str], root: Path | None = None
) -> Settings:
    """The settings of this process: ``root``, else JUPYTER_ENVMGR_ROOT, comes before the files.

    Raises ``bad-configuration``, which names the option.
    """
    section = config.get("EnvMgr", {})
    if not isinstance(section, Mapping):
        raise _bad(f"EnvMgr: {section!r:.80} is no table of options")
    try:
        traits = EnvMgr(config=config)
    except TraitError as error:
        raise _bad(str(error)) from error
    home = Path(environ.get("HOME") or Path.home())
    expand = _Expand(home, environ)
    chosen = _root(traits, root, expand)
    if _lies_in(chosen, home / ".local"):
        raise _bad(f"EnvMgr.root: {chosen} lies below ~/.local, which people move away")
    python = Path(sys.executable or Path(sys.prefix) / "bin" / "python")
    prefix = Path(sys.prefix)
    if traits.image_python:
        python = expand("image_python", traits.image_python)
        prefix = python.parent.parent
    return Settings(
        root=chosen,
        home=home,
        locations=_locations(traits, chosen, expand),
        image_prefix=prefix,
        image_interpreter=python,
        kernel_dirs=_kernel_dirs(config, home, environ),
        user_kernels=Path(jupyter_data_dir()) / "kernels",
        # Jupyter looks below the Python that it runs on itself, whatever the image's own is.
        image_kernels=Path(paths.ENV_JUPYTER_PATH[0]) / "kernels",
        environ=dict(environ),
        search_paths=tuple(expand("search_paths", path) for path in traits.search_paths),
        index_url=traits.index_url or None,
        extra_index_urls=tuple(traits.extra_index_urls),
        allow_downloads=traits.allow_downloads,
        allowed_url_schemes=tuple(traits.allowed_url_schemes),
        link_mode=traits.link_mode,
        max_running_jobs=traits.max_running_jobs,
        door=door,
    )


class _Expand:
    """A path as it is written in a configuration: ``~`` and ``$VARIABLE`` filled in, absolute."""

    def __init__(self, home: Path, environ: Mapping[str, str]) -> None:
        self._home = home
        self._environ = environ

    def __call__(self, option: str, text: str) -> Path:
        try:
            path = string.Template(text).substitute(self._environ)
        except KeyError as error:
            raise _bad(f"EnvMgr.{option}: {text!r}: ${error.args[0]} is not set") from None
        except ValueError:
            raise _bad(f"EnvMgr.{option}: {text!r}: write $$ for a dollar sign") from None
        if path == "~" or path.startswith("~/"):
            path = f"{self._home}{path[1:]}"
        path = os.path.normpath(os.path.expanduser(path))
        if not os.path.isabs(path) or "\0" in path:
            raise _bad(f"EnvMgr.{option}: {text!r} is not an absolute path")
        return Path(path)


def _root(traits: EnvMgr, given: Path | None, expand: _Expand) -> Path:
    if given is not None:
        return Path(os.path.abspath(given))
    named = expand._environ.get(ROOT_VARIABLE)
    if named and not os.path.isabs(named):
        raise _bad(f"{ROOT_VARIABLE}: {named!r} is not an absolute path")
    return Path(os.path.normpath(named)) if named else expand("root", traits.root)


def _lies_in(path: Path, directory: Path) -> bool:
    """Whether it does as it is written, or by the links on the way: what is moved is the target."""
    pairs = ((path, directory), (Path(os.path.realpath(path)), Path(os.path.realpath(directory))))
    return any(inner == outer or outer in inner.parents for inner, outer in pairs)


def _locations(traits: EnvMgr, root: Path, expand: _Expand) -> tuple[Location, ...]:
    """The default location, then the others by name. None may lie in another."""
    paths = {DEFAULT_LOCATION: root / "environments"}
    for name in sorted(traits.locations):
        paths[name] = expand("locations", traits.locations[name])
    for name, path in paths.items():
        for other, place in paths.items():
            if name != other and (path == place or place in path.parents):
                raise _bad(f"EnvMgr.locations: {name!r} ({path}) lies in {other!r} ({place})")
    return tuple(Location(name, path) for name, path in paths.items())


def _kernel_dirs(config: Config, home: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Where Jupyter looks for kernelspecs, in its order (`KernelSpecManager.kernel_dirs`)."""
    chosen = config["KernelSpecManager"].get("kernel_dirs") if "KernelSpecManager" in config else ()
    if isinstance(chosen, list) and chosen:
        return tuple(Path(directory) for directory in chosen)
    ipython = environ.get("IPYTHONDIR") or str(home / ".ipython")
    return tuple(map(Path, (*jupyter_path("kernels"), os.path.join(ipython, "kernels"))))


def _bad(detail: str) -> EnvMgrError:
    return EnvMgrError("bad-configuration", detail)
