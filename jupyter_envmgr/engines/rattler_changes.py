"""What changes in an environment on the way to what it should hold: described, and carried out.

Part of the rattler worker.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rattler import PrefixRecord, RepoDataRecord, install
from rattler.package_cache import PackageCache, ValidationMode

from jupyter_envmgr.engines import rattler_prefix as disk
from jupyter_envmgr.engines.rattler_talk import Reporter
from jupyter_envmgr.engines.rattler_world import World, channel_of

# What a package grows to when it is unpacked, where nobody has done so yet.
_GROWTH = {".conda": 4.0, ".bz2": 4.5}


def changed(before: Mapping[str, PrefixRecord], records: Sequence[RepoDataRecord]) -> list[str]:
    """The names of what comes, goes or becomes another, in order."""
    after = {record.name.normalized: record for record in records}
    return [n for n in sorted({*before, *after}) if not _is_same(before.get(n), after.get(n))]


def _is_same(old: RepoDataRecord | None, new: RepoDataRecord | None) -> bool:
    """Whether a package stays as it is, as py-rattler compares them."""
    if old is None or new is None:
        return False
    if (str(old.version), str(old.build)) != (str(new.version), str(new.build)):
        return False
    return old.subdir == new.subdir and (old.sha256 or new.sha256) == (new.sha256 or old.sha256)


def check_unmapped(
    prefix: Path,
    before: Mapping[str, PrefixRecord],
    records: Sequence[RepoDataRecord],
    changes: Sequence[str],
) -> None:
    """Refuse to take out packages that conda has put in: their files would stay."""
    unmapped = disk.unmapped(prefix)
    if not unmapped:
        return
    stems = {f"{r.name.normalized}-{r.version}-{r.build}.json": n for n, r in before.items()}
    theirs = {stems[name] for name in unmapped if name in stems}
    # With another Python all that is noarch moves to another directory.
    touched = theirs if "python" in changes and "python" in before else theirs & {*changes}
    if touched:
        some = ", ".join(sorted(touched)[:3])
        detail = f"conda has installed {some} in {prefix}, in a way that only conda can undo"
        raise disk.Refused("made-by-other-tool", detail)


def described(
    world: World,
    before: Mapping[str, PrefixRecord],
    records: Sequence[RepoDataRecord],
    changes: Sequence[str],
) -> Mapping[str, object]:
    """The answer: rows of what changes, sums, and what was reckoned with."""
    after = {record.name.normalized: record for record in records}
    is_plan = world.request["verb"] == "solve"
    rows, download, disk_bytes = [], 0, 0
    for name in changes:
        old, new = before.get(name), after.get(name)
        shown = new or old
        assert shown is not None
        size: int | None = None
        installed = disk.unpacked_size(_unpacked(world, shown)) if is_plan else None
        if new is not None:
            if not _is_unpacked(world, new):
                size = new.size or 0
                download += size
            ending = os.path.splitext(new.file_name)[1]
            guess = int((new.size or 0) * _GROWTH.get(ending, 4.0))
            disk_bytes += guess if installed is None else installed
        if old is not None:
            gone = sum(entry.size_in_bytes or 0 for entry in old.paths_data.paths)
            disk_bytes -= gone
            installed = gone if new is None else installed
        rows.append(
            [
                name,
                str(old.version) if old else "",
                str(new.version) if new else "",
                str(shown.build),
                channel_of(shown),
                size,
                installed,
            ]
        )
    return {
        "changes": rows,
        "download": download,
        "disk": disk_bytes,
        "virtual": [str(v.into_generic()) for v in world.virtual],
        "platform": str(world.platform),
        "packages": len(records),
    }


def sources(before: Mapping[str, PrefixRecord], changes: Sequence[str]) -> Iterator[str]:
    """The Python sources of noarch packages that go or move: with another Python all of them do."""
    for name in before if "python" in changes else changes:
        old = before.get(name)
        # Packages of one platform bring their bytecode with them.
        if old is not None and old.subdir == "noarch":
            paths = (os.fspath(entry.relative_path) for entry in old.paths_data.paths)
            yield from (path for path in paths if path.endswith(".py"))


def _unpacked(world: World, record: RepoDataRecord) -> Path:
    name = record.file_name.removesuffix(".conda").removesuffix(".tar.bz2")
    return world.packages / name


def downloads(
    world: World, records: Sequence[RepoDataRecord], changes: Sequence[str]
) -> dict[str, int]:
    """The sizes of what is to be downloaded."""
    return {
        record.name.normalized: record.size or 0
        for record in records
        if record.name.normalized in changes and not _is_unpacked(world, record)
    }


def _is_unpacked(world: World, record: RepoDataRecord) -> bool:
    return (_unpacked(world, record) / "info" / "index.json").exists()


def check_downloads(
    world: World, records: Sequence[RepoDataRecord], changes: Sequence[str]
) -> None:
    """Refuse what cannot be downloaded without a network, or is not what it should be."""
    waiting = [
        record
        for record in records
        if record.name.normalized in changes and not _is_unpacked(world, record)
    ]
    far = [r.file_name for r in waiting if not r.url.startswith("file:")]
    if world.request["offline"] and far:
        more = f" and {len(far) - 1} more" if len(far) > 1 else ""
        detail = f"offline, and not in the cache: {far[0]}{more}"
        raise disk.Refused("index-unreachable", detail, "Allow the network for this once.")
    for record in waiting:
        if record.url.startswith("file:"):
            disk.check_file(record.url, (record.sha256 or b"").hex(), (record.md5 or b"").hex())


async def link(
    world: World, records: Sequence[RepoDataRecord], changes: Sequence[str], reporter: Reporter
) -> None:
    """Download and link; what is installed and not among the records goes."""
    cache = None
    coming = [r for r in records if r.name.normalized in changes]
    if any(disk.was_edited(_unpacked(world, record)) for record in coming):
        # All hashes are compared, and what does not match is fetched again.
        cache = PackageCache.new_layered([world.packages], False, ValidationMode.full())
    asked_before = map(world.readable, [*world.requested().values(), *world.request["asked"]])
    texts = dict.fromkeys([*asked_before, *world.request["specs"]])
    specs = [world.spec(text) for text in texts]
    await install(
        list(records),
        world.prefix,
        cache_dir=world.packages,
        installed_packages=world.installed,
        platform=world.platform,
        execute_link_scripts=True,
        client=world.client,
        # 0.28 hands these on as they are and wants the inner objects.
        requested_specs=[spec._match_spec for spec in specs],
        reporter=reporter,
        package_cache=cache,
    )
