"""A training row in each of its forms. Exports and `relinking` render by the same functions, so that they agree.

- `chat`: messages, as chat templates want them.
- `alpaca`: instruction, input and output, as BenTsao and LLaMA-Factory read them (LLaMA-Factory, data/README.md);
  beside the file a `dataset_info.json` that names it.
- `pairs`: for cross-encoders, one row for each (mention, entity name) with a label: 1 for what was chosen, 0 for what a
  person saw and passed over. Trainers that take every column as an input want `mention`, `name` and `label` selected.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from rpdr_core.prompting.rendering import Message, training_chat
from rpdr_core.prompting.template import Template
from rpdr_core.records import Candidate, DecisionMode, Relation, Verdict
from rpdr_core.workflow.labels import Meaning
from rpdr_core.workflow.origins import Origin

Form = Literal["chat", "alpaca", "pairs"]


@dataclass(frozen=True, slots=True)
class Meta:
    """Where a training row comes from: `row` (from 1) of the file whose bytes hash to `source`.

    `source_number` is the place (from 1) of that file in the manifest. `further`: codes that were chosen beside the
    first; `mode`: how the decision came about; `origin` and `weight` as in `origins`. `chosen` is empty where nothing
    matches; `passed_over`: codes that a person saw and did not choose. A row of pairs may have no order.
    """

    mention_id: int
    source: str
    source_number: int
    row: int
    count: int
    meaning: Meaning
    codes: tuple[str, ...]
    order: tuple[int, ...]
    verdict: Verdict
    numbered_by: str
    knowledge_base: str
    template: str
    relation: Relation = "equivalent"
    further: tuple[str, ...] = ()
    mode: DecisionMode = "open"
    origin: Origin = "accepted"
    weight: float = 1.0
    chosen: str = ""
    passed_over: tuple[str, ...] = ()
    further_relations: tuple[Relation, ...] = ()


@dataclass(frozen=True, slots=True)
class TextFreeRow:
    """A line of a text-free file."""

    meta: Meta


@dataclass(frozen=True, slots=True)
class ChatRow:
    """A line of a file of chats."""

    messages: tuple[Message, ...]
    meta: Meta


@dataclass(frozen=True, slots=True)
class AlpacaRow:
    """A line of a file of instructions."""

    instruction: str
    input: str
    output: str
    meta: Meta


@dataclass(frozen=True, slots=True)
class PairRow:
    """A line of a file of pairs. `group`: rows of one mention share it; `relation`: of the entity as seen from the
    mention, where it was chosen.
    """

    mention: str
    name: str
    label: float
    weight: float
    group: int
    code: str
    relation: Relation | Literal[""]
    origin: Origin
    context: str


Row = TextFreeRow | ChatRow | AlpacaRow | PairRow
PAIR_HEADERS = ("mention", "name", "label", "weight", "group", "code", "relation", "origin", "context")


def codes_of(form: Form, meta: Meta) -> tuple[str, ...]:
    """The codes whose names a row needs."""
    return (*filter(None, [meta.chosen]), *meta.further, *meta.passed_over) if form == "pairs" else meta.codes


def rendered(
    form: Form, template: Template, text: str, context: str, meta: Meta, names: Mapping[str, str]
) -> Iterator[Row]:
    """The rows of one mention; `names` has those of `codes_of`."""
    if form == "pairs":
        yield from _pairs(text, context, meta, names)
        return
    named = [Candidate(code, names[code]) for code in meta.codes]
    chat = training_chat(template, text, context, named, meta.order, meta.verdict)
    if form == "chat":
        yield ChatRow(chat, meta)
        return
    task, question, answer = (message.content for message in chat)
    yield AlpacaRow(task, question, answer, meta)


def _pairs(text: str, context: str, meta: Meta, names: Mapping[str, str]) -> Iterator[PairRow]:
    relations: list[Relation] = [meta.relation, *meta.further_relations]
    chosen = [meta.chosen, *meta.further] if meta.chosen else []
    rest = (meta.weight, meta.mention_id)
    for code, relation in zip(chosen, relations, strict=False):
        yield PairRow(text, names[code], 1.0, *rest, code, relation, meta.origin, context)
    for code in meta.passed_over:
        yield PairRow(text, names[code], 0.0, *rest, code, "", meta.origin, context)
