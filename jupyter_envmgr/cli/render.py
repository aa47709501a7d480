"""The only printer: answers to standard output, everything else to standard error."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from ..core.errors import FieldError, Problem
from . import layout
from .views import Cell, Facts, Table, Text, View

if TYPE_CHECKING:
    from rich.console import Console

# rich's names for our tones; colours of the terminal's own palette, readable on light and dark.
_STYLES = {
    "": "",
    "strong": "bold",
    "dim": "dim",
    "good": "green",
    "warning": "yellow",
    "bad": "red",
}


class Terminal:
    """Standard output, error and input, and what can be shown on them.

    Colours and bars need a terminal that is not ``dumb``, no ``NO_COLOR`` (no-color.org), and
    ``rich``; everything is printed plainly otherwise, as it is into files and pipes.
    """

    def __init__(
        self, stdout: TextIO, stderr: TextIO, stdin: TextIO, environ: Mapping[str, str]
    ) -> None:
        self.stdout, self.stderr, self.stdin = stdout, stderr, stdin
        self._environ = environ
        self._consoles: dict[int, Console | None] = {}
        self.lost: OSError | None = None
        """Why standard output could not be written, other than that its reader had enough."""
        for stream in (stdout, stderr):
            # A terminal in Latin-1 must not end a program because a name has a Greek letter.
            with contextlib.suppress(AttributeError, ValueError):
                stream.reconfigure(errors="replace")  # type: ignore[attr-defined]

    # -- answers ------------------------------------------------------------------------------

    def show(self, views: Iterable[View]) -> None:
        """Print an answer for people."""
        for number, view in enumerate(views):
            if number and not isinstance(view, Text):
                self._out("")
            if isinstance(view, Table):
                self._table(view)
            elif isinstance(view, Facts):
                self._facts(view)
            elif view.raw:
                self._write(self.stdout, view.text)
            else:
                self._styled(layout.clean(view.text), view.tone)

    def line(self, text: str) -> None:
        """Print one line for machines, at once: who reads it may be waiting."""
        self._out(text)
        self._flush(self.stdout)

    # -- everything else ----------------------------------------------------------------------

    def note(self, text: str, tone: str = "") -> None:
        """Say something that is no part of the answer."""
        console = self.console(self.stderr)
        for line in text.splitlines() or [""]:
            if console:
                self._rich(console, layout.clean(line), _STYLES[tone])
            else:
                self._write(self.stderr, layout.clean(line) + "\n")
        self._flush(self.stderr)

    def raw_note(self, text: str) -> None:
        """Print lines for whoever repairs the program: a traceback."""
        self._write(self.stderr, text)

    def problem(self, problem: Problem, usage: str = "") -> None:
        """Say what went wrong: title, detail, each field, hint."""
        self._flush(self.stdout)
        if usage:
            self._write(self.stderr, usage)
        self.note(f"error: {problem.title} ({problem.code})", "bad")
        for line in problem.detail.splitlines():
            self.note(f"  {line}")
        for field in problem.errors:
            if field.detail not in problem.detail:
                self.note(f"  {where(field)}: {field.detail}")
        if problem.hint:
            self.note(f"  hint: {problem.hint}")

    def can_ask(self) -> bool:
        """Whether somebody sits there to answer a question."""
        return _isatty(self.stdin) and _isatty(self.stderr)

    def ask(self, question: str) -> bool:
        """Ask a yes/no question; anything but yes, and the end of input, is no."""
        return self.ask_for(f"{question} [y/N]").lower() in ("y", "yes")

    def ask_for(self, question: str) -> str:
        """What a person types in answer; empty at the end of input."""
        self._flush(self.stdout)
        self._write(self.stderr, f"{layout.clean(question)} ")
        self._flush(self.stderr)
        answer = self.stdin.readline()
        if not answer.endswith("\n"):
            self._write(self.stderr, "\n")
        return answer.strip()

    def close(self) -> None:
        """Hand over what is still buffered."""
        self._flush(self.stdout)
        self._flush(self.stderr)

    # -- how ----------------------------------------------------------------------------------

    def console(self, stream: TextIO) -> Console | None:
        """rich's printer for ``stream``, where it can be used there."""
        if id(stream) not in self._consoles:
            self._consoles[id(stream)] = self._make_console(stream)
        return self._consoles[id(stream)]

    def _make_console(self, stream: TextIO) -> Console | None:
        if not _isatty(stream) or self._environ.get("NO_COLOR"):
            return None
        if self._environ.get("TERM", "dumb") in ("dumb", "unknown"):
            return None
        if importlib.util.find_spec("rich") is None:
            return None
        try:
            from rich.console import Console
        except ImportError:  # a rich that is there and does not load must not stop the rest
            return None
        return Console(file=stream, highlight=False, markup=False, emoji=False)

    def columns(self, stream: TextIO) -> int | None:
        """How wide ``stream`` is; None where it is no terminal and nothing need be cut."""
        if not _isatty(stream):
            return None
        with contextlib.suppress(ValueError):
            return max(int(self._environ.get("COLUMNS", "")), 20)
        with contextlib.suppress(OSError, ValueError):
            return max(os.get_terminal_size(stream.fileno()).columns, 20)
        return shutil.get_terminal_size().columns

    def _table(self, table: Table) -> None:
        if table.title:
            self._styled(layout.clean(table.title), "strong")
        if not table.rows:
            if table.empty:
                self._styled(table.empty, "dim")
            return
        table, widths = layout.fit(table, self.columns(self.stdout), self._ellipsis())
        heading = tuple(Cell(column.title, "strong") for column in table.columns)
        aligns = [column.align for column in table.columns]
        console = self.console(self.stdout)
        for cells in (heading, *table.rows):
            padded = [
                Cell(layout.pad(cell.text, cells_wide, align), cell.tone)
                for cell, cells_wide, align in zip(cells, widths, aligns, strict=True)
            ]
            if console:
                self._rich_cells(console, padded)
            else:
                self._out((" " * layout.GAP).join(cell.text for cell in padded).rstrip())

    def _facts(self, facts: Facts) -> None:
        if facts.title:
            self._styled(layout.clean(facts.title), "strong")
        widest = max((layout.width(label) for label, _ in facts.pairs), default=0)
        console = self.console(self.stdout)
        for label, cell in facts.pairs:
            label = layout.pad(label, widest, "left")
            for line in cell.text.splitlines():
                value = Cell(layout.clean(line), cell.tone)
                if console:
                    self._rich_cells(console, [Cell(label, "dim"), value])
                else:
                    self._out(f"{label}{' ' * layout.GAP}{value.text}".rstrip())
                label = " " * widest

    def _styled(self, text: str, tone: str) -> None:
        console = self.console(self.stdout)
        if console:
            self._rich(console, text, _STYLES[tone])
        else:
            self._out(text)

    def _rich_cells(self, console: Console, cells: Sequence[Cell]) -> None:
        from rich.text import Text as RichText

        line = RichText()
        for number, cell in enumerate(cells):
            line.append(" " * layout.GAP if number else "")
            line.append(cell.text, style=_STYLES[cell.tone])
        line.rstrip()
        self._rich(console, line)

    def _rich(self, console: Console, text: Any, style: str = "") -> None:
        # The terminal wraps what is too long: rich would break words that people copy.
        self._guard(lambda: console.print(text, style=style, soft_wrap=True), console.file)

    def _ellipsis(self) -> str:
        try:
            "…".encode(self.stdout.encoding or "ascii")
        except (LookupError, UnicodeEncodeError):
            return "..."
        return "…"

    def _out(self, text: str) -> None:
        self._write(self.stdout, text + "\n")

    def _write(self, stream: TextIO, text: str) -> None:
        self._guard(lambda: stream.write(text), stream)

    def _flush(self, stream: TextIO) -> None:
        self._guard(stream.flush, stream)

    def _guard(self, write: Any, stream: Any) -> None:
        """Write, and turn to ``/dev/null`` where nobody reads any more.

        What is going on goes on: a reader that had enough (``| head``) or a terminal that was
        closed must not leave half an environment.
        """
        try:
            write()
        except BrokenPipeError:
            _silence(stream)
        except OSError as error:
            if stream is self.stdout and self.lost is None and _isatty(stream) is False:
                self.lost = error
            _silence(stream)


def where(error: FieldError) -> str:
    """The field of an error and its line, as people name it."""
    return f"{error.field}, line {error.line}" if error.line else error.field


def _isatty(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # closed
        return False


def _silence(stream: TextIO) -> None:
    """Point the stream's descriptor at ``/dev/null``.

    Otherwise Python complains about the same broken pipe once more when it ends
    (docs.python.org, library/signal, "Note on SIGPIPE").
    """
    with contextlib.suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
