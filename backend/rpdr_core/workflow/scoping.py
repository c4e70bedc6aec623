"""A project's scope: which part of its knowledge base is proposed, the same in the window and on the command line."""

from __future__ import annotations

from dataclasses import dataclass

from rpdr_core.errors import UserInputError
from rpdr_core.knowledge_base.library import Catalogue
from rpdr_core.knowledge_base.scope import SCOPE, parse_scope
from rpdr_core.records import Changes, Ranking
from rpdr_core.store import Project, ProjectReader, made_under


@dataclass(frozen=True, slots=True)
class ScopeSize:
    """A scope as it is written, and how many entities it holds `of` how many. An empty one holds all."""

    scope: str
    entities: int
    of: int


def scope_of(project: ProjectReader) -> str:
    """The project's scope as it is written; empty where everything may be proposed."""
    return project.setting(SCOPE)


def measure_scope(catalogue: Catalogue, text: str) -> ScopeSize:
    """How much of the catalogue a scope holds; an empty one all of it. Some 2 s for 350,000 entities.

    Raises `UserInputError` with the column of a mistake, `NotFoundError` with the nearest code or type,
    `NotAllowedError` for a retired code, and `UserInputError` for a scope that holds nothing.
    """
    everything = catalogue.info.entities
    if not text.strip():
        return ScopeSize("", everything, everything)
    scope = parse_scope(text)
    held = len(scope.codes(catalogue))
    if not held:
        hint = "use OR where you wrote AND, or << (with itself) where you wrote <"
        raise UserInputError("the scope holds no entity: nothing could be proposed", hint=hint)
    return ScopeSize(scope.text, held, everything)


def set_scope(project: Project, catalogue: Catalogue, text: str, *, actor: str = "") -> Changes:
    """Keep a scope, after `measure_scope`; an empty text takes it away. Not undoable, audited.

    Decisions stay as they are. Undecided mentions count as not retrieved until they are ranked under the new scope.
    """
    size = measure_scope(catalogue, text)
    if size.scope == scope_of(project):
        return Changes(frozenset())
    detail = {"scope": size.scope, "entities": size.entities, "knowledge_base": catalogue.info.fingerprint}
    return project.set_setting(SCOPE, size.scope, actor=actor, action="scope", detail=detail)


def is_current(project: ProjectReader, ranking: Ranking) -> bool:
    """Whether a retriever's ranking was made against the project's knowledge base as it is now, under its scope."""
    return made_under(ranking.provenance, project.knowledge_base().fingerprint, scope_of(project))
