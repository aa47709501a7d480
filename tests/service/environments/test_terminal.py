"""Terminal here: what Jupyter's own terminals are started with."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.service.context import Context
from jupyter_envmgr.service.environments import terminal
from tests.fakes import eventually
from tests.prefixes import conda_prefix


@pytest.fixture
def here(
    settings: Settings, make_context: Callable[[Settings], Context], tmp_path: Path
) -> tuple[Context, str, Path]:
    """A conda environment in the home of somebody who uses bash: context, id, prefix."""
    environ = {**settings.environ, "SHELL": "/bin/bash"}
    context = make_context(replace(settings, environ=environ))
    prefix = conda_prefix(
        settings.home / "miniconda3/envs/it's mine", state={"TOKEN": "s3cret", "OF_STATE": "1"}
    )
    found = context.catalogue.environments().environments
    return context, next(e.id for e in found if e.path == str(prefix)), prefix


def test_its_files_are_for_their_owner_alone_and_secrets_are_in_no_argv(
    here: tuple[Context, str, Path],
) -> None:
    context, identifier, _ = here
    made = terminal.terminal_command(context, identifier)
    assert made == terminal.terminal_command(context, identifier)
    assert "s3cret" not in json.dumps(made.argv)
    (place,) = (context.settings.cache / "terminals").iterdir()
    assert place.stat().st_mode & 0o777 == 0o700
    texts = {file.name: file.read_text() for file in place.iterdir()}
    assert "s3cret" in texts["activate.sh"]
    assert {file.stat().st_mode & 0o777 for file in place.iterdir()} == {0o600}


async def test_jupyters_terminals_take_it_as_their_shell_command(
    here: tuple[Context, str, Path], jp_fetch: Any, jp_serverapp: Any, tmp_path: Path
) -> None:
    context, identifier, prefix = here
    made = terminal.terminal_command(context, identifier)
    body = json.dumps({"cwd": str(tmp_path), "shell_command": list(made.argv)})
    answer = await jp_fetch("api", "terminals", method="POST", body=body)
    name = json.loads(answer.body)["name"]
    shown = tmp_path / "shown"
    manager = jp_serverapp.web_app.settings["terminal_manager"]
    try:
        show = 'echo "$(command -v python)|$PWD|$OF_STATE"'
        line = f"{show} >'{shown}.part'; mv '{shown}.part' '{shown}'\n"
        manager.terminals[name].ptyproc.write(line)
        text = await asyncio.to_thread(
            eventually, lambda: shown.exists() and shown.read_text(), "the terminal answered", 30
        )
        assert text == f"{prefix}/bin/python|{tmp_path}|1\n"
    finally:
        await manager.terminate(name, force=True)


def test_an_environment_that_cannot_run_here_has_none(context: Context) -> None:
    venv = context.settings.home / "venvs" / "broken"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    (venv / "bin/python").unlink()
    found = context.catalogue.environments().environments
    identifier = next(e.id for e in found if e.path == str(venv))
    with pytest.raises(EnvMgrError) as caught:
        terminal.terminal_command(context, identifier)
    assert caught.value.code == "wrong-state"
    assert not (context.settings.cache / "terminals").exists()
