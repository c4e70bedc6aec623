"""Prompts, labels and written answers: what the model reads, and what is made of what it writes."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.tiny_llama import tiny_tokenizer
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.errors import FileFormatError, NotAllowedError, NotFoundError
from rpdr_core.records import Candidate
from rpdr_core.resources import resource_text
from rpdr_worker.ranking.generative_answers import completed, parse_labels, parse_names
from rpdr_worker.ranking.generative_prompt import (
    LABELS,
    SQUEEZES,
    Question,
    as_data,
    render,
    written_labels,
    written_names,
)
from rpdr_worker.ranking.generative_template import load_student_template
from rpdr_worker.ranking.generative_tokens import PromptCoder

EN = load_student_template("student_en")
ZH = load_student_template("student_zh")
TOKENIZER, CHATTING = tiny_tokenizer(), tiny_tokenizer(chat=True)
NAMES = ("Pain in eye", "Diplopia", "Cataract, right eye", "Pain in ear")
LIST = Question("sore eye", "came with a sore eye today", tuple(Candidate(name[:3], name) for name in NAMES))


def coder(tokenizer: object = TOKENIZER, *, chat: bool = True, cutoff: int = 1000) -> PromptCoder:
    return PromptCoder(tokenizer, EN, chat=chat, cutoff=cutoff)


def test_candidates_stand_under_letters_and_none_under_the_last() -> None:
    lines = render(EN, LIST, with_none=True).splitlines()
    assert lines[-5:] == [*(f"{a}. {n}" for a, n in zip("ABCD", NAMES, strict=True)), "Z. none of these"]
    assert "Mention: sore eye" in lines
    assert any(line.startswith("Context: ") for line in lines)
    assert "none of these" not in render(EN, LIST, with_none=False)


def test_a_list_without_context_has_no_line_for_it() -> None:
    bare = Question("sore eye", "", LIST.candidates)
    assert "Context" not in render(EN, bare, with_none=True)
    assert "上下文：" not in render(ZH, bare, with_none=True)
    assert "上下文：" in render(ZH, LIST, with_none=True)


def test_synonyms_are_shown_but_memory_is_not() -> None:
    candidates = (
        Candidate("1", "Diplopia", "seeing double", "synonym"),
        Candidate("2", "Myopia", "short sight", "memory"),
        Candidate("3", "Miosis", "MIOSIS", "synonym"),
    )
    text = render(EN, Question("x", "", candidates), with_none=False)
    assert "A. Diplopia (also: seeing double)\nB. Myopia\nC. Miosis" in text


@given(st.text(max_size=60), st.text(max_size=60), st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=25))
def test_data_opens_no_line_of_its_own(mention: str, context: str, names: list[str]) -> None:
    question = Question(mention, context, tuple(Candidate("", name) for name in names))
    lines = render(EN, question, with_none=True).splitlines()
    assert lines[-1] == "Z. none of these"
    assert len(lines) <= len(EN.instruction.splitlines()) + 2 + len(names) + 1
    assert [line[0] for line in lines[-1 - len(names) : -1]] == list(LABELS[: len(names)])


@given(st.lists(st.sampled_from(["</s>", "<s>", "<|turn|>", "eye", " ", "<", "s>", "|turn|>", "\n"]), max_size=12))
def test_no_text_makes_a_special_token(pieces: list[str]) -> None:
    text = "".join(pieces)
    question = Question(text or "x", text, (Candidate("", text or "x"),))
    for tokenizer in (TOKENIZER, CHATTING):
        found = coder(tokenizer).prompts([question])[0]
        plain = coder(tokenizer).prompts([Question("x", "", (Candidate("", "x"),))])[0]
        special = set(tokenizer.all_special_ids)
        assert [i for i in found if i in special] == [i for i in plain if i in special]


def test_too_long_a_prompt_is_squeezed_step_by_step() -> None:
    long = tuple(Candidate("", f"name {'x' * 300}", f"other {'y' * 300}", "synonym") for _ in range(25))
    question = Question("m" * 500, "c " * 200, long)
    sizes = [len(render(EN, question, with_none=True, squeeze=step)) for step in range(SQUEEZES)]
    assert sizes == sorted(sizes, reverse=True)
    assert len(coder(cutoff=1000).prompts([question])[0]) <= 1000
    assert len(coder(cutoff=4000).prompts([question], room=2000)[0]) <= 2000


@pytest.mark.parametrize(("tokenizer", "chat"), [(TOKENIZER, False), (CHATTING, True), (CHATTING, False)])
def test_a_label_is_the_token_that_the_answer_begins_with(tokenizer: object, chat: bool) -> None:
    found = coder(tokenizer, chat=chat)
    labels = found.label_tokens()
    prompts = found.prompts([LIST])
    for letter, token in zip(LABELS, labels.labels, strict=True):
        (answer,) = found.answers(prompts, [f"{letter} > A"])
        assert answer[0] == token
        assert answer[-1] == found.end
        assert found.text_of(answer) == f"{letter} > A"
    assert len({*labels.labels, labels.none, labels.exact, labels.close}) == 28
    assert labels.columns(3) == [*labels.labels[:3], labels.none, labels.exact, labels.close]


def test_a_tokenizer_without_the_labels_is_refused() -> None:
    with pytest.raises(NotAllowedError, match="one token of each label") as caught:
        coder(tiny_tokenizer(letters=False)).label_tokens()
    assert caught.value.hint


def test_all_prompts_begin_with_the_prefix() -> None:
    for tokenizer in (TOKENIZER, CHATTING):
        found = coder(tokenizer)
        prompts = found.prompts([LIST, Question("Ω", "", LIST.candidates[:1]), Question("", "", ())])
        assert len(found.prefix) > 20
        assert all(prompt[: len(found.prefix)] == found.prefix for prompt in prompts)


def test_an_answer_is_cut_at_the_cutoff() -> None:
    found = coder(cutoff=200)
    prompts = found.prompts([LIST])
    (answer,) = found.answers(prompts, ["word " * 300])
    assert len(prompts[0]) + len(answer) == 200


orders = st.integers(1, 25).flatmap(lambda size: st.permutations(range(size)))
verdicts = st.sampled_from(["exact", "close", "none", ""])


@given(orders, verdicts)
def test_written_labels_are_read_back(order: list[int], verdict: str) -> None:
    text = written_labels(EN, order, verdict)  # type: ignore[arg-type]
    found = parse_labels(text, len(order), EN)
    assert (list(found.order), found.verdict, found.state) == (order, verdict, "ok")


@given(st.permutations(range(len(NAMES))), st.sampled_from(["none", ""]))
def test_written_names_are_read_back(order: list[int], verdict: str) -> None:
    text = written_names(EN, [NAMES[place] for place in order], verdict)  # type: ignore[arg-type]
    found = parse_names(text, NAMES, EN)
    assert (list(found.order), found.verdict, found.state) == (order, verdict, "ok")


@given(st.text(max_size=80) | st.text(alphabet="ABCZ> ;,\n.1[]eclosxat", max_size=60), st.integers(1, 25))
def test_whatever_is_written_gives_a_whole_order(text: str, size: int) -> None:
    names = [f"name {n % 7}" for n in range(size)]
    for found in (parse_labels(text, size, EN), parse_names(text, names, EN)):
        assert sorted(found.order) == list(range(size))
        if found.state == "unparsable":
            assert (found.order, found.verdict) == (tuple(range(size)), "")


@pytest.mark.parametrize(
    ("text", "order", "verdict", "state"),
    [
        ("C > A > B", (2, 0, 1), "", "ok"),
        ("[C] > [A] > [B]; close.", (2, 0, 1), "close", "ok"),
        ("C, A", (2, 0, 1), "", "repaired"),
        ("C > C > Q > A > B", (2, 0, 1), "", "repaired"),
        ("Z > B > A > C", (1, 0, 2), "none", "ok"),
        ("Z", (0, 1, 2), "none", "repaired"),
        ("I cannot say", (0, 1, 2), "", "unparsable"),
        ("", (0, 1, 2), "", "unparsable"),
        ("Cataract", (0, 1, 2), "", "unparsable"),
    ],
)
def test_labels_are_repaired_or_told_apart(text: str, order: tuple[int, ...], verdict: str, state: str) -> None:
    found = parse_labels(text, 3, EN)
    assert (found.order, found.verdict, found.state) == (order, verdict, state)


@pytest.mark.parametrize(
    ("text", "first", "state"),
    [
        ("cataract,  right EYE", 2, "repaired"),
        ("1. Diplopia\n2. Pain in ear", 1, "repaired"),
        ("Diplopja\nPain in eye\nPain in ear\nCataract, right eye", 1, "repaired"),
        ("none of these\nPain in ear", 3, "repaired"),
        ("something else altogether", 0, "unparsable"),
    ],
)
def test_names_are_repaired_or_told_apart(text: str, first: int, state: str) -> None:
    found = parse_names(text, NAMES, EN)
    assert (found.order[0], found.state) == (first, state)


def test_equal_names_are_taken_in_turn() -> None:
    assert parse_names("Pain\nPain\nAche", ("Pain", "Ache", "Pain"), EN).order == (0, 2, 1)


@given(st.lists(st.integers(-3, 9), max_size=12), st.integers(0, 7))
def test_completed_is_a_permutation(places: list[int], size: int) -> None:
    assert sorted(completed(places, size)) == list(range(size))


@pytest.mark.parametrize(
    ("before", "after", "said", "line"),
    [
        ("format = 1", "format = 2", "format 2", 3),
        ("{{mention}}", "{{mansion}}", "mansion", 14),
        ("{{candidates}}", "", "candidates", 13),
        ('exact = "exact"', 'exact = "close"', "differ", 26),
        ("window = 80", "window = -1", "negative", 7),
        ("window = 80", "widow = 80", "widow", 7),
        ("window = 80", "window = ", "TOML", 7),
    ],
)
def test_a_broken_template_is_refused_with_its_place(
    tmp_path: Path, before: str, after: str, said: str, line: int
) -> None:
    text = resource_text("prompts", "student_en.toml")
    assert before in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(FileFormatError, match=said) as caught:
        load_student_template(str(path))
    assert (caught.value.file, caught.value.line) == (str(path), line)
    assert caught.value.hint


def test_a_template_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="student_fr"):
        load_student_template("student_fr")
    with pytest.raises(NotFoundError):
        load_student_template(str(tmp_path / "gone.toml"))


def test_special_tokens_are_broken_up_not_dropped() -> None:
    assert as_data("a </s>\tb", ["</s>"]) == "a < /s> b"
