"""The program: its command line put together, one verb run, its answer or its error printed."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from ..core.errors import EnvMgrError, Problem
from ..version import __version__
from . import (
    archives,
    completion,
    creating,
    diagnosis,
    envelope,
    environments,
    installing,
    jobs,
    kernels,
    lifecycle,
    packages,
    pythons,
    remedies,
    snapshots,
    status,
    usersite,
    using,
)
from .exits import EXITS, OK
from .follow import Abandoned
from .interrupts import Interrupts
from .render import Terminal
from .session import Session
from .verbs import Answer, Verb

if TYPE_CHECKING:
    from ..core.settings import Settings
    from ..service.context import Context

PROGRAM = "jupyter-envmgr"
VERBS: tuple[Verb, ...] = (
    *status.VERBS,
    *creating.VERBS,
    *environments.VERBS,
    *lifecycle.VERBS,
    *pythons.VERBS,
    *using.VERBS,
    *packages.VERBS,
    *installing.VERBS,
    *kernels.VERBS,
    *archives.VERBS,
    *usersite.VERBS,
    *diagnosis.VERBS,
    *snapshots.VERBS,
    *remedies.VERBS,
    *jobs.VERBS,
    *completion.VERBS,
)
NOUNS = {
    "env": "environments: isolated Pythons with packages",
    "packages": "what is installed",
    "kernels": "what the launcher and the kernel picker offer",
    "archives": "environments packed into files that travel",
    "usersite": "the user packages in ~/.local: see them, set them aside, bring them back",
    "jobs": "long operations, of every door",
}


class Usage(Exception):
    """The command line itself is wrong."""

    def __init__(self, usage: str, detail: str, program: str, operation: str) -> None:
        super().__init__(detail)
        self.usage = usage
        self.operation = operation
        self.problem = EnvMgrError(
            "bad-request", detail, hint=f"`{program} --help` shows what there is."
        ).problem


class Parser(argparse.ArgumentParser):
    """argparse that raises `Usage` instead of printing and leaving."""

    def error(self, message: str) -> NoReturn:
        """Called by argparse with what is wrong."""
        verb: Verb | None = self.get_default("verb")
        operation = verb.operation if verb else "usage"
        raise Usage(self.format_usage(), message, self.prog, operation)


def build() -> Parser:
    """The parser of the whole command line, from the table of verbs."""
    parser = Parser(
        prog=PROGRAM,
        description="Environments, kernels and user packages. Also: jupyter envmgr …",
        allow_abbrev=False,
    )
    _add_common(parser)
    top = parser.add_subparsers(metavar="VERB", parser_class=Parser)
    nouns: dict[str, argparse._SubParsersAction[Parser]] = {}
    for verb in VERBS:
        *noun, name = verb.words.split()
        group = top
        if noun:
            if noun[0] not in nouns:
                nouns[noun[0]] = _add_noun(top, noun[0])
            group = nouns[noun[0]]
        leaf = group.add_parser(
            name, help=verb.summary, description=verb.summary + ".", allow_abbrev=False
        )
        leaf.set_defaults(verb=verb, leaf=leaf)
        _add_common(leaf)
        if verb.followed:
            leaf.add_argument(
                "--json-lines",
                action="store_true",
                default=argparse.SUPPRESS,
                help="print each event as a line of JSON, then the envelope",
            )
        verb.arguments(leaf)
    return parser


def _add_noun(
    top: argparse._SubParsersAction[Parser], noun: str
) -> argparse._SubParsersAction[Parser]:
    parser = top.add_parser(noun, help=NOUNS[noun], description=NOUNS[noun], allow_abbrev=False)
    _add_common(parser)
    return parser.add_subparsers(
        metavar="VERB", parser_class=Parser, required=True, dest=f"{noun}_verb"
    )


def _add_common(parser: argparse.ArgumentParser) -> None:
    """The options that may stand before and after the verb.

    Their default is suppressed, since a verb's default would overwrite what stands before it.
    """
    parser.add_argument(
        "--json",
        action="store_true",
        default=argparse.SUPPRESS,
        help="print one JSON envelope and nothing else",
    )
    parser.add_argument(
        "--root",
        type=Path,
        metavar="DIR",
        default=argparse.SUPPRESS,
        help="where jobs and, by default, environments lie (default: ~/.envmgr)",
    )
    parser.add_argument("--version", action="version", version=f"jupyter_envmgr {__version__}")


def parse(parser: Parser, argv: Sequence[str]) -> argparse.Namespace:
    """The arguments of one command line. Raises `Usage`.

    ``env create NAME --python 3.12 numpy`` is what people write, and argparse gives an option
    between two positionals away (bpo-14191): what is left over and is no option goes to the
    verb's ``packages``. Behind ``--`` nothing is an option; argparse leaves the ``--`` itself in
    what is left over.
    """
    arguments, rest = parser.parse_known_args(argv)
    leaf: Parser = getattr(arguments, "leaf", parser)
    if rest:
        end = rest.index("--") if "--" in rest else len(rest)
        stray = [word for word in rest[:end] if word.startswith("-")]
        if stray or not hasattr(arguments, "packages"):
            leaf.error(f"not known here: {' '.join(stray or rest)}")
        arguments.packages = [*arguments.packages, *rest[:end], *rest[end + 1 :]]
    return arguments


@dataclass(frozen=True)
class _Result:
    """How a run ended, before it is printed."""

    operation: str
    answer: Answer | None = None
    problem: Problem | None = None
    usage: str = ""
    trace: str = ""


def run(
    argv: Sequence[str],
    terminal: Terminal | None = None,
    open_settings: Callable[[Path | None], Settings] | None = None,
    open_context: Callable[[Settings], Context] | None = None,
    leave: Callable[[int], object] = os._exit,
) -> int:
    """Run one command line: the one place where errors become exit codes and words."""
    terminal = terminal or Terminal(sys.stdout, sys.stderr, sys.stdin, os.environ)
    parser = build()
    if "_ARGCOMPLETE" in os.environ:
        completion.complete(parser)
    interrupts = Interrupts()
    json = _wants_json(argv)
    session: Session | None = None
    with interrupts.handled():
        try:
            arguments = parse(parser, argv)
            if not hasattr(arguments, "verb"):
                if json:
                    parser.error("a verb is needed")
                terminal.raw_note(parser.format_help())
                return EXITS["invalid"]
            configured = partial(open_settings or _open_settings, getattr(arguments, "root", None))
            session = Session(
                terminal,
                interrupts,
                configured,
                open_context or _open_context,
                json=json,
                stream=hasattr(arguments, "json_lines"),
            )
            result = _attempt(session, arguments)
        except Usage as usage:
            result = _Result(usage.operation, problem=usage.problem, usage=usage.usage)
        except SystemExit as leaving:  # --help and --version have printed what they print
            terminal.close()
            return leaving.code if isinstance(leaving.code, int) else OK
        except KeyboardInterrupt:
            result = _Result("usage", problem=_stopped())
        except Abandoned:
            terminal.problem(_stopped("Left without waiting for the job to clean up."))
            terminal.close()
            leave(EXITS["cancelled"])
            return EXITS["cancelled"]
        _print(terminal, result, json=json)
        code = _exit_code(result)
        terminal.close()
        if terminal.lost is not None and code == OK:
            lost = _of_os_error(terminal.lost, "cannot write to standard output")
            terminal.problem(lost)
            code = EXITS[lost.kind]
    return code


def _attempt(session: Session, arguments: argparse.Namespace) -> _Result:
    """Run the verb; whatever it raises becomes a problem."""
    verb: Verb = arguments.verb
    failed = partial(_Result, verb.operation)
    try:
        answer = verb.run(session, arguments)
        session.close()
        return _Result(answer.operation or verb.operation, answer, answer.problem)
    except Abandoned:  # nothing is closed: that would wait for the job
        raise
    except EnvMgrError as error:
        trace = traceback.format_exc() if error.kind == "internal" else ""
        result = failed(problem=error.problem, trace=trace)
    except KeyboardInterrupt:
        result = failed(problem=_stopped())
    except OSError as error:
        problem = _of_os_error(error, verb.words)
        result = failed(problem=problem, trace=traceback.format_exc())
    except Exception as error:
        problem = EnvMgrError("internal", f"{type(error).__name__}: {error}").problem
        result = failed(problem=problem, trace=traceback.format_exc())
    session.close()
    return result


def _print(terminal: Terminal, result: _Result, *, json: bool) -> None:
    data = result.answer.data if result.answer else None
    if json:
        if result.problem:
            terminal.line(envelope.failed(result.operation, result.problem, data))
        else:
            terminal.line(envelope.answered(result.operation, data))
    elif result.answer:
        terminal.show(result.answer.views)
    if result.trace and result.problem and result.problem.kind == "internal":
        terminal.raw_note(result.trace)
    is_quiet = result.answer is not None and result.answer.quiet
    if result.problem and not json and not is_quiet:
        terminal.problem(result.problem, result.usage)


def _exit_code(result: _Result) -> int:
    return EXITS[result.problem.kind] if result.problem else OK


def _wants_json(argv: Sequence[str]) -> bool:
    """Whether the answer goes to a machine, known even where the line cannot be parsed."""
    words = argv[: list(argv).index("--")] if "--" in argv else argv
    return "--json" in words or "--json-lines" in words


def _stopped(detail: str = "Stopped before it was done.") -> Problem:
    return EnvMgrError("cancelled", detail).problem


def _of_os_error(error: OSError, what: str) -> Problem:
    """What the system refused, where no layer below has said it better."""
    from ..system.oserrors import explain_os_error

    return explain_os_error(error, what).problem


def _open_settings(root: Path | None) -> Settings:
    from .opening import open_settings

    return open_settings(root, os.environ)


def _open_context(settings: Settings) -> Context:
    from .opening import open_context

    return open_context(settings)
