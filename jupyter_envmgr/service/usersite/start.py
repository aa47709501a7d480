"""How the interpreter of a program is started. On the standard library alone."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Start:
    """How the program's interpreter is started: its path, its own options, all its variables."""

    interpreter: str
    options: tuple[str, ...]
    environ: dict[str, str]
    kernel: str = ""
    display_name: str = ""

    @property
    def argv(self) -> tuple[str, ...]:
        """The words before the program; ``-B`` because ``-E`` would ignore the variable."""
        return (self.interpreter, *self.options, "-B")
