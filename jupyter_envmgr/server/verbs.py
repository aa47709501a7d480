"""The verbs of this door, each by the name of its operation."""

from __future__ import annotations

from ..service import installing, kernels, offered, status
from ..service.context import Context
from ..service.environments import verbs as service
from . import archives, environments, usersite
from .requests import Asked
from .verb import Verb


def _remove(context: Context, asked: Asked) -> object:
    return service.remove(
        context,
        asked.subject,
        digest=asked.digest,
        force=asked.flag("force"),
        break_lock=asked.flag("break_lock"),
    )


def _unregister(context: Context, asked: Asked) -> object:
    return kernels.unregister(
        context, asked.subject, digest=asked.digest, force=asked.flag("force")
    )


VERBS: dict[str, Verb] = {
    "status": Verb(lambda c, a: status.report(c)),
    "environments.list": Verb(lambda c, a: c.catalogue.environments_json(a.flag("fresh"))),
    "environments.show": Verb(lambda c, a: c.catalogue.environment(a.subject)),
    "environments.size": Verb(lambda c, a: c.catalogue.size(a.subject)),
    "environments.create": Verb(
        lambda c, a: service.create(c, a.body),
        lambda c, a: service.plan_create(c, a.body, solve=a.flag("solve")),
    ),
    "environments.retry": Verb(
        lambda c, a: service.retry(c, a.subject, break_lock=a.flag("break_lock"))
    ),
    "environments.update": Verb(lambda c, a: service.update(c, a.subject, a.body)),
    "environments.remove": Verb(_remove, lambda c, a: service.plan_remove(c, a.subject)),
    "packages.list": Verb(lambda c, a: c.catalogue.packages(a.subject, size=a.flag("size"))),
    "packages.install": Verb(
        lambda c, a: installing.install(c, a.body, a.digest),
        lambda c, a: installing.plan_install(c, a.body),
    ),
    "interpreters.list": Verb(lambda c, a: c.catalogue.interpreters(a.flag("fresh"))),
    "interpreters.offered": Verb(lambda c, a: offered.offered(c, a.body)),
    **environments.VERBS,
    **usersite.VERBS,
    **archives.VERBS,
    "kernels.list": Verb(lambda c, a: c.catalogue.kernels()),
    "kernels.register": Verb(
        lambda c, a: kernels.register(c, a.body),
        lambda c, a: kernels.plan_register(c, a.body),
    ),
    "kernels.unregister": Verb(_unregister, lambda c, a: kernels.plan_unregister(c, a.subject)),
    "jobs.list": Verb(lambda c, a: c.jobs.list()),
    "jobs.show": Verb(lambda c, a: c.jobs.show(a.subject)),
    "jobs.events": Verb(lambda c, a: c.jobs.events(a.subject, a.query.get("after", 0))),
    "jobs.cancel": Verb(lambda c, a: c.jobs.cancel(a.subject)),
    "jobs.remove": Verb(lambda c, a: c.jobs.remove(a.subject)),
}
