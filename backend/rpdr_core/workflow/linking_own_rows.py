"""Rows of a file that were reviewed themselves: the ranker that links the file knows them by heart, while the reviewed
mentions were looked at by one that did not. Compared with those, a file that was reviewed in part would look unlike
its own sample.
"""

from __future__ import annotations

from collections import Counter

from rpdr_core.folding import fold
from rpdr_core.records import NewMention
from rpdr_core.workflow.linking_drift import Tally, Trait
from rpdr_core.workflow.linking_learned import Judged

FROM_THE_FILE = 0.95
"""With this share of the remembered mentions in it, row for row, a file is what they were drawn from."""


class OwnRows:
    """Gathers, while a file is counted, as many rows of each remembered wording as were reviewed."""

    def __init__(self, judged: Judged) -> None:
        self._left = Counter(fold(term.term) for term in judged.learned)
        self._all = self._left.total()
        self._alone = frozenset(judged.alone)
        self._seen = 0
        self._rows: list[tuple[Trait, int]] = []

    def see(self, mention: NewMention, trait: Trait, rows: int) -> None:
        """`rows` of the file are this mention."""
        text = fold(mention.text)
        times = min(rows, self._left.get(text, 0))
        if times:
            self._left[text] -= times
            self._seen += times
            if text in self._alone:
                self._rows.append((trait, times))

    def leave_out_of(self, file: Tally) -> None:
        """Take them out of the file's traits. Wordings of more than one block stay: another block had taught them when
        they were looked at, as the file's rows are.
        """
        if self._seen >= FROM_THE_FILE * self._all:
            for trait, times in self._rows:
                file.add(trait, -times)
