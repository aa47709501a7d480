"""What an import would execute, followed from file to file without executing anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .ground import Ground
from .modules import Module
from .sources import Import, is_statement, read_bound, read_names, read_source

_DEEPEST = 6


@dataclass(frozen=True)
class Demand:
    """An import that happens, and where: ``module`` is absolute."""

    file: str
    line: int
    module: str
    names: tuple[str, ...] | None
    text: str


@dataclass(frozen=True)
class Lack:
    """What a demand does not get: the module, or ``name`` in it. ``seen_in`` is its file."""

    demand: Demand
    module: str
    name: str = ""
    seen_in: str = ""


class Importing:
    """Imports on the whole path, within a budget of files."""

    def __init__(self, ground: Ground, budget: int) -> None:
        self._ground = ground
        self._directories = ground.directories
        self._path = ground.whole_path
        self._budget = budget
        self._closures: dict[str, tuple[Demand, ...]] = {}
        self._found: dict[str, Module | None] = {}

    @property
    def is_spent(self) -> bool:
        """Whether the budget did not suffice."""
        return self._budget < 0

    def find(self, name: str) -> Module | None:
        """The module of that dotted name; None if there is none."""
        try:
            return self._found[name]
        except KeyError:
            found = self._found[name] = self._find(name)
            return found

    def _find(self, name: str) -> Module | None:
        places, found = self._path, None
        parts = name.split(".")
        for number, part in enumerate(parts):
            found = self._directories.find(part, places)
            if found is None:
                return None
            if number < len(parts) - 1:
                if found.kind == "namespace":
                    places = self._directories.places(part, places)
                elif found.directory:
                    places = (found.directory,)
                else:
                    return None
        return found

    def is_known(self, name: str) -> bool:
        """Whether ``import name`` finds something, or may: packages can make up submodules."""
        top = name.partition(".")[0]
        if top in self._ground.runtime.stdlib or top == "__future__":
            return True
        if self.find(name) is not None:
            return True
        parts = name.split(".")
        for count in range(len(parts) - 1, 0, -1):
            found = self.find(".".join(parts[:count]))
            if found is None:
                continue
            if found.kind == "compiled" or found.path.endswith(".pyc"):
                return True
            if found.kind == "namespace":
                return False
            is_moving = read_source(found.path, self._ground.kept).is_moving
            return is_moving or self._is_made_elsewhere(".".join(parts[:count]), found)
        return False

    def closure(self, top: str) -> tuple[Demand, ...]:
        """All that ``import top`` imports without condition, within it and beyond."""
        known = self._closures.get(top)
        if known is None:
            known = self._closures[top] = tuple(self._follow(top))
        return known

    def _follow(self, top: str) -> Iterator[Demand]:
        waiting, seen = [top], {top}
        while waiting:
            name = waiting.pop()
            found = self.find(name)
            if found is None or not found.path.endswith(".py"):
                continue
            self._budget -= 1
            if self._budget < 0:
                return
            self._ground.watch(found.path)
            package = name if found.kind == "package" else name.rpartition(".")[0]
            for statement in read_source(found.path, self._ground.kept).imports:
                module = absolute(statement, package)
                if not module:
                    continue
                yield Demand(found.path, statement.line, module, statement.names, statement.text)
                if module.partition(".")[0] != top:
                    continue
                below = [f"{module}.{n}" for n in statement.names or () if n != "*"]
                for inner in (*with_parents(module), *below):
                    if inner not in seen:
                        seen.add(inner)
                        waiting.append(inner)

    def lacks(self, demands: Iterable[Demand], tops: frozenset[str]) -> Iterator[Lack]:
        """What of these modules is asked for and is not there."""
        for demand in demands:
            if demand.module.partition(".")[0] not in tops:
                continue
            lack = self._lack(demand)
            if lack is not None and is_statement(demand.file, demand.line):
                yield lack

    def _lack(self, demand: Demand) -> Lack | None:
        if not self.is_known(demand.module):
            return Lack(demand, demand.module)
        found = self.find(demand.module)
        if found is None:
            return None
        for name in demand.names or ():
            if name != "*" and not self._has(demand.module, found, name, 0):
                return Lack(demand, demand.module, name, found.path)
        return None

    def _has(self, module: str, found: Module, name: str, depth: int) -> bool:
        if found.kind == "compiled" or not found.path.endswith(".py"):
            if found.kind != "namespace":
                return True
            return self.find(f"{module}.{name}") is not None
        self._ground.watch(found.path)
        if name in read_bound(found.path, self._ground.kept):
            return True
        names = read_names(found.path, self._ground.kept)
        if names.is_open or name in names.defined or depth > _DEEPEST:
            return True
        if found.kind == "package" and self.find(f"{module}.{name}") is not None:
            return True
        package = module if found.kind == "package" else module.rpartition(".")[0]
        for origin, level in names.stars:
            other = absolute(Import(0, origin, level, ("*",), ""), package)
            there = self.find(other) if other else None
            if there is None or self._has(other, there, name, depth + 1):
                return True
        return self._is_made_elsewhere(module, found)

    def _is_made_elsewhere(self, module: str, found: Module) -> bool:
        """Whether a module that it imports of its own package makes modules (tlz of toolz)."""
        package = module if found.kind == "package" else module.rpartition(".")[0]
        top = module.partition(".")[0]
        for statement in read_source(found.path, self._ground.kept).imports:
            other = absolute(statement, package)
            if other.partition(".")[0] != top:
                continue
            for name in (other, *(f"{other}.{n}" for n in statement.names or ())):
                there = self.find(name)
                if there is None or not there.path.endswith(".py") or there.path == found.path:
                    continue
                if read_source(there.path, self._ground.kept).is_making:
                    return True
        return False


def absolute(statement: Import, package: str) -> str:
    """The module that an import in ``package`` names; empty where it leads out of everything."""
    if not statement.level:
        return statement.module
    parts = package.split(".")
    if statement.level > len(parts) or not package:
        return ""
    kept = parts[: len(parts) - statement.level + 1]
    return ".".join([*kept, statement.module] if statement.module else kept)


def with_parents(module: str) -> Iterator[str]:
    """A dotted name, after those of the packages that it lies in."""
    parts = module.split(".")
    for count in range(1, len(parts) + 1):
        yield ".".join(parts[:count])
