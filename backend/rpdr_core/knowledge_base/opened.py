"""A knowledge base that is open: its entities, our lexicon for it, and what its release says beside the entities."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rpdr_core.knowledge_base.catalogue import associations_of, maps_of, read_entities, read_manifest
from rpdr_core.knowledge_base.lexicon import LexiconTerm, read_lexicon
from rpdr_core.knowledge_base.release import Association, MapTarget
from rpdr_core.records import Entity, KnowledgeBaseInfo


@dataclass(frozen=True, slots=True)
class Catalogue:
    """An opened knowledge base. `lexicons` and `tokens`: bundled files first, then the user's.

    `paraphrases`: our lexicon's wordings, for knowledge bases that the lexicon has no codes for.
    """

    info: KnowledgeBaseInfo
    folder: Path
    lexicons: tuple[Path, ...] = ()
    tokens: tuple[Path, ...] = ()
    paraphrases: Path | None = None
    _checked: set[str] = field(default_factory=set, repr=False, compare=False)

    def entities(self) -> Iterator[Entity]:
        """All entities, in the terminology's order."""
        return read_entities(self.folder)

    def lexicon_terms(self) -> list[LexiconTerm]:
        """Terms of all lexicon files; ours, never official."""
        return [term for path in self.lexicons for term in read_lexicon(path)]

    def associations(self, codes: Collection[str] | None = None) -> Iterator[Association]:
        """What the release says became of retired entities, by code: of all, or of `codes` only (some reads each).

        `DamagedFileError` where the file is not as it was written: checked once by each opened catalogue.
        """
        found = associations_of(self.folder)
        if found is None:
            return iter(())
        self._check("associations", found.verify)
        if codes is None:
            return found.rows()
        return (row for rows in found.of(codes).values() for row in rows)

    def maps(self, codes: Collection[str]) -> dict[str, tuple[MapTarget, ...]]:
        """Targets in other terminologies of those `codes` that the release maps. A few reads for each code.

        By terminology, group and priority: a group's first rule that holds is the one that counts.
        """
        found = maps_of(self.folder)
        if found is None:
            return {}
        self._check("maps", found.verify)
        return {code: tuple(sorted(rows, key=_rank)) for code, rows in found.of(codes).items()}

    def remarks(self) -> tuple[str, ...]:
        """What the import had to tell."""
        return read_manifest(self.folder).remarks

    def _check(self, name: str, verify: Callable[[], None]) -> None:
        if name not in self._checked:
            verify()
            self._checked.add(name)


def _rank(one: MapTarget) -> tuple[str, int, int]:
    return one.to, one.group, one.priority
