"""Writes the reference pages from the program itself: `python docs/generate.py`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from jupyter_envmgr.cli.exits import EXITS
from jupyter_envmgr.cli.program import VERBS, Parser, build
from jupyter_envmgr.cli.verbs import Verb
from jupyter_envmgr.config import EnvMgr
from jupyter_envmgr.core.errors import ERRORS, Kind

HERE = Path(__file__).parent
NOTE = "<!-- Written by docs/generate.py; a test checks that it is fresh. -->\n"

KINDS: dict[Kind, tuple[int, str]] = {
    "invalid": (422, "What was asked cannot be understood. Nothing was changed."),
    "not-found": (404, "What was asked for is not there."),
    "conflict": (409, "Something else is in the way: a name that is taken, a changed plan."),
    "busy": (423, "Somebody is working on it, or a kernel runs."),
    "refused": (403, "It may not be done."),
    "unavailable": (424, "Something outside does not answer: the index, a tool."),
    "failed": (424, "A tool failed, for the cause that the code names."),
    "cancelled": (409, "Somebody cancelled it."),
    "internal": (500, "A fault of jupyter_envmgr. Please report it."),
}
"""The HTTP status and the meaning of each kind; the server's table is compared by a test."""


def errors() -> str:
    """The table of errors."""
    lines = [
        "# Errors\n",
        NOTE,
        "Every error has a stable code. Over HTTP it is `application/problem+json` (RFC 9457)",
        "with the members `code`, `kind`, `title`, `detail`, `hint`, `context` and `errors`",
        "(one entry for each wrong field, with its line); `--json` has the same under `error`.\n",
        "| kind | HTTP | exit code | meaning |",
        "|---|---|---|---|",
        *(
            f"| {kind} | {status} | {EXITS[kind]} | {meaning} |"
            for kind, (status, meaning) in KINDS.items()
        ),
        "",
        "What was not changed by an operation that failed is as it was before.\n",
    ]
    for kind in KINDS:
        lines += [f"## {kind}\n", "| code | title | hint |", "|---|---|---|"]
        lines += [
            f"| `{code}` | {_cell(entry.title)} | {_cell(entry.hint)} |"
            for code, entry in ERRORS.items()
            if entry.kind == kind
        ]
        lines.append("")
    return "\n".join(lines)


def cli() -> str:
    """The reference of the command line."""
    parser = build()
    common = _options(parser)
    lines = [
        "# Command line\n",
        NOTE,
        "`jupyter envmgr …`, `jupyter-envmgr …` and `python -m jupyter_envmgr …` are the same",
        "program. These options may stand before or after the verb:\n",
        *_table(common),
        "",
        "`NAME` of an environment is its name; `NAME@LOCATION` for one outside the default",
        "location; the id, or the path, of one that was found and not made here.\n",
        "Exit codes: 0 it was done; "
        + "; ".join(f"{code} {kind}" for kind, code in EXITS.items())
        + ". [errors.md](errors.md) has every error.\n",
        "With `--json` standard output has exactly one line, the envelope:\n",
        "```json",
        '{"version": 1, "operation": "environments.list", "ok": true, "data": {"…": "…"}}',
        '{"version": 1, "operation": "environments.show", "ok": false, "error": {"code": "…"}}',
        "```\n",
        "`data` has the shape that the HTTP operation of that name answers with",
        "(`jupyter_envmgr/schema/openapi.json`); with `--dry-run` it is a `Plan`. A job that did",
        "not succeed comes as `error` and, in `data`, the job. `--json-lines`, on verbs that",
        "follow a job, prints each event as a line of its own before the envelope.\n",
        "Ctrl-C, SIGTERM and SIGHUP cancel the job that the program runs and wait until it has",
        "cleaned up; a second one leaves at once. `jobs follow` only stops following.\n",
    ]
    for verb in VERBS:
        leaf = leaf_of(parser, verb)
        own = [a for a in _options(leaf) if a.dest not in {c.dest for c in common}]
        lines += [f"## {verb.words}\n", f"{verb.summary}.\n", "```", _synopsis(verb, leaf, own)]
        lines += ["```", ""]
        rows = [*_positionals(leaf), *own]
        if rows:
            lines += [*_table(rows), ""]
    return "\n".join(lines)


def configuration() -> str:
    """The options of `EnvMgr`."""
    lines = [
        "# Configuration\n",
        NOTE,
        "The server and the command line read the same files: `jupyter_envmgr_config.py` or",
        "`.json` in a directory of `jupyter --paths`; `/etc/jupyter` or the image's `etc/jupyter`",
        "is the administrator's, `~/.jupyter` a person's own. A server also takes",
        "`--EnvMgr.OPTION=VALUE`.\n",
        "```python",
        'c.EnvMgr.root = "/data/ada/.envmgr"',
        'c.EnvMgr.locations = {"team": "/shared/vision/environments"}',
        "```\n",
        "A path may begin with `~` and have `$VARIABLE` in it.\n",
        "| option | type | default | meaning |",
        "|---|---|---|---|",
    ]
    for name, trait in sorted(EnvMgr.class_own_traits(config=True).items()):
        kind = type(trait).__name__.lower()
        default = json.dumps(trait.default())
        lines.append(f"| `{name}` | {kind} | `{default}` | {_cell(trait.help)} |")
    return "\n".join([*lines, ""])


def leaf_of(parser: Parser, verb: Verb) -> argparse.ArgumentParser:
    """The parser of one verb."""
    found: argparse.ArgumentParser = parser
    for word in verb.words.split():
        choices = next(
            a for a in found._actions if isinstance(a, argparse._SubParsersAction)
        ).choices
        found = choices[word]
    return found


def _options(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    return [a for a in parser._actions if a.option_strings and a.dest != "help"]


def _positionals(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    return [a for a in parser._actions if not a.option_strings]


def _synopsis(verb: Verb, leaf: argparse.ArgumentParser, own: list[argparse.Action]) -> str:
    words = [f"jupyter envmgr {verb.words}"]
    words += [f"[{a.metavar} …]" if a.nargs == "*" else str(a.metavar) for a in _positionals(leaf)]
    words += [_flag(a) if a.required else f"[{_flag(a)}]" for a in own]
    return " ".join(words)


def _flag(action: argparse.Action) -> str:
    value = action.metavar or "|".join(map(str, action.choices or ()))
    flag = ", ".join(action.option_strings)
    return f"{flag} {value}" if value and action.nargs != 0 else flag


def _table(actions: list[argparse.Action]) -> list[str]:
    rows = []
    for action in actions:
        what = _flag(action) if action.option_strings else str(action.metavar)
        rows.append(f"| `{_cell(what)}` | {_cell(action.help or '')} |")
    return ["| argument | meaning |", "|---|---|", *rows]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


PAGES = {"cli.md": cli, "configuration.md": configuration, "errors.md": errors}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), encoding="utf-8")
