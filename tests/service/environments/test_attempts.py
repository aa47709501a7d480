"""Who gets the name of an environment, and what the others hear."""

from __future__ import annotations

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.service.context import Context
from jupyter_envmgr.service.environments import attempts, managed
from jupyter_envmgr.system import holder
from jupyter_envmgr.system.store import Store
from tests.fakes import record


def test_who_comes_second_hears_who_has_the_name_and_not_of_their_lock(context: Context) -> None:
    location = context.settings.default_location
    theirs = record("training", status="creating", maker=holder.current("server"))
    Store(location).reserve(theirs)
    with (
        managed.lock(context, location, "training", "creating"),
        pytest.raises(EnvMgrError) as caught,
    ):
        attempts.reserve(context, location, record("training"), break_lock=False)
    assert caught.value.problem.code == "name-taken"
    assert Store(location).read("training") == theirs
