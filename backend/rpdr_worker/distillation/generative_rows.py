"""Training rows as a generative student is shown them: prompt, answer, and the order of labels to reach."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from rpdr_core.protocol.messages import TrainingRow
from rpdr_worker.distillation.generative_recipe import GenerativeRecipe
from rpdr_worker.ranking.generative_prompt import Question, written_labels, written_names
from rpdr_worker.ranking.generative_tokens import PromptCoder

UNJUDGED = -1


@dataclass(frozen=True, slots=True)
class Showing:
    """One list in one order. `answer`: token ids that are to be written, empty if only labels are trained.

    `order`: places of the labels, best first; the place `places` of the recipe is "none of these". `judged`: 1 exact,
    0 close, `UNJUDGED` where nothing is known.
    """

    prompt: tuple[int, ...]
    answer: tuple[int, ...]
    order: tuple[int, ...]
    judged: int
    weight: float

    @property
    def length(self) -> int:
        """Tokens that go through the model: the last token of the answer is read, never fed."""
        return len(self.prompt) + max(0, len(self.answer) - 1)


def target_order(row: TrainingRow) -> list[int]:
    """The row's order with what a person passed over behind all others but the first."""
    first, *rest = row.order
    rejected = set(row.rejected)
    return [first, *(p for p in rest if p not in rejected), *(p for p in rest if p in rejected)]


def shown_places(row: TrainingRow, places: int) -> list[int]:
    """Candidates that fit the prompt, in the retriever's order; the right one is always among them."""
    shown = list(range(min(len(row.candidates), places)))
    if row.verdict != "none" and row.order[0] not in shown:
        shown[-1] = row.order[0]
    return shown


def question_of(row: TrainingRow, shown: Sequence[int]) -> Question:
    return Question(row.mention, row.context, tuple(row.candidates[place] for place in shown))


class Shower:
    """Makes the showings of an epoch; the same ones for the same seed, epoch and rows."""

    def __init__(self, recipe: GenerativeRecipe, coder: PromptCoder, *, seed: int, judged: bool) -> None:
        self._recipe, self._coder, self._seed, self._judged = recipe, coder, seed, judged
        self._room = _room(recipe)

    def epoch(self, rows: Sequence[TrainingRow], epoch: int) -> list[Showing]:
        """Every row in the retriever's order, if the recipe shows it, and shuffled as often as it says."""
        training = self._recipe.training
        pairs: list[tuple[TrainingRow, list[int]]] = []
        for number, row in enumerate(rows):
            shown = shown_places(row, self._recipe.prompt.places)
            if training.retriever_order:
                pairs.append((row, shown))
            for copy in range(training.shuffles):
                draw = random.Random(f"{self._seed}:{epoch}:{number}:{copy}")  # noqa: S311 - shuffles, guards nothing
                pairs.append((row, draw.sample(shown, len(shown))))
        return self._showings(pairs)

    def _showings(self, pairs: Sequence[tuple[TrainingRow, list[int]]]) -> list[Showing]:
        prompts = self._coder.prompts([question_of(row, shown) for row, shown in pairs], room=self._room)
        orders = [_order(row, shown) for row, shown in pairs]
        answers: list[list[int]] = [[] for _ in pairs]
        if self._recipe.loss.written > 0:
            texts = [self._text(row, shown, order) for (row, shown), order in zip(pairs, orders, strict=True)]
            answers = self._coder.answers(prompts, texts)
        return [
            Showing(tuple(prompt), tuple(answer), self._labels(row, order), self._judgement(row), row.weight)
            for (row, _), prompt, answer, order in zip(pairs, prompts, answers, orders, strict=True)
        ]

    def _text(self, row: TrainingRow, shown: Sequence[int], order: Sequence[int]) -> str:
        verdict = row.verdict if self._judged else ""
        if self._recipe.answer.form == "labels":
            return written_labels(self._coder.template, order, verdict)
        names = [row.candidates[shown[place]].name for place in order]
        return written_names(self._coder.template, names, verdict)

    def _labels(self, row: TrainingRow, order: Sequence[int]) -> tuple[int, ...]:
        """With "none of these" last, or first if that is right; without it where the row says nothing of it."""
        none = self._recipe.prompt.places
        if not self._judged or not row.verdict:
            return tuple(order)
        return (none, *order) if row.verdict == "none" else (*order, none)

    def _judgement(self, row: TrainingRow) -> int:
        return {"exact": 1, "close": 0}.get(row.verdict, UNJUDGED) if self._judged else UNJUDGED


def _order(row: TrainingRow, shown: Sequence[int]) -> list[int]:
    """The target order as places of the list shown."""
    at = {candidate: place for place, candidate in enumerate(shown)}
    return [at[candidate] for candidate in target_order(row) if candidate in at]


def _room(recipe: GenerativeRecipe) -> int:
    """Tokens of the cutoff kept free for the answer: a written order of labels must not be cut."""
    if recipe.loss.written == 0:
        return 0
    return 2 * recipe.prompt.places + 8 if recipe.answer.form == "labels" else recipe.prompt.cutoff // 4
