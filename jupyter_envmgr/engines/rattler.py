"""conda environments by py-rattler, with no conda on the machine: a plan into a worker's run."""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import json
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

from ..core.commands import Command, Outcome, Step
from ..core.conda.channels import channel_name
from ..core.conda.matchspec import parse_spec, spec_error
from ..core.conda.offered import Offer
from ..core.conda.urls import parse_package_url
from ..core.credentials import without_credentials
from ..core.environment_variables import scrub
from ..core.errors import EnvMgrError, FieldError
from ..core.settings import Settings
from .conda_plan import Change, CondaPlanRequest, Solution
from .rattler_access import Access, access
from .rattler_causes import explain
from .rattler_progress import WorkerReader
from .rattler_talk import unpacked
from .uv import EngineWork

REQUEST = "rattler.json"
CREDENTIALS = "rattler-credentials.json"
_OLDEST, _TOO_NEW = Version("0.28"), Version("0.29")
_WORKER = Path(__file__).with_name("rattler_worker.py")
_PACKAGE_ROOT = Path(__file__).parents[2]
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


@dataclass(frozen=True)
class RattlerEngine:
    """py-rattler of this Python. ``library`` is the directory that it is imported from."""

    executable: str
    version: str
    library: str

    @classmethod
    def find(cls, settings: Settings) -> RattlerEngine:
        """py-rattler where this process would import it. Raises ``engine-missing``.

        Nothing is imported: its library has 80 MB and crashes at the end of processes.
        """
        hint = "Install it with `pip install 'py-rattler>=0.28,<0.29'`."
        spec = importlib.util.find_spec("rattler")
        if spec is None or not spec.origin:
            raise EnvMgrError("engine-missing", "py-rattler is not installed", hint=hint)
        try:
            version = importlib.metadata.version("py-rattler")
            fits = _OLDEST <= Version(version) < _TOO_NEW
        except (importlib.metadata.PackageNotFoundError, InvalidVersion):
            version, fits = "", False
        if not fits:
            found = f"py-rattler {version or 'of an unknown version'} is installed"
            raise EnvMgrError("engine-missing", f"{found}; 0.28 is needed", hint=hint)
        return cls(sys.executable, version, str(Path(spec.origin).parents[1]))

    def create(self, plan: CondaPlanRequest) -> EngineWork:
        """The work that makes the environment. ``plan.prefix`` may exist and hold our marker.

        A run that was killed can be repeated: what was linked by then is completed.
        """
        return self._work(plan, "create", "Creating the environment", is_new=True)

    def change(self, plan: CondaPlanRequest) -> EngineWork:
        """The work that installs, updates and removes packages in an environment.

        What the person asked for earlier holds; what is there moves only if it must. With a
        package go those that need it, and what only they needed.
        """
        return self._work(plan, "change", "Changing the environment", is_new=False)

    def solve(self, plan: CondaPlanRequest) -> EngineWork:
        """The work that finds out what `create` or `change` would do. Changes nothing.

        An environment that is not there, or holds no packages, counts as new.
        """
        is_new = not (plan.prefix / "conda-meta").is_dir()
        return self._work(plan, "solve", "Solving", is_new=is_new)

    def offered(self, plan: CondaPlanRequest) -> EngineWork:
        """The work that finds out which Pythons the channels offer, and for which a kernel.

        Nothing but the channels of the plan matters. The cache answers if they must not be asked.
        """
        return self._work(plan, "offered", "Asking the channels", is_new=True)

    def read_offered(self, outcome: Outcome) -> tuple[Offer, ...]:
        """What the step of `offered` has found. Raises ``tool-failed``."""
        rows = _result(outcome)["offered"]
        return tuple(Offer(row[0], channel_name(row[1]), row[2], row[3]) for row in rows)

    def explain(self, step: Step, outcome: Outcome, plan: CondaPlanRequest) -> EnvMgrError:
        """Why a step failed, in the words of the person who asked for it."""
        return explain(outcome, plan)

    def read_solution(self, outcome: Outcome) -> Solution:
        """What any step that ended well has found out. Raises ``tool-failed``."""
        result = _result(outcome)
        return Solution(
            changes=tuple(Change(*row) for row in result["changes"]),
            download=result["download"],
            disk=result["disk"],
            virtual_packages=tuple(result["virtual"]),
        )

    def _work(self, plan: CondaPlanRequest, verb: str, title: str, *, is_new: bool) -> EngineWork:
        specs = _checked_specs(plan)
        found = access(plan, str(plan.workdir / CREDENTIALS))
        request = {
            "verb": verb,
            "new": is_new,
            "prefix": str(plan.prefix),
            "specs": specs,
            "asked": list(plan.asked),
            "pinned": list(_understood(plan.pinned)),
            "update": _checked_names([n for n in plan.update if n != "*"], "update"),
            "update_all": "*" in plan.update,
            "remove": _checked_names(plan.remove, "remove"),
            "explicit": _checked_urls(plan.explicit),
            "channels": found.channels,
            "alias": found.alias,
            "priority": plan.channel_priority,
            "platform": plan.platform,
            "offline": plan.offline,
            "cache": str(plan.cache),
            "packages": str(plan.packages_dir or plan.cache / "pkgs"),
            "home": str(plan.home),
            "config": found.config,
            "mirrors": found.mirrors,
            "headers": found.headers,
            "verify": found.verify,
            "secrets": [*plan.secrets, *found.secrets],
            "command": _command_line(verb, plan, specs),
            "paths": [self.library, str(_PACKAGE_ROOT)],
        }
        files = {REQUEST: json.dumps(request)}
        if found.credentials:
            files[CREDENTIALS] = json.dumps(found.credentials)
        argv = (self.executable, "-I", "-S", str(_WORKER), str(plan.workdir / REQUEST))
        secrets = tuple(dict.fromkeys([*plan.secrets, *found.secrets]))
        command = Command(argv, _environ(plan, found), plan.workdir, secrets)
        step = Step(verb, title, command, 1.0, WorkerReader(), ('{"at": ', "+", "!"))
        return EngineWork(files, (step,))


def _result(outcome: Outcome) -> Mapping[str, Any]:
    result = unpacked(outcome.stdout).get("result")
    if not isinstance(result, dict):
        raise EnvMgrError("tool-failed", "py-rattler's worker gave no answer")
    return result


def _checked_specs(plan: CondaPlanRequest) -> list[str]:
    """The specs in their normal form. py-rattler's own parser lets too much pass."""
    errors: list[FieldError] = []
    found = []
    for number, text in enumerate(plan.specs, 1):
        try:
            found.append(parse_spec(text, line=number).text)
        except EnvMgrError as error:
            errors += error.errors
    if errors:
        raise spec_error(errors)
    return found


def _understood(specs: Iterable[str]) -> Iterable[str]:
    """Those of somebody's configuration that are specs, in their normal form."""
    for text in specs:
        with contextlib.suppress(EnvMgrError):
            yield parse_spec(text).text


def _checked_names(names: Iterable[str], field: str) -> list[str]:
    for name in names:
        if not _NAME.fullmatch(name):
            raise EnvMgrError.of_field(
                "bad-requirement", field, f"{name[:60]!a} is no package name"
            )
    return [name.lower() for name in names]


def _checked_urls(urls: Sequence[str]) -> list[str]:
    errors = []
    found: dict[str, str] = {}
    for number, text in enumerate(urls, 1):
        url = parse_package_url(text.strip())
        detail = ""
        if url is None or not re.match(r"(https?|file)://", url.url):
            detail = f"{text[:100]!a} is no address of a conda package"
        elif url.name in found:
            detail = f"{url.name} is in the list for the second time"
        if detail:
            errors.append(FieldError("explicit", detail, "bad-requirement", number))
        elif url is not None:
            _, hash_, fragment = text.strip().partition("#")
            found[url.name] = without_credentials(url.url) + hash_ + fragment
    if errors:
        raise spec_error(errors)
    return list(found.values())


def _command_line(verb: str, plan: CondaPlanRequest, specs: Sequence[str]) -> str:
    """What the history says was done: without anything secret, since it shows no channels."""
    words = ["jupyter_envmgr", verb, *specs]
    words += [f"--remove={name}" for name in plan.remove]
    words += [f"--update={name}" for name in plan.update]
    if plan.explicit:
        words.append(f"(an explicit list of {len(plan.explicit)})")
    return " ".join(words)


def _environ(plan: CondaPlanRequest, found: Access) -> dict[str, str]:
    """The worker's environment: the person's, scrubbed, with what they say of their machine."""
    environ = scrub(plan.environ)
    environ |= {n: v for n, v in plan.environ.items() if n.startswith("CONDA_OVERRIDE_")}
    environ["HOME"] = str(plan.home)
    environ["NO_COLOR"] = "1"
    environ["PYTHONNOUSERSITE"] = "1"
    for scheme, url in plan.proxies.items():
        if scheme in ("http", "https", "all"):
            environ.pop(f"{scheme.upper()}_PROXY", None)
            environ[f"{scheme}_proxy"] = url
    if isinstance(plan.ssl_verify, str) and os.path.isabs(plan.ssl_verify):
        kind = "SSL_CERT_DIR" if Path(plan.ssl_verify).is_dir() else "SSL_CERT_FILE"
        environ[kind] = plan.ssl_verify
    return environ
