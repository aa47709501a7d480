"""What a person pasted or opened, as the form shows it before anything is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from ..core.conda.builds import build_choices
from ..core.conda.channels import about_terms
from ..core.conda.matchspec import parse_specs
from ..core.conda.subdirs import this_subdir
from ..core.errors import EnvMgrError
from ..core.packages.model import Recognised
from ..core.packages.recognised import recognise
from ..core.settings import Settings
from .answers import ChoiceLine, Recognition, TextChoice
from .requests import RecogniseRequest


def recognise_text(settings: Settings, request: RecogniseRequest) -> Recognition:
    """What a text is. What is wrong with it is in the answer."""
    found = recognise(request.text, request.filename, allowed_schemes=settings.allowed_url_schemes)
    values = {field.name: getattr(found, field.name) for field in fields(found)}
    return Recognition(
        **values,
        # The form may take other channels than the text's: a plan says it of those that are taken.
        warnings=about_terms(found.channels),
        choices=_choices(found, request.builds_gone),
    )


def _choices(found: Recognised, gone: Sequence[str]) -> tuple[TextChoice, ...]:
    if found.manager != "conda" or not found.packages:
        return ()
    try:
        specs = parse_specs(found.packages)
    except EnvMgrError:
        return ()
    return tuple(
        TextChoice(
            one.choice,
            one.title,
            one.packages,
            tuple(ChoiceLine(line.before, line.after, line.why) for line in one.changed),
        )
        for one in build_choices(
            specs, this_subdir(), platform=found.platform, unavailable=frozenset(gone)
        )
    )
