"""All benchmarks, or those that are named: a table each, with ratios and what was promised.

python -m benchmarks [listing inventory creating conda diagnosis loop usersite]
                     [--rounds N] [--json]
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import os
import subprocess
import sys
from typing import Any

from .figures import Subject, text_of

TABLES = {"inventory": 9, "listing": 15, "creating": 3, "conda": 5, "diagnosis": 5}
"""Modules that give subjects, and the rounds of each."""

PROGRAMS = ("loop", "usersite")
"""Modules that are programs themselves; exit status 0 says that their aims are met."""


def main() -> int:
    """Run what was asked for. 1 if an aim is missed."""
    programs = [name for name in PROGRAMS if importlib.util.find_spec(f"benchmarks.{name}")]
    names = [*TABLES, *programs]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(names))
    parser.add_argument("--rounds", type=int, help="how often each is measured")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    given = parser.parse_args()
    unknown = [name for name in given.names if name not in names]
    if unknown:
        parser.error(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(names)}")
    answers: dict[str, Any] = {}
    met = True
    for name in given.names or names:
        if name in TABLES:
            found = _subjects(name, given.rounds)
            met = met and all(aim.is_met for subject in found for aim in subject.aims)
            answers[name] = [subject.plain() for subject in found]
            if not given.json:
                print("\n\n".join(map(text_of, found)), end="\n\n", flush=True)
        else:
            code, output = _program(name, given.json)
            met = met and code == 0
            answers[name] = {"met": code == 0, "output": output}
    if given.json:
        answers["machine"] = {"cpus": os.cpu_count(), "load": os.getloadavg()[0]}
        print(json.dumps(answers, indent=2))
    return 0 if met else 1


def _subjects(name: str, rounds: int | None) -> list[Subject]:
    module = importlib.import_module(f"benchmarks.{name}")
    found: list[Subject] = module.subjects(rounds or TABLES[name])
    return found


def _program(name: str, quiet: bool) -> tuple[int, str]:
    command = (sys.executable, "-m", f"benchmarks.{name}")
    if not quiet:
        print(f"benchmarks.{name}", flush=True)
    answer = subprocess.run(command, text=True, check=False, capture_output=quiet)
    if not quiet:
        print(flush=True)
    return answer.returncode, answer.stdout or ""


if __name__ == "__main__":
    sys.exit(main())
