"""The environment variables that conda, mamba and micromamba are run with."""

from __future__ import annotations

import os
import re

from ..core.environment_variables import scrub
from .conda_cli_credentials import hand_over
from .conda_cli_find import ExecutableName
from .conda_plan import CondaPlanRequest

# What the person or the administrator says to conda about the machine. The rest of ``CONDA_*``
# is about the environment that the server runs in.
_ALIKE = (
    r"SSL_VERIFY|CHANNEL_ALIAS|CHANNEL_PRIORITY|REMOTE_\w+_SECS|REMOTE_MAX_RETRIES"
    r"|LOCAL_REPODATA_TTL|ALWAYS_COPY|ALWAYS_SOFTLINK"
)
_KEPT = re.compile(
    r"CONDA_(OVERRIDE_\w+|PKGS_DIRS|ENVS_DIRS|ENVS_PATH|CLIENT_SSL_CERT(_KEY)?|SOLVER"
    rf"|FETCH_THREADS)$|(CONDA|MAMBA)_({_ALIKE})$|MAMBA_ROOT_PREFIX$"
)
# mamba 2 knows these by its own name alone.
_FOR_MAMBA = re.compile(rf"CONDA_({_ALIKE})$")
_NOBODY = "http://127.0.0.1:9"


def environ_for(plan: CondaPlanRequest, name: ExecutableName, *, native: bool) -> dict[str, str]:
    """The person's environment without what the server was activated with."""
    environ = scrub(plan.environ)
    environ |= {key: text for key, text in plan.environ.items() if _KEPT.match(key)}
    environ["HOME"] = str(plan.home)
    # conda's own Python must not see a user site that breaks it.
    environ["PYTHONNOUSERSITE"] = "1"
    environ["NO_COLOR"] = "1"
    environ["CONDA_NUMBER_CHANNEL_NOTICES"] = "0"
    environ["CONDA_NOTIFY_OUTDATED_CONDA"] = "false"
    environ["CONDA_REPORT_ERRORS"] = "false"
    # In what it takes for a CI machine conda accepts terms of service by itself
    # (conda-anaconda-tos); a JOB_NAME in a container is enough. That is the person's to do.
    environ["CI"] = "false"
    environ |= hand_over(plan).environ
    if plan.platform:
        environ["CONDA_SUBDIR"] = plan.platform
    for scheme, address in plan.proxies.items():
        key = f"{scheme.partition(':')[0]}_proxy"
        if not (environ.get(key) or environ.get(key.upper())):
            environ[key] = address
    if plan.ssl_verify is not True:
        verify = str(plan.ssl_verify).lower() if not plan.ssl_verify else str(plan.ssl_verify)
        for key in ("CONDA_SSL_VERIFY", "MAMBA_SSL_VERIFY"):
            environ.setdefault(key, verify)
    if native:
        _speak_to_mamba(environ, plan)
    if name == "micromamba":
        # Its own default lies below ~/.local, which people move away.
        environ.setdefault("MAMBA_ROOT_PREFIX", str(plan.cache / "micromamba"))
    return environ


def _speak_to_mamba(environ: dict[str, str], plan: CondaPlanRequest) -> None:
    """Tell mamba 2 in its own words what conda's variables say, and what it knows no word for."""
    for key, text in tuple(environ.items()):
        if match := _FOR_MAMBA.match(key):
            environ.setdefault(f"MAMBA_{match[1]}", text)
    certificates = environ.get("REQUESTS_CA_BUNDLE", "")
    if plan.ssl_verify is True and os.path.isfile(certificates):
        environ.setdefault("MAMBA_SSL_VERIFY", certificates)
    if plan.offline:
        # --offline is about lists of packages: it would go on to download packages.
        for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
            environ.pop(name.upper(), None)
            environ[name] = "" if name == "no_proxy" else _NOBODY
