"""Which terms are preferred where: the language reference sets.

Release File Specification, "Language Reference Set": a description is preferred or acceptable in a dialect; one that
a dialect's set does not list is not acceptable there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from rpdr_core.errors import NotFoundError
from rpdr_core.knowledge_base.rf2.members import members
from rpdr_core.knowledge_base.rf2.metadata import ACCEPTABLE, AMERICAN, BRITISH, DIALECTS, PREFERRED
from rpdr_core.knowledge_base.rf2.naming import ReleaseFile
from rpdr_core.knowledge_base.rf2.rows import LANGUAGE, Heard, Rows
from rpdr_core.knowledge_base.rf2.sctid import LONGEST

CHOSEN, ALLOWED, AMERICAN_TOO, ELSEWHERE = 1, 2, 4, 8
"""Bits: preferred in the chosen dialect, acceptable there, preferred in American English, preferred in another one."""

WORDS_CAP = 8_000_000
"""Descriptions whose words are kept at once: five times the International Edition's."""

_LOOKED_AT = 20_000


def offered(files: Sequence[ReleaseFile]) -> Counter[str]:
    """Dialects by the number of their rows among the first of each file (their members come mixed)."""
    found: Counter[str] = Counter()
    for file in files:
        for cells in islice(Rows(file).read(LANGUAGE), _LOOKED_AT):
            found[cells[4]] += 1
    return found


def usual(counts: Counter[str]) -> str:
    """The dialect that most of a release is in: an extension's own before the International Edition's."""
    most = max(counts.values(), default=0)
    common = [refset for refset, count in counts.items() if 2 * count >= most]
    own = [refset for refset in common if refset not in (AMERICAN, BRITISH)]
    if own:
        return max(own, key=lambda refset: counts[refset])
    return next((refset for refset in (AMERICAN, BRITISH) if refset in common), "")


def asked_for(dialect: str, counts: Counter[str], path: Path) -> str:
    """The reference set that a tag (`en-GB`) or id names; the usual one for an empty string."""
    if not dialect:
        return usual(counts)
    wanted = dialect.lower()
    found = next((refset for refset in counts if wanted in (refset, DIALECTS.get(refset, "").lower())), None)
    if found is None:
        known = ", ".join(DIALECTS.get(refset, refset) for refset in counts)
        raise NotFoundError(f"the release has no dialect {dialect[:40]!r}", hint=f"one of {known}", file=str(path))
    return found


def acceptability(files: Sequence[ReleaseFile], chosen: str, heard: Heard) -> dict[int, int]:
    """Bits by description id, of all descriptions that some dialect has a word on that counts here."""
    bits = {
        (chosen, PREFERRED): CHOSEN,
        (chosen, ACCEPTABLE): ALLOWED,
        (AMERICAN, PREFERRED): AMERICAN_TOO | (CHOSEN if chosen == AMERICAN else 0),
    }
    found: dict[int, int] = {}
    for rows, cells in members(files, LANGUAGE, None, heard):
        refset, component, word = cells[4], cells[5], cells[6]
        if word not in (PREFERRED, ACCEPTABLE):
            raise rows.place().error(f"{word[:24]!r} is neither preferred ({PREFERRED}) nor acceptable ({ACCEPTABLE})")
        bit = bits.get((refset, word), ELSEWHERE if word == PREFERRED else 0)
        if bit:
            # The identifier itself is checked where the description is read.
            plain = component.isascii() and component.isdigit() and len(component) <= LONGEST
            number = int(component) if plain else rows.sctid(component, "description")
            found[number] = found.get(number, 0) | bit
            if len(found) > WORDS_CAP:
                raise rows.place().error(f"a word on more than {WORDS_CAP:,} descriptions", "no edition has so many")
    return found
