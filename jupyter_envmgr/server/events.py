"""Job states on Jupyter's event bus, so that every tab hears of them."""

from __future__ import annotations

from typing import Any

from ..core.jobs.model import Job

JOB_EVENT = "https://schema.jupyter.org/jupyter_envmgr/job/v1"
JOB_SCHEMA: dict[str, Any] = {
    "$id": JOB_EVENT,
    "version": "1",
    "title": "A job of jupyter_envmgr",
    "personal-data": True,
    "description": "A long operation on environments has been queued, has started or has ended.",
    "type": "object",
    "required": ["id", "operation", "subject", "state"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string", "description": "The job: GET …/envmgr/api/jobs/{id}"},
        "operation": {"type": "string", "description": "What it does: environments.create, …"},
        "subject": {"type": "string", "description": "What it does it to, such as an id"},
        "state": {
            "enum": ["queued", "running", "succeeded", "failed", "cancelled", "interrupted"],
            "description": "What has become of it",
        },
    },
}


def job_event(job: Job) -> dict[str, str]:
    """What is told about a job: no titles, packages or errors, which may be private."""
    return {
        "id": job.id,
        "operation": job.operation,
        "subject": job.subject,
        "state": job.state,
    }
