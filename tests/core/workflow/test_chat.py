from __future__ import annotations

import json

import pytest
from helpers.mention_files import letters
from hypothesis import given, settings
from hypothesis import strategies as st

from rpdr_core.protocol.messages import MentionText, RankItem
from rpdr_core.records import Candidate
from rpdr_core.workflow.chat import chat, load_chat_template, one_line
from rpdr_worker.ranking.prompts import load_template, render

texts = st.text(st.one_of(letters, st.sampled_from("\n {}")), max_size=300)
templates = st.sampled_from(["rerank_en", "rerank_zh"])


def test_the_question_numbers_the_names_and_the_answer_orders_them() -> None:
    system, user, assistant = chat(
        load_chat_template("rerank_en"),
        "MI",
        "Hx of MI, 2019",
        ["Heart attack", "Mitral insufficiency"],
        (2, 1),
        "close",
    )
    assert (system.role, user.role, assistant.role) == ("system", "user", "assistant")
    lines = user.content.splitlines()
    assert lines[-2:] == ["1. Heart attack", "2. Mitral insufficiency"]
    assert "Mention: MI" in lines
    assert "Context: Hx of MI, 2019" in lines
    assert json.loads(assistant.content) == {"order": [2, 1], "verdict": "close"}


def test_without_context_there_is_no_line_for_it() -> None:
    _, user, _ = chat(load_chat_template("rerank_en"), "MI", "", ["a"], (1,), "exact")
    assert "Context" not in user.content


def test_hidden_signs_are_shown() -> None:
    assert one_line("a\u202e b\n\tc\u200b") == "a⟨U+202E⟩ b c⟨U+200B⟩"


@settings(deadline=None)
@given(templates, texts, texts, st.lists(texts, min_size=1, max_size=4))
def test_training_rows_ask_exactly_as_inference_does(name: str, mention: str, context: str, names: list[str]) -> None:
    item = RankItem(MentionText(1, mention, context), tuple(Candidate(str(n), name) for n, name in enumerate(names)))
    asked = render(load_template(name), item)
    trained = chat(load_chat_template(name), mention, context, names, (1,), "exact")
    assert (trained[0].content, trained[1].content) == (asked[0].content, asked[-1].content)


@pytest.mark.parametrize("name", ["rerank_en", "rerank_zh"])
def test_a_template_is_known_by_its_bytes(name: str) -> None:
    assert load_chat_template(name).sha256 == load_template(name).sha256
