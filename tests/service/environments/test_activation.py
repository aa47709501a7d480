"""The variables of an environment's programs, as its kernel would have them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from jupyter_envmgr.core.environments.model import CreateRequest
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.kernels.model import RegisterRequest
from jupyter_envmgr.core.kernels.spec import KernelTarget
from jupyter_envmgr.core.packages.verify import VerifyRequest
from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.service import kernels
from jupyter_envmgr.service.context import Context
from jupyter_envmgr.service.environments import activation, terminal, verify
from jupyter_envmgr.service.environments import verbs as environments
from tests.channel.build import Channel
from tests.prefixes import conda_prefix
from tests.service.conftest import ended


def target(prefix: Path) -> KernelTarget:
    return KernelTarget("x", prefix, prefix / "bin/python", "conda", "3.12.1", "image", "host")


def test_the_scripts_run_once_and_give_the_variables(context: Context, tmp_path: Path) -> None:
    count = tmp_path / "count"
    prefix = conda_prefix(
        tmp_path / "x",
        scripts={"a.sh": f"echo run >>'{count}'; echo loud; export A='\x1b[1m\nb'"},
        state={"B": "é", "LARGE": "x" * 100_000},
    )
    found = activation.variables(context.settings, target(prefix))
    assert (found["A"], found["B"]) == ("\x1b[1m\nb", "é")
    assert len(found["LARGE"]) == 100_000
    assert found["PYTHONNOUSERSITE"] == "1"
    assert found["PATH"].startswith(f"{prefix}/bin:")
    assert count.read_text() == "run\n"


def test_a_python_that_does_not_start_says_why(context: Context, tmp_path: Path) -> None:
    prefix = conda_prefix(tmp_path / "x")
    (prefix / "bin/python").unlink()
    (prefix / "bin/python").write_text("#!/bin/sh\necho libpython is missing >&2\nexit 127\n")
    (prefix / "bin/python").chmod(0o755)
    with pytest.raises(EnvMgrError) as caught:
        activation.variables(context.settings, target(prefix))
    assert caught.value.code == "import-failed"
    assert "libpython is missing" in caught.value.detail


def test_a_registered_conda_kernel_brings_its_launcher_and_keeps_it_when_renamed(
    context: Context,
) -> None:
    prefix = conda_prefix(context.settings.home / "miniconda3" / "envs" / "training")
    site = prefix / f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    (site / "ipykernel-6.0.dist-info").mkdir(parents=True)
    (site / "ipykernel-6.0.dist-info/METADATA").write_text("Name: ipykernel\nVersion: 6.0\n")
    found = next(e for e in context.catalogue.environments().environments if e.path == str(prefix))
    kernel = kernels.register(context, RegisterRequest(found.id, name="training"))
    directory = Path(kernel.path)
    argv = json.loads((directory / "kernel.json").read_text())["argv"]
    assert argv[:2] == [str(prefix / "bin/python"), str(directory / "activate.py")]
    launcher = (directory / "activate.py").read_bytes()
    assert kernel.interpreter == str(prefix / "bin/python")
    assert kernel.environment == found.id
    kernels.rename(context, "training", "Another name")
    assert (directory / "activate.py").read_bytes() == launcher


def test_an_environment_that_cannot_run_here_is_refused(context: Context) -> None:
    broken = replace(context.catalogue.environment("image"), status="broken", reason="half-made")
    with pytest.raises(EnvMgrError) as caught:
        activation.target_of(broken)
    assert caught.value.code == "wrong-state"


def test_jupyter_starts_interrupts_and_restarts_an_activated_kernel(
    context: Context, tmp_path: Path
) -> None:
    prefix = conda_prefix(tmp_path / "envs" / "x", scripts={"a.sh": "export ADDED=$LATER"})
    site = next(path for path in sys.path if path.endswith("site-packages"))
    # By activation too: the interpreter of a prefix made by hand sees no packages of its own.
    (prefix / "etc/conda/activate.d/path.sh").write_text(f"export PYTHONPATH='{site}'\n")
    python = ".".join(map(str, sys.version_info[:3]))
    made = KernelTarget("x", prefix, prefix / "bin/python", "conda", python, "image", "host")
    kernels.write(kernels.prepare(context.settings, "envmgr-x", "X", made, survives=True))
    manager = KernelManager(
        kernel_name="envmgr-x",
        kernel_spec_manager=KernelSpecManager(kernel_dirs=[str(context.settings.user_kernels)]),
        connection_file=str(tmp_path / "connection.json"),
    )
    manager.start_kernel(env={**context.settings.environ, "LATER": "1"})
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        assert asked(client, "os.environ['ADDED'] + os.environ['CONDA_PREFIX']") == f"'1{prefix}'"
        assert asked(client, "os.getpid()") == str(manager.provisioner.pid)  # type: ignore[union-attr]
        client.execute("import time\nprint('begun', flush=True)\ntime.sleep(300)")
        while client.get_iopub_msg(timeout=60)["msg_type"] != "stream":
            pass
        manager.interrupt_kernel()
        assert client.get_shell_msg(timeout=60)["content"]["ename"] == "KeyboardInterrupt"
        (prefix / "conda-meta/state").write_text('{"env_vars": {"LATER": "2"}}')
        manager.restart_kernel(now=True)
        client.wait_for_ready(timeout=60)
        assert asked(client, "os.environ['ADDED']") == "'2'"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def asked(client: BlockingKernelClient, expression: str) -> str:
    """What an expression is in the kernel."""
    wanted = {"it": expression}
    reply = client.execute("import os", user_expressions=wanted, reply=True, timeout=60)
    answer = reply["content"]["user_expressions"]["it"]
    return str(answer["data"]["text/plain"])


def test_a_conda_environment_from_a_channel_is_activated_verified_and_shown_in_a_terminal(
    settings: Settings, make_context: Callable[[Settings], Context], conda_channel: Channel
) -> None:
    (settings.home / ".condarc").write_text(f"channels: [{conda_channel.url}]\n")
    context = make_context(replace(settings, environ={**settings.environ, "SHELL": "/bin/bash"}))
    request = CreateRequest(
        "science",
        manager="conda",
        python=".".join(conda_channel.python.split(".")[:2]),
        packages=("greeter=1.0", "activates"),
        variables={"MY_DATA": "/data and more"},
    )
    job = ended(context, environments.create(context, request))
    assert job.problem is None, job.problem
    made = context.catalogue.environment("science")
    found = activation.variables(context.settings, activation.target_of(made))
    assert found["ACTIVATES_SCRIPT"] == f"{made.path}/share/activates"
    assert found["ACTIVATES_STATE"] == "a value with spaces"
    assert found["MY_DATA"] == "/data and more"
    ended(context, verify.verify(context, "science", VerifyRequest()))
    verified = {
        package.name: package for package in verify.verification(context, "science").packages
    }
    assert verified["greeter"].ok, verified["greeter"].error
    assert (verified["greeter"].version, verified["activates"].ok) == ("1.0", None)
    argv = terminal.terminal_command(context, "science").argv
    show = "command -v python; echo $ACTIVATES_SCRIPT; exit\n"
    environ = dict(context.settings.environ)
    done = subprocess.run(
        argv, input=show, env=environ, capture_output=True, text=True, check=False
    )
    assert f"{made.path}/bin/python" in done.stdout.splitlines()
    assert f"{made.path}/share/activates" in done.stdout.splitlines()
