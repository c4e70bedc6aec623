"""Two releases of a small terminology as catalogues of a library, and a project on the older one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from helpers.projects import SOURCE
from helpers.terminologies import entity

from rpdr_core.knowledge_base.catalogue import read_manifest, write_release
from rpdr_core.knowledge_base.library import Catalogue, Library
from rpdr_core.knowledge_base.release import Association, Release
from rpdr_core.records import Candidate, Entity, NewDecision, NewMention, Provenance, Ranking, SourceRow
from rpdr_core.store import Project

OLD = (
    entity("E", "Diseases of the eye", type="chapter", assignable=False),
    entity("E1", "Cataract", "E"),
    entity("E1.1", "Nuclear cataract", "E1"),
    entity("E1.2", "Senile cataract", "E1"),
    entity("E2", "Glaucoma", "E"),
    entity("E2.1", "Glaucoma suspect", "E2"),
    entity("E2.2", "Chronic glaucoma", "E2"),
    entity("E3", "Uveitis", "E"),
    entity("E3.1", "Anterior uveitis", "E3"),
    entity("E4", "Blindness", "E"),
    entity("E5", "Retired long ago", "E"),
)
NEW = (
    entity("E", "Diseases of the eye", type="chapter", assignable=False),
    entity("E1", "Cataract", "E"),
    # Renamed, moved, retired with one replacement, with a choice, a header now, vanished with something near, added.
    entity("E1.1", "Age-related nuclear cataract", "E1"),
    Entity("E1.2", "Senile cataract", active=False),
    entity("E1.3", "Age-related cataract", "E1"),
    entity("E2", "Glaucoma", "E"),
    Entity("E2.1", "Glaucoma suspect", active=False),
    entity("E2.2", "Chronic glaucoma", "E"),
    entity("E2.3", "Preglaucoma", "E2"),
    entity("E2.4", "Ocular hypertension", "E2"),
    entity("E3", "Uveitis", "E"),
    entity("E3.1", "Anterior uveitis", "E3", assignable=False),
    entity("E3.11", "Acute anterior uveitis", "E3.1"),
    entity("E3.12", "Chronic anterior uveitis", "E3.1"),
    entity("E5", "Retired long ago", "E"),
    entity("E6", "Low vision", "E"),
)
SAID = (
    Association("E1.2", "replaced_by", "E1.3"),
    Association("E2.1", "possibly_equivalent_to", "E2.3"),
    Association("E2.1", "possibly_equivalent_to", "E2.4"),
)


def release(
    entities: Iterable[Entity],
    associations: Iterable[Association] = (),
    version: str = "1",
    library: Library | None = None,
) -> Catalogue:
    """A release in a library (by default the test's own)."""
    kept = library or Library()
    listed, said = tuple(entities), tuple(associations)
    made = Release("test", "eyes", "Eyes", version, lambda: iter(listed), lambda: iter(said))
    folder = write_release(kept.root, made, source=f"release {version}")
    # Not opened by the library: that would make ICD-10-CM for its wordings.
    return Catalogue(read_manifest(folder).info, folder)


def project_on(catalogue: Catalogue, folder: Path, mentions: int = 12) -> Project:
    """A project with mentions 1.. of falling count, each with a retriever's list of all that may be assigned."""
    project = Project.create(folder / "clinic.rpdr", name="Clinic", knowledge_base=catalogue.info)
    rows = [
        NewMention(f"mention {n}", f"seen with mention {n}", count=1 + mentions - n, row=SourceRow(n, f"r{n}"))
        for n in range(1, mentions + 1)
    ]
    project.add_mentions(SOURCE, rows)
    project.record_rankings(listing(catalogue, n) for n in range(1, mentions + 1))
    return project


def listing(catalogue: Catalogue, mention_id: int, *codes: str, ranker: str = "retriever") -> Ranking:
    """A ranking of these codes, or of all that may be assigned."""
    known = {one.code: one.name for one in catalogue.entities() if one.active and one.assignable}
    chosen = codes or tuple(known)
    candidates = tuple(Candidate(code, known.get(code, code), score=1 / at) for at, code in enumerate(chosen, 1))
    provenance = Provenance(ranker, "m", catalogue.info.fingerprint, "mode=auto k=10")
    return Ranking(mention_id, ranker, candidates, provenance, confidence=0.5)


def decided(catalogue: Catalogue, mention_id: int, code: str, **more: object) -> NewDecision:
    """A correction to a code of the catalogue."""
    name = next(one.name for one in catalogue.entities() if one.code == code)
    return NewDecision(mention_id, "correct", code, name, knowledge_base=catalogue.info.fingerprint, **more)  # type: ignore[arg-type]
