"""The verb ``completion``, and completing itself."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from .verbs import Answer, Verb
from .views import Text

if TYPE_CHECKING:
    from .session import Session

SHELLS = ("bash", "zsh", "fish")


def complete(parser: argparse.ArgumentParser) -> None:
    """Answer the shell that asks for completions, and end; return where argcomplete is missing."""
    try:
        import argcomplete
    except ImportError:
        return
    argcomplete.autocomplete(parser)


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", metavar="SHELL", choices=SHELLS, help="bash, zsh or fish")


def _run(session: Session, arguments: argparse.Namespace) -> Answer:
    from argcomplete.shell_integration import shellcode

    # `jupyter` hands the words after `envmgr` on to us, if it is completed by argcomplete.
    script = shellcode(["jupyter-envmgr", "jupyter"], shell=arguments.shell)
    text = script.rstrip("\n") + "\n"
    return Answer({"shell": arguments.shell, "script": text}, [Text(text, raw=True)])


VERBS = (
    Verb(
        "completion",
        "completion",
        "Print the script that completes this program in a shell",
        _arguments,
        _run,
    ),
)
