"""What an environment should hold in the end, as py-rattler's solver finds it, or why nothing does.

Part of the rattler worker.
"""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Iterable, Mapping, Sequence

from rattler import Channel, MatchSpec, PrefixRecord, RepoDataRecord, solve
from rattler.exceptions import SolverError

from jupyter_envmgr.core.conda.history import name_of
from jupyter_envmgr.core.conda.urls import parse_package_url
from jupyter_envmgr.engines import rattler_prefix as disk
from jupyter_envmgr.engines.rattler_graph import after_removal, roots
from jupyter_envmgr.engines.rattler_unsolvable import names_in, unmet_in
from jupyter_envmgr.engines.rattler_world import World

_MOST_VERSIONS = 12


class Unsolvable(Exception):
    """The solver's explanation, and what it takes to say it in other words."""

    def __init__(self, text: str, facts: Mapping[str, object]) -> None:
        super().__init__(text)
        self.facts = facts


async def wanted(world: World) -> list[RepoDataRecord]:
    """What should be installed in the end."""
    if world.request["explicit"]:
        return await _explicit(world)
    kept = _kept_by_removal(world)
    if not any(world.request[what] for what in ("specs", "update", "update_all")):
        if not world.request["new"]:
            return list(kept)
        return []
    return await _solved(world, kept)


def _kept_by_removal(world: World) -> list[PrefixRecord]:
    """What stays when packages go, those that need them, and what only they needed.

    A matter of what is installed alone: no channel is asked, and nothing else moves.
    """
    removed = world.request["remove"]
    if not removed:
        return world.installed
    depends = {r.name.normalized: list(r.depends) for r in world.installed}
    missing = [name for name in removed if name not in depends]
    if missing and not disk.is_unfinished(world.prefix):
        detail = f"{', '.join(missing)} is not installed in {world.prefix}"
        raise disk.Refused("no-such-package", detail, "Check the spelling.")
    kept = after_removal(depends, removed, world.requested())
    return [record for record in world.installed if record.name.normalized in kept]


def removed(world: World, records: Iterable[RepoDataRecord]) -> list[str]:
    """What is no longer asked for: what was to be removed, and what went with that."""
    names = {record.name.normalized for record in records}
    gone = [name for name in world.requested() if name not in names]
    return list(dict.fromkeys([*world.request["remove"], *gone]))


async def _solved(world: World, kept: Sequence[PrefixRecord]) -> list[RepoDataRecord]:
    request = world.request
    depends = {r.name.normalized: list(r.depends) for r in kept}
    update = set(request["update"])
    missing = sorted(update - set(depends))
    if missing and not disk.is_unfinished(world.prefix):
        detail = f"{', '.join(missing)} is not installed in {world.prefix}"
        raise disk.Refused("no-such-package", detail, "Install it first.")
    asked = {name_of(spec) for spec in request["specs"]}
    requested = {n: spec for n, spec in world.requested().items() if n in depends}
    texts = [*roots(depends, requested), *map(world.readable, requested.values())]
    texts = [text for text in texts if name_of(text) not in asked | update]
    texts += [*request["specs"], *sorted(update - asked)]
    if "python" not in asked | update | requested.keys():
        texts += _same_python(kept)
    free = set(depends) if request["update_all"] else update
    specs = [world.spec(text) for text in texts]
    sources = [*world.channels, *world.named_in(specs)]
    pinned = [*disk.pinned(world.prefix), *request["pinned"]]
    try:
        return await solve(
            sources,
            specs,
            gateway=world.gateway,
            platforms=world.platforms,
            locked_packages=[r for r in kept if r.name.normalized not in free],
            virtual_packages=world.virtual,
            channel_priority=world.priority,
            constraints=pinned,
        )
    except SolverError as error:
        facts = await _facts(world, sources, str(error), texts)
        raise Unsolvable(str(error), {**facts, "pinned": pinned}) from error


def _same_python(kept: Sequence[PrefixRecord]) -> list[str]:
    """That Python stays of its minor version, as conda has it where nobody speaks of Python.

    With another one, what pip has installed would be out of its sight.
    """
    versions = [str(r.version).split(".") for r in kept if r.name.normalized == "python"]
    return [f"python={'.'.join(version[:2])}" for version in versions]


async def _facts(
    world: World, sources: Sequence[Channel], text: str, specs: Sequence[str]
) -> dict[str, object]:
    """What the channels have of the things that an explanation speaks of.

    ``versions`` by name, the newest first; which of the ``unmet`` demands could be ``met``,
    were they the only ones; names that are ``close`` to those that nobody has; of the builds
    that are asked for those that are ``gone`` though the channels have the package.
    """
    platforms = world.platforms
    names = names_in(text)
    versions: dict[str, list[str]] = {}
    met: list[str] = []
    close: dict[str, list[str]] = {}
    gone: list[str] = []
    with contextlib.suppress(Exception):
        groups = await world.gateway.query(sources, platforms, names, recursive=False)
        records = sorted((r for group in groups for r in group), reverse=True)
        for record in records:
            found = versions.setdefault(record.name.normalized, [])
            if str(record.version) not in found and len(found) < _MOST_VERSIONS:
                found.append(str(record.version))
        for demand in unmet_in(text):
            with contextlib.suppress(Exception):
                if any(MatchSpec(demand).matches(record) for record in records):
                    met.append(demand)
        unknown = [name for name in names if name not in versions and name[:2] != "__"]
        if unknown:
            known = await world.gateway.names(sources, platforms)
            words = [name.normalized for name in known]
            for name in unknown:
                close[name] = difflib.get_close_matches(name, words, n=3, cutoff=0.75)
        gone = await _gone(world, sources, specs)
    asked = list(specs)
    return {"versions": versions, "met": met, "close": close, "gone": gone, "specs": asked}


async def _gone(world: World, sources: Sequence[Channel], texts: Sequence[str]) -> list[str]:
    """The specs that name a build which no channel has, of packages that they do have."""
    specs = {text: world.spec(text) for text in texts if "://" not in text}
    built = {text: spec for text, spec in specs.items() if spec.build is not None}
    names = sorted({name_of(text) for text in built})
    if not names:
        return []
    there: dict[str, list[RepoDataRecord]] = {}
    for group in await world.gateway.query(sources, world.platforms, names, recursive=False):
        for record in group:
            there.setdefault(record.name.normalized, []).append(record)
    return [
        text
        for text, spec in built.items()
        if (found := there.get(name_of(text))) and not any(map(spec.matches, found))
    ]


async def _explicit(world: World) -> list[RepoDataRecord]:
    """The packages at addresses: as their channels describe them, else they themselves."""
    urls = [u for u in map(parse_package_url, world.request["explicit"]) if u is not None]
    for url in urls:
        if url.subdir not in ("noarch", str(world.platform)):
            detail = f"{url.name} {url.version} is for {url.subdir}: this is {world.platform}"
            raise disk.Refused("wrong-platform", detail, "Take the names and versions instead.")
    found: dict[str, RepoDataRecord] = {}
    for base in dict.fromkeys(url.channel for url in urls):
        names = [url.name for url in urls if url.channel == base]
        with contextlib.suppress(Exception):
            for group in await world.gateway.query(
                [world.channel(base)], world.platforms, names, recursive=False
            ):
                found |= {record.url: record for record in group}
    records: dict[str, RepoDataRecord] = {}
    unknown = []
    for url in urls:
        record = found.get(url.url)
        if record is None:
            unknown.append(url)
        else:
            _with_hash(record, url.sha256, url.md5)
            records[url.name] = record
    for url in unknown:
        fragment = f"#sha256:{url.sha256}" if url.sha256 else f"#{url.md5}" if url.md5 else ""
        (record,) = await solve([], [MatchSpec.from_url(url.url + fragment)], gateway=world.gateway)
        record.channel = url.channel + "/"
        records[url.name] = record
    kept = {r.name.normalized: r for r in _kept_by_removal(world)}
    return list({**kept, **records}.values())


def _with_hash(record: RepoDataRecord, sha256: str, md5: str) -> None:
    """Hold a package to the hash that its address came with."""
    for kind, asked, known in (("sha256", sha256, record.sha256), ("md5", md5, record.md5)):
        if not asked:
            continue
        if known is not None and known.hex() != asked:
            detail = f"{record.file_name} has the {kind} {known.hex()[:12]}… and not {asked[:12]}…"
            raise disk.Refused("hash-mismatch", detail)
        setattr(record, kind, bytes.fromhex(asked))
