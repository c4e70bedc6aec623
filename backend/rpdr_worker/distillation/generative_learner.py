"""A generative student while it learns: one optimizer step, its scores, its weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import torch
from torch import Tensor

from rpdr_core.protocol.messages import TrainingRow
from rpdr_worker.distillation.generative_calibration import (
    NONE_IS_RIGHT,
    Calibration,
    Judged,
    accuracy,
    calibrate,
    likelihood,
)
from rpdr_worker.distillation.generative_model import adapted, pass_loss, trained_parameters
from rpdr_worker.distillation.generative_processes import Processes
from rpdr_worker.distillation.generative_recipe import GenerativeRecipe
from rpdr_worker.distillation.generative_rows import Shower, Showing, question_of
from rpdr_worker.distillation.memory import in_fitting_pieces
from rpdr_worker.distillation.schedule import learning_rate_factor
from rpdr_worker.ranking.generative_answers import parse_names
from rpdr_worker.ranking.generative_base import BaseFolder, load_base
from rpdr_worker.ranking.generative_forward import LabelScorer, token_batches
from rpdr_worker.ranking.generative_prompt import Question
from rpdr_worker.ranking.generative_scores import ListScores
from rpdr_worker.ranking.generative_template import load_student_template
from rpdr_worker.ranking.generative_tokens import PromptCoder
from rpdr_worker.ranking.generative_writing import write_answers
from rpdr_worker.ranking.student_texts import prior_scores, usual_gaps

# Tokens of the first name that a validation answer may have; what follows it does not count for acc@1.
_FIRST_NAME = 40
# Larger passes gain nothing on a processor, and between two passes a stop is heard.
_TOKENS_ON_CPU = 2048


class GenerativeLearner:
    """Model, prompts and optimizer. `judged`: some training row says exact, close or none."""

    def __init__(
        self,
        recipe: GenerativeRecipe,
        base: BaseFolder,
        train: Sequence[TrainingRow],
        validation: Sequence[TrainingRow],
        seed: int,
        processes: Processes,
    ) -> None:
        self._recipe, self._processes = recipe, processes
        self._train, self._validation = train, validation
        self._gaps = usual_gaps([row.candidates for row in train])
        labels = recipe.answer.form == "labels"
        self.judged = labels and any(row.verdict for row in train)
        self.template = load_student_template(recipe.prompt.template)
        loaded = load_base(base, precision=recipe.base.precision, quantization=recipe.base.quantization)
        self._takes_positions = loaded.takes_positions
        prompt = recipe.prompt
        self._coder = PromptCoder(
            loaded.tokenizer, self.template, chat=prompt.chat, cutoff=prompt.cutoff, with_none=labels
        )
        self._columns = self._coder.label_tokens().columns(prompt.places) if labels else []
        self._shower = Shower(recipe, self._coder, seed=seed, judged=self.judged)
        self.bare = adapted(loaded.model, recipe)

    def prepare(self, steps: int) -> None:
        """Optimizer and schedule for so many steps."""
        training = self._recipe.training
        optimizer = torch.optim.AdamW(
            list(self.trained().values()),
            lr=training.learning_rate,
            weight_decay=training.weight_decay,
            fused=torch.cuda.is_available(),
        )
        factor = learning_rate_factor(steps, training.warm_up)
        self.scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
        self._model, self.optimizer = self._processes.accelerator.prepare(self.bare, optimizer)

    def trained(self) -> dict[str, Any]:
        return trained_parameters(self.bare)

    def restore(self, weights: Mapping[str, Tensor]) -> None:
        with torch.no_grad():
            for name, value in self.trained().items():
                value.copy_(weights[name])

    def showings(self, epoch: int) -> list[Showing]:
        return self._shower.epoch(self._train, epoch)

    def step(self, showings: Sequence[Showing], most: int) -> tuple[float, int]:
        """One optimizer step, at most `most` showings a pass. Returns the batch's loss and what fitted the memory.

        May be called again after it failed: gradients and random state are those of its beginning.
        """
        total = sum(showing.weight for showing in showings)
        mine = list(showings[self._processes.place :: self._processes.count])
        share = 1.0
        if not mine:
            # Every process takes part in the exchange of gradients, also one without a list of its own.
            mine, share = [showings[0]], 0.0
        state = torch.random.get_rng_state()
        largest = max(len(batch) for batch in self._passes(mine, most))

        def work(size: int) -> float:
            torch.random.set_rng_state(state)
            self.optimizer.zero_grad()
            return self._gradients(mine, size, share / total)

        if self._processes.count > 1:
            # Another process cannot know that this one must start again.
            loss, fitting = work(largest), largest
        else:
            loss, fitting = in_fitting_pieces(work, largest, batch=len(mine), say=self._processes.say)
        torch.nn.utils.clip_grad_norm_(list(self.trained().values()), self._recipe.training.clip)
        self.optimizer.step()
        self.scheduler.step()
        return self._processes.summed(loss), most if fitting == largest else fitting

    def _passes(self, showings: Sequence[Showing], most: int) -> list[list[int]]:
        tokens = self._recipe.training.tokens
        if not torch.cuda.is_available():
            tokens = min(tokens, _TOKENS_ON_CPU)
        return list(token_batches([showing.length for showing in showings], tokens, most=most))

    def _gradients(self, showings: Sequence[Showing], most: int, scale: float) -> float:
        """Backward passes over this process's showings. Returns the sum of their losses x `scale`."""
        self._model.train()
        processes, passes = self._processes, self._passes(showings, most)
        loss = 0.0
        for number, places in enumerate(passes, 1):
            self._check()
            with nullcontext() if number == len(passes) else processes.accelerator.no_sync(self._model):
                piece = pass_loss(
                    self._model,
                    [showings[place] for place in places],
                    self._columns,
                    self._recipe.loss,
                    pad=self._coder.pad,
                    takes_positions=self._takes_positions,
                )
                # The exchange takes the mean over the processes; the sum is wanted.
                processes.accelerator.backward(piece * scale * processes.count)
                loss += float(piece.detach()) * scale
        return loss

    def score(self) -> tuple[float, float]:
        """Accuracy of the first place on the validation rows, then the right label's mean log share."""
        if not self._validation:
            return (0.0, 0.0)
        if self._recipe.answer.form == "names":
            return (self._written_accuracy(), 0.0)
        rows = self._judged_rows()
        return (accuracy(rows, 0.0), likelihood(rows))

    def calibrated(self) -> tuple[Calibration, float, float]:
        """The calibration, and accuracy on the validation rows with it and in the retriever's order."""
        places = self._recipe.prompt.places
        named = [row for row in self._validation if row.verdict != "none"]
        before = sum(row.order[0] == 0 for row in named) / len(named) if named else 0.0
        if not self._validation:
            return Calibration(0.0, 1.0, 0.0), 0.0, 0.0
        if self._recipe.answer.form == "names":
            return Calibration(0.0, 1.0, 0.0), self._written_accuracy(), before
        rows = self._judged_rows()
        found = calibrate(rows)
        # A right candidate beyond the places shown cannot come first.
        shown = sum(row.order[0] < places for row in named) / len(named) if named else 0.0
        return found, accuracy(rows, found.prior) * shown, before

    def _judged_rows(self) -> list[Judged]:
        """Validation rows whose right candidate is shown, or that say that none is right."""
        places = self._recipe.prompt.places
        rows = [row for row in self._validation if (self.judged if row.verdict == "none" else row.order[0] < places)]
        questions = [question_of(row, range(min(places, len(row.candidates)))) for row in rows]
        self.bare.eval()
        scorer = LabelScorer(
            self.bare,
            self._columns,
            pad=self._coder.pad,
            takes_positions=self._takes_positions,
            prefix=self._coder.prefix,
        )
        read = scorer.scores(self._coder.prompts(questions), self._check).tolist()
        return [
            Judged(
                ListScores.of(logits, len(question.candidates), with_none=self.judged),
                tuple(prior_scores(question.candidates, self._gaps)),
                NONE_IS_RIGHT if row.verdict == "none" else row.order[0],
                {"exact": True, "close": False}.get(row.verdict),
            )
            for row, question, logits in zip(rows, questions, read, strict=True)
        ]

    def _written_accuracy(self) -> float:
        """Share of validation rows whose first written name is the right one's; greedy, the first name alone."""
        rows = [row for row in self._validation if row.verdict != "none"]
        places = self._recipe.prompt.places
        questions: list[Question] = [question_of(row, range(min(places, len(row.candidates)))) for row in rows]
        self.bare.eval()
        written = write_answers(
            self.bare,
            self._coder.prompts(questions),
            pad=self._coder.pad,
            end=self._coder.end,
            beams=1,
            new_tokens=_FIRST_NAME,
            check=self._check,
        )
        right = 0
        for row, question, ids in zip(rows, questions, written, strict=True):
            line = self._coder.text_of(ids).partition("\n")[0]
            found = parse_names(line, [candidate.name for candidate in question.candidates], self.template)
            right += found.state != "unparsable" and found.order[0] == row.order[0]
        return right / len(rows) if rows else 0.0

    def _check(self) -> None:
        """Between the steps all processes hear of a stop together; within a step only a process alone does."""
        if self._processes.count == 1:
            self._processes.check()
