"""Files of all kinds, as the doors get them: what is recognised can also be made."""

from __future__ import annotations

import pytest

from jupyter_envmgr.core.environments.model import CreateRequest
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.service.context import Context
from jupyter_envmgr.service.environments import creation
from jupyter_envmgr.service.environments import verbs as environments
from jupyter_envmgr.service.recognising import recognise_text
from jupyter_envmgr.service.requests import RecogniseRequest

_FREEZE_OF_CONDA = """\
aiohttp @ file:///croot/aiohttp_1715108788086/work
torch==2.3.1
"""
_PIP_LIST = """\
Package   Version
--------- -------
aiohttp   3.9.5
torch     2.3.1
"""
_PYPROJECT = """\
[project]
name = "x"
requires-python = "==3.11.*"
dependencies = ["aiohttp>=3", "torch==2.3.1"]
"""
_WITH_INDEX = """\
--extra-index-url https://download.pytorch.org/whl/cu121
aiohttp
torch==2.3.1
"""


@pytest.mark.parametrize(
    "text",
    [_FREEZE_OF_CONDA, _PIP_LIST, _PYPROJECT, _WITH_INDEX],
    ids=["freeze-of-conda", "pip-list", "pyproject", "with-index"],
)
def test_what_the_form_recognises_for_pip_is_planned_as_it_was_shown(
    context: Context, text: str
) -> None:
    shown = recognise_text(context.settings, RecogniseRequest(text))
    assert (shown.manager, shown.errors) == ("pip", ())
    prepared = creation.prepare(context, CreateRequest("new", requirements=text))
    assert prepared.facts.requirements == shown.packages
    assert set(shown.notices) <= set(prepared.plan.notices)
    record = creation.record_of(context, prepared, "job")
    assert (*record.request.packages, *record.request.requirements.split()) == shown.packages
    again = creation.prepare(context, record.request)
    assert again.facts.requirements == shown.packages


@pytest.mark.parametrize(
    ("manager", "text"),
    [
        ("pip", _WITH_INDEX),
        ("conda", "dependencies:\n- pip\n- pip:\n  - --extra-index-url https://pypi.nvidia.com\n"),
    ],
)
def test_the_index_that_a_file_names_is_used_and_kept_for_the_next_time(
    context: Context, manager: str, text: str
) -> None:
    request = CreateRequest("new", manager=manager, requirements=text)  # type: ignore[arg-type]
    prepared = creation.prepare(context, request)
    record = creation.record_of(context, prepared, "job")
    (url,) = record.request.extra_index_urls
    assert url in text
    if manager == "pip":
        assert url in record.index_urls


@pytest.mark.parametrize("manager", ["pip", "conda"])
def test_a_file_for_the_other_manager_says_which_one_to_choose(
    context: Context, manager: str
) -> None:
    texts = {"pip": "name: x\ndependencies:\n  - numpy\n", "conda": _PIP_LIST}
    request = CreateRequest("new", manager=manager, requirements=texts[manager])  # type: ignore[arg-type]
    with pytest.raises(EnvMgrError) as caught:
        environments.plan_create(context, request)
    assert caught.value.code == "bad-requirement"
    assert ("conda environment" if manager == "pip" else "manager pip") in caught.value.detail


def test_errors_of_both_fields_keep_their_lines_and_columns(context: Context) -> None:
    request = CreateRequest("new", packages=("-e .",), requirements="numpy\n  -e .\n!\n?\n#\n;\n")
    with pytest.raises(EnvMgrError) as caught:
        environments.plan_create(context, request)
    assert caught.value.code == "bad-requirement"
    places = [(e.field, e.line, e.column) for e in caught.value.errors]
    assert places[:2] == [("packages", 1, None), ("requirements", 2, 3)]
    assert "requirements, line 2: " in caught.value.detail
