"""A causal language model with an adapter ranks candidates, offline.

`logits`: one forward pass, the shares of the labels at the last position, fused with the retriever's score where that
was found to help. `generate`: the answer is written out, as in the paper, and repaired into a whole order.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rpdr_core import __version__
from rpdr_core.errors import NotAllowedError
from rpdr_core.protocol.messages import RankItem
from rpdr_core.records import Candidate, Provenance, Ranking, Verdict
from rpdr_worker.ranking.adapter import PROMPT, AdapterManifest, GenerativeUse
from rpdr_worker.ranking.generative_answers import WrittenAnswer, parse_labels, parse_names
from rpdr_worker.ranking.generative_base import load_base, open_base_folder
from rpdr_worker.ranking.generative_forward import LabelScorer
from rpdr_worker.ranking.generative_prompt import Question
from rpdr_worker.ranking.generative_scores import (
    ListScores,
    averaged,
    confidence_of,
    fused,
    verdict_of,
)
from rpdr_worker.ranking.generative_template import StudentTemplate, load_student_template
from rpdr_worker.ranking.generative_tokens import PromptCoder
from rpdr_worker.ranking.generative_writing import write_answers
from rpdr_worker.ranking.student_memory import NOTHING, Remembered
from rpdr_worker.ranking.student_texts import prior_scores
from rpdr_worker.retrieval.torch_runtime import LOADING

Check = Callable[[], None]


class GenerativeStudent:
    """A loaded adapter, merged into its base. May be used from several threads. `mode` overrides the recipe's.

    `counts`: how many answers in `generate` mode were `ok`, `repaired` or `unparsable` since it was loaded.
    """

    chunk = 256

    def __init__(self, folder: Path, manifest: AdapterManifest, *, mode: str = "") -> None:
        use = manifest.generative
        assert use is not None
        base = open_base_folder(use.base)
        if base.fingerprint != manifest.base:
            raise NotAllowedError(
                f"the adapter was trained on another model ({manifest.info.base_model})",
                hint="use that model, or train again",
                file=manifest.info.folder,
            )
        self._manifest, self._use = manifest, use
        self._mode = mode or use.mode
        if self._mode == "logits" and use.form == "names":
            raise NotAllowedError("this student writes names and has no labels to read", hint="use the generate mode")
        loaded = load_base(base, precision=use.precision)
        self._template = load_student_template(str(folder / PROMPT))
        self._coder = coder_of(loaded.tokenizer, self._template, use)
        self._model = merged(loaded.model, folder)
        self.counts: Counter[str] = Counter()
        if self._mode == "logits":
            columns = self._coder.label_tokens().columns(use.places)
            self._scorer = LabelScorer(
                self._model,
                columns,
                pad=self._coder.pad,
                takes_positions=loaded.takes_positions,
                prefix=self._coder.prefix,
            )

    def rank(
        self,
        items: Sequence[RankItem],
        knowledge_base: str,
        check: Check,
        remembered: Remembered = NOTHING,  # noqa: ARG002
    ) -> list[Ranking]:
        """Rankings of the items, in order. An item without candidates gets an empty ranking.

        What is `remembered` is not read: it was in no prompt that this student learned from.
        """
        filled = [item for item in items if item.candidates]
        rank = self._by_logits if self._mode == "logits" else self._by_writing
        found = iter(rank(filled, knowledge_base, check) if filled else ())
        return [next(found) if item.candidates else self._ranking(item, (), knowledge_base) for item in items]

    def _by_logits(self, items: Sequence[RankItem], knowledge_base: str, check: Check) -> list[Ranking]:
        use, manifest = self._use, self._manifest
        questions = [self._question(item) for item in items]
        read = self._read(questions, check)
        if use.reversed:
            backwards = [Question(q.mention, q.context, q.candidates[::-1]) for q in questions]
            read = [averaged(*pair) for pair in zip(read, self._read(backwards, check), strict=True)]
        rankings = []
        for item, question, scores in zip(items, questions, read, strict=True):
            values = fused(scores, prior_scores(question.candidates, manifest.rank_gaps), use.prior)
            ranked = ranked_candidates(item.candidates, values)
            known = len(values) > 1 or use.verdicts
            sure = round(confidence_of(values, scores.none, manifest.temperature), 4) if known else None
            verdict: Verdict = verdict_of(scores, use.exact_above) if use.verdicts else ""
            rankings.append(self._ranking(item, ranked, knowledge_base, verdict, sure))
        return rankings

    def _read(self, questions: Sequence[Question], check: Check) -> list[ListScores]:
        rows = self._scorer.scores(self._coder.prompts(questions), check).tolist()
        return [
            ListScores.of(row, len(question.candidates), with_none=self._use.verdicts)
            for row, question in zip(rows, questions, strict=True)
        ]

    def _by_writing(self, items: Sequence[RankItem], knowledge_base: str, check: Check) -> list[Ranking]:
        """Orders as written. They come without scores or confidence; an unparsable one keeps the order shown."""
        questions = [self._question(item) for item in items]
        use, coder = self._use, self._coder
        written = write_answers(
            self._model,
            coder.prompts(questions),
            pad=coder.pad,
            end=coder.end,
            beams=use.beams,
            new_tokens=use.new_tokens,
            check=check,
        )
        rankings = []
        for item, question, ids in zip(items, questions, written, strict=True):
            answer = self._parsed(coder.text_of(ids), question)
            self.counts[answer.state] += 1
            values = [-float(answer.order.index(place)) for place in range(len(question.candidates))]
            ranked = ranked_candidates(item.candidates, values)
            note = f" answer={answer.state}"
            rankings.append(self._ranking(item, ranked, knowledge_base, answer.verdict, None, note))
        return rankings

    def _parsed(self, text: str, question: Question) -> WrittenAnswer:
        if self._use.form == "names":
            return parse_names(text, [candidate.name for candidate in question.candidates], self._template)
        return parse_labels(text, len(question.candidates), self._template)

    def _question(self, item: RankItem) -> Question:
        return Question(item.mention.text, item.mention.context, item.candidates[: self._use.places])

    def _ranking(
        self,
        item: RankItem,
        ranked: Sequence[Candidate],
        knowledge_base: str,
        verdict: Verdict = "",
        sure: float | None = None,
        note: str = "",
    ) -> Ranking:
        info = self._manifest.info
        ranker = f"student:{info.id}"
        provenance = Provenance(
            ranker,
            info.base_model,
            knowledge_base,
            f"recipe={info.recipe} mode={self._mode}{note}",
            prompt=self._template.sha256,
            worker=__version__,
        )
        return Ranking(item.mention.id, ranker, tuple(ranked), provenance, verdict, sure)


def coder_of(tokenizer: Any, template: StudentTemplate, use: GenerativeUse) -> PromptCoder:
    """The coder that an adapter was trained with."""
    with_none = use.form == "labels"
    return PromptCoder(tokenizer, template, chat=use.chat, cutoff=use.cutoff, with_none=with_none)


def ranked_candidates(candidates: Sequence[Candidate], values: Sequence[float]) -> list[Candidate]:
    """Candidates by falling score, equals in the order given; those beyond the places shown follow as they were."""
    order = sorted(range(len(values)), key=lambda place: (-values[place], place))
    least = min(values, default=0.0)
    ranked = [_scored(candidates[place], values[place]) for place in order]
    beyond = candidates[len(values) :]
    return [*ranked, *(_scored(candidate, round(least - at, 4)) for at, candidate in enumerate(beyond, 1))]


def merged(model: Any, folder: Path) -> Any:
    """The model with a stored adapter merged into its weights: unmerged it is a fifth to a half slower."""
    with LOADING:
        from peft import PeftModel

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        loaded = PeftModel.from_pretrained(model, str(folder), local_files_only=True)
    return loaded.merge_and_unload().eval()


def _scored(candidate: Candidate, score: float) -> Candidate:
    return Candidate(candidate.code, candidate.name, candidate.matched, candidate.source, score)
