"""The content of a pip environment: requirements, indexes, the Python that it is based on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from ...core.commands import Outcome, Step
from ...core.environments.create import Base, choose_base
from ...core.environments.model import CreateRequest
from ...core.errors import EnvMgrError
from ...core.packages.freeze import names_of
from ...core.packages.hashes import COMPLETE, has_hashes, without_hashes
from ...core.packages.indexes import Indexes, find_indexes
from ...core.packages.inventory import list_packages
from ...core.packages.model import Recognised
from ...core.packages.requirements import parse_lines
from ...engines import choose
from ...engines.uv import PipPlan, UvEngine, with_pip
from ..context import Context
from .content import Content, Explain, Part
from .files import read_for_pip
from .gather import Gather

_MINOR = re.compile(r"\d+\.\d+")


def pip_content(context: Context, request: CreateRequest, gather: Gather) -> Content | None:
    """What a request for the manager pip asks for; None if ``gather`` has errors about it."""
    settings = context.settings
    schemes = settings.allowed_url_schemes
    named = gather(lambda: parse_lines(request.packages, allowed_schemes=schemes))
    file = gather(lambda: read_for_pip(request.requirements, schemes))
    asked = _with_file(request, file) if file else request
    indexes = gather(lambda: find_indexes(settings, asked.index_url, asked.extra_index_urls))
    engine = gather(lambda: choose.choose_engine("pip", settings, wanted=request.engine))
    interpreters = context.catalogue.interpreters().interpreters
    base = gather(lambda: choose_base(asked.python, interpreters))
    gather(lambda: _refuse_what_is_of_conda(request))
    if file is not None and base is not None:
        gather(lambda: _check_python(file, base))
    if named is None or file is None or indexes is None or engine is None or base is None:
        return None
    locked = tuple(filter(has_hashes, file.packages))
    besides = [line for line in file.packages if not has_hashes(line)]
    lines = tuple(dict.fromkeys((*(one.text for one in named), *besides)))
    added = ("ipykernel",) if request.kernel else ()

    def part(prefix: Path, workdir: Path) -> Part:
        plan = PipPlan(
            prefix=prefix,
            python=base.python,
            download=base.download,
            requirements=(*lines, *added),
            indexes=indexes,
            workdir=workdir,
            environ=settings.environ,
            link_mode=settings.link_mode,
            prompt=request.name,
            locked=locked,
            complete=file.kind == "pylock" or request.requirements.startswith(COMPLETE),
        )
        uv = UvEngine.find(settings)
        return Part(uv.create(plan), workdir, uv_failure(uv, plan))

    return Content(
        kind="venv",
        engine=engine,
        base=base,
        requirements=(*lines, *map(without_hashes, locked)),
        source=indexes.summary,
        public_urls=indexes.public_urls,
        parts=(part,),
        lock=pip_lock,
        finish=lambda prefix: None,
        warnings=indexes.notices,
        notices=file.notices,
        kept=asked,
        hashes=_about_hashes(locked, with_pip((*lines, *added))),
    )


def _with_file(request: CreateRequest, file: Recognised) -> CreateRequest:
    """The request with what its file says besides packages, where the person did not say it.

    What is more than a plain list of requirements is kept as one: whoever looks at the record
    later has no use for a table, a lock of another tool or paths of another machine.
    """
    asked = replace(
        request,
        python=request.python or (file.python if _MINOR.fullmatch(file.python) else ""),
        index_url=request.index_url or file.index_url,
        extra_index_urls=request.extra_index_urls or file.extra_index_urls,
    )
    if file.kind in ("requirements", "empty") and not file.notices and not file.hashed:
        return asked
    locked = [line for line in file.packages if has_hashes(line)]
    if locked and (file.kind == "pylock" or request.requirements.startswith(COMPLETE)):
        locked.insert(0, COMPLETE)
    others = (line for line in file.packages if not has_hashes(line))
    packages = tuple(dict.fromkeys((*request.packages, *others)))
    return replace(asked, packages=packages, requirements="\n".join(locked))


def _check_python(file: Recognised, base: Base) -> None:
    """Refuse a Python that a lock was not made for (PEP 751 demands it)."""
    if file.kind != "pylock" or not file.python or not base.version:
        return
    wanted = f"=={file.python}.*" if _MINOR.fullmatch(file.python) else file.python
    if not SpecifierSet(wanted).contains(base.version, prereleases=True):
        detail = f"the lock file is for Python {file.python}, and this is {base.version}"
        raise EnvMgrError.of_field("bad-python", "python", detail)


def _about_hashes(locked: Sequence[str], besides: Sequence[str]) -> str:
    """Whose hashes are checked, in words."""
    if not locked:
        return ""
    there = {canonicalize_name(Requirement(without_hashes(line)).name) for line in locked}
    names = {canonicalize_name(Requirement(line).name) for line in besides}
    others = sorted(names - there)
    count = "the 1 package" if len(locked) == 1 else f"all {len(locked)} packages"
    checked = f"checked for {count} of the file"
    if not others:
        return checked
    return f"{checked}; not in it and not checked: {names_of(others)}, and what they need"


def _refuse_what_is_of_conda(request: CreateRequest) -> None:
    for field in ("channels", "pip", "variables", "user_site"):
        if getattr(request, field):
            raise EnvMgrError.of_field("bad-request", field, "only conda environments have these")


def uv_failure(engine: UvEngine, plan: PipPlan) -> Explain:
    """Tells what went wrong in a step of uv."""

    def failure(step: Step, outcome: Outcome) -> EnvMgrError | None:
        return None if outcome.ok else engine.explain(step, outcome, plan)

    return failure


def pip_lock(prefix: Path) -> tuple[str, ...]:
    """What is installed, as ``name==version`` lines."""
    return tuple(f"{p.name}=={p.version}" for p in list_packages(prefix, "venv"))


def pip_into(
    context: Context, lines: tuple[str, ...], indexes: Indexes, prefix: Path, workdir: Path
) -> Part:
    """uv's work that adds requirements to an environment that is there."""
    settings = context.settings
    plan = PipPlan(
        prefix=prefix,
        python=str(prefix / "bin" / "python"),
        download=False,
        requirements=lines,
        indexes=indexes,
        workdir=workdir,
        environ=settings.environ,
        link_mode=settings.link_mode,
    )
    uv = UvEngine.find(settings)
    return Part(uv.install(plan), workdir, uv_failure(uv, plan))
