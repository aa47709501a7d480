"""The file of a request: what it asks for, whatever kind it is, or what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence

from ...core.conda.matchspec import parse_specs
from ...core.errors import EnvMgrError, FieldError
from ...core.packages.model import Recognised
from ...core.packages.recognised import FIELD, recognise
from ...core.packages.requirements import parse_text

_SHOWN = 3
_HINT = "Correct that line of the file."


def read_for_pip(text: str, allowed_schemes: Sequence[str]) -> Recognised:
    """What a file asks for of pip. Raises what is wrong with it, line by line.

    ``pip freeze`` of a conda environment, the table of ``pip list``, a lock file and a
    pyproject.toml are as good as a list of requirements. Hashes stand behind the requirements.
    """
    found = recognise(text, allowed_schemes=allowed_schemes, hashes=True)
    if found.manager == "conda":
        # It says what to do instead; where each line may be conda's, what is wrong with each.
        parse_text(text, allowed_schemes=allowed_schemes)
        raise _refused(found, f"this is {found.what}: choose the manager conda")
    _raise_errors(found)
    return found


def read_for_conda(text: str, allowed_schemes: Sequence[str]) -> Recognised:
    """What a file asks for of conda, and of pip beside it. Raises as `read_for_pip` does."""
    found = recognise(text, allowed_schemes=allowed_schemes, hashes=True)
    if found.kind == "requirements":
        # A list of plain names is as good for conda as for pip.
        specs = parse_specs((), text)
        return Recognised("conda-specs", "conda", found.what, tuple(s.text for s in specs))
    _raise_errors(found)
    if found.manager == "pip":
        raise _refused(found, f"this is {found.what}, which is for pip: choose the manager pip")
    return found


def _refused(found: Recognised, detail: str) -> EnvMgrError:
    hint = f"The text is {found.what}."
    error = FieldError(FIELD, detail, "bad-requirement", 1, 1)
    return EnvMgrError("bad-requirement", detail, hint=hint, errors=(error,))


def _raise_errors(found: Recognised) -> None:
    """Raise one error about all that is wrong; its sentence names the first three lines."""
    if not found.errors:
        return
    shown = [
        f"{e.field}, line {e.line}: {e.detail}" if e.line else f"{e.field}: {e.detail}"
        for e in found.errors[:_SHOWN]
    ]
    if len(found.errors) > _SHOWN:
        shown.append(f"and {len(found.errors) - _SHOWN} more")
    codes = {error.code for error in found.errors}
    code = codes.pop() if len(codes) == 1 else "bad-requirement"
    is_usual = found.kind == "requirements" or code != "bad-requirement"
    hint = None if is_usual else _HINT
    raise EnvMgrError(code, "; ".join(shown), hint=hint, errors=found.errors)
