"""The types of what operations take and give, by their names in the table.

Apart from it, because making a hundred classes takes longer than all else that a server imports
of this when it starts; they are needed by the first request.
"""

from __future__ import annotations

from ...core.archives.model import Archive, ExportRequest, ImportRequest, ShowRequest
from ...core.environments.elsewhere import Elsewhere
from ...core.environments.model import (
    CloneRequest,
    CreateRequest,
    Environment,
    EnvironmentHistory,
    Export,
    RenameRequest,
    RevertRequest,
    UpdateRequest,
)
from ...core.environments.terminal import TerminalCommand
from ...core.jobs.model import Job
from ...core.kernels.model import Kernel, RegisterRequest
from ...core.packages.model import ChangeRequest, InstallRequest, PackageList, UserSite
from ...core.packages.verify import Verification, VerifyRequest
from ...core.plans import Plan
from ...core.status import StatusReport
from ...core.usersite.model import (
    Comparison,
    Diagnosis,
    ProbeRequest,
    Proof,
    RemoveRequest,
    ResetRequest,
    RestoreRequest,
    Scan,
    Snapshot,
    SnapshotList,
)
from ...core.usersite.reinstall import Reinstall
from ..answers import (
    Arrival,
    EngineList,
    EnvironmentList,
    EnvironmentSize,
    ErrorHint,
    EventList,
    InterpreterList,
    JobList,
    KernelList,
    OfferedPythons,
    Recognition,
    Recovery,
    RequirementsText,
)
from ..requests import (
    AdoptRequest,
    HintRequest,
    IsolateRequest,
    OfferRequest,
    ProfileRequest,
    RecogniseRequest,
    RecoverRequest,
    SnapshotUpdate,
)

__all__ = [
    "AdoptRequest",
    "Archive",
    "Arrival",
    "ChangeRequest",
    "CloneRequest",
    "Comparison",
    "CreateRequest",
    "Diagnosis",
    "Elsewhere",
    "EngineList",
    "Environment",
    "EnvironmentHistory",
    "EnvironmentList",
    "EnvironmentSize",
    "ErrorHint",
    "EventList",
    "Export",
    "ExportRequest",
    "HintRequest",
    "ImportRequest",
    "InstallRequest",
    "InterpreterList",
    "IsolateRequest",
    "Job",
    "JobList",
    "Kernel",
    "KernelList",
    "OfferRequest",
    "OfferedPythons",
    "PackageList",
    "Plan",
    "ProbeRequest",
    "ProfileRequest",
    "Proof",
    "RecogniseRequest",
    "Recognition",
    "RecoverRequest",
    "Recovery",
    "RegisterRequest",
    "Reinstall",
    "RemoveRequest",
    "RenameRequest",
    "RequirementsText",
    "ResetRequest",
    "RestoreRequest",
    "RevertRequest",
    "Scan",
    "ShowRequest",
    "Snapshot",
    "SnapshotList",
    "SnapshotUpdate",
    "StatusReport",
    "TerminalCommand",
    "UpdateRequest",
    "UserSite",
    "Verification",
    "VerifyRequest",
]
