"""What the operations on the user site do at this door."""

from __future__ import annotations

from ..service import usersite as service
from ..service.answers import Recovery, RequirementsText
from ..service.context import Context
from ..service.requests import AdoptRequest, RecoverRequest, SnapshotUpdate
from ..service.usersite import arrival, isolation, work
from ..service.usersite.diagnosis import diagnose
from ..service.usersite.hinting import hint_for
from ..service.usersite.probes import start as start_probe
from ..service.usersite.proofs import proof
from .requests import Asked
from .verb import Verb


def _adopt(context: Context, asked: Asked) -> object:
    body: AdoptRequest = asked.body
    return service.adopt(
        context.settings,
        body.path,
        body.name,
        asked.digest,
        break_lock=asked.flag("break_lock"),
    )


def _rename(context: Context, asked: Asked) -> object:
    body: SnapshotUpdate = asked.body
    return service.rename(context.settings, asked.subject, body.name or "", remarks=body.remarks)


def _recover(context: Context, asked: Asked) -> object:
    body: RecoverRequest = asked.body
    lock = asked.flag("break_lock")
    return Recovery(service.recover(context.settings, undo=body.undo, break_lock=lock))


VERBS: dict[str, Verb] = {
    "usersite.show": Verb(lambda c, a: c.catalogue.user_site(size=a.flag("size"))),
    "usersite.scan": Verb(
        lambda c, a: service.scan(c.settings, size=a.flag("size"), catalogue=c.catalogue)
    ),
    "usersite.arrival": Verb(lambda c, a: arrival.arrival(c)),
    "usersite.told": Verb(lambda c, a: arrival.told(c)),
    "usersite.hint": Verb(lambda c, a: hint_for(c, a.body)),
    "usersite.diagnose": Verb(
        lambda c, a: diagnose(
            c.settings, a.query.get("kernel") or "", fresh=a.flag("fresh"), context=c
        )
    ),
    "usersite.probe": Verb(lambda c, a: start_probe(c, a.body)),
    "usersite.proof": Verb(lambda c, a: proof(c.settings, a.subject)),
    "usersite.reset": Verb(
        lambda c, a: work.start_reset(c, a.body, a.digest, break_lock=a.flag("break_lock")),
        lambda c, a: work.plan_reset_here(c, a.body),
    ),
    "usersite.remove": Verb(
        lambda c, a: work.start_remove(c, a.body, a.digest, break_lock=a.flag("break_lock")),
        lambda c, a: work.plan_remove_here(c, a.body),
    ),
    "usersite.backup": Verb(
        lambda c, a: work.start_backup(c, a.body, a.digest, break_lock=a.flag("break_lock")),
        lambda c, a: service.plan_backup(c.settings, a.body),
    ),
    "usersite.recover": Verb(_recover),
    "usersite.isolate": Verb(
        lambda c, a: isolation.isolate(c, a.body, a.digest),
        lambda c, a: isolation.plan_isolate(c, a.body),
    ),
    "usersite.profile": Verb(
        lambda c, a: service.profile(c.settings, a.body.kernel, a.body.name, a.digest),
        lambda c, a: service.plan_profile(c.settings, a.body.kernel, a.body.name),
    ),
    "usersite.undo": Verb(lambda c, a: isolation.undo(c, a.body)),
    "usersite.snapshots": Verb(lambda c, a: service.snapshots(c.settings)),
    "usersite.adopt": Verb(
        _adopt, lambda c, a: service.plan_adopt(c.settings, a.body.path, a.body.name)
    ),
    "usersite.snapshot": Verb(lambda c, a: service.show(c.settings, a.subject)),
    "usersite.rename": Verb(_rename),
    "usersite.delete": Verb(
        lambda c, a: work.start_delete(c, a.subject, a.digest, break_lock=a.flag("break_lock")),
        lambda c, a: service.plan_delete(c.settings, a.subject),
    ),
    "usersite.restore": Verb(
        lambda c, a: work.start_restore(
            c, a.subject, a.body, a.digest, break_lock=a.flag("break_lock")
        ),
        lambda c, a: work.plan_restore_here(c, a.subject, a.body),
    ),
    "usersite.compare": Verb(
        lambda c, a: service.compare(c.settings, a.subject, a.query.get("with") or "present")
    ),
    "usersite.requirements": Verb(
        lambda c, a: RequirementsText(service.requirements(c.settings, a.subject))
    ),
    "usersite.reinstall": Verb(lambda c, a: service.reinstall(c.settings, a.subject)),
}
