"""A SNOMED CT release opened: what it offers to choose from at once, everything else when it is asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from rpdr_core.errors import FileFormatError, NotFoundError
from rpdr_core.knowledge_base.release import Association, MapTarget, Release, ReleaseOptions, Watch
from rpdr_core.knowledge_base.rf2 import dialects, refsets
from rpdr_core.knowledge_base.rf2.concepts import Concepts
from rpdr_core.knowledge_base.rf2.entities import entities, named
from rpdr_core.knowledge_base.rf2.layout import Layout, layout
from rpdr_core.knowledge_base.rf2.metadata import DIALECTS, FULLY_SPECIFIED_NAME, NOT_FINDINGS
from rpdr_core.knowledge_base.rf2.parents import Parents
from rpdr_core.knowledge_base.rf2.rows import DESCRIPTION, Heard, Rows
from rpdr_core.knowledge_base.rf2.terms import Term, Terms
from rpdr_core.knowledge_base.rf2.titles import titles
from rpdr_core.records import Entity

FORMAT = "rf2"
_LOOKED_AT = 5_000


def open_rf2(path: Path, options: ReleaseOptions, watch: Watch) -> Release:
    """Open a release: a zip or a folder; a folder may hold the packages of an edition and of its extensions.

    The Snapshot is read, else the Full with each component's newest state. `options.dialect`: a tag or a reference
    set's id; `modules` (or `vocabularies`): ids of the modules whose concepts are kept.
    """
    return _Reading(path, options, watch).release()


class _Reading:
    def __init__(self, path: Path, options: ReleaseOptions, watch: Watch) -> None:
        self._path, self._options, self._watch = path, options, watch
        self._layout: Layout = layout(path)
        self._concepts = Concepts(self._layout.concepts, lambda *_: None)
        self._dialects = dialects.offered(self._layout.languages)
        self._dialect = dialects.asked_for(options.dialect, self._dialects, path)
        self._modules = self._concepts.counts()
        self._kept = self._chosen_concepts()
        self._counts: Counter[str] = Counter()
        self._titles: dict[str, str] = {}

    def release(self) -> Release:
        names = titles(self._layout.descriptions, {*self._dialects, *self._modules})
        countries = sorted({file.country for file in self._layout.concepts} - {"INT"})
        date = max(file.date for file in self._layout.every())
        return Release(
            format=FORMAT,
            id="-".join(["snomed-ct", *map(str.lower, countries)]),
            title=f"SNOMED CT {' + '.join(countries) if countries else 'International'}",
            version=f"{date[:4]}-{date[4:6]}-{date[6:]}",
            entities=self.entities,
            associations=self.associations,
            maps=self.maps,
            remarks=self.remarks,
            dialects=tuple(self._offered_dialects(names)),
            vocabularies=tuple(
                (module, f"{names.get(module, module)} ({count:,})") for module, count in self._modules.most_common()
            ),
            warnings=tuple(self._warnings()),
            estimate=sum(self._kept),
            sample=self.sample,
        )

    def entities(self) -> Iterator[Entity]:
        """Reads languages, descriptions and relationships, in this order; then the first entity comes."""
        found, concepts = self._layout, self._concepts
        words = dialects.acceptability(found.languages, self._dialect, self._heard("dialects"))
        terms = Terms(found.descriptions, concepts, words, self._heard("descriptions"))
        del words
        parents = Parents(found.relationships, concepts, self._heard("relationships"))
        self._check_whole(parents)
        self._counts["strange descriptions"] = terms.strangers
        self._counts["strange relationships"] = parents.strangers
        self._titles = self._named(terms, refsets.map_sets(found.maps))
        yield from entities(concepts, terms, parents, self._kept, self._counts)

    def associations(self) -> Iterator[Association]:
        return refsets.associations(
            self._layout.associations, self._concepts.at, self._heard("associations"), self._counts
        )

    def maps(self) -> Iterator[MapTarget]:
        return refsets.maps(self._layout.maps, self._concepts.at, self._titles, self._heard("maps"), self._counts)

    def sample(self) -> Iterator[Entity]:
        """Concepts of the first descriptions, with what these say of them: a preview, without dialects and parents."""
        at, found = self._concepts.at, dict[str, list[Term]]()
        main = next(file for file in self._layout.descriptions if file.content == "Description")
        for cells in islice(Rows(main).read(DESCRIPTION), _LOOKED_AT):
            owner = at.get(cells[4], -1)
            if cells[2] == "1" and owner >= 0 and self._kept[owner] and self._concepts.active[owner]:
                is_full = cells[6] == FULLY_SPECIFIED_NAME
                term = Term(cells[7], 0 if is_full else dialects.CHOSEN, is_full, False, cells[5].startswith("en"))
                found.setdefault(cells[4], []).append(term)
        full = (code for code, terms in found.items() if any(term.is_full_name for term in terms))
        for code in full:
            name = named(found[code])
            if name is not None and name.type not in NOT_FINDINGS:
                yield Entity(code, name.name, name.synonyms, type=name.type)

    def remarks(self) -> Iterator[str]:
        """What a person should know of the import, with numbers."""
        tag = DIALECTS.get(self._dialect, self._dialect)
        sentences = {
            "foreign": f"active concepts have no preferred term in {tag}; they are named as elsewhere",
            "nameless": "concepts have no active term; they are named by their code and never proposed",
            "strange descriptions": "descriptions of concepts that the release does not hold were left out",
            "strange relationships": "is-a relationships with concepts that the release does not hold were left out",
            "associations": "historical associations with concepts that the release does not hold were left out",
            "map rows": "map rows of concepts that the release does not hold were left out",
        }
        yield from (f"{self._counts[key]:,} {text}" for key, text in sentences.items() if self._counts[key])

    def _heard(self, stage: str) -> Heard:
        return lambda done, total: self._watch(stage, done, total)

    def _chosen_concepts(self) -> bytearray:
        """1 for each concept to keep: of the chosen modules, and active unless retired ones are wanted."""
        concepts = self._concepts
        wanted = {*self._options.modules, *self._options.vocabularies}
        unknown = sorted(wanted - set(concepts.modules))
        if unknown:
            known = ", ".join(module for module, _ in self._modules.most_common())
            raise NotFoundError(
                f"the release has no module {unknown[0]!r}", hint=f"one of {known}", file=str(self._path)
            )
        return bytearray(
            (not wanted or concepts.module(at) in wanted) and (active or self._options.inactive)
            for at, active in enumerate(concepts.active)
        )

    def _check_whole(self, parents: Parents) -> None:
        """An extension alone hangs in the air: most of its concepts are below concepts of another package."""
        if parents.strangers > parents.known:
            raise FileFormatError(
                "an extension without the edition that it extends: most parents are not in it",
                hint="put both packages into one folder and choose that",
                file=str(self._path),
            )

    def _named(self, terms: Terms, codes: frozenset[str]) -> dict[str, str]:
        at = self._concepts.at
        found = {code: named(list(terms.of(at[code]))) for code in codes if code in at}
        return {code: name.name for code, name in found.items() if name is not None}

    def _offered_dialects(self, names: dict[str, str]) -> Iterator[tuple[str, str]]:
        """The one that is read first, then by size; as (tag or id, title)."""
        for refset, _ in sorted(self._dialects.items(), key=lambda item: (item[0] != self._dialect, -item[1])):
            yield DIALECTS.get(refset, refset), names.get(refset, DIALECTS.get(refset, refset))

    def _warnings(self) -> Iterator[str]:
        full = sum(file.release == "Full" for file in self._layout.every())
        if full:
            yield f"{full} files hold all states since the first release; the newest of each component is read"
