"""The verbs of ``usersite`` that prove what it breaks, and the mild remedies."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from ..core.usersite.model import ProbeRequest, Proof
from . import words
from .find import add_environment, complete_kernels, find_environment
from .follow import follow, outcome
from .plans import agree, plan_views
from .verbs import Answer, Verb, complete_with
from .views import Cell, Column, Table, Text, Tone, View, row

if TYPE_CHECKING:
    from .session import Session

_TONES: dict[str, Tone] = {"works": "good", "user-site": "bad", "inside-user-site": "bad"}
_MODES = {
    "as-is": "as it is",
    "without": "without the user site",
    "empty": "with an empty user site",
    "hiding": "hiding",
}


def _add_kernel(parser: argparse.ArgumentParser) -> None:
    action = parser.add_argument("kernel", metavar="KERNEL", help="the name of the kernel")
    complete_with(action, complete_kernels)


def _probe_arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("-m", "--module", default="", help="import this module")
    what.add_argument("-c", "--code", default="", help="run this code")
    what.add_argument("script", nargs="?", default="", help="run this script")
    action = parser.add_argument(
        "--kernel", default="", metavar="KERNEL", help="as this kernel does (default: the image)"
    )
    complete_with(action, complete_kernels)
    parser.add_argument(
        "--seconds", type=float, default=60.0, help="how long each run may take (default: 60)"
    )
    parser.add_argument(
        "--no-culprits", action="store_true", help="do not look for the packages that are to blame"
    )


def _probe(session: Session, arguments: argparse.Namespace) -> Answer:
    from ..service.usersite.probes import start
    from ..service.usersite.proofs import proof

    request = ProbeRequest(
        code=arguments.code,
        module=arguments.module,
        script=os.path.abspath(arguments.script) if arguments.script else "",
        kernel=arguments.kernel,
        seconds=arguments.seconds,
        find_culprits=not arguments.no_culprits,
    )
    job = start(session.context, request)
    ended = follow(session, job, own=True, log=False)
    failed = outcome(ended)
    if failed is not None:
        return Answer(ended, (), problem=failed)
    made = proof(session.settings, job.id)
    return Answer(made, _proof_views(made), operation="usersite.proof")


def _proof_views(proof: Proof) -> list[View]:
    columns = (
        Column("", align="right"),
        Column("RUN"),
        Column("RESULT"),
        Column("TOOK", align="right", drop=1),
        Column("ERROR", cut="end"),
    )
    rows = tuple(
        row(
            str(probe.number),
            " ".join((_MODES[probe.mode], ", ".join(probe.hidden[:4]))).strip(),
            Cell("works", "good") if probe.ok else Cell("fails", "bad"),
            words.duration(probe.seconds),
            Cell(probe.error, "dim"),
        )
        for probe in proof.probes
    )
    views: list[View] = [Table(columns, rows)]
    views.append(Text(proof.summary, _TONES.get(proof.verdict, "strong")))
    views += [Text(remark, "dim") for remark in proof.remarks]
    if proof.culprits:
        chosen = " ".join(f"--package {name}" for name in proof.culprits)
        python = ".".join(proof.target.python.split(".")[:2])
        command = f"jupyter envmgr usersite reset {chosen} --python {python}"
        what = "it" if len(proof.culprits) == 1 else "them"
        views.append(Text(f"To set {what} aside: {command}"))
    return views


def _add_change(parser: argparse.ArgumentParser) -> None:
    _add_kernel(parser)
    parser.add_argument("--dry-run", action="store_true", help="only show what would happen")
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")


def _add_subject(parser: argparse.ArgumentParser) -> None:
    """A kernel, or an environment."""
    what = parser.add_mutually_exclusive_group(required=True)
    action = what.add_argument(
        "kernel", metavar="KERNEL", nargs="?", default="", help="the name of the kernel"
    )
    complete_with(action, complete_kernels)
    add_environment(what, "-e", "--environment", help="a conda environment, whoever starts it")


def _isolate_arguments(parser: argparse.ArgumentParser) -> None:
    _add_subject(parser)
    parser.add_argument("--dry-run", action="store_true", help="only show what would happen")
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")


def _isolate_environment(session: Session, arguments: argparse.Namespace) -> Answer:
    from ..service.requests import IsolateRequest
    from ..service.usersite import isolation

    identifier = find_environment(session.context, arguments.environment).id
    request = IsolateRequest(environment=identifier)
    plan = isolation.plan_isolate(session.context, request)
    if arguments.dry_run:
        return Answer(plan, plan_views(plan))
    agree(session, plan, yes=arguments.yes, force=False, question="Change this environment?")
    done = isolation.isolate(session.context, request, plan.digest)
    return Answer(done, [Text(done.summary, "good"), _undo_with(f"-e {arguments.environment}")])


def _isolate(session: Session, arguments: argparse.Namespace) -> Answer:
    from ..service import usersite as service

    if arguments.environment is not None:
        return _isolate_environment(session, arguments)
    plan = service.plan_isolate(session.settings, arguments.kernel)
    if arguments.dry_run:
        return Answer(plan, plan_views(plan))
    agree(session, plan, yes=arguments.yes, force=False, question="Change this kernel?")
    done = service.isolate(session.settings, arguments.kernel, plan.digest)
    return Answer(done, [Text(done.summary, "good"), _undo_with(arguments.kernel)])


def _profile_arguments(parser: argparse.ArgumentParser) -> None:
    _add_change(parser)
    parser.add_argument("--name", default="", help="of the profile (default: the image's)")


def _profile(session: Session, arguments: argparse.Namespace) -> Answer:
    from ..service import usersite as service

    plan = service.plan_profile(session.settings, arguments.kernel, arguments.name)
    if arguments.dry_run:
        return Answer(plan, plan_views(plan))
    agree(session, plan, yes=arguments.yes, force=False, question="Change this kernel?")
    done = service.profile(session.settings, arguments.kernel, arguments.name, plan.digest)
    return Answer(done, [Text(done.summary, "good"), _undo_with(arguments.kernel)])


def _undo_with(kernel: str) -> Text:
    return Text(f"To undo it: jupyter envmgr usersite undo {kernel}")


def _undo(session: Session, arguments: argparse.Namespace) -> Answer:
    from ..service import usersite as service
    from ..service.requests import IsolateRequest
    from ..service.usersite import isolation

    if arguments.environment is not None:
        identifier = find_environment(session.context, arguments.environment).id
        done = isolation.undo(session.context, IsolateRequest(environment=identifier))
        return Answer(done, [Text(done.summary, "good")])
    done = service.undo(session.settings, arguments.kernel)
    return Answer(done, [Text(done.summary, "good")])


VERBS = (
    Verb(
        "usersite probe",
        "usersite.probe",
        "Run a program with and without the user site, and find what breaks it",
        _probe_arguments,
        _probe,
        also=("usersite.proof", "usersite.hint"),
        followed=True,
    ),
    Verb(
        "usersite isolate",
        "usersite.isolate",
        "Have a kernel, or an environment, load nothing of the user site",
        _isolate_arguments,
        _isolate,
    ),
    Verb(
        "usersite profile",
        "usersite.profile",
        "Give a kernel a user base of its own",
        _profile_arguments,
        _profile,
    ),
    Verb(
        "usersite undo",
        "usersite.undo",
        "Take back what isolate or profile did",
        _add_subject,
        _undo,
    ),
)
