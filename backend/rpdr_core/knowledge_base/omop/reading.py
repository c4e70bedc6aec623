"""The passes over a download: which concepts are chosen, what hangs on them, and then the concepts as entities.

CONCEPT.csv is read twice, its companions once each. The memory is that of the chosen vocabularies, not of the download.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from rpdr_core.knowledge_base.omop.chosen import NONE, Chains, Chosen, Relations, Texts
from rpdr_core.knowledge_base.omop.files import Download
from rpdr_core.knowledge_base.release import Association, AssociationKind, MapTarget, Watch, remark
from rpdr_core.records import Entity, Note

COLUMNS = (
    "concept_id", "concept_name", "domain_id", "vocabulary_id", "concept_class_id", "standard_concept", "concept_code",
    "invalid_reason",
)  # fmt: skip
PARENT = frozenset(("Is a", "RxNorm is a"))
HISTORY: dict[str, AssociationKind] = {
    "Concept replaced by": "replaced_by",
    "Concept same_as to": "same_as",
    "Concept poss_eq to": "possibly_equivalent_to",
    "Concept was_a to": "was_a",
    "Concept alt_to to": "alternative",
}
MAPS = ("Maps to", "Maps to value")
_KINDS = (*HISTORY, *MAPS)
_DEFINITE = frozenset((0, 1))
_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Wish:
    """What to read: vocabulary ids, whether retired concepts come along, whether the vocabulary's code is the code.

    `language`: concept id of the language whose synonyms are taken, 0 for all.
    """

    vocabularies: frozenset[str]
    inactive: bool = True
    by_code: bool = False
    language: int = 0


@dataclass(slots=True)
class Reading:
    """One import. `entities` must have been read to the end before `associations` and `maps` are asked for."""

    download: Download
    wish: Wish
    watch: Watch
    standard: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    _chosen: Chosen = field(default_factory=lambda: Chosen(()))
    _relations: Relations = field(default_factory=Relations)
    _retired: bytearray = field(default_factory=bytearray)
    _codes: Callable[[int], str] = str
    _elsewhere: dict[int, str] = field(default_factory=dict)

    def entities(self) -> Iterator[Entity]:
        self._choose()
        texts, synonyms = self._synonyms()
        parents = self._hierarchy()
        codes = self._code_table() if self.wish.by_code else None
        self._codes = (lambda at: codes[at]) if codes is not None else (lambda at: str(self._chosen.id(at)))
        done = 0
        # One stage, whoever tells of it: what is counted are the entities.
        rows = self.download.rows("CONCEPT.csv", COLUMNS, lambda *_: self.watch("entities", done, 0))
        for line, cells in rows:
            concept = int(cells[0])
            at = self._position(concept, cells)
            if at == NONE:
                if concept in self._elsewhere:
                    self._elsewhere[concept] = cells[3]
                continue
            done += 1
            further = dict.fromkeys(texts[number] for number in synonyms.of(at))
            yield self._entity(line, cells, at, further, dict.fromkeys(parents.of(at)))

    def associations(self) -> Iterator[Association]:
        """What became of retired concepts. Where the release names no successor, a valid mapping tells what to use."""
        told = bytearray(len(self._chosen))
        for kind, at, target in self._relations:
            if kind in _DEFINITE and self._chosen.position(target) != NONE:
                told[at] = 1
        for kind, at, target in self._relations:
            to = self._chosen.position(target)
            if to in (NONE, at):
                continue
            name = _KINDS[kind]
            if name in HISTORY:
                yield Association(self._codes(at), HISTORY[name], self._codes(to))
            elif name == MAPS[0] and self._retired[at] and not told[at]:
                yield Association(self._codes(at), "replaced_by", self._codes(to))

    def maps(self) -> Iterator[MapTarget]:
        """The standard concepts that stand for a concept that is none."""
        for kind, at, target in self._relations:
            name = _KINDS[kind]
            if name not in MAPS or self._chosen.position(target) == at:
                continue
            to = self._chosen.position(target)
            vocabulary = self._elsewhere.get(target, "") if to == NONE else ""
            where = f"OMOP {vocabulary}" if vocabulary else "OMOP"
            yield MapTarget(self._codes(at), where, str(target), group=1 + MAPS.index(name), advice=name)

    def remarks(self) -> Iterator[str]:
        for vocabulary in sorted(self.counts):
            if not self.standard[vocabulary]:
                yield remark(f"{vocabulary} has no standard concepts: any valid concept of it may be chosen")

    def _choose(self) -> None:
        ids = array("q")
        columns = ("concept_id", "vocabulary_id", "standard_concept", "invalid_reason")
        for line, (concept, vocabulary, standard, invalid) in self._rows("CONCEPT.csv", columns):
            if vocabulary in self.wish.vocabularies and (self.wish.inactive or not invalid):
                ids.append(self._number(concept, "CONCEPT.csv", line))
                self.counts[vocabulary] += 1
                self.standard[vocabulary] += standard == "S" and not invalid
            elif not (concept.isascii() and concept.isdigit() and len(concept) <= _DIGITS):
                self._number(concept, "CONCEPT.csv", line)
        missing = sorted(self.wish.vocabularies - self.counts.keys())
        if missing:
            raise self.download.refusal(
                f"no concepts of the vocabulary {missing[0]!r}",
                "choose one that the download has",
                "CONCEPT.csv",
            )
        self._chosen = Chosen(ids)
        twice = self._chosen.repeated()
        if twice != NONE:
            raise self.download.refusal(
                f"concept {twice} occurs twice",
                "download it again from Athena",
                "CONCEPT.csv",
            )
        self._retired = bytearray(len(self._chosen))

    def _synonyms(self) -> tuple[Texts, Chains]:
        texts, chains = Texts(), Chains(len(self._chosen))
        if "CONCEPT_SYNONYM.csv" not in self.download:
            return texts, chains
        columns = ("concept_id", "concept_synonym_name", "language_concept_id")
        for line, (concept, name, language) in self._rows("CONCEPT_SYNONYM.csv", columns):
            at = self._chosen.position(self._number(concept, "CONCEPT_SYNONYM.csv", line))
            if at != NONE and name.strip() and (not self.wish.language or language == str(self.wish.language)):
                chains.hang(at, texts.add(name.strip()))
        return texts, chains

    def _hierarchy(self) -> Chains:
        """Parents by position; on the way the relationships that are kept for later are noted."""
        parents = Chains(len(self._chosen))
        if "CONCEPT_RELATIONSHIP.csv" in self.download:
            self._relationships(parents)
        if not len(parents) and "CONCEPT_ANCESTOR.csv" in self.download:
            columns = ("ancestor_concept_id", "descendant_concept_id", "min_levels_of_separation")
            for line, (above, below, levels) in self._rows("CONCEPT_ANCESTOR.csv", columns):
                if levels == "1":
                    self._hang(parents, below, above, "CONCEPT_ANCESTOR.csv", line)
        return parents

    def _relationships(self, parents: Chains) -> None:
        columns = ("concept_id_1", "concept_id_2", "relationship_id", "invalid_reason")
        kinds = {name: number for number, name in enumerate(_KINDS)}
        file = "CONCEPT_RELATIONSHIP.csv"
        for line, (first, second, name, invalid) in self._rows(file, columns):
            if invalid:
                continue
            if name in PARENT:
                self._hang(parents, first, second, file, line)
            elif name in kinds and first != second:
                at = self._chosen.position(self._number(first, file, line))
                if at != NONE:
                    target = self._number(second, file, line)
                    self._relations.add(kinds[name], at, target)
                    if self._chosen.position(target) == NONE:
                        self._elsewhere.setdefault(target, "")

    def _hang(self, parents: Chains, below: str, above: str, file: str, line: int) -> None:
        at = self._chosen.position(self._number(below, file, line))
        to = self._chosen.position(self._number(above, file, line))
        if at != NONE and to != NONE and at != to:
            parents.hang(at, to)

    def _code_table(self) -> list[str]:
        codes = [""] * len(self._chosen)
        for _, cells in self._rows("CONCEPT.csv", COLUMNS):
            at = self._position(int(cells[0]), cells)
            if at != NONE:
                codes[at] = cells[6].strip()
        return codes

    def _position(self, concept: int, cells: list[str]) -> int:
        return self._chosen.position(concept) if cells[3] in self.wish.vocabularies else NONE

    def _entity(
        self, line: int, cells: list[str], at: int, synonyms: dict[str, None], parents: dict[int, None]
    ) -> Entity:
        _, name, domain, vocabulary, kind, standard, code, invalid = cells
        if not name.strip() or not code.strip():
            raise self.download.refusal(
                f"concept {cells[0]} has no code or no name",
                "download it again from Athena",
                "CONCEPT.csv",
                line,
            )
        synonyms.pop(name.strip(), None)
        active = not invalid
        self._retired[at] = not active
        other = f"OMOP {cells[0]}" if self.wish.by_code else f"{vocabulary} {code.strip()}"
        return Entity(
            code=self._codes(at),
            name=name.strip(),
            synonyms=tuple(synonyms),
            parents=tuple(map(self._codes, parents)),
            type=f"{domain}: {kind}" if kind else domain,
            active=active,
            assignable=active and (standard == "S" or not self.standard[vocabulary]),
            notes=(Note("other_code", other),),
        )

    def _rows(self, name: str, columns: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
        return self.download.rows(name, columns, self.watch)

    def _number(self, cell: str, file: str, line: int) -> int:
        if cell.isascii() and cell.isdigit() and len(cell) <= _DIGITS:
            return int(cell)
        raise self.download.refusal(
            f"{cell[:40]!r} is no concept id",
            "leave the files as Athena gives them",
            file,
            line,
        )
