"""The four relations and the sentences that they are stored as."""

from __future__ import annotations

from typing import get_args

import pytest

from rpdr_core.errors import UserInputError
from rpdr_core.records import Relation
from rpdr_core.relations import SENTENCES, relation_of, sentence_of


def test_each_relation_has_a_sentence_of_its_own_that_says_the_direction() -> None:
    assert set(SENTENCES) == set(get_args(Relation))
    assert [relation_of(sentence_of(relation)) for relation in SENTENCES] == list(SENTENCES)
    assert len(set(SENTENCES.values())) == len(SENTENCES)
    assert all(sentence.startswith("the target ") for sentence in SENTENCES.values())


@pytest.mark.parametrize("sentence", ["", "broader", "The target means the same as the source"])
def test_another_sentence_is_refused_with_those_that_are_known(sentence: str) -> None:
    with pytest.raises(UserInputError, match="no relation is called") as raised:
        relation_of(sentence)
    assert "broader than the source" in raised.value.hint
