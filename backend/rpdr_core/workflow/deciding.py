"""A decision by code, checked against the project's knowledge base."""

from __future__ import annotations

from collections.abc import Sequence

from rpdr_core.errors import NotAllowedError, NotFoundError
from rpdr_core.knowledge_base import icd10cm
from rpdr_core.knowledge_base.library import Catalogue, Library
from rpdr_core.records import Entity, KnowledgeBaseInfo, NewDecision, Relation, Target
from rpdr_core.store import ProjectReader
from rpdr_core.workflow.leading import counting, leading


def map_to_code(
    project: ProjectReader,
    library: Library,
    mention_id: int,
    code: str,
    comment: str = "",
    *,
    relation: Relation = "equivalent",
    also: Sequence[tuple[str, Relation]] = (),
) -> NewDecision:
    """The decision that maps a mention to `code`: `accept` where it leads the candidates, else `correct`.

    `also`: further codes, each with its relation. Raises `NotFoundError` for a code that the knowledge base does not
    have, and `NotAllowedError` for one that was retired or may not be assigned.
    """
    catalogue = catalogue_of(library, project.knowledge_base())
    entity = _assignable(catalogue, code)
    further = [(_assignable(catalogue, other), how) for other, how in also]
    shown = counting(project.rankings(mention_id), project.promoted())
    first = leading(shown)
    accepts = first is not None and bool(first.candidates) and first.candidates[0].code == code
    return NewDecision(
        mention_id,
        "accept" if accepts else "correct",
        entity.code,
        entity.name,
        comment=comment,
        shown=shown,
        relation=relation,
        also=tuple(Target(other.code, other.name, how) for other, how in further),
        knowledge_base=catalogue.info.fingerprint,
    )


def catalogue_of(library: Library, info: KnowledgeBaseInfo) -> Catalogue:
    """The very knowledge base that a project was made with; `NotFoundError` where this machine has another."""
    here = any(known.fingerprint == info.fingerprint for known in library.list())
    reference = info.fingerprint if here else icd10cm.ID if info.id == icd10cm.ID else ""
    catalogue = library.open(reference) if reference else None
    if catalogue is None or catalogue.info.fingerprint != info.fingerprint:
        hint = f"import the terminology it was made from ({info.title} {info.version}".rstrip() + ")"
        raise NotFoundError(f"the project's knowledge base {info.fingerprint[:12]} is not on this machine", hint=hint)
    return catalogue


def _assignable(catalogue: Catalogue, code: str) -> Entity:
    entity = next((entity for entity in catalogue.entities() if entity.code == code), None)
    if entity is None:
        hint = f"look it up with rpdr kb show {catalogue.info.id} CODE"
        raise NotFoundError(f"no entity {code!r} in {catalogue.info.id}", hint=hint)
    if not entity.active:
        said = [one.target for one in catalogue.associations([code])]
        hint = f"this release names {', '.join(said)} in its place" if said else "choose another entity"
        raise NotAllowedError(f"{code} was retired", hint=hint)
    if not entity.assignable:
        narrower = [child.code for child in catalogue.entities() if code in child.parents]
        hint = f"choose a narrower one: {', '.join(narrower[:8])}" if narrower else "choose another entity"
        raise NotAllowedError(f"{code} may not be assigned", hint=hint)
    return entity
