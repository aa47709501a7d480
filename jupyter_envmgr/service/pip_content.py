"""The content of a pip environment: requirements, indexes, the Python that it is based on."""

from __future__ import annotations

from pathlib import Path

from ..core.commands import Outcome, Step
from ..core.environments.create import choose_base
from ..core.environments.model import CreateRequest
from ..core.errors import EnvMgrError
from ..core.packages.indexes import Indexes, find_indexes
from ..core.packages.inventory import list_packages
from ..core.packages.requirements import parse_requirements
from ..engines import choose
from ..engines.uv import PipPlan, UvEngine
from .content import Content, Explain, Part
from .context import Context
from .gather import Gather


def pip_content(context: Context, request: CreateRequest, gather: Gather) -> Content | None:
    """What a request for the manager pip asks for; None if ``gather`` has errors about it."""
    settings = context.settings
    requirements = gather(
        lambda: parse_requirements(
            request.packages,
            request.requirements,
            allowed_schemes=settings.allowed_url_schemes,
        )
    )
    indexes = gather(lambda: find_indexes(settings, request.index_url, request.extra_index_urls))
    engine = gather(lambda: choose.choose_engine("pip", settings, wanted=request.engine))
    interpreters = context.catalogue.interpreters().interpreters
    base = gather(lambda: choose_base(request.python, interpreters))
    gather(lambda: _refuse_what_is_of_conda(request))
    if requirements is None or indexes is None or engine is None or base is None:
        return None
    lines = tuple(requirement.text for requirement in requirements)

    def part(prefix: Path, workdir: Path) -> Part:
        plan = PipPlan(
            prefix=prefix,
            python=base.python,
            download=base.download,
            requirements=(*lines, "ipykernel") if request.kernel else lines,
            indexes=indexes,
            workdir=workdir,
            environ=settings.environ,
            link_mode=settings.link_mode,
            prompt=request.name,
        )
        uv = UvEngine.find(settings)
        return Part(uv.create(plan), workdir, uv_failure(uv, plan))

    return Content(
        kind="venv",
        engine=engine,
        base=base,
        requirements=lines,
        source=indexes.summary,
        public_urls=indexes.public_urls,
        parts=(part,),
        lock=pip_lock,
        finish=lambda prefix: None,
        notices=indexes.notices,
    )


def _refuse_what_is_of_conda(request: CreateRequest) -> None:
    for field in ("channels", "pip", "variables"):
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
