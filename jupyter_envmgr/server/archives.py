"""What the operations on archives do at this door."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..service import archives
from ..service.context import Context
from .verb import Verb


def _here(context: Context, body: Any) -> Any:
    """The request with ``~`` in its path spelled out: that is how Jupyter names its own root."""
    if body.path == "~" or body.path.startswith("~/"):
        return replace(body, path=f"{context.settings.home}{body.path[1:]}")
    return body


VERBS: dict[str, Verb] = {
    "archives.show": Verb(lambda c, a: archives.show(c, _here(c, a.body).path)),
    "archives.export": Verb(
        lambda c, a: archives.export(c, _here(c, a.body)),
        lambda c, a: archives.plan_export(c, _here(c, a.body)),
    ),
    "archives.import": Verb(
        lambda c, a: archives.import_(c, _here(c, a.body), break_lock=a.flag("break_lock")),
        lambda c, a: archives.plan_import(c, _here(c, a.body)),
    ),
}
