"""What a file given to ``env create`` is, and what becomes of builds that it names."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from ..core.conda.builds import BuildChoice, build_choices
from ..core.conda.matchspec import parse_specs
from ..core.conda.subdirs import this_subdir
from ..core.environments.model import CreateRequest
from . import words

if TYPE_CHECKING:
    from ..service.answers import Recognition, TextChoice
    from .session import Session


def recognised(session: Session, text: str, file: str) -> Recognition | None:
    """What a text is, said where that is something else than a list of requirements."""
    if not text:
        return None
    from ..service.recognising import recognise_text
    from ..service.requests import RecogniseRequest

    found = recognise_text(session.settings, RecogniseRequest(text, os.path.basename(file)))
    if found.manager and not found.errors and found.kind != "requirements":
        counts = [words.count(len(found.packages), "package")]
        counts += [f"{len(found.pip)} for pip"] if found.pip else []
        session.note(f"{_named(file)} is {found.what}: {', '.join(counts)}.")
    return found


def with_builds(
    session: Session, request: CreateRequest, found: Recognition, file: str, wanted: str
) -> CreateRequest:
    """The request with a file's builds for another platform as the person wants them.

    ``wanted`` is empty where nobody said: then they are kept, and what could be done is said.
    """
    if request.manager != "conda" or found.manager != "conda" or found.errors or wanted == "keep":
        return request
    choices: dict[str, TextChoice | BuildChoice] = {one.choice: one for one in found.choices}
    if wanted == "drop" and not choices:
        # Builds of this platform go from channels, too.
        specs = parse_specs(found.packages)
        texts = [spec.text for spec in specs]
        dropped = build_choices(specs, this_subdir(), unavailable=texts)
        choices = {one.choice: one for one in dropped}
    if not choices:
        return request
    if not wanted:
        session.note(
            f"warning: {_named(file)} names builds for {found.platform or 'another platform'}: "
            "--builds relax takes the versions of those alone, --builds drop of all.",
            "warning",
        )
        return request
    # Where all builds are of the other platform, relaxing is dropping.
    chosen = choices.get(wanted) or choices["relax"]
    lines = chosen.changed if isinstance(chosen, BuildChoice) else chosen.lines
    for line in lines:
        session.note(f"- {line.before}" if line.after else f"- {line.before}  ({line.why})")
        if line.after:
            session.note(f"+ {line.after}")
    return replace(
        request,
        packages=(*request.packages, *chosen.packages),
        requirements="",
        pip=(*found.pip, *request.pip),
        channels=request.channels or found.channels,
        variables={**(found.variables or {}), **request.variables},
        index_url=request.index_url or found.index_url,
        extra_index_urls=request.extra_index_urls or found.extra_index_urls,
    )


def _named(file: str) -> str:
    return "standard input" if file == "-" else file
