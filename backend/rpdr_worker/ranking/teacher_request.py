"""What is sent to the teacher: one URL and one body, built once, as bytes. Preview, batch and send share them."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rpdr_core.addresses import Address, address_of
from rpdr_core.errors import NotAllowedError, UserInputError
from rpdr_core.prompting.answer_schema import answer_schema
from rpdr_core.prompting.rendering import render
from rpdr_core.prompting.template import Template
from rpdr_core.protocol.messages import AnswerFormat, Endpoint, PreviewPrompt, RankByTeacher, RankItem
from rpdr_core.records import Candidate

_OPENAI = "api.openai.com"
# An order of 25 numbers and a verdict take about 100 tokens; the rest is for models that think aloud.
LONGEST_ANSWER = 1024
TEMPERATURE = 0


@dataclass(frozen=True, slots=True)
class TeacherRequest:
    """The exact bytes of one request. `key` names the pair of URL and body (SHA-256, hex), `tokens` is a guess."""

    url: str
    body: bytes
    tokens: int

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.body).hexdigest()

    @property
    def key(self) -> str:
        return hashlib.sha256(self.url.encode() + b"\n" + self.body).hexdigest()


@dataclass(frozen=True, slots=True)
class Question:
    """One way of asking about one item: `shown` are indexes of its candidates in the order of the prompt.

    `fallback` is asked in place of `request` once the server has refused the answer format.
    """

    item: RankItem
    order: int
    shown: tuple[int, ...]
    request: TeacherRequest
    fallback: TeacherRequest | None

    @property
    def names(self) -> list[str]:
        return [self.item.candidates[index].name for index in self.shown]


def questions(params: PreviewPrompt | RankByTeacher, template: Template, item: RankItem) -> tuple[Question, ...]:
    """Everything that is asked about one item: once, or once more with its candidates shuffled."""
    if not item.candidates:
        raise UserInputError("there are no candidates to rank", hint="retrieve candidates first")
    return tuple(_question(params, template, item, order) for order in range(max(1, params.orders)))


def digest_of(asked: Iterable[Question]) -> str:
    """SHA-256 over the SHA-256 of every body that may be sent, in order."""
    whole = hashlib.sha256()
    for question in asked:
        for request in bodies_of(question):
            whole.update(request.sha256.encode() + b"\n")
    return whole.hexdigest()


def bodies_of(question: Question) -> tuple[TeacherRequest, ...]:
    return (question.request,) if question.fallback is None else (question.request, question.fallback)


def check_approved(params: RankByTeacher, template: Template) -> None:
    """Raise `NotAllowedError` unless what would be sent is, byte for byte, what was approved."""
    if digest_of(every_question(params, template)) != params.approved:
        raise NotAllowedError(
            "what would be sent is not what was shown", hint="look at the preview again, then send; nothing has left"
        )


def every_question(params: PreviewPrompt | RankByTeacher, template: Template) -> Iterator[Question]:
    for item in params.items:
        yield from questions(params, template, item)


def approximate_tokens(text: str) -> int:
    """A guess without the model's vocabulary: four ASCII characters a token, any other character one."""
    ascii_ = sum(character.isascii() for character in text)
    return -(-ascii_ // 4) + len(text) - ascii_


def parameters_of(params: RankByTeacher, agreement: float | None) -> str:
    """Parameters that shape the answer, for a ranking's provenance. No key, no address beyond the host."""
    endpoint = params.endpoint
    values: dict[str, object] = {
        "host": address_of(endpoint.base_url, endpoint.kind).host,
        "kind": endpoint.kind,
        "temperature": TEMPERATURE,
        "max_tokens": LONGEST_ANSWER,
    }
    if endpoint.answer_format != "text":
        values["answer_format"] = endpoint.answer_format
    if params.orders > 1:
        values |= {"orders": params.orders, "seed": params.seed, "agreement": agreement}
    return json.dumps(values, sort_keys=True)


def _question(params: PreviewPrompt | RankByTeacher, template: Template, item: RankItem, order: int) -> Question:
    shown = list(range(len(item.candidates)))
    if order:
        random.Random(f"{params.seed}:{item.mention.id}:{order}").shuffle(shown)  # noqa: S311 - a seeded order
    candidates = [item.candidates[index] for index in shown]
    form = params.endpoint.answer_format
    request = _request(params.endpoint, template, item, candidates, form)
    fallback = None if form == "text" else _request(params.endpoint, template, item, candidates, "text")
    return Question(item, order, tuple(shown), request, fallback)


def _request(
    endpoint: Endpoint, template: Template, item: RankItem, candidates: Sequence[Candidate], form: AnswerFormat
) -> TeacherRequest:
    address = address_of(endpoint.base_url, endpoint.kind)
    mention, examples = item.mention, item.examples or None
    messages = render(template, mention.text, mention.context, candidates, examples)
    body: dict[str, object] = {
        "model": endpoint.model,
        "messages": [{"role": message.role, "content": message.content} for message in messages],
        "temperature": TEMPERATURE,
        **_form(form, len(candidates)),
        **_limits(endpoint, address),
    }
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    tokens = sum(approximate_tokens(message.content) + 4 for message in messages) + 3
    return TeacherRequest(address.chat_url, content, tokens)


def _form(form: AnswerFormat, size: int) -> dict[str, object]:
    if form == "text":
        return {}
    return {"response_format": {"type": "json_object"} if form == "json_object" else answer_schema(size)}


def _limits(endpoint: Endpoint, address: Address) -> dict[str, object]:
    # Other servers refuse fields that they do not know.
    if address.host == _OPENAI:
        return {"max_completion_tokens": LONGEST_ANSWER, "store": False}
    return {"max_completion_tokens" if endpoint.kind == "azure" else "max_tokens": LONGEST_ANSWER}
