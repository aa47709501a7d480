"""Site directories made of files, as installers leave them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write(path: Path, content: str | bytes = "") -> Path:
    """A file, with its directories."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def dist_info(
    site: Path,
    name: str,
    version: str = "1.0",
    *,
    head: str = "",
    files: Mapping[str, bytes] | None = None,
    extra: Mapping[str, str] | None = None,
) -> Path:
    """A distribution as pip and uv leave it; ``extra`` are further files of its dist-info."""
    directory = site / f"{name.replace('-', '_')}-{version}.dist-info"
    text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{head}\nThe description.\n"
    write(directory / "METADATA", text)
    write(directory / "INSTALLER", "pip\n")
    rows = [f"{directory.name}/METADATA,,"]
    for path, content in (files or {}).items():
        write(Path(os.path.normpath(site / path)), content)
        rows.append(f"{path},sha256=abc,{len(content)}")
    write(directory / "RECORD", "\n".join(rows) + "\n")
    for file, text in (extra or {}).items():
        write(directory / file, text)
    return directory


def conda_record(prefix: Path, name: str, version: str = "1.0", **fields: Any) -> Path:
    """A conda package's record."""
    content = {"name": name, "version": version, "build": "h0_0", **fields}
    return write(prefix / "conda-meta" / f"{name}-{version}-h0_0.json", json.dumps(content))


def site_of(prefix: Path, python: str = "3.11") -> Path:
    """The site directory of an environment."""
    site = prefix / "lib" / f"python{python}" / "site-packages"
    site.mkdir(parents=True, exist_ok=True)
    return site
