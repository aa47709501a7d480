"""Checking a request in all of its fields before anything is said about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ...core.errors import EnvMgrError

T = TypeVar("T")


class Gather:
    """Collects the errors of several checks, so that a person sees all of them at once."""

    def __init__(self) -> None:
        self._errors: list[EnvMgrError] = []

    def __call__(self, check: Callable[[], T]) -> T | None:
        try:
            return check()
        except EnvMgrError as error:
            if not error.errors:
                raise
            self._errors.append(error)
            return None

    def about(self, field: str) -> bool:
        """Whether something is wrong with that field."""
        return any(e.field == field for error in self._errors for e in error.errors)

    def raise_errors(self) -> None:
        """Raise one error with all that was collected, if there is any."""
        if len(self._errors) == 1:
            raise self._errors[0]
        if self._errors:
            rows = tuple(row for error in self._errors for row in error.errors)
            codes = {error.code for error in self._errors}
            code = codes.pop() if len(codes) == 1 else "bad-request"
            raise EnvMgrError(code, "; ".join(e.detail for e in self._errors), errors=rows)
