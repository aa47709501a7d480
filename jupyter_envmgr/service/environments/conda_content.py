"""The content of a conda environment: specs or a file, channels, and what pip adds to it."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...core.commands import Outcome, Step
from ...core.conda.export import export_explicit, pip_lines
from ...core.conda.matchspec import parse_specs
from ...core.conda.spec import Spec
from ...core.credentials import without_credentials
from ...core.environments.asked import asked_of_list
from ...core.environments.create import Base
from ...core.environments.isolation import CONFIG, CONTENT
from ...core.environments.model import CreateRequest
from ...core.errors import EnvMgrError
from ...core.packages.hashes import has_hashes, without_hashes
from ...core.packages.indexes import Indexes, find_indexes
from ...core.packages.pip_lines import parse_hashed_lines
from ...engines import choose, conda
from ...engines.conda_plan import CondaPlanRequest, Solution
from ...system import durable
from ..context import Context
from ..usersite.place import image_python
from .conda_plans import CondaSources, conda_plan, find_sources
from .content import Content, Explain, Part
from .files import read_for_conda
from .gather import Gather
from .pip_content import pip_into

_MINOR = re.compile(r"(?:=|==)?(\d+\.\d+)(?:\.\d+)*(?:\.\*)?")
_VERSION = re.compile(r"\d+(\.\d+){0,2}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED = frozenset({"PATH", "CONDA_PREFIX", "PYTHONHOME"})


@dataclass(frozen=True)
class Wanted:
    """What is asked of conda and of pip. ``explicit`` are addresses, with nothing to solve.

    ``asked`` is what the person named, without what every environment gets besides; ``noted``
    are the specs that ``explicit`` came of.
    """

    asked: tuple[str, ...]
    specs: tuple[str, ...]
    explicit: tuple[str, ...]
    pip: tuple[str, ...]
    channels: tuple[str, ...]
    variables: dict[str, str]
    base: Base
    index_url: str = ""
    extra_index_urls: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    noted: tuple[str, ...] = ()


def conda_content(context: Context, request: CreateRequest, gather: Gather) -> Content | None:
    """What a request for the manager conda asks for; None if ``gather`` has errors about it."""
    settings = context.settings
    wanted = gather(lambda: read_wanted(context, request))
    engine = gather(lambda: choose.choose_engine("conda", settings, wanted=request.engine))
    sources = gather(lambda: find_sources(settings, wanted.channels if wanted else ()))
    indexes = gather(
        lambda: find_indexes(
            settings,
            request.index_url or (wanted.index_url if wanted else ""),
            request.extra_index_urls or (wanted.extra_index_urls if wanted else ()),
        )
    )
    if wanted is None or engine is None or sources is None or indexes is None:
        return None

    def by_conda(prefix: Path, workdir: Path) -> Part:
        found = conda.find(engine.name, settings)
        plan = conda_plan(
            settings,
            sources,
            prefix,
            workdir,
            specs=wanted.specs,
            explicit=wanted.explicit,
            asked=wanted.noted,
        )
        return Part(found.create(plan), workdir, conda_failure(found, plan))

    def solve(workdir: Path) -> tuple[Part, Callable[[Sequence[Outcome]], Solution]]:
        found = conda.find(engine.name, settings)
        plan = conda_plan(
            settings,
            sources,
            workdir / "environment",
            workdir,
            specs=wanted.specs,
            explicit=wanted.explicit,
        )
        work = found.solve(plan)

        def read(outcomes: Sequence[Outcome]) -> Solution:
            return conda.read_solution(found, plan, work, outcomes)

        return Part(work, workdir, conda_failure(found, plan)), read

    def by_pip(prefix: Path, workdir: Path) -> Part:
        return pip_into(context, wanted.pip, indexes, prefix, workdir)

    return Content(
        kind="conda",
        engine=engine,
        base=wanted.base,
        requirements=(*wanted.specs, *wanted.explicit, *map(without_hashes, wanted.pip)),
        source=_source(sources, indexes, wanted),
        public_urls=sources.channels.public_urls,
        parts=(by_conda, by_pip) if wanted.pip else (by_conda,),
        lock=conda_lock,
        finish=lambda prefix: _finish(prefix, wanted.variables, isolated=not request.user_site),
        solve=solve,
        kept=replace(
            request,
            packages=tuple(map(without_credentials, wanted.asked)),
            requirements="",
            pip=tuple(map(without_credentials, wanted.pip)),
            channels=tuple(map(without_credentials, wanted.channels)),
            variables=wanted.variables,
            index_url=request.index_url or wanted.index_url,
            extra_index_urls=request.extra_index_urls or wanted.extra_index_urls,
        ),
        warnings=(*sources.channels.notices, *sources.configuration.notices),
        notices=wanted.notices,
        hashes=_about_hashes(wanted.pip),
    )


def _about_hashes(pip: Sequence[str]) -> str:
    """Whose hashes are checked, in words. What channels say of conda's packages always is."""
    count = sum(map(has_hashes, pip))
    return f"checked for {count} of the {len(pip)} packages for pip" if count else ""


def conda_failure(engine: conda.CondaEngine, plan: CondaPlanRequest) -> Explain:
    """Tells what went wrong in a step of a conda engine."""

    def failure(step: Step, outcome: Outcome) -> EnvMgrError | None:
        return conda.failure(engine, step, outcome, plan)

    return failure


def read_wanted(context: Context, request: CreateRequest) -> Wanted:
    """What the fields of a request ask for together. Raises what is wrong with any of them."""
    settings = context.settings
    found = read_for_conda(request.requirements, settings.allowed_url_schemes)
    specs = (*parse_specs(request.packages), *parse_specs(found.packages))
    check_variables({**(found.variables or {}), **request.variables})
    explicit = tuple(spec.text for spec in specs if spec.url)
    names = {spec.name for spec in specs}
    base, python = _python(request.python, specs, image_python(settings))
    solved = [spec.text for spec in specs if not spec.url]
    schemes = settings.allowed_url_schemes
    pip = [*found.pip, *parse_hashed_lines(request.pip, "pip", allowed_schemes=schemes)]
    notices = list(found.notices)
    if explicit and solved:
        detail = "addresses of packages and names of packages cannot be mixed"
        raise EnvMgrError.of_field("bad-requirement", "packages", detail)
    if not explicit:
        solved += python
        solved += [name for name in _added(request) if name not in names]
    elif request.kernel and "ipykernel" not in names:
        pip.append("ipykernel")
        notices.append("ipykernel is not in the list: pip adds it.")
    return Wanted(
        asked=tuple(dict.fromkeys(spec.text for spec in specs)),
        specs=tuple(dict.fromkeys(solved)),
        explicit=explicit,
        pip=tuple(dict.fromkeys(pip)),
        channels=request.channels or found.channels,
        variables={**(found.variables or {}), **request.variables},
        base=base,
        index_url=found.index_url,
        extra_index_urls=found.extra_index_urls,
        notices=tuple(notices),
        noted=asked_of_list(request, {spec.name: spec.version for spec in specs if spec.url}),
    )


def _added(request: CreateRequest) -> tuple[str, ...]:
    """What every environment gets. Without a pip of its own ``%pip install`` goes elsewhere."""
    return ("pip", "ipykernel") if request.kernel else ("pip",)


def _python(wanted: str, specs: Sequence[Spec], of_image: str) -> tuple[Base, list[str]]:
    """The Python that it will have, as far as that is known, and the spec that asks for it."""
    if wanted and not _VERSION.fullmatch(wanted):
        detail = f"{wanted!r} is no version: a conda environment brings its own Python"
        raise EnvMgrError.of_field("bad-python", "python", detail)
    named = next((spec for spec in specs if spec.name == "python"), None)
    if named is not None:
        minor = _MINOR.fullmatch(named.version)
        version = minor.group(1) if minor else ""
        if wanted and version and not _agree(version, wanted):
            detail = f"Python {wanted} is chosen here, and {version} in the packages"
            raise EnvMgrError.of_field("bad-python", "python", detail)
        reason = "as the packages say; it comes with the environment and stays with it"
        asked = [f"python={wanted}"] if wanted else []
        return Base("", wanted or version, False, True, reason), asked
    version = wanted or of_image
    reason = f"{'as you chose' if wanted else 'as the image has'}; it comes with the environment"
    return Base("", version, False, True, reason), [f"python={version}" if version else "python"]


def _agree(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")


def _source(sources: CondaSources, indexes: Indexes, wanted: Wanted) -> str:
    if not wanted.pip:
        return sources.summary
    return f"{sources.summary}; for pip {indexes.summary}"


def check_variables(variables: dict[str, str]) -> None:
    """Refuse variables that no shell could have, and those that are not an environment's to set."""
    for name, value in variables.items():
        if not _VARIABLE.fullmatch(name) or name.upper() in _RESERVED:
            detail = f"{name[:60]!r} is no variable that an environment can set"
            raise EnvMgrError.of_field("bad-request", "variables", detail)
        if "\0" in value or "\n" in value or len(value) > 32_000:
            detail = f"the value of {name} must be one line of at most 32,000 characters"
            raise EnvMgrError.of_field("bad-request", "variables", detail)


def _finish(prefix: Path, variables: dict[str, str], *, isolated: bool) -> None:
    set_variables(prefix, variables)
    if isolated:
        keep_user_site_out(prefix)


def keep_user_site_out(prefix: Path) -> None:
    """Have its Python load nothing of ``~/.local``, whoever starts it; what is there stays."""
    with contextlib.suppress(FileExistsError):
        durable.write_new(prefix / CONFIG, CONTENT)


def set_variables(prefix: Path, variables: dict[str, str]) -> None:
    """Write down what activation sets, where conda looks for it (`conda env config vars`)."""
    if variables:
        text = json.dumps({"env_vars": variables}, indent=1)
        durable.write_file(prefix / "conda-meta" / "state", text.encode())


def conda_lock(prefix: Path) -> tuple[str, ...]:
    """What is installed: the addresses of conda's packages with their hashes, then pip's lines."""
    explicit = export_explicit(prefix).text.splitlines()
    addresses = [line for line in explicit if line and line[0] not in "#@"]
    return (*addresses, *pip_lines(prefix, "conda", "", []))
