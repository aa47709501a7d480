"""What was read of an environment, put into the form in which every door shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..settings import Settings
from .asked import asked_for
from .disk import Disk, shown
from .facts import Facts, count_distributions, site_directories
from .interpreters import Program
from .managed import ManagedPrefix
from .model import Environment, EnvironmentKind, KernelOf, Manager
from .mounts import Mounts
from .prefixes import Prefix
from .visibility import user_base, user_site_visible

_NOTHING = Facts(kind="venv", status="broken", watched=())
_Links = tuple[KernelOf, ...]


@dataclass(frozen=True)
class Sight:
    """An environment as it is shown, and its paths as the disk has them."""

    environment: Environment
    path: str
    interpreter: str | None


class Describer:
    """Makes environments, and gives the same object again while nothing about it has changed."""

    def __init__(self, settings: Settings, disk: Disk) -> None:
        self._disk = disk
        self._settings = settings
        self._base = user_base(settings.environ, settings.home)
        self._made: dict[str, tuple[tuple[object, ...], Sight]] = {}

    def image(
        self, prefix: Prefix, program: Program | None, name: str, links: _Links, mounts: Mounts
    ) -> Sight:
        """The image's own Python: read-only, whoever may write to it."""
        facts = prefix.facts or _NOTHING
        interpreter = str(self._settings.image_interpreter)
        count = facts.package_count if prefix.facts else self._count(program)

        def make() -> Sight:
            version = program.version if program else facts.python
            visible, why = self._visible(facts.sees_system, version, links, facts.kind)
            here = program is not None
            environment = Environment(
                id="image",
                name="image",
                kind="image",
                managed=False,
                status="ready" if here else "broken",
                path=shown(prefix.path),
                reason="" if here else f"its interpreter is not here: {shown(interpreter)}",
                manager=_manager(facts),
                engine=facts.engine,
                python=version,
                implementation=program.implementation if program else "",
                interpreter=shown(interpreter) if here else None,
                base=shown(program.path) if program and program.path != interpreter else None,
                persistence=mounts.persistence(prefix.path),
                user_site=visible,
                user_site_why=shown(why),
                kernels=links,
                package_count=count,
                display_name=name,
                source="the Python that Jupyter runs with",
            )
            return Sight(environment, prefix.path, interpreter)

        return self._once("image", (prefix, program, name, links, mounts, count), make)

    def managed(
        self, entry: ManagedPrefix, identifier: str, links: _Links, mounts: Mounts
    ) -> Sight:
        """An environment of a location."""
        return self._once(
            f"managed {identifier}",
            (entry, links, mounts),
            lambda: self._managed(entry, identifier, links, mounts),
        )

    def _managed(
        self, entry: ManagedPrefix, identifier: str, links: _Links, mounts: Mounts
    ) -> Sight:
        facts, record = entry.prefix.facts or _NOTHING, entry.record
        version = facts.python or (record.python if record else "")
        visible, why = self._visible(
            facts.sees_system if entry.prefix.facts else False, version, links, facts.kind
        )
        path = entry.prefix.path
        unfinished = entry.status in ("creating", "failed")
        environment = Environment(
            id=identifier,
            name=shown(entry.name),
            kind="conda" if _is_conda(entry) else "venv",
            managed=entry.is_ours,
            status=entry.status,
            path=shown(path),
            reason=entry.reason or self._standing(facts, path, mounts),
            problem=entry.problem,
            manager=record.request.manager if record else _manager(facts),
            engine=record.engine.name if record else facts.engine,
            python=version,
            implementation=facts.implementation,
            interpreter=shown(facts.interpreter) if facts.interpreter else None,
            base=facts.base,
            location=entry.location.name,
            persistence=mounts.persistence(
                entry.prefix.real, is_real=entry.prefix.facts is not None
            ),
            created=record.created if record else facts.created,
            user_site=visible,
            user_site_why=shown(why),
            kernels=links,
            package_count=facts.package_count,
            display_name=record.display_name if record else "",
            remarks=record.remarks if record else "",
            labels=record.labels if record else {},
            # Hashes stay where it failed: who corrects a line and tries again must not lose them.
            asked_for=asked_for(record.request, hashed=record.status == "failed") if record else (),
            job=record.job if record and unfinished else None,
            writable=entry.prefix.writable,
            source=f"location {entry.location.name}",
        )
        return Sight(environment, path, facts.interpreter)

    def found(
        self,
        prefix: Prefix,
        name: str,
        source: str,
        identifier: str,
        links: _Links,
        mounts: Mounts,
    ) -> Sight:
        """A virtual or conda environment that somebody else made."""
        facts = prefix.facts or _NOTHING

        def make() -> Sight:
            visible, why = self._visible(facts.sees_system, facts.python, links, facts.kind)
            environment = Environment(
                id=identifier,
                name=name,
                kind=facts.kind,
                managed=False,
                status=facts.status,
                path=shown(prefix.path),
                reason=facts.reason or self._standing(facts, prefix.path, mounts),
                manager=_manager(facts),
                engine=facts.engine,
                python=facts.python,
                implementation=facts.implementation,
                interpreter=shown(facts.interpreter) if facts.interpreter else None,
                base=facts.base,
                persistence=mounts.persistence(prefix.real, is_real=True),
                created=facts.created,
                user_site=visible,
                user_site_why=shown(why),
                kernels=links,
                package_count=facts.package_count,
                writable=prefix.writable,
                source=shown(source),
            )
            return Sight(environment, prefix.path, facts.interpreter)

        return self._once(f"found {identifier}", (prefix, name, source, links, mounts), make)

    def interpreter(
        self, program: Program, name: str, identifier: str, links: _Links, mounts: Mounts
    ) -> Sight:
        """A Python as it was installed, with what is installed into it."""
        count = self._count(program)

        def make() -> Sight:
            visible, why = self._visible(None, program.version, links, "interpreter")
            environment = Environment(
                id=identifier,
                name=name,
                kind="interpreter",
                managed=False,
                status="ready",
                path=shown(program.prefix),
                manager="pip",
                python=program.version,
                implementation=program.implementation,
                interpreter=shown(program.path),
                persistence=mounts.persistence(program.path, is_real=True),
                user_site=visible,
                user_site_why=shown(why),
                kernels=links,
                package_count=count,
                display_name=f"{name} ({program.source})",
                source=shown(program.source),
            )
            return Sight(environment, program.prefix, program.path)

        return self._once(f"program {identifier}", (program, name, links, mounts, count), make)

    def _once(self, key: str, inputs: tuple[object, ...], make: Callable[[], Sight]) -> Sight:
        known = self._made.get(key)
        if known is not None and known[0] == inputs:
            return known[1]
        sight = make()
        self._made[key] = inputs, sight
        return sight

    def _visible(
        self, sees_system: bool | None, python: str, links: _Links, kind: EnvironmentKind
    ) -> tuple[bool, str]:
        return user_site_visible(
            sees_system=sees_system,
            python=python,
            environ=self._settings.environ,
            base=self._base,
            has_own_kernel=any(link.managed for link in links),
            kind=kind,
        )

    def _standing(self, facts: Facts, path: str, mounts: Mounts) -> str:
        """A word about an environment that outlives the Python that it stands on."""
        if facts.kind != "venv" or facts.status != "ready" or not facts.base:
            return ""
        if not mounts.persistence(path).survives:
            return ""
        if mounts.persistence(facts.base).survives is not False:
            return ""
        return f"it stands on {facts.base}, which is lost with the container"

    def _count(self, program: Program | None) -> int | None:
        """How many packages an interpreter has, Debian's own two directories included."""
        if program is None:
            return None
        minor = ".".join(program.version.split(".")[:2])
        sites = [site for own, site in site_directories(self._disk, program.prefix) if own == minor]
        if program.prefix == "/usr":
            sites += [
                "/usr/lib/python3/dist-packages",
                f"/usr/local/lib/python{minor}/dist-packages",
            ]
        return sum(count_distributions(self._disk, site) for site in sites)


def _manager(facts: Facts) -> Manager:
    return "conda" if facts.kind == "conda" else "pip"


def _is_conda(entry: ManagedPrefix) -> bool:
    if entry.prefix.facts is not None:
        return entry.prefix.facts.kind == "conda"
    return entry.record is not None and entry.record.request.manager == "conda"
