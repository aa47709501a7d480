"""What the report of the surroundings says."""

from __future__ import annotations

from jupyter_envmgr.service import status
from jupyter_envmgr.service.context import Context


def test_the_report_names_the_same_engines_as_the_form(context: Context) -> None:
    reported = {e.name: (e.available, e.path, e.why) for e in status.report(context).engines}
    offered = status.engines(context).engines
    assert reported == {o.name: (o.available, o.path, o.why_not) for o in offered}
    assert reported["rattler"][0]
