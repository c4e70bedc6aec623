"""What a ranker learned from the reviewed mentions before it is judged by them: whoever knows them by heart promises
nothing. A student's and an encoder's folder say which texts they were trained on (`rpdr_core.training_texts`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from rpdr_core.errors import NotAllowedError
from rpdr_core.records import NewMention
from rpdr_core.training_texts import read_training_texts

Taught = Literal["student", "encoder"]


def refuse_learned(sample: Sequence[NewMention], *, student: str, encoder: str) -> tuple[Taught, ...]:
    """`student`, `encoder`: folders, empty for none and for the bundled encoder. Returns those that do not say what
    they were trained on; raises `NotAllowedError` where one was trained on any of these texts.
    """
    if not sample:
        return ()
    silent: list[Taught] = []
    if student:
        texts = read_training_texts(Path(student))
        if learned := sum(mention.text in texts for mention in sample):
            raise NotAllowedError(
                f"the student has learned from {learned:,} of the reviewed mentions",
                hint="link with the retriever, or review other mentions",
            )
        if not texts.known:
            silent.append("student")
    if encoder:
        texts = read_training_texts(Path(encoder))
        if learned := sum(mention.text in texts for mention in sample):
            raise NotAllowedError(
                f"the encoder has learned from {learned:,} of the reviewed mentions",
                hint="link with the bundled encoder, or review other mentions",
            )
        if not texts.known:
            silent.append("encoder")
    return tuple(silent)
