"""The environment that tools are started with: the server's, without what would mislead them."""

from __future__ import annotations

import re
from collections.abc import Mapping

# What the server was started with is about the server's own Python. ``PIP_USER=1``, a PYTHONPATH
# or a CONDA_PREFIX would send a tool to another place; a JUPYTER_TOKEN is nobody's business.
_MISLEADING = re.compile(
    r"PIP_|PYTHON|VIRTUAL_ENV|__PYVENV_LAUNCHER__|PIPX_|PIPENV_|POETRY_|PDM_|HATCH_"
    r"|CONDA_|_CONDA_|_CE_|MAMBA_|MICROMAMBA_|PIXI_|UV_|RUST_LOG$|RUST_BACKTRACE$"
    r"|JUPYTER|JPY_|JPY$|BASH_ENV$|ENV$|FORCE_COLOR$|CLICOLOR_FORCE$|COLUMNS$|LINES$"
)

# What the person or the administrator says to uv about the machine, not about an environment.
_KEPT = re.compile(
    r"UV_(CACHE_DIR|PYTHON_INSTALL_DIR|PYTHON_INSTALL_MIRROR|PYPY_INSTALL_MIRROR"
    r"|PYTHON_DOWNLOADS_JSON_URL|PYTHON_CACHE_DIR|KEYRING_PROVIDER|NATIVE_TLS|SYSTEM_CERTS"
    r"|HTTP_TIMEOUT|HTTP_CONNECT_TIMEOUT|HTTP_RETRIES|REQUEST_TIMEOUT|OFFLINE|LOCK_TIMEOUT"
    r"|CONCURRENT_DOWNLOADS|CONCURRENT_BUILDS|CONCURRENT_INSTALLS|INDEX_\w+_(USERNAME|PASSWORD)"
    r"|CREDENTIALS_DIR|GITHUB_TOKEN)$"
)


def scrub(environ: Mapping[str, str]) -> dict[str, str]:
    """``environ`` without the variables that would steer a tool away from what it is told.

    Proxies, certificates, locale, HOME, PATH, TMPDIR, compilers' variables and LD_LIBRARY_PATH
    stay: a build from source needs them as much as the shell of the person does.
    """
    return {
        name: value
        for name, value in environ.items()
        if not _MISLEADING.match(name) or _KEPT.match(name)
    }
