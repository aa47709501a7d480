"""The verbs of the user site: scan, set aside, bring back. On the standard library alone.

They are the rescue path: what they import has to be there when the user site breaks all else.
"""

from .adoption import adopt, adoptable, plan_adopt
from .backup import backup, plan_backup
from .kernels import (
    isolate,
    plan_isolate,
    plan_profile,
    profile,
    profile_name,
    undo,
)
from .recovery import recover
from .reset import plan_reset, reset
from .restore import plan_restore, restore
from .scanning import scan
from .snapshots import (
    compare,
    delete,
    plan_delete,
    reinstall,
    rename,
    requirements,
    show,
    snapshots,
)

__all__ = [
    "adopt",
    "adoptable",
    "backup",
    "compare",
    "delete",
    "isolate",
    "plan_adopt",
    "plan_backup",
    "plan_delete",
    "plan_isolate",
    "plan_profile",
    "plan_reset",
    "plan_restore",
    "profile",
    "profile_name",
    "recover",
    "reinstall",
    "rename",
    "requirements",
    "reset",
    "restore",
    "scan",
    "show",
    "snapshots",
    "undo",
]
