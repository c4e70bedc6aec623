"""What a release says beside its concepts: what became of retired ones, and maps to other terminologies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Mapping
from itertools import groupby

from rpdr_core.knowledge_base.release import Association, MapTarget
from rpdr_core.knowledge_base.rf2.layout import Files
from rpdr_core.knowledge_base.rf2.members import members
from rpdr_core.knowledge_base.rf2.metadata import ASSOCIATIONS, LEGACY_MAPS, MAPS
from rpdr_core.knowledge_base.rf2.rows import ASSOCIATION, SIMPLE_MAP, Heard, Rows


def associations(files: Files, known: Container[str], heard: Heard, left_out: Counter[str]) -> Iterator[Association]:
    """Historical associations between concepts. Those of descriptions are passed over; `left_out` counts strangers."""
    for rows, cells in members(files, ASSOCIATION, frozenset(ASSOCIATIONS), heard):
        code, target = cells[5], cells[6]
        if code in known and target in known:
            yield Association(code, ASSOCIATIONS[cells[4]], target)
        elif _is_concept(code, rows) and _is_concept(target, rows):
            left_out["associations"] += 1


def maps(
    files: Files, known: Container[str], titles: Mapping[str, str], heard: Heard, left_out: Counter[str]
) -> Iterator[MapTarget]:
    """Rows of all maps but those to the identifiers of SNOMED CT's own predecessors."""
    for columns, group in groupby(sorted(files, key=lambda file: Rows(file).header()), lambda f: Rows(f).header()):
        for rows, cells in members(tuple(group), columns, None, heard):
            refset, code = cells[4], cells[5]
            if refset in LEGACY_MAPS:
                continue
            if code not in known:
                rows.sctid(code, "concept")
                left_out["map rows"] += 1
                continue
            to = MAPS.get(refset) or titles.get(refset) or refset
            if columns == SIMPLE_MAP:
                yield MapTarget(code, to, cells[6])
            else:
                group_, priority = _number(cells[6], rows), _number(cells[7], rows)
                yield MapTarget(code, to, cells[10], group_, priority, cells[8], cells[9])


def map_sets(files: Files) -> frozenset[str]:
    """Reference sets of maps that have no name of ours, by the first rows of each file."""
    found: set[str] = set()
    for file in files:
        rows = Rows(file)
        for at, cells in enumerate(rows.read(rows.header())):
            found.add(cells[4])
            if at > 20_000:
                break
    return frozenset(found - LEGACY_MAPS - frozenset(MAPS))


def _is_concept(code: str, rows: Rows) -> bool:
    """Whether a component is a concept rather than a description."""
    if code[-3:-1] in ("01", "11"):
        return False
    rows.sctid(code, "concept")
    return True


def _number(text: str, rows: Rows) -> int:
    if text.isascii() and text.isdigit() and len(text) < 7:
        return int(text)
    raise rows.place().error(f"{text[:24]!r} is no number")
