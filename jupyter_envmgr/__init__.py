"""Environments, kernels and user packages in Jupyter, for people in throw-away containers."""

from __future__ import annotations

from typing import Any

from .version import __version__

__all__ = ["__version__"]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Where `jupyter-builder develop` finds the built frontend."""
    return [{"src": "labextension", "dest": "jupyter_envmgr"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """What the server loads. Imported here and not above: the command line does without it."""
    from .server.app import EnvMgrApp

    return [{"module": "jupyter_envmgr", "app": EnvMgrApp}]
