"""What an operation does at this door: the service's verb with what was asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..service.context import Context
from .requests import Asked

Run = Callable[[Context, Asked], object]
"""Blocking. Returns a dataclass of the contract, or its JSON where that is at hand."""


@dataclass(frozen=True)
class Verb:
    """``plan`` answers ``?plan=1`` and changes nothing."""

    run: Run
    plan: Run | None = None
