"""The command line on the standard library and this package alone: ``python3 -I …/rescue.py``.

For where the user site keeps Jupyter, pip or this package's own requirements from starting, also
when this package itself lies in that user site: nothing is put on ``sys.path`` for it.
"""

from __future__ import annotations

import importlib.util
import os
import sys

PACKAGE = "jupyter_envmgr"


def load(directory: str) -> None:
    """Make the package at ``directory`` the one that is imported, whatever the path says."""
    spec = importlib.util.spec_from_file_location(
        PACKAGE,
        os.path.join(directory, "__init__.py"),
        submodule_search_locations=[directory],
    )
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[PACKAGE] = module
    spec.loader.exec_module(module)


if __name__ == "__main__":
    load(os.path.dirname(os.path.abspath(__file__)))
    from jupyter_envmgr.cli.main import main

    sys.exit(main())
