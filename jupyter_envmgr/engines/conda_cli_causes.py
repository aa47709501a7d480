"""Why conda, mamba or micromamba failed: a cause, one sentence, a hint."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterable
from pathlib import Path

from ..core.commands import Outcome
from ..core.credentials import without_credentials
from ..core.errors import EnvMgrError
from .conda_cli_answers import Answer
from .conda_cli_machine import MACHINE, PLACES
from .conda_cli_network import NETWORK, OFFLINE
from .conda_cli_prefix import installed
from .conda_cli_told import CliAsked, CliRule, Told, heard, own_words
from .conda_cli_unsolvable import explain_unsolvable, missing_on_machine, readable


def explain(answer: Answer | None, outcome: Outcome, asked: CliAsked) -> EnvMgrError:
    """The error that an outcome is. What is not recognised is ``tool-failed`` with its words.

    An answer counts for more than how the process ended: conda may crash after it.
    """
    told = tuple(heard(answer, outcome))
    for rule in RULES:
        for one in told:
            error = rule(one, asked)
            if error is not None:
                return error
    if outcome.returncode < 0 and not any(one.family for one in told):
        return _killed(-outcome.returncode, asked)
    return EnvMgrError("tool-failed", own_words(told, outcome.returncode, asked))


def _killed(number: int, asked: CliAsked) -> EnvMgrError:
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    if number == signal.SIGKILL:
        detail = f"{asked.tool} was killed (SIGKILL), most often for want of memory"
        return EnvMgrError("killed", detail)
    hint = "Try again; if it stays, look at the log."
    return EnvMgrError("killed", f"{asked.tool} was ended by {name}", hint=hint)


# -- what is not there --------------------------------------------------------------------------


def _terms(told: Told, asked: CliAsked) -> EnvMgrError | None:
    """Nobody but the person may accept terms: they are told of a channel that has none."""
    if not told.is_a("CondaToS") and not told.says(r"Terms of Service (?:have|has) (?:not )?been"):
        return None
    channels = list(dict.fromkeys(re.findall(r"^\s*[-•] (https?://\S+)", told.text, re.MULTILINE)))
    rejected = "rejected" in told.text
    what = "you have rejected" if rejected else "you have not accepted"
    where = ", ".join(map(without_credentials, channels)) or "a channel"
    return EnvMgrError(
        "terms-not-accepted",
        f"{where} has terms of service that {what}",
        context={"channels": " ".join(map(without_credentials, channels)), "use": "conda-forge"},
    )


def _not_started(told: Told, asked: CliAsked) -> EnvMgrError | None:
    if told.says(r"Conda has not been initialized|is not compatible with using conda as an app"):
        detail = "this conda was installed by pip and refuses to work that way"
        return EnvMgrError("engine-missing", detail)
    if match := told.says(r"version `(GLIBC\w*_[\d.]+)' not found|error while loading shared (.*)"):
        what = f"it needs {match[1]}" if match[1] else match[0].strip()
        detail = f"{asked.tool} does not run on this image: {what}"
        return EnvMgrError("engine-missing", detail)
    return None


def _not_installed(told: Told, asked: CliAsked) -> EnvMgrError | None:
    if not told.is_a("PackageNotInstalled|PackagesNotFoundInPrefix"):
        return None
    names = _packages(told) or [str(told.facts.get("package_name") or "it")]
    return _absent(names, asked.prefix)


def not_installed(prefix: Path, names: Iterable[str]) -> EnvMgrError | None:
    """The error that a change of ``names`` is where one is not installed.

    mamba does nothing then and ends well.
    """
    here = installed(prefix)
    absent = [name for name in names if re.fullmatch(r"[\w.-]+", name)]
    absent = [name for name in absent if name.lower() not in here]
    return _absent(absent, str(prefix)) if absent else None


def _absent(names: Iterable[str], prefix: str) -> EnvMgrError:
    detail = f"{', '.join(names)} is not installed in {prefix}"
    return EnvMgrError("no-such-package", detail, hint="Look at the list of its packages.")


def _not_found(told: Told, asked: CliAsked) -> EnvMgrError | None:
    if not told.is_a("PackagesNotFound|ResolvePackageNotFound|SpecNotFound"):
        return None
    names = _packages(told)
    if not names:
        return None
    virtual = next((name for name in names if name.startswith("__")), "")
    if virtual:
        name, _, version = readable(virtual).partition(" ")
        return missing_on_machine(name, version, _one_of(asked.specs))
    where = ", ".join(asked.channels) or "no channel"
    if asked.offline:
        detail = f"{', '.join(names)} is not in the cache, and the network is not to be used"
        return EnvMgrError("index-unreachable", detail)
    has = f"{where} has no" if len(asked.channels) == 1 else f"none of {where} has"
    versions = any(re.search(r"[=<>! ]", name) for name in names)
    code = "no-such-version" if versions else "no-such-package"
    hint = "Check the spelling, and that the channel has it."
    if versions:
        hint = "Loosen the version, or choose one that the channel has."
    # conda's own solver does not say who needs what was not asked for.
    ours = {re.split(r"[=<>!\[ ]", spec)[0].rpartition("::")[2].lower() for spec in asked.specs}
    strange = all(re.split(r"[=<>!\[ ]", name)[0].lower() not in ours for name in names)
    by = f", which {_one_of(asked.specs)} needs" if strange and asked.specs else ""
    return EnvMgrError(code, f"{has} {', '.join(map(readable, names))}{by}", hint=hint)


def _one_of(specs: tuple[str, ...]) -> str:
    return specs[0] if len(specs) == 1 else f"one of {', '.join(specs)}" if specs else ""


def _packages(told: Told) -> list[str]:
    named = told.facts.get("packages") or told.facts.get("bad_deps")
    if isinstance(named, list) and named:
        return [" ".join(name) if isinstance(name, list) else str(name) for name in named]
    listed = re.search(r":\n((?:\s*prefix: .*\n)?)\n?((?:\s+- .*\n?)+)", told.text)
    return re.findall(r"-\s+(\S.*)", listed[2]) if listed else []


def _unsolvable(told: Told, asked: CliAsked) -> EnvMgrError | None:
    unsolved = told.is_a("Unsatisfiable|SolverProblems|SpecsConfigurationConflict")
    words = r"Could not solve for environment specs|cannot be installed because there are no viable"
    if not unsolved and not told.says(words):
        return None
    error = explain_unsolvable(told.text, asked.specs, asked.channels)
    if not asked.offline or error.code not in ("no-such-package", "no-such-version"):
        return error
    # mamba solves with what the cache has, be it nothing.
    return EnvMgrError(
        "index-unreachable",
        f"{error.detail} as far as the cache knows, and the network is not to be used",
        hint="Try again with the network.",
        context=error.context,
    )


# -- the packages ---------------------------------------------------------------------------------


def _bad_spec(told: Told, asked: CliAsked) -> EnvMgrError | None:
    if not told.is_a("InvalidSpec|InvalidMatchSpec|InvalidVersionSpec|UpdatePackageError") and (
        not told.says(
            r"Invalid (?:match)?spec|invalid package specification|Error parsing.*spec"
            r"|Error parsing version \"|version spec \"|version predicate|Parentheses mismatch"
        )
    ):
        return None
    return EnvMgrError(
        "bad-requirement",
        own_words((told,), 1, asked),
        hint="Write one conda spec per line, such as numpy>=2.0.",
    )


def _script(told: Told, asked: CliAsked) -> EnvMgrError | None:
    match = told.says(r"(post-link|pre-unlink|pre-link) script failed for package (\S+)")
    if match is None:
        return None
    package = match[2].rpartition("::")[2]
    said = re.search(r"==> script messages <==\n(.*?)\n\s*(?:\n|==>)", told.text, re.DOTALL)
    words = said[1].strip() if said else ""
    because = f": {words[:300]}" if words and words != "<None>" else ""
    return EnvMgrError("link-script-failed", f"the {match[1]} script of {package} failed{because}")


def _busy(told: Told, asked: CliAsked) -> EnvMgrError | None:
    if not told.is_a("LockError") and not told.says(r"Could not set lock|cannot lock|is locked"):
        return None
    detail = f"another {asked.tool} is working with the same package cache"
    return EnvMgrError("locked", detail, hint="Wait until it has ended, then try again.")


def _memory(told: Told, asked: CliAsked) -> EnvMgrError | None:
    if told.is_a("MemoryError") or told.says(r"std::bad_alloc|Cannot allocate memory"):
        return EnvMgrError("killed", f"{asked.tool} ran out of memory")
    return None


def _interrupted(told: Told, asked: CliAsked) -> EnvMgrError | None:
    if told.is_a("KeyboardInterrupt|SignalInterrupt") or told.says(
        r"Interrupted by user|Thread interrupted"
    ):
        return EnvMgrError("interrupted", f"{asked.tool} was interrupted")
    return None


RULES: tuple[CliRule, ...] = (
    _terms,
    _not_started,
    *MACHINE,
    _memory,
    _script,
    OFFLINE,
    _not_installed,
    _not_found,
    _unsolvable,
    *NETWORK,
    _bad_spec,
    *PLACES,
    _interrupted,
    _busy,
)
"""Tried in this order: what is named more exactly comes before what is seen more often."""
