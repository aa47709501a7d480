"""All environments of this machine and person: the image's own, the managed ones, those found."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from ..kernels.model import Kernel
from ..kernels.scan import FoundKernel, KernelScan
from ..settings import Settings
from .describe import Describer, Sight
from .disk import Disk, real_path, shown
from .interpreters import Program, digest, program_at
from .managed import LocationRecords, managed_prefixes
from .model import Environment, KernelOf, Record
from .mounts import Mounts
from .prefixes import Prefix, look_at
from .roots import Candidate, candidates

IMAGE_ID = "image"
MOST_ENVIRONMENTS = 5000
_GENERIC_NAMES = frozenset({".venv", "venv", "env", ".env"})


@dataclass(frozen=True)
class Found:
    """Everything that was found in one look.

    ``sights`` are the environments with their true paths, which a name that is not UTF-8 keeps
    out of `Environment`.
    """

    sights: tuple[Sight, ...]
    kernels: tuple[Kernel, ...]
    warnings: tuple[str, ...] = ()

    @property
    def environments(self) -> tuple[Environment, ...]:
        """The environments as they are shown."""
        return tuple(sight.environment for sight in self.sights)


class Discovery:
    """Looks for environments, and makes anew only what has changed since the last look."""

    def __init__(self, settings: Settings, disk: Disk) -> None:
        self._settings = settings
        self._disk = disk
        self._describer = Describer(settings, disk)
        self._kernels: dict[str, tuple[Kernel, str | None, Kernel]] = {}

    def look(
        self,
        mounts: Mounts,
        kernels: KernelScan,
        locations: Sequence[LocationRecords],
        is_being_made: Callable[[Record], bool],
        programs: Sequence[Program],
        image: str = "",
    ) -> Found:
        """Everything there is now. Reads files only, and only those that changed."""
        look = _Look(self._settings, self._disk, self._describer, mounts, kernels, programs)
        look.image(image)
        for location in locations:
            look.managed(location, is_being_made)
        look.found()
        look.interpreters()
        sights = tuple(look.sights.values())
        return Found(sights, self._with_environments(look), tuple(dict.fromkeys(look.warnings)))

    def _with_environments(self, look: _Look) -> tuple[Kernel, ...]:
        """The kernels, each with the id of the environment that it starts."""
        made: dict[str, tuple[Kernel, str | None, Kernel]] = {}
        for found in look.kernels:
            sight = look.sights.get(look.key_of(found))
            identifier = sight.environment.id if sight else None
            known = self._kernels.get(found.kernel.name)
            if known is None or known[0] is not found.kernel or known[1] != identifier:
                known = found.kernel, identifier, replace(found.kernel, environment=identifier)
            made[found.kernel.name] = known
        self._kernels = made
        return tuple(known[2] for known in made.values())


class _Look:
    """One look: what was seen so far, by key, which is a true path of a prefix or a program."""

    def __init__(
        self,
        settings: Settings,
        disk: Disk,
        describer: Describer,
        mounts: Mounts,
        scan: KernelScan,
        programs: Sequence[Program],
    ) -> None:
        self.sights: dict[str, Sight] = {}
        self.kernels = scan.kernels
        self.warnings = list(scan.warnings)
        self._settings = settings
        self._disk = disk
        self._describer = describer
        self._mounts = mounts
        self._ids: set[str] = {IMAGE_ID}
        self._programs = programs
        self._keys: dict[str, str] = {}
        self._links: dict[str, list[KernelOf]] = {}
        for kernel in self.kernels:
            self._links.setdefault(self.key_of(kernel), []).append(kernel.link)

    def key_of(self, kernel: FoundKernel) -> str:
        """The key of what a kernel starts; an empty one if that is no Python."""
        if kernel.prefix is None or kernel.interpreter is None:
            return ""
        key = self._keys.get(kernel.interpreter)
        if key is None:
            prefix = look_at(self._disk, kernel.prefix)
            if prefix.facts is not None:
                key = prefix.real
            elif self._disk.exists(kernel.interpreter):
                key = real_path(self._disk, kernel.interpreter)
            else:
                key = kernel.owner or kernel.prefix
            self._keys[kernel.interpreter] = key
        return key

    def image(self, name: str) -> None:
        """The image's own Python."""
        settings = self._settings
        prefix = look_at(self._disk, str(settings.image_prefix))
        program = next((p for p in self._programs if p.is_image), None)
        key = prefix.real if prefix.facts else program.path if program else prefix.path
        links = self._links_of(key)
        self.sights[key] = self._describer.image(prefix, program, name, links, self._mounts)

    def managed(self, location: LocationRecords, is_being_made: Callable[[Record], bool]) -> None:
        """What a location holds."""
        default = location.location is self._settings.locations[0]
        for entry in managed_prefixes(self._disk, location, is_being_made, self._warn):
            key = entry.prefix.real
            if key in self.sights:
                continue
            if entry.is_ours:
                identifier = entry.name if default else f"{entry.name}@{location.location.name}"
                if identifier in self._ids:
                    identifier = f"{entry.name}@{location.location.name}"
                self._ids.add(identifier)
            else:
                identifier = self._made_up(entry.name, key)
            links = self._links_of(key)
            self.sights[key] = self._describer.managed(entry, identifier, links, self._mounts)

    def found(self) -> None:
        """Those that nobody told us of, and those that kernels name."""
        new: dict[str, tuple[Prefix, str]] = {}
        places = candidates(self._settings, self._disk, self._is_environment)
        self.warnings += places.warnings
        for candidate in places.found:
            self._if_new(candidate, new)
        for kernel in self.kernels:
            if kernel.prefix is not None:
                named = Candidate(kernel.prefix, f"kernel {kernel.kernel.name}", True)
                self._if_new(named, new)
        rows = sorted((_name_of(prefix), key) for key, (prefix, _) in new.items())
        if len(rows) > MOST_ENVIRONMENTS:
            self._warn(f"Only {MOST_ENVIRONMENTS} of {len(rows)} found environments are listed.")
        for name, key in rows[:MOST_ENVIRONMENTS]:
            prefix, source = new[key]
            identifier, links = self._made_up(name, key), self._links_of(key)
            self.sights[key] = self._describer.found(
                prefix, shown(name), source, identifier, links, self._mounts
            )

    def interpreters(self) -> None:
        """The Pythons that are no environment made by anybody."""
        programs = {program.path: program for program in self._programs}
        for kernel in self.kernels:
            path = self.key_of(kernel)
            if kernel.interpreter and path not in self.sights and path not in programs:
                program = program_at(self._disk, path, f"kernel {kernel.kernel.name}")
                if program is not None:
                    programs[path] = program
        for path, program in programs.items():
            prefix = look_at(self._disk, program.prefix)
            if path not in self.sights and prefix.real not in self.sights:
                name = f"Python {program.version}".strip()
                identifier, links = self._made_up(name, path), self._links_of(path)
                self.sights[path] = self._describer.interpreter(
                    program, name, identifier, links, self._mounts
                )

    def _if_new(self, candidate: Candidate, new: dict[str, tuple[Prefix, str]]) -> None:
        prefix = look_at(self._disk, candidate.path)
        if prefix.facts is None or prefix.real in self.sights:
            return
        if candidate.is_likely or not prefix.facts.is_closed:
            new.setdefault(prefix.real, (prefix, candidate.source))

    def _is_environment(self, path: str) -> bool:
        facts = look_at(self._disk, path).facts
        return facts is not None and not facts.is_closed

    def _links_of(self, key: str) -> tuple[KernelOf, ...]:
        return tuple(self._links.get(key, ()))

    def _made_up(self, name: str, key: str) -> str:
        identifier = made_up_id(name, key)
        while identifier in self._ids:
            key += "/"
            identifier = made_up_id(name, key)
        self._ids.add(identifier)
        return identifier

    def _warn(self, words: str) -> None:
        self.warnings.append(words)


@lru_cache(maxsize=2 * MOST_ENVIRONMENTS)
def made_up_id(name: str, key: str) -> str:
    """The id of an environment that was found: the same as long as it stays where it is."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].strip("-")
    return f"found-{slug or 'environment'}-{digest(key)}"


def _name_of(prefix: Prefix) -> str:
    """What people call it: a ``.venv`` has the name of its project."""
    name = os.path.basename(prefix.path)
    if name in _GENERIC_NAMES:
        prompt = prefix.facts.prompt if prefix.facts else ""
        generic = not prompt or prompt in _GENERIC_NAMES or prompt == "."
        name = os.path.basename(os.path.dirname(prefix.path)) if generic else prompt
    return name or "environment"
