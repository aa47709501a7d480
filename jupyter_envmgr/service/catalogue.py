"""The read side: everything that can be seen, looked up again at each question, cheaply."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..core.environments.describe import Sight
from ..core.environments.discover import Discovery
from ..core.environments.disk import Disk
from ..core.environments.image import recognise_image
from ..core.environments.interpreters import find_interpreters, scan_programs
from ..core.environments.managed import LocationRecords
from ..core.environments.model import Environment, Interpreter, Persistence, Record
from ..core.environments.mounts import Mounts, MountTable
from ..core.environments.visibility import user_base
from ..core.errors import EnvMgrError
from ..core.jobs.model import ENDED
from ..core.kernels.model import Kernel
from ..core.kernels.scan import scan_kernels
from ..core.packages.inventory import Memory, list_packages
from ..core.packages.model import PackageList, UserSite
from ..core.packages.sizes import measure
from ..core.settings import Location, Settings
from ..core.status import ImageStatus
from ..core.usersite.listing import read_user_site
from ..core.wire import to_wire
from ..system import holder
from ..system.store import Store, UnreadableRecord
from .answers import EnvironmentList, EnvironmentSize, InterpreterList, KernelList
from .jobs import Jobs
from .single_flight import SingleFlight


@dataclass(frozen=True)
class _View:
    """What one look saw."""

    sights: tuple[Sight, ...]
    kernels: tuple[Kernel, ...]
    interpreters: tuple[Interpreter, ...]
    image: ImageStatus
    warnings: tuple[str, ...]


_Seen = tuple[Mounts, list[LocationRecords], list[Record]]


class Catalogue:
    """All that can be seen of environments, packages and kernels. For use from many threads.

    Nothing is polled and nothing is trusted for a while: each question looks at the disk again,
    with one stat for each file that the last answer was made of. What another process did before
    the question is therefore in the answer. ``downloadable`` names the Pythons that could be had.
    """

    def __init__(
        self,
        settings: Settings,
        jobs: Jobs | None = None,
        *,
        downloadable: Callable[[], Sequence[Interpreter]] = tuple,
    ) -> None:
        self._settings = settings
        self._jobs = jobs or Jobs(settings)
        self._downloadable = downloadable
        self._disk = Disk()
        self._packages = Memory()
        self._discovery = Discovery(settings, self._disk)
        self._mounts = MountTable(settings.environ)
        self._stores = {location.name: Store(location) for location in settings.locations}
        self._seen: tuple[_Seen, _View] | None = None
        self._encoded: dict[str, tuple[Environment, bytes]] = {}
        self._answer: tuple[_View, bytes] | None = None
        self._view: SingleFlight[_View] = SingleFlight(self._look)
        self._forgotten = False

    # -- what a door asks -----------------------------------------------------------------------

    def environments(self, fresh: bool = False) -> EnvironmentList:
        """All environments. ``fresh`` reads every file again, changed or not."""
        view = self._view(fresh)
        return EnvironmentList(tuple(s.environment for s in view.sights), view.warnings)

    def environments_json(self, fresh: bool = False) -> bytes:
        """`environments` as JSON. What has not changed is not encoded again."""
        view = self._view(fresh)
        if self._answer is not None and self._answer[0] is view:
            return self._answer[1]
        known, encoded = self._encoded, {}
        for sight in view.sights:
            environment = sight.environment
            entry = known.get(environment.id)
            if entry is None or entry[0] is not environment:
                entry = environment, _encode(environment)
            encoded[environment.id] = entry
        self._encoded = encoded
        parts = b",".join([entry[1] for entry in encoded.values()])
        answer = b'{"environments":[' + parts + b'],"warnings":' + _encode(view.warnings) + b"}"
        self._answer = view, answer
        return answer

    def environment(self, identifier: str) -> Environment:
        """The environment of that id. Raises ``no-such-environment``, naming similar ones."""
        return self._sight(identifier).environment

    def kernels(self) -> KernelList:
        """All registered kernels, and the environments that they start."""
        return KernelList(self._view().kernels)

    def interpreters(self, fresh: bool = False) -> InterpreterList:
        """The Pythons that an environment can be based on, then those that could be had."""
        here = self._view(fresh).interpreters
        return InterpreterList((*here, *self._downloadable()))

    def image(self) -> ImageStatus:
        """The container image and its own Python."""
        return self._view().image

    def persistence(self, path: Path) -> Persistence:
        """Whether a path, which need not be there yet, outlives the container."""
        return self._mounts.read().persistence(path)

    def is_being_made(self, record: Record) -> bool:
        """Whether a job of this record may still be at work, as far as can be seen from here.

        The record is written a moment before its job, and in a shared location the jobs of others
        cannot be seen: then its maker decides, and who cannot be seen counts as alive.
        """
        if record.status != "creating" and not record.changing:
            return False
        if record.job:
            try:
                return self._jobs.show(record.job).state not in ENDED
            except EnvMgrError as error:
                if error.code != "no-such-job":
                    raise
        return record.status == "creating" and holder.is_alive(record.maker) is not False

    def forget(self) -> None:
        """Read everything again at the next question, changed or not."""
        self._forgotten = True

    # -- one environment, and the user site -------------------------------------------------------

    def packages(self, identifier: str, size: bool = False) -> PackageList:
        """The packages of an environment. Raises ``no-such-environment``."""
        sight = self._sight(identifier)
        environment = sight.environment
        packages = list_packages(
            Path(sight.path),
            environment.kind,
            interpreter_version=environment.python,
            asked_for=environment.asked_for,
            size=size,
            memory=self._packages,
        )
        total = sum(p.size or 0 for p in packages) if size else None
        return PackageList(environment.id, environment.path, tuple(packages), total)

    def user_site(self, size: bool = False) -> UserSite:
        """The user site as the image's Python sees it."""
        settings, image = self._settings, self.environment("image")
        return read_user_site(
            base=Path(user_base(settings.environ, settings.home)),
            image_prefix=settings.image_prefix,
            image_python=image.python,
            visible=image.user_site,
            why=image.user_site_why,
            size=size,
            memory=self._packages,
        )

    def size(self, identifier: str) -> EnvironmentSize:
        """The size of an environment on the disk. Raises ``no-such-environment``."""
        sight = self._sight(identifier)
        measured = measure(Path(sight.path))
        return EnvironmentSize(identifier, measured.size, measured.files, measured.shared)

    # -- looking ----------------------------------------------------------------------------------

    def _look(self, fresh: bool) -> _View:
        """Look at everything, once; `SingleFlight` sees to that only one thread does."""
        fresh, self._forgotten = fresh or self._forgotten, False
        is_same = self._disk.look_again(from_scratch=fresh)
        mounts = self._mounts.read()
        records = [self._records(location) for location in self._settings.locations]
        unfinished = [r for known in records for r in known.records if r.status == "creating"]
        in_work = [record for record in unfinished if self.is_being_made(record)]
        seen = mounts, records, in_work
        if is_same and self._seen is not None and self._seen[0] == seen:
            return self._seen[1]
        view = self._view_of(mounts, records, in_work)
        self._seen = seen, view
        return view

    def _view_of(
        self, mounts: Mounts, records: list[LocationRecords], in_work: list[Record]
    ) -> _View:
        settings, disk = self._settings, self._disk
        programs = scan_programs(settings, disk)
        own = next((program for program in programs if program.is_image), None)
        version = own.version if own else ""
        named = disk.remember(
            ("image", version),
            lambda: recognise_image(settings.environ, python=version),
            lambda _: (),
        )
        kernels = scan_kernels(settings, disk, named.name)
        found = self._discovery.look(
            mounts, kernels, records, lambda r: r in in_work, programs, named.name
        )
        image = ImageStatus(
            name=named.name,
            evidence=named.evidence,
            prefix=str(settings.image_prefix),
            interpreter=str(settings.image_interpreter),
            python=version,
            persistence=mounts.persistence(settings.image_prefix),
        )
        interpreters = find_interpreters(settings, mounts, disk, programs)
        return _View(found.sights, found.kernels, interpreters, image, found.warnings)

    def _records(self, location: Location) -> LocationRecords:
        try:
            everything = self._stores[location.name].records()
        except EnvMgrError as error:
            return LocationRecords(location, error=error.detail)
        return LocationRecords(
            location,
            tuple(r for r in everything if isinstance(r, Record)),
            tuple((r.name, r.why) for r in everything if isinstance(r, UnreadableRecord)),
        )

    def _sight(self, identifier: str) -> Sight:
        sights = self._view().sights
        for sight in sights:
            if sight.environment.id == identifier:
                return sight
        raise EnvMgrError(
            "no-such-environment",
            f"there is no environment {identifier!r}",
            hint=_similar(identifier, sights),
        )


def _similar(identifier: str, sights: Sequence[Sight]) -> str | None:
    """A hint that names what may have been meant; None for the usual hint."""
    by_word: dict[str, str] = {}
    for sight in sights:
        environment = sight.environment
        by_word.setdefault(environment.id, environment.id)
        by_word.setdefault(environment.name, environment.id)
    words = difflib.get_close_matches(identifier[:200], list(by_word)[:2000], n=3, cutoff=0.6)
    close = list(dict.fromkeys(by_word[word] for word in words))
    return f"Did you mean {' or '.join(close)}?" if close else None


def _encode(value: object) -> bytes:
    return json.dumps(to_wire(value), ensure_ascii=False, separators=(",", ":")).encode()
