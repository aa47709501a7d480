"""The operations on an environment that is there: change it, verify it, take it elsewhere."""

from __future__ import annotations

from ...core.environments.elsewhere import Elsewhere
from ...core.environments.model import (
    CloneRequest,
    EnvironmentHistory,
    Export,
    RenameRequest,
    RevertRequest,
)
from ...core.environments.terminal import TerminalCommand
from ...core.jobs.model import Job
from ...core.packages.model import ChangeRequest
from ...core.packages.verify import Verification, VerifyRequest
from ..answers import EngineList, Recognition
from ..requests import RecogniseRequest
from .operation import BREAK_LOCK, DIGEST, FORCE, Operation, Parameter

ENVIRONMENT: tuple[Operation, ...] = (
    Operation(
        "engines.list",
        "GET",
        "/engines",
        "read",
        "What can make environments here, and why something cannot",
        EngineList,
    ),
    Operation(
        "packages.recognise",
        "POST",
        "/packages/recognise",
        "read",
        "What a text is, whatever its file is called, and what it asks for",
        Recognition,
        body=RecogniseRequest,
    ),
    Operation(
        "packages.change",
        "POST",
        "/environments/{id}/packages",
        "execute",
        "Install, update and remove packages of an environment that was made here",
        Job,
        status=202,
        body=ChangeRequest,
        query=(DIGEST,),
        plan=True,
        slow=True,
    ),
    Operation(
        "environments.clone",
        "POST",
        "/environments/{id}/clone",
        "execute",
        "Make an environment with exactly the packages of another one",
        Job,
        status=202,
        body=CloneRequest,
        query=(BREAK_LOCK,),
        plan=True,
    ),
    Operation(
        "environments.recreate",
        "POST",
        "/environments/{id}/recreate",
        "execute",
        "Make an environment anew from its record; the old one is kept until that has worked",
        Job,
        status=202,
        query=(DIGEST,),
        plan=True,
    ),
    Operation(
        "environments.rename",
        "POST",
        "/environments/{id}/rename",
        "execute",
        "Give an environment that was made here another name",
        Job,
        status=202,
        body=RenameRequest,
        query=(DIGEST, FORCE),
        plan=True,
        slow=True,
    ),
    Operation(
        "environments.history",
        "GET",
        "/environments/{id}/history",
        "read",
        "What each change of an environment did",
        EnvironmentHistory,
    ),
    Operation(
        "environments.revert",
        "POST",
        "/environments/{id}/history",
        "execute",
        "Go back to a revision of an environment",
        Job,
        status=202,
        body=RevertRequest,
        query=(DIGEST,),
        plan=True,
    ),
    Operation(
        "environments.export",
        "GET",
        "/environments/{id}/export",
        "read",
        "An environment as a file that others can make it from",
        Export,
        query=(
            Parameter(
                "format", str, "Such as `environment-yml`, `explicit`, `requirements`, `pylock`"
            ),
        ),
        slow=True,
    ),
    Operation(
        "environments.verify",
        "POST",
        "/environments/{id}/verification",
        "execute",
        "Import the packages that were asked for in a fresh interpreter",
        Job,
        status=202,
        body=VerifyRequest,
    ),
    Operation(
        "environments.verification",
        "GET",
        "/environments/{id}/verification",
        "read",
        "What the last verification has found, as far as it is",
        Verification,
    ),
    Operation(
        "environments.elsewhere",
        "GET",
        "/environments/{id}/elsewhere",
        "read",
        "How to use an environment elsewhere: lines to copy",
        Elsewhere,
        query=(Parameter("archive", str, "The file name of a packed archive of it"),),
    ),
    Operation(
        "environments.terminal",
        "POST",
        "/environments/{id}/terminal",
        "execute",
        "What a terminal starts so that the environment is active in it",
        TerminalCommand,
    ),
)
