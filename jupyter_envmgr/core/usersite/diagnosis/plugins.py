"""Findings about plug-ins: what a program of the image loads of the user site by entry points."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from ...packages.files import read_regular
from ..model import Finding, Severity
from .codes import finding, set_aside_one
from .distributions import Distribution
from .ground import Ground
from .importing import Importing

# Groups whose entry points are imported by whoever starts the program, asked for or not.
_LOADED: dict[str, str] = {
    "pytest11": "pytest",
    "flake8.extension": "flake8",
    "flake8.report": "flake8",
    "hypothesis": "hypothesis",
    "torch.backends": "torch",
    "jax_plugins": "jax",
    "numba_extensions": "numba",
    "xarray.backends": "xarray",
    "nbconvert.exporters": "nbconvert",
    "jupyter_client.kernel_provisioners": "jupyter-client",
    "jupyter_server.contents": "jupyter-server",
    "jupyterlab.locale": "jupyterlab",
    "jupyter_serverproxy_servers": "jupyter-server-proxy",
    "setuptools.finalize_distribution_options": "setuptools",
    "distutils.setup_keywords": "setuptools",
    "egg_info.writers": "setuptools",
    "keyring.backends": "keyring",
    "mkdocs.plugins": "mkdocs",
    "pylama.linter": "pylama",
    "vllm.general_plugins": "vllm",
    "vllm.platform_plugins": "vllm",
    "mlflow.tracking_store": "mlflow",
    "mlflow.run_context_provider": "mlflow",
    "airflow.plugins": "apache-airflow",
    "celery.commands": "celery",
    "dask.array.backends": "dask",
    "dask.dataframe.backends": "dask",
    "distributed.comm.backends": "distributed",
    "opentelemetry_configurator": "opentelemetry-sdk",
    "fsspec.specs": "fsspec",
    "intake.drivers": "intake",
    "pandas_plotting_backends": "pandas",
    "sqlalchemy.plugins": "sqlalchemy",
    "tox": "tox",
    "pdm": "pdm",
    "poetry.plugin": "poetry",
    "hatch": "hatchling",
    "setuptools_scm.files_command": "setuptools-scm",
}
# A plug-in of these that cannot be imported ends the program.
_FATAL = frozenset({"pytest11", "flake8.extension", "setuptools.finalize_distribution_options"})
_SECTION = re.compile(r"^\[([^\]]+)\]\s*$")
_LINE = re.compile(r"^([^=#;\s][^=]*?)\s*=\s*([\w.]+)")
_LARGEST = 1 << 20


def plugins(ground: Ground, importing: Importing) -> Iterator[Finding]:
    """Packages of the user site that programs of the image load by themselves."""
    for key, one in ground.mine.items():
        rows = list(_rows(ground, one))
        if not rows:
            continue
        missing = [row for row in rows if not importing.is_known(row[2])]
        severity: Severity | None = None
        words = f"{one.label} adds to {_programs(rows)} of the image, which loads it on its own."
        if missing:
            fatal = any(group in _FATAL for group, _, _ in missing)
            severity = "will-fail" if fatal else "risk"
            words = (
                f"{one.label} adds to {_programs(missing)} of the image, but there is no "
                f"{missing[0][2]} to load."
            )
        elif key in ground.image_effective:
            continue
        yield finding(
            "plugin",
            one.name,
            words,
            evidence=tuple((group, f"{name} = {module}") for group, name, module in rows[:8]),
            wins=one.label,
            fix=set_aside_one(ground, one),
            severity=severity,
        )


def _rows(ground: Ground, one: Distribution) -> Iterator[tuple[str, str, str]]:
    """``(group, name, module)`` of what a program loads that only the image has."""
    path = os.path.join(one.path, "entry_points.txt")
    data = ground.kept.get("entry points", path, lambda: read_regular(path, _LARGEST) or b"")
    if not data:
        return
    ground.watch(path)
    group = ""
    for raw in data.decode("utf-8", "replace").splitlines():
        line = raw.strip()
        section = _SECTION.match(line)
        if section:
            group = section.group(1).strip()
            continue
        program = _LOADED.get(group, "")
        match = _LINE.match(line) if program else None
        of_image = program in ground.effective and program not in ground.mine
        if match and of_image and one.key != program:
            yield group, match.group(1), match.group(2)


def _programs(rows: list[tuple[str, str, str]]) -> str:
    return ", ".join(dict.fromkeys(_LOADED[group] for group, _, _ in rows))
