"""Prompts and answers as token ids, and the ids of the labels at the place where the answer begins.

A label counts only if the tokenizer makes exactly one token of it *there* and leaves the prompt's tokens as they are:
checked once per tokenizer and template, because the end of every prompt is the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rpdr_core.errors import NotAllowedError
from rpdr_core.records import Candidate
from rpdr_worker.ranking.generative_prompt import (
    CLOSE,
    EXACT,
    LABELS,
    NONE,
    SQUEEZES,
    Question,
    render,
)
from rpdr_worker.ranking.generative_template import StudentTemplate

_MARK = "\u2042RPDR\u2042"
_PROBE = Question("pain", "", (Candidate("", "Pain"), Candidate("", "Ache")))
_OTHER = Question("xanthoma", "", (Candidate("", "Other"),))


@dataclass(frozen=True, slots=True)
class LabelTokens:
    """Token ids: `labels` of A to Y, `none` of Z, and the pair that tells an exact from a close match."""

    labels: tuple[int, ...]
    none: int
    exact: int
    close: int

    def columns(self, size: int) -> list[int]:
        """Ids of the first `size` labels, then none, exact, close."""
        return [*self.labels[:size], self.none, self.exact, self.close]


class PromptCoder:
    """Renders and encodes. `chat`: in the tokenizer's chat template, where it has one. `with_none`: offers Z."""

    def __init__(
        self, tokenizer: Any, template: StudentTemplate, *, chat: bool, cutoff: int, with_none: bool = True
    ) -> None:
        self.template = template
        self._tokenizer = tokenizer
        self._cutoff = cutoff
        self._with_none = with_none
        self._specials = sorted(
            {str(token) for token in tokenizer.all_special_tokens}
            | {token.content for token in tokenizer.added_tokens_decoder.values()},
            key=lambda token: (-len(token), token),
        )
        self.chat = chat and bool(tokenizer.chat_template)
        self._before, self._after = self._frame()
        self._glue = self._first_glue()
        self.pad = _pad(tokenizer)
        self.end: int | None = tokenizer.eos_token_id
        self.prefix = self._prefix()

    def prompts(self, questions: Sequence[Question], *, room: int = 0) -> list[list[int]]:
        """Token ids of the prompts. One that exceeds the cutoff less `room` loses context, synonyms, ends of names."""
        texts = [self._text(question) for question in questions]
        found = self._encode(texts)
        for place, question in enumerate(questions):
            for squeeze in range(1, SQUEEZES):
                if len(found[place]) + room <= self._cutoff:
                    break
                found[place] = self._encode([self._text(question, squeeze)])[0]
        return found

    def answers(self, prompts: Sequence[Sequence[int]], texts: Sequence[str]) -> list[list[int]]:
        """Token ids that follow each prompt when `texts` are answered, the end token included, cut at the cutoff."""
        end = [] if self.end is None else [self.end]
        tail = self._encode([self._text(_PROBE)])[0]
        written = self._encode([f"{self._text(_PROBE)}{self._glue}{text}" for text in texts])
        answers = []
        for prompt, ids in zip(prompts, written, strict=True):
            left = max(1, self._cutoff - len(prompt))
            answers.append([*ids[_common(tail, ids, len(tail)) :], *end][:left])
        return answers

    def text_of(self, ids: Sequence[int]) -> str:
        """What the model wrote, without special tokens."""
        return str(self._tokenizer.decode(list(ids), skip_special_tokens=True)).strip()

    def label_tokens(self) -> LabelTokens:
        """Ids of all letters. Refuses a tokenizer that needs more than one token for any of them."""
        found = self._letters(self._glue)
        if found is None:
            raise NotAllowedError(
                "the model's tokenizer does not make one token of each label",
                hint="use another base model, or another `ask` in the prompt template",
            )
        return found

    def _first_glue(self) -> str:
        """What stands between prompt and answer: nothing or a space, whichever keeps each label one token."""
        order = ("", " ") if self.chat else (" ", "")
        return next((glue for glue in order if self._letters(glue) is not None), order[0])

    def _letters(self, glue: str) -> LabelTokens | None:
        prompt = self._text(_PROBE)
        letters = [*LABELS, NONE, EXACT, CLOSE]
        bare, *found = self._encode([prompt, *(f"{prompt}{glue}{letter}" for letter in letters)])
        ids = [encoded[-1] for encoded in found if encoded[:-1] == bare]
        if len(ids) < len(letters) or len(set(ids)) < len(ids) or self._tokenizer.unk_token_id in ids:
            return None
        return LabelTokens(tuple(ids[: len(LABELS)]), *ids[len(LABELS) :])

    def _prefix(self) -> list[int]:
        """The tokens that all prompts begin with."""
        one, other = self._encode([self._text(_PROBE), self._text(_OTHER)])
        # The last common token may hang together with what follows it in other prompts.
        return one[: max(0, _common(one, other, min(len(one), len(other))) - 1)]

    def _text(self, question: Question, squeeze: int = 0) -> str:
        text = render(self.template, question, with_none=self._with_none, specials=self._specials, squeeze=squeeze)
        return f"{self._before}{text}{self._after}"

    def _frame(self) -> tuple[str, str]:
        """What stands before and after instruction and question."""
        if not self.chat:
            return "", f"\n{self.template.ask}"
        messages = [{"role": "user", "content": _MARK}]
        rendered = self._tokenizer.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=True, enable_thinking=False
        )
        before, mark, after = str(rendered).partition(_MARK)
        if not mark:
            raise NotAllowedError(
                "the tokenizer's chat template does not show the question", hint="set chat = false in the recipe"
            )
        return before, after

    def _encode(self, texts: Sequence[str]) -> list[list[int]]:
        """The chat template writes the first special tokens itself; plain text gets the tokenizer's own."""
        found = self._tokenizer(list(texts), add_special_tokens=not self.chat)["input_ids"]
        end = self._tokenizer.eos_token_id
        if not self.chat and end is not None and found and all(ids and ids[-1] == end for ids in found):
            return [list(ids[:-1]) for ids in found]
        return [list(ids) for ids in found]


def _common(one: Sequence[int], other: Sequence[int], most: int) -> int:
    for place in range(most):
        if place >= len(other) or one[place] != other[place]:
            return place
    return most


def _pad(tokenizer: Any) -> int:
    """Padding is masked, so any token will do where the tokenizer has none for it."""
    for found in (tokenizer.pad_token_id, tokenizer.eos_token_id, tokenizer.unk_token_id):
        if found is not None:
            return int(found)
    return 0
