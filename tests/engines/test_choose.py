"""An engine is chosen with a reason, or its absence is said plainly."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.engines.choose import choose
from tests import fakes


def test_pip_means_uv_and_says_why(tmp_path: Path) -> None:
    choice = choose("pip", fakes.settings(tmp_path))
    assert choice.name == "uv"
    assert choice.version
    assert f"Made by {choice.name}, {choice.reason}." == "Made by uv, because you chose pip."


def test_conda_is_refused_at_its_field(tmp_path: Path) -> None:
    with pytest.raises(EnvMgrError) as caught:
        choose("conda", fakes.settings(tmp_path))
    assert caught.value.code == "engine-missing"
    assert caught.value.errors[0].field == "manager"
    assert "Choose pip" in caught.value.hint
