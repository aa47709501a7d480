"""The program that works with py-rattler: a request in a file, JSON lines on standard output.

The only module that imports py-rattler, and it runs in a process of its own, which ends with
`os._exit`: py-rattler 0.28 crashes at exit in one of five to ten runs, its work done, and does not
stop when it is cancelled. It is started as ``python -I -S rattler_worker.py REQUEST.json``.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rattler import Channel, Gateway, MatchSpec, PrefixRecord, RepoDataRecord, VirtualPackage
    from rattler.networking import Client

    from jupyter_envmgr.engines.rattler_talk import Reporter, Talk

Request = Mapping[str, Any]
_MOST_VERSIONS = 12
_RETRIES = 2
# What a package grows to when it is unpacked, where nobody has done so yet.
_GROWTH = {".conda": 4.0, ".bz2": 4.5}


def main(path: str) -> int:
    """Do what the request in the file says. Answers the exit code."""
    request: Request = json.loads(Path(path).read_text(encoding="utf-8"))
    sys.path += [entry for entry in request["paths"] if entry not in sys.path]
    from jupyter_envmgr.engines.rattler_talk import Talk

    talk = Talk(request["secrets"])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = asyncio.run(_carry_out(request, talk))
    except BaseException as error:  # a panic of py-rattler is no Exception
        talk.end({"error": _described(error)})
        return 1
    talk.end({"result": result})
    return 0


async def _carry_out(request: Request, talk: Talk) -> Mapping[str, object]:
    from jupyter_envmgr.engines import rattler_prefix as disk
    from jupyter_envmgr.engines.rattler_talk import Reporter

    prefix = Path(request["prefix"])
    if request["new"]:
        disk.check_new(prefix)
    else:
        disk.check_there(prefix)
    talk.say(at="solve", label="Reading the channels")
    world = _World(request)
    records = await world.wanted()
    before = {record.name.normalized: record for record in world.installed}
    changes = _changes(before, records)
    answer = world.described(before, records, changes)
    if request["verb"] == "solve":
        return answer
    _check_unmapped(prefix, before, records, changes)
    world.check_downloads(records, changes)
    sizes = world.downloads(records, changes)
    known = set(disk.clobbered(prefix))
    disk.begin(prefix, request["command"])
    reporter = Reporter(talk, sizes)
    await world.install(records, changes, reporter)
    talk.say(at="finish", label="Writing its history")
    disk.finish(
        prefix,
        Path(request["home"]),
        request["command"],
        [(_channel(r), r.subdir, r.name.normalized, str(r.version), str(r.build)) for r in records],
        list(dict.fromkeys([*request["specs"], *request["update"]])),
        world.removed(records),
    )
    _notice(talk, disk.messages(prefix), "info")
    for name in reporter.failed_scripts:
        _notice(talk, f"The script that {name} runs after it is installed has failed.")
    for package, path in sorted({*disk.clobbered(prefix)} - known):
        _notice(talk, f"{path} of {package} gave way to the same file of another package.")
    return answer


def _client(request: Request) -> Client:
    """Who speaks to the channels.

    Not made of py-rattler's configuration if there is a way around it: what comes of that knows
    no credentials for mirrors, and one for a host.
    """
    from rattler.config import Config
    from rattler.networking import (
        AddHeadersMiddleware,
        AuthenticationMiddleware,
        Client,
        GCSMiddleware,
        MirrorMiddleware,
        OciMiddleware,
        RetryMiddleware,
        S3Middleware,
    )

    if not request["verify"]:
        return Client.from_config(Config.from_toml(request["config"]), _RETRIES)

    def headers(host: str, path: str) -> dict[str, str] | None:
        for known, beginning, value in request["headers"]:
            if host == known and (path + "/").startswith(beginning + "/"):
                return {"Authorization": value}
        return None

    return Client(
        [
            RetryMiddleware(_RETRIES),
            MirrorMiddleware(request["mirrors"]),
            *([AddHeadersMiddleware(headers)] if request["headers"] else []),
            AuthenticationMiddleware(),
            OciMiddleware(),
            GCSMiddleware(),
            S3Middleware(),
        ]
    )


class Unsolvable(Exception):
    """The solver's explanation, and what it takes to say it in other words."""

    def __init__(self, text: str, facts: Mapping[str, object]) -> None:
        super().__init__(text)
        self.facts = facts


class _World:
    """A request with py-rattler's objects for it: channels, cache, client, what is installed."""

    def __init__(self, request: Request) -> None:
        from rattler import (
            ChannelPriority,
            Gateway,
            PrefixRecord,
            SourceConfig,
            Subdir,
            VirtualPackage,
            VirtualPackageOverrides,
        )

        from jupyter_envmgr.engines import rattler_prefix as disk

        self._request = request
        self._prefix = Path(request["prefix"])
        self._platform = Subdir(request["platform"]) if request["platform"] else Subdir.current()
        self._packages = Path(request["packages"])
        self._client: Client = _client(request)
        self._channels: list[Channel] = [self._channel(name) for name in request["channels"]]
        self._gateway: Gateway = Gateway(
            cache_dir=Path(request["cache"]),
            default_config=SourceConfig(
                cache_action="force-cache-only" if request["offline"] else "cache-or-fetch"
            ),
            client=self._client,
        )
        self._priority = (
            ChannelPriority.Disabled
            if request["priority"] == "disabled"
            else ChannelPriority.Strict
        )
        self.installed: list[PrefixRecord] = []
        for path in disk.record_files(self._prefix):
            try:
                self.installed.append(PrefixRecord.from_path(path))
            except Exception as error:
                raise disk.Refused("bad-record", f"{path} cannot be read: {error}") from error
        self.virtual: list[VirtualPackage] = VirtualPackage.detect(
            VirtualPackageOverrides.from_env()
        )

    def _channel(self, name: str) -> Channel:
        from rattler import Channel, ChannelConfig

        if name == "defaults" or name.startswith("pkgs/"):
            name = f"https://repo.anaconda.com/{name.replace('defaults', 'pkgs/main')}"
        return Channel(name, ChannelConfig(self._request["alias"], "/"))

    async def wanted(self) -> list[RepoDataRecord]:
        """What should be installed in the end."""
        if self._request["explicit"]:
            return await self._explicit()
        kept = self._kept_by_removal()
        if not any(self._request[what] for what in ("specs", "update", "update_all")):
            if not self._request["new"]:
                return list(kept)
            return []
        return await self._solved(kept)

    def _kept_by_removal(self) -> list[PrefixRecord]:
        """What stays when packages go, those that need them, and what only they needed.

        A matter of what is installed alone: no channel is asked, and nothing else moves.
        """
        from jupyter_envmgr.engines import rattler_prefix as disk
        from jupyter_envmgr.engines.rattler_graph import after_removal

        removed = self._request["remove"]
        if not removed:
            return self.installed
        depends = {r.name.normalized: list(r.depends) for r in self.installed}
        missing = [name for name in removed if name not in depends]
        if missing and not disk.is_unfinished(self._prefix):
            detail = f"{', '.join(missing)} is not installed in {self._prefix}"
            raise disk.Refused("no-such-package", detail, "Check the spelling.")
        kept = after_removal(depends, removed, self._requested())
        return [record for record in self.installed if record.name.normalized in kept]

    def removed(self, records: Iterable[RepoDataRecord]) -> list[str]:
        """What is no longer asked for: what was to be removed, and what went with that."""
        names = {record.name.normalized for record in records}
        gone = [name for name in self._requested() if name not in names]
        return list(dict.fromkeys([*self._request["remove"], *gone]))

    def _requested(self) -> dict[str, str]:
        """What was asked for so far: the name and spec of each."""
        from jupyter_envmgr.core.conda.history import requested_specs
        from jupyter_envmgr.engines import rattler_prefix as disk

        found = {
            r.name.normalized: r.requested_specs[0] for r in self.installed if r.requested_specs
        }
        return found | requested_specs(disk.history(self._prefix))

    async def _solved(self, kept: Sequence[PrefixRecord]) -> list[RepoDataRecord]:
        from rattler import Subdir, solve
        from rattler.exceptions import SolverError

        from jupyter_envmgr.core.conda.history import name_of
        from jupyter_envmgr.engines import rattler_prefix as disk
        from jupyter_envmgr.engines.rattler_graph import roots

        request = self._request
        depends = {r.name.normalized: list(r.depends) for r in kept}
        update = set(request["update"])
        missing = sorted(update - set(depends))
        if missing and not disk.is_unfinished(self._prefix):
            detail = f"{', '.join(missing)} is not installed in {self._prefix}"
            raise disk.Refused("no-such-package", detail, "Install it first.")
        asked = {name_of(spec) for spec in request["specs"]}
        requested = {n: spec for n, spec in self._requested().items() if n in depends}
        texts = [*roots(depends, requested), *map(self._readable, requested.values())]
        texts = [text for text in texts if name_of(text) not in asked | update]
        texts += [*request["specs"], *sorted(update - asked)]
        free = set(depends) if request["update_all"] else update
        specs = [self._spec(text) for text in texts]
        sources = [*self._channels, *self._named_in(specs)]
        try:
            return await solve(
                sources,
                specs,
                gateway=self._gateway,
                platforms=[self._platform, Subdir("noarch")],
                locked_packages=[r for r in kept if r.name.normalized not in free],
                virtual_packages=self.virtual,
                channel_priority=self._priority,
                constraints=disk.pinned(self._prefix),
            )
        except SolverError as error:
            raise Unsolvable(str(error), await self._facts(sources, str(error), texts)) from error

    def _spec(self, text: str) -> MatchSpec:
        """A spec with its channel's name resolved as ours are, not as py-rattler's default."""
        from rattler import MatchSpec

        if "://" in text and "::" not in text:
            return MatchSpec.from_url(text)
        channel, colons, rest = text.partition("[")[0].rpartition("::")
        if colons and "://" not in channel:
            name, slash, subdir = channel.rpartition("/")
            is_platform = subdir == "noarch" or str(self._platform) == subdir
            base = self._channel(name if slash and is_platform else channel).base_url.rstrip("/")
            text = f"{base}/{subdir}" if slash and is_platform else base
            text += f"::{rest}"
        return MatchSpec(text)

    def _readable(self, text: str) -> str:
        """A spec of a history, which another tool may have written; its name alone if need be."""
        from jupyter_envmgr.core.conda.history import name_of

        try:
            self._spec(text)
        except Exception:
            return name_of(text)
        return text

    def _named_in(self, specs: Iterable[MatchSpec]) -> list[Channel]:
        """Channels that specs name (``channel::package``) and nobody else did."""
        known = {channel.base_url for channel in self._channels}
        found = {s.channel.base_url: s.channel for s in specs if s.channel is not None}
        return [channel for url, channel in found.items() if url not in known]

    async def _facts(
        self, sources: Sequence[Channel], text: str, specs: Sequence[str]
    ) -> dict[str, object]:
        """What the channels have of the things that an explanation speaks of.

        ``versions`` by name, the newest first; which of the ``unmet`` demands could be ``met``,
        were they the only ones; names that are ``close`` to those that nobody has.
        """
        import difflib

        from rattler import MatchSpec, Subdir

        from jupyter_envmgr.engines.rattler_unsolvable import names_in, unmet_in

        platforms = [self._platform, Subdir("noarch")]
        names = names_in(text)
        versions: dict[str, list[str]] = {}
        met: list[str] = []
        close: dict[str, list[str]] = {}
        with contextlib.suppress(Exception):
            groups = await self._gateway.query(sources, platforms, names, recursive=False)
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
                known = await self._gateway.names(sources, platforms)
                words = [name.normalized for name in known]
                for name in unknown:
                    close[name] = difflib.get_close_matches(name, words, n=3, cutoff=0.75)
        return {"versions": versions, "met": met, "close": close, "specs": list(specs)}

    async def _explicit(self) -> list[RepoDataRecord]:
        """The packages at addresses: as their channels describe them, else they themselves."""
        from rattler import MatchSpec, Subdir, solve

        from jupyter_envmgr.core.conda.urls import parse_package_url
        from jupyter_envmgr.engines import rattler_prefix as disk

        urls = [u for u in map(parse_package_url, self._request["explicit"]) if u is not None]
        for url in urls:
            if url.subdir not in ("noarch", str(self._platform)):
                detail = f"{url.name} {url.version} is for {url.subdir}: this is {self._platform}"
                raise disk.Refused("wrong-platform", detail, "Take the names and versions instead.")
        found: dict[str, RepoDataRecord] = {}
        for base in dict.fromkeys(url.channel for url in urls):
            names = [url.name for url in urls if url.channel == base]
            with contextlib.suppress(Exception):
                platforms = [self._platform, Subdir("noarch")]
                for group in await self._gateway.query(
                    [self._channel(base)], platforms, names, recursive=False
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
            (record,) = await solve(
                [], [MatchSpec.from_url(url.url + fragment)], gateway=self._gateway
            )
            record.channel = url.channel + "/"
            records[url.name] = record
        kept = {r.name.normalized: r for r in self._kept_by_removal()}
        return list({**kept, **records}.values())

    def described(
        self,
        before: Mapping[str, PrefixRecord],
        records: Sequence[RepoDataRecord],
        changes: Sequence[str],
    ) -> Mapping[str, object]:
        """The answer: rows of what changes, sums, and what was reckoned with."""
        from jupyter_envmgr.engines import rattler_prefix as disk

        after = {record.name.normalized: record for record in records}
        is_plan = self._request["verb"] == "solve"
        rows, download, disk_bytes = [], 0, 0
        for name in changes:
            old, new = before.get(name), after.get(name)
            shown = new or old
            assert shown is not None
            size: int | None = None
            installed = disk.unpacked_size(self._unpacked(shown)) if is_plan else None
            if new is not None:
                if not self._is_unpacked(new):
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
                    _channel(shown),
                    size,
                    installed,
                ]
            )
        return {
            "changes": rows,
            "download": download,
            "disk": disk_bytes,
            "virtual": [str(v.into_generic()) for v in self.virtual],
            "platform": str(self._platform),
            "packages": len(records),
        }

    def _unpacked(self, record: RepoDataRecord) -> Path:
        name = record.file_name.removesuffix(".conda").removesuffix(".tar.bz2")
        return self._packages / name

    def downloads(
        self, records: Sequence[RepoDataRecord], changes: Sequence[str]
    ) -> dict[str, int]:
        """The sizes of what is to be downloaded."""
        return {
            record.name.normalized: record.size or 0
            for record in records
            if record.name.normalized in changes and not self._is_unpacked(record)
        }

    def _is_unpacked(self, record: RepoDataRecord) -> bool:
        return (self._unpacked(record) / "info" / "index.json").exists()

    def check_downloads(self, records: Sequence[RepoDataRecord], changes: Sequence[str]) -> None:
        """Refuse what cannot be downloaded without a network, or is not what it should be."""
        from jupyter_envmgr.engines import rattler_prefix as disk

        waiting = [
            record
            for record in records
            if record.name.normalized in changes and not self._is_unpacked(record)
        ]
        far = [r.file_name for r in waiting if not r.url.startswith("file:")]
        if self._request["offline"] and far:
            more = f" and {len(far) - 1} more" if len(far) > 1 else ""
            detail = f"offline, and not in the cache: {far[0]}{more}"
            raise disk.Refused("index-unreachable", detail, "Allow the network for this once.")
        for record in waiting:
            if record.url.startswith("file:"):
                disk.check_file(record.url, (record.sha256 or b"").hex(), (record.md5 or b"").hex())

    async def install(
        self, records: Sequence[RepoDataRecord], changes: Sequence[str], reporter: Reporter
    ) -> None:
        """Download and link; what is installed and not among the records goes."""
        from rattler import install
        from rattler.package_cache import PackageCache, ValidationMode

        from jupyter_envmgr.engines import rattler_prefix as disk

        cache = None
        coming = [r for r in records if r.name.normalized in changes]
        if any(disk.was_edited(self._unpacked(record)) for record in coming):
            # All hashes are compared, and what does not match is fetched again.
            cache = PackageCache.new_layered([self._packages], False, ValidationMode.full())
        asked_before = map(self._readable, self._requested().values())
        texts = dict.fromkeys([*asked_before, *self._request["specs"]])
        specs = [self._spec(text) for text in texts]
        await install(
            list(records),
            self._prefix,
            cache_dir=self._packages,
            installed_packages=self.installed,
            platform=self._platform,
            execute_link_scripts=True,
            client=self._client,
            # 0.28 hands these on as they are and wants the inner objects.
            requested_specs=[spec._match_spec for spec in specs],
            reporter=reporter,
            package_cache=cache,
        )


def _with_hash(record: RepoDataRecord, sha256: str, md5: str) -> None:
    """Hold a package to the hash that its address came with."""
    from jupyter_envmgr.engines import rattler_prefix as disk

    for kind, asked, known in (("sha256", sha256, record.sha256), ("md5", md5, record.md5)):
        if not asked:
            continue
        if known is not None and known.hex() != asked:
            detail = f"{record.file_name} has the {kind} {known.hex()[:12]}… and not {asked[:12]}…"
            raise disk.Refused("hash-mismatch", detail)
        setattr(record, kind, bytes.fromhex(asked))


def _changes(before: Mapping[str, PrefixRecord], records: Sequence[RepoDataRecord]) -> list[str]:
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


def _channel(record: RepoDataRecord) -> str:
    """The channel of a package; conda's own records have its platform behind it."""
    channel = (record.channel or "").rstrip("/")
    return channel.removesuffix(f"/{record.subdir}")


def _check_unmapped(
    prefix: Path,
    before: Mapping[str, PrefixRecord],
    records: Sequence[RepoDataRecord],
    changes: Sequence[str],
) -> None:
    """Refuse to take out packages that conda has put in: their files would stay."""
    from jupyter_envmgr.engines import rattler_prefix as disk

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


def _notice(talk: Talk, text: str, level: str = "warning") -> None:
    if text:
        talk.say(at="notice", text=text, level=level)


def _described(error: BaseException) -> Mapping[str, object]:
    """An error as data: its class and words, and what else it carries."""
    kind = type(error).__name__
    found: dict[str, object] = {"kind": kind, "text": str(error)}
    for name in ("code", "hint", "facts", "errno", "filename"):
        value = getattr(error, name, None)
        if value:
            found[name] = value if isinstance(value, (dict, int)) else str(value)
    return found


if __name__ == "__main__":
    code = main(sys.argv[1])
    sys.stdout.flush()
    os._exit(code)
