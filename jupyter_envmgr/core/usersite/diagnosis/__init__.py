"""What is wrong with a user site for one interpreter, found by reading files alone."""

from .diagnose import diagnose
from .ground import Ground, read_ground

__all__ = ["Ground", "diagnose", "read_ground"]
