"""What is generated and committed is what would be generated now; `make types` makes it so."""

from __future__ import annotations

from pathlib import Path

import jupyter_envmgr
from jupyter_envmgr.service.operations import openapi

PACKAGE = Path(jupyter_envmgr.__file__).parent


def test_the_openapi_document_is_fresh() -> None:
    """The TypeScript types that are made of it are checked by `jlpm types:fresh`."""
    committed = (PACKAGE / "schema/openapi.json").read_text(encoding="utf-8")
    assert committed == openapi.text(jupyter_envmgr.__version__)
