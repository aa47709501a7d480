"""A request as py-rattler's objects: channels, cache, client, what is installed.

Part of the rattler worker.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rattler import (
    Channel,
    ChannelConfig,
    ChannelPriority,
    Gateway,
    MatchSpec,
    PrefixRecord,
    RepoDataRecord,
    SourceConfig,
    Subdir,
    VirtualPackage,
    VirtualPackageOverrides,
)
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

from jupyter_envmgr.core.conda.history import name_of, requested_specs
from jupyter_envmgr.engines import rattler_prefix as disk

Request = Mapping[str, Any]
_RETRIES = 2


class World:
    """A request with py-rattler's objects for it: channels, cache, client, what is installed."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.prefix = Path(request["prefix"])
        self.platform = Subdir(request["platform"]) if request["platform"] else Subdir.current()
        self.packages = Path(request["packages"])
        self.client: Client = _client(request)
        self.channels: list[Channel] = [self.channel(name) for name in request["channels"]]
        self.gateway: Gateway = Gateway(
            cache_dir=Path(request["cache"]),
            default_config=SourceConfig(
                cache_action="force-cache-only" if request["offline"] else "cache-or-fetch"
            ),
            client=self.client,
        )
        self.priority = (
            ChannelPriority.Disabled
            if request["priority"] == "disabled"
            else ChannelPriority.Strict
        )
        self.installed: list[PrefixRecord] = []
        for path in disk.record_files(self.prefix):
            try:
                self.installed.append(PrefixRecord.from_path(path))
            except Exception as error:
                raise disk.Refused("bad-record", f"{path} cannot be read: {error}") from error
        self.virtual: list[VirtualPackage] = VirtualPackage.detect(
            VirtualPackageOverrides.from_env()
        )

    @property
    def is_strict(self) -> bool:
        """Whether of each package only the first channel that has it counts."""
        return self.priority == ChannelPriority.Strict

    @property
    def platforms(self) -> list[Subdir]:
        """Where packages for this machine lie in a channel."""
        return [self.platform, Subdir("noarch")]

    def channel(self, name: str) -> Channel:
        """A channel by its name or address."""
        if name == "defaults" or name.startswith("pkgs/"):
            name = f"https://repo.anaconda.com/{name.replace('defaults', 'pkgs/main')}"
        return Channel(name, ChannelConfig(self.request["alias"], "/"))

    def requested(self) -> dict[str, str]:
        """What was asked for so far: the name and spec of each."""
        found = {
            r.name.normalized: r.requested_specs[0] for r in self.installed if r.requested_specs
        }
        return found | requested_specs(disk.history(self.prefix))

    def spec(self, text: str) -> MatchSpec:
        """A spec with its channel's name resolved as ours are, not as py-rattler's default."""
        if "://" in text and "::" not in text:
            return MatchSpec.from_url(text)
        channel, colons, rest = text.partition("[")[0].rpartition("::")
        if colons and "://" not in channel:
            name, slash, subdir = channel.rpartition("/")
            is_platform = subdir == "noarch" or str(self.platform) == subdir
            base = self.channel(name if slash and is_platform else channel).base_url.rstrip("/")
            text = f"{base}/{subdir}" if slash and is_platform else base
            text += f"::{rest}"
        return MatchSpec(text)

    def readable(self, text: str) -> str:
        """A spec of a history, which another tool may have written; its name alone if need be."""
        try:
            self.spec(text)
        except Exception:
            return name_of(text)
        return text

    def named_in(self, specs: Iterable[MatchSpec]) -> list[Channel]:
        """Channels that specs name (``channel::package``) and nobody else did."""
        known = {channel.base_url for channel in self.channels}
        found = {s.channel.base_url: s.channel for s in specs if s.channel is not None}
        return [channel for url, channel in found.items() if url not in known]


def channel_of(record: RepoDataRecord) -> str:
    """The channel of a package; conda's own records have its platform behind it."""
    channel = (record.channel or "").rstrip("/")
    return channel.removesuffix(f"/{record.subdir}")


def _client(request: Request) -> Client:
    """Who speaks to the channels.

    Not made of py-rattler's configuration if there is a way around it: what comes of that knows
    no credentials for mirrors, and one for a host.
    """
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
