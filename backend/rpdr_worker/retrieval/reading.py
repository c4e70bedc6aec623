"""What an encoder reads of a mention: its text, or its text and what stands around it.

Both go in as a pair, the mention first: what is beyond an encoder's length is cut from the surroundings. The vector is
pooled over the mention's tokens alone, which have read the surroundings (an encoder that pools its first token goes on
doing so). An encoder that never saw contexts reads none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from rpdr_worker.retrieval.text import has_cjk

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

    from rpdr_worker.retrieval.encoder_folder import EncoderFolder

# A Chinese sign is a token or two, a Latin letter a quarter of one.
_SIGN = 3


class InContext(NamedTuple):
    """A mention and the part of its context that is read with it."""

    mention: str
    around: str


Readable = str | InContext


class Tokens(NamedTuple):
    """Ids of the vocabulary; the first `own` of them make the vector."""

    ids: list[int]
    own: int


@dataclass(frozen=True, slots=True)
class ContextReading:
    """How much of a context is read: `characters`, 0 for nothing. `chinese`: whether the encoder reads it."""

    characters: int = 0
    chinese: bool = False

    def around(self, text: str, context: str) -> str:
        """What stands around a mention; empty where its context does not hold it or holds nothing else."""
        if not self.characters or not context:
            return ""
        chinese = has_cjk(context)
        found = _place(text, context)
        if found is None or (chinese and not self.chinese):
            return ""
        window = _window(context, found.span(), self.characters // (_SIGN if chinese else 1))
        return "" if window.casefold() == " ".join(text.split()).casefold() else window

    def read(self, text: str, context: str) -> Readable:
        """The mention, with what stands around it where that is read."""
        around = self.around(text, context)
        return InContext(text, around) if around else text


ALONE = ContextReading()
"""Mentions without their contexts."""


def mention_of(text: Readable) -> str:
    return text.mention if isinstance(text, InContext) else text


def tokens_of(tokenizer: Tokenizer, texts: Sequence[Readable], longest: int) -> list[Tokens]:
    """`tokenizer` cuts at `longest`. A mention's own tokens are those that it has alone, whatever stands around it."""
    found = [Tokens(one.ids, len(one.ids)) for one in tokenizer.encode_batch([mention_of(text) for text in texts])]
    within = [(at, text.around) for at, text in enumerate(texts) if isinstance(text, InContext)]
    if within:
        around = tokenizer.encode_batch([around for _, around in within])
        for (at, _), encoding in zip(within, around, strict=True):
            found[at] = _joined(found[at].ids, encoding, longest)
    return found


def tokenizer_of(folder: EncoderFolder) -> Tokenizer:
    """Without padding, cutting at the folder's length."""
    from tokenizers import Tokenizer
    from tokenizers.implementations.bert_wordpiece import BertWordPieceTokenizer

    path = folder.path / "tokenizer.json"
    if path.is_file():
        tokenizer = Tokenizer.from_file(str(path))
    else:
        made = BertWordPieceTokenizer(str(folder.path / "vocab.txt"), lowercase=folder.lower_case)
        tokenizer = made._tokenizer
    tokenizer.no_padding()
    tokenizer.enable_truncation(folder.max_length)
    return tokenizer


def reads_chinese(tokenizer: Tokenizer) -> bool:
    """Judged by the vocabulary: an English encoder gives Chinese strings near-equal vectors."""
    vocabulary = tokenizer.get_vocab()
    chinese = sum(1 for token in vocabulary if has_cjk(token))
    return chinese > len(vocabulary) // 5 or len(vocabulary) > 100_000


def _joined(own: list[int], around: Encoding, longest: int) -> Tokens:
    """`[CLS] mention [SEP]`, then `surroundings [SEP]` as far as there is room for one token of them and the end."""
    opening = int(bool(around.ids) and around.special_tokens_mask[0])
    rest = around.ids[opening:]
    room = longest - len(own)
    if room < 2 or len(rest) < 2:
        return Tokens(own, len(own))
    return Tokens(own + (rest if len(rest) <= room else [*rest[: room - 1], rest[-1]]), len(own))


def _place(text: str, context: str) -> re.Match[str] | None:
    """Where the mention stands in its context, as words of its own."""
    words = r"\s+".join(re.escape(word) for word in text.split())
    return re.search(rf"(?<![a-z0-9]){words}(?![a-z0-9])", context, re.IGNORECASE) if words else None


def _window(context: str, span: tuple[int, int], size: int) -> str:
    """So many characters of the context around the mention, without the halves of words at its ends."""
    begin, end = span
    start = max(0, min((begin + end - size) // 2, len(context) - size, begin))
    stop = max(start + size, end)
    before, after = context[start:begin], context[end:stop]
    if start and " " in before:
        before = before.partition(" ")[2]
    if stop < len(context) and " " in after:
        after = after.rpartition(" ")[0]
    return " ".join(f"{before}{context[begin:end]}{after}".split())
