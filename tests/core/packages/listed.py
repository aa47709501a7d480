"""What is listed of a prefix, to be compared."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from jupyter_envmgr.core.packages.inventory import Memory, list_packages
from jupyter_envmgr.core.packages.metadata import normal
from jupyter_envmgr.core.packages.model import Package


def rows(prefix: Path, kind: Any = "venv", **more: Any) -> dict[str, Package]:
    """The packages by name, read without anything remembered."""
    more.setdefault("memory", Memory())
    found = list_packages(prefix, kind, **more)
    assert [normal(p.name) for p in found] == sorted(normal(p.name) for p in found)
    return {package.name: package for package in found}


def pip_list(*command: str) -> dict[str, tuple[str, bool]]:
    """Version and whether it is editable, by normal name, as a tool says."""
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    return {
        normal(row["name"]): (row["version"], bool(row.get("editable_project_location")))
        for row in json.loads(answer.stdout)
    }


def as_pip_says(packages: dict[str, Package]) -> dict[str, tuple[str, bool]]:
    return {normal(p.name): (p.version, p.editable) for p in packages.values() if p.version}
