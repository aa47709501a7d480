"""An edit of kernel.json that can be taken back, whoever wrote it and whatever else changes."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

MARK = "envmgr_usersite"
"""In ``metadata``: what was changed, and what those variables were before."""


@dataclass(frozen=True)
class Edit:
    """Variables that a kernel is started with from now on.

    An empty value counts as unset for Python, and undoes what the server's own environment has.
    """

    kind: Literal["isolate", "profile"]
    variables: Mapping[str, str]


def edited(spec: Mapping[str, Any], edit: Edit) -> dict[str, Any]:
    """The kernelspec with the edit, and with what it takes to undo it."""
    made: dict[str, Any] = copy.deepcopy(dict(spec))
    env = made.get("env")
    env = dict(env) if isinstance(env, dict) else {}
    metadata = made.get("metadata")
    metadata = dict(metadata) if isinstance(metadata, dict) else {}
    metadata[MARK] = {
        "kind": edit.kind,
        "before": {name: env.get(name) for name in edit.variables},
        "had_env": "env" in spec,
        "had_metadata": "metadata" in spec,
    }
    env.update(edit.variables)
    made["env"], made["metadata"] = env, metadata
    return made


def undone(spec: Mapping[str, Any]) -> dict[str, Any] | None:
    """The kernelspec as it would be without our edit; None if there is none."""
    metadata = spec.get("metadata")
    mark = metadata.get(MARK) if isinstance(metadata, dict) else None
    if not isinstance(mark, dict) or not isinstance(metadata, dict):
        return None
    made: dict[str, Any] = copy.deepcopy(dict(spec))
    env = made.get("env")
    env = dict(env) if isinstance(env, dict) else {}
    before = mark.get("before")
    for name, value in (before if isinstance(before, dict) else {}).items():
        if value is None:
            env.pop(name, None)
        else:
            env[name] = value
    made["env"] = env
    made["metadata"] = {k: v for k, v in metadata.items() if k != MARK}
    for key in ("env", "metadata"):
        if not made[key] and not mark.get(f"had_{key}"):
            del made[key]
    return made
