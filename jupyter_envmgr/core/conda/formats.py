"""The kinds of files that an environment can be made from again, by their names.

On the standard library alone: the command line names them before it does anything.
"""

from __future__ import annotations

from typing import Literal

Format = Literal[
    "environment-yml",
    "environment-yml-no-builds",
    "environment-yml-history",
    "explicit",
    "pixi-lock",
    "requirements",
    "requirements-asked",
    "pylock",
]
OF_CONDA: tuple[Format, ...] = (
    "environment-yml",
    "environment-yml-no-builds",
    "environment-yml-history",
    "explicit",
    "pixi-lock",
)
OF_PIP: tuple[Format, ...] = ("requirements", "requirements-asked", "pylock")
