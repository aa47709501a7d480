"""Repositories that a package is to come from, and why git did not get it."""

from __future__ import annotations

import re

from ..core.credentials import without_credentials
from ..core.errors import EnvMgrError
from .failure import Asked, Rule, Said

_FAILED = "Git operation failed"
_WHAT = re.compile(r"Failed to download and build `[^`]*?((?:git\+)?[a-z+]+://[^`\s]+)`")
_NO_REVISION = re.compile(
    r"failed to (?:fetch|find) (?:branch|tag|commit|branch or tag)[^`]*`([^`]+)`"
)
_UNREACHABLE = re.compile(
    r"Could not resolve host|Couldn't connect|Failed to connect|SSL certificate problem"
    r"|Connection (?:refused|reset|timed out)|Operation timed out|Network is unreachable"
)
_REFUSED = re.compile(
    r"could not read (?:Username|Password)|Authentication failed|Permission denied|access rights"
    r"|repository '[^']*' not found|does not appear to be a git repository|error: 40[134]"
)


def _repository(said: Said, asked: Asked) -> EnvMgrError | None:
    if _FAILED not in said.text:
        return None
    match = _WHAT.search(said.text)
    url = without_credentials(match[1].removeprefix("git+")) if match else "the repository"
    if "Git executable not found" in said.text:
        return EnvMgrError("git-missing", f"{url} is a repository, and there is no git here")
    if _UNREACHABLE.search(said.text):
        return EnvMgrError("repository-unreachable", f"{url} does not answer")
    if _REFUSED.search(said.text):
        return EnvMgrError("repository-refused", f"{url} is not there, or is not for everybody")
    revision = _NO_REVISION.search(said.text)
    if revision:
        detail = f"{url} has no branch, tag or commit {revision[1]}"
        return EnvMgrError("no-such-version", detail, hint="Look at the tags of the repository.")
    return None


REPOSITORIES: tuple[Rule, ...] = (_repository,)
