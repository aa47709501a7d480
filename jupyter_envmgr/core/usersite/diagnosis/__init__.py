"""What is wrong with a user site for one interpreter, found by reading files alone."""

from .diagnose import diagnose
from .ground import Ground, System
from .jupyter_parts import JupyterPlaces
from .kept import Kept, is_settled, stamps
from .libraries import libc_of
from .processor import processor_flags
from .proven import with_findings, with_proofs
from .runtime import BASE, PROGRAM, Runtime, path_of, read_runtime

__all__ = [
    "BASE",
    "PROGRAM",
    "Ground",
    "JupyterPlaces",
    "Kept",
    "Runtime",
    "System",
    "diagnose",
    "is_settled",
    "libc_of",
    "path_of",
    "processor_flags",
    "read_runtime",
    "stamps",
    "with_findings",
    "with_proofs",
]
