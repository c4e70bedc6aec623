"""The sample project: synthetic mentions of an eye clinic, with recorded teacher rankings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from rpdr_core.formats.mentions import read_mentions
from rpdr_core.knowledge_base.library import Catalogue, Library
from rpdr_core.records import Candidate, Provenance, Ranking, Verdict
from rpdr_core.resources import resource_path
from rpdr_core.store import Project, QueueQuery
from rpdr_core.workflow.importing import import_file

# The eye chapter's strings are embedded first, so that dense retrieval is there in seconds.
PRIORITY = ("H0", "H1", "H2", "H3", "H4", "H5")
TERMINOLOGY = "icd10cm"
_FOLDER = ("samples", "eye_clinic")


@dataclass(frozen=True, slots=True)
class Recorded:
    """One line of `teacher.jsonl`: an order (numbers from 1, best first) of candidate codes for a sample row."""

    id: str
    candidates: tuple[str, ...]
    order: tuple[int, ...]
    verdict: Verdict


def sample_mentions() -> Path:
    """The sample's mention file."""
    return resource_path(*_FOLDER, "mentions.csv")


def sample_gold() -> Path:
    """Gold codes for the sample's rows."""
    return resource_path(*_FOLDER, "gold.tsv")


def create_sample(path: Path) -> Project:
    """A new project with the sample's mentions and the recorded teacher rankings. Retrieval is not run here."""
    catalogue = Library().open(TERMINOLOGY)
    project = Project.create(path, name="Sample: eye clinic", knowledge_base=catalogue.info)
    import_file(project, sample_mentions())
    project.record_rankings(_teacher_rankings(project, catalogue))
    return project


def _teacher_rankings(project: Project, catalogue: Catalogue) -> Iterator[Ranking]:
    names = {entity.code: entity.name for entity in catalogue.entities()}
    ids = {(mention.text, mention.context): mention.id for mention in project.mentions(project.queue(QueueQuery()))}
    rows = {mention.row.key: ids[mention.text, mention.context] for mention in read_mentions(sample_mentions())}
    provenance = Provenance("teacher", "recorded", catalogue.info.fingerprint, "sample/teacher.jsonl", recorded=True)
    for recorded in _recorded():
        codes = [recorded.candidates[number - 1] for number in recorded.order]
        candidates = tuple(Candidate(code, names[code]) for code in codes if code in names)
        yield Ranking(rows[recorded.id], "teacher", candidates, provenance, recorded.verdict)


def _recorded() -> list[Recorded]:
    lines = resource_path(*_FOLDER, "teacher.jsonl").read_bytes().splitlines()
    return [msgspec.json.decode(line, type=Recorded) for line in lines]
