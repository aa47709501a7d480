"""What the verbs answer with when it is more than one value: the bodies of HTTP and ``--json``."""

from __future__ import annotations

from dataclasses import dataclass

from ..core.environments.engines import EngineOffer
from ..core.environments.model import Environment, Interpreter, OfferedPython
from ..core.jobs.model import Job
from ..core.kernels.model import Kernel
from ..core.packages.model import Recognised


@dataclass(frozen=True)
class EnvironmentList:
    """All environments that can be seen, and what kept us from seeing more."""

    environments: tuple[Environment, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class InterpreterList:
    """The Pythons that a new environment can be based on, the default first."""

    interpreters: tuple[Interpreter, ...]


@dataclass(frozen=True)
class KernelList:
    """All registered kernels."""

    kernels: tuple[Kernel, ...]


@dataclass(frozen=True)
class JobList:
    """All jobs, the newest first."""

    jobs: tuple[Job, ...]


@dataclass(frozen=True)
class LoggedEvent:
    """An event on the wire: the payload's fields beside ``seq`` and ``time``.

    Which fields are set depends on ``type``: see the payload classes of `core.events`.
    """

    seq: int
    time: str
    type: str
    step: str | None = None
    title: str | None = None
    number: int | None = None
    total: int | None = None
    fraction: float | None = None
    label: str | None = None
    done: int | None = None
    unit: str | None = None
    text: str | None = None
    stream: str | None = None
    level: str | None = None
    state: str | None = None


@dataclass(frozen=True)
class EventList:
    """The events after the one that was asked for, and the job as it is now."""

    events: tuple[LoggedEvent, ...]
    job: Job


@dataclass(frozen=True)
class EnvironmentSize:
    """Bytes on disk (blocks, each inode once) and files of an environment.

    ``shared`` counts the bytes of files that are hard links into a cache or another environment.
    """

    environment: str
    size: int
    files: int
    shared: int


@dataclass(frozen=True)
class Recovery:
    """What was finished or taken back, a sentence for each."""

    done: tuple[str, ...]


@dataclass(frozen=True)
class RequirementsText:
    """A requirements file."""

    text: str


@dataclass(frozen=True)
class ErrorHint:
    """Whether an error may come from the user site: which package of it, and a sentence why."""

    found: bool
    distribution: str = ""
    version: str = ""
    sentence: str = ""


@dataclass(frozen=True)
class Arrival:
    """Whether this home was on another image before, and what of the user site clashes here.

    ``clashes`` are a few findings in a sentence each, the worst first. ``told``: the person knows.
    ``profile`` is the name that a user base of this image's own would get.
    """

    image: str
    previous: str
    is_other_image: bool
    told: bool
    visible: bool
    counts: dict[str, int]
    clashes: tuple[str, ...]
    profile: str


@dataclass(frozen=True)
class EngineList:
    """All engines, those that can be used and those that cannot."""

    engines: tuple[EngineOffer, ...]


@dataclass(frozen=True)
class OfferedPythons:
    """The Pythons that channels offer, the newest minor version first; none if they have none.

    ``usual`` is the minor version that is suggested, for the reason ``why``; ``image`` is that of
    the image, which one gets who names none. ``channels`` are those that were asked.
    """

    pythons: tuple[OfferedPython, ...]
    usual: str
    why: str
    image: str
    channels: tuple[str, ...]
    engine: str
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChoiceLine:
    """One line before and after a choice; ``after`` is empty for one that is left out."""

    before: str
    after: str
    why: str


@dataclass(frozen=True)
class TextChoice:
    """What can be done about builds that cannot be had here; ``packages`` come of it."""

    choice: str
    title: str
    packages: tuple[str, ...]
    lines: tuple[ChoiceLine, ...]


@dataclass(frozen=True)
class Recognition(Recognised):
    """What a text is, and what can be done about builds that cannot be had here.

    ``warnings`` and ``notices`` are as a plan has them.
    """

    warnings: tuple[str, ...] = ()
    choices: tuple[TextChoice, ...] = ()
