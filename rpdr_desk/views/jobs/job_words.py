"""A job in words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from rpdr_desk.operations.jobs import Job
from rpdr_desk.views import wording
from rpdr_desk.views.error_words import in_language


def job_title(job: Job) -> str:
    """What the job does."""
    say = QCoreApplication.translate
    match job.kind:
        case "retrieve":
            return say("jobs", "Finding candidates")
        case "index":
            return say("jobs", "Building the dense index")
        case "import":
            return wording.fill(say("jobs", "Importing %1"), job.note)
        case "export":
            return wording.fill(say("jobs", "Exporting %1"), job.note)
        case "teacher":
            return say("jobs", "Ranking with the teacher")
        case "train":
            return say("jobs", "Training a student")
        case "encoder":
            return say("jobs", "Teaching the search")
        case "student":
            return say("jobs", "Ranking with the student")
        case "link":
            return wording.fill(say("jobs", "Linking %1"), job.note)
        case "backup":
            return say("jobs", "Backing up")


def job_end(job: Job) -> str:
    """How it stands, or how it ended."""
    say = QCoreApplication.translate
    match job.state:
        case "running":
            return wording.time_left(job.seconds_left) or say("jobs", "Running")
        case "done":
            return wording.fill(say("jobs", "Done. %1"), job.message).strip()
        case "cancelled":
            return say("jobs", "Cancelled")
        case "failed":
            failed = wording.fill(say("jobs", "Failed: %1"), in_language(job.message))
            return f"{failed}\n{in_language(job.hint)}" if job.hint else failed
