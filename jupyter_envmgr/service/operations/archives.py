"""The operations on archives."""

from __future__ import annotations

from .operation import BREAK_LOCK, Operation

ARCHIVES: tuple[Operation, ...] = (
    Operation(
        "archives.show",
        "POST",
        "/archives/show",
        "read",
        "What a file says of the environment in it, and whether it runs on this machine",
        "Archive",
        body="ShowRequest",
    ),
    Operation(
        "archives.export",
        "POST",
        "/archives",
        "execute",
        "Pack an environment into a file that travels",
        "Job",
        status=202,
        body="ExportRequest",
        plan=True,
    ),
    Operation(
        "archives.import",
        "POST",
        "/archives/import",
        "execute",
        "Make the environment of an archive",
        "Job",
        status=202,
        body="ImportRequest",
        query=(BREAK_LOCK,),
        plan=True,
    ),
)
