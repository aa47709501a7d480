"""All scenarios, by code: each module keeps its own in the table when it is imported."""

from __future__ import annotations

from . import of_packages, of_surroundings
from .table import NEW_NUMPY, NUMPY, OLD_NUMPY, SCENARIOS, SUFFIX, Scenario

__all__ = [
    "NEW_NUMPY",
    "NUMPY",
    "OLD_NUMPY",
    "SCENARIOS",
    "SUFFIX",
    "Scenario",
    "of_packages",
    "of_surroundings",
]
