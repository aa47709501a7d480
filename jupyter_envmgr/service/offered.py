"""Which Pythons the channels of a request offer, asked once and remembered for minutes."""

from __future__ import annotations

from ..core.conda.channels import channel_name
from ..core.conda.offered import Offer, by_minor, usual
from ..core.errors import EnvMgrError
from ..core.settings import Settings
from ..engines import choose, conda
from ..system import durable
from .answers import OfferedPythons
from .context import Context
from .environments.conda_content import conda_failure
from .environments.conda_plans import CondaSources, conda_plan, find_sources
from .environments.content import Part, run_at_once
from .requests import OfferRequest
from .usersite.place import image_python

PATIENCE = 30.0
"""Seconds that a channel has to answer: a person is waiting, and can type a version without it."""


def offered(context: Context, request: OfferRequest) -> OfferedPythons:
    """The Pythons that the channels of a request offer for this machine. Takes seconds at first.

    Raises ``bad-channel``, ``not-allowed``, ``engine-missing``, and what keeps a channel from
    answering: ``index-unreachable``, ``index-not-found``, ``index-unauthorised``, ``tls-failed``…
    """
    settings = context.settings
    engine = choose.choose_engine("conda", settings, wanted=request.engine)
    sources = find_sources(settings, request.channels)
    configuration = sources.configuration
    question = (
        engine.name,
        sources.channels.urls,
        configuration.channel_priority,
        configuration.offline,
    )
    pythons = context.offers(question, lambda: by_minor(_ask(settings, engine.name, sources)))
    image = image_python(settings)
    chosen, why = usual(pythons, image)
    return OfferedPythons(
        pythons=pythons,
        usual=chosen,
        why=why,
        image=image,
        channels=tuple(map(channel_name, sources.channels.urls)),
        engine=engine.name,
        notices=(*sources.channels.notices, *configuration.notices),
    )


def _ask(settings: Settings, name: str, sources: CondaSources) -> tuple[Offer, ...]:
    engine = conda.find(name, settings)
    with durable.private_directory(settings.cache) as workdir:
        plan = conda_plan(settings, sources, workdir / "environment", workdir)
        work = engine.offered(plan)
        part = Part(work, workdir, conda_failure(engine, plan))
        try:
            outcomes = run_at_once(part, patience=PATIENCE)
        except EnvMgrError as error:
            if error.code == "no-such-package":  # the channels answer, and have no Python
                return ()
            if error.code == "timed-out":
                words = f"{sources.summary} did not answer within {PATIENCE:g} seconds"
                raise EnvMgrError("index-unreachable", words) from error
            raise
        return conda.read_offered(engine, plan, work, outcomes)
