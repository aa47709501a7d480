"""What the operations on an environment that is there do at this door."""

from __future__ import annotations

from ..core.environments.elsewhere import elsewhere
from ..service import recognising, status
from ..service.environments import (
    changing,
    cloning,
    exporting,
    history,
    recreating,
    renaming,
    reverting,
    verify,
)
from ..service.environments.terminal import terminal_command
from .verb import Verb

VERBS: dict[str, Verb] = {
    "engines.list": Verb(lambda c, a: status.engines(c)),
    "packages.recognise": Verb(lambda c, a: recognising.recognise_text(c.settings, a.body)),
    "packages.change": Verb(
        lambda c, a: changing.change(c, a.subject, a.body, a.digest),
        lambda c, a: changing.plan_change(c, a.subject, a.body),
    ),
    "environments.clone": Verb(
        lambda c, a: cloning.clone(c, a.subject, a.body, break_lock=a.flag("break_lock")),
        lambda c, a: cloning.plan_clone(c, a.subject, a.body),
    ),
    "environments.recreate": Verb(
        lambda c, a: recreating.recreate(c, a.subject, a.digest),
        lambda c, a: recreating.plan_recreate(c, a.subject),
    ),
    "environments.rename": Verb(
        lambda c, a: renaming.rename(c, a.subject, a.body, a.digest, force=a.flag("force")),
        lambda c, a: renaming.plan_rename(c, a.subject, a.body),
    ),
    "environments.history": Verb(lambda c, a: history.history(c, a.subject)),
    "environments.revert": Verb(
        lambda c, a: reverting.revert(c, a.subject, a.body, a.digest),
        lambda c, a: history.plan_revert(c, a.subject, a.body),
    ),
    "environments.export": Verb(
        lambda c, a: exporting.export(c, a.subject, a.query.get("format") or "")
    ),
    "environments.verify": Verb(lambda c, a: verify.verify(c, a.subject, a.body)),
    "environments.verification": Verb(lambda c, a: verify.verification(c, a.subject)),
    "environments.request": Verb(lambda c, a: recreating.request_of(c, a.subject)),
    "environments.elsewhere": Verb(
        lambda c, a: elsewhere(c.catalogue.environment(a.subject), a.query.get("archive") or "")
    ),
    "environments.terminal": Verb(lambda c, a: terminal_command(c, a.subject)),
}
