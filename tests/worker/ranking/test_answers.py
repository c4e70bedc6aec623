from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rpdr_worker.ranking.answers import ParsedAnswer, parse_answer

NAMES = ("Cataract", "Glaucoma", "Myopia")


def answer(order: object, verdict: object = "exact") -> str:
    return json.dumps({"order": order, "verdict": verdict})


@pytest.mark.parametrize(
    "raw",
    [
        '{"order": [3, 1, 2], "verdict": "exact"}',
        ' {"verdict":"Exact","order":[3,1,2]}\n',
        '```json\n{"order": [3, 1, 2], "verdict": "exact"}\n```',
        "3 > 1 > 2; verdict: exact",
        "[3] > [1] > [2]\nVerdict: exact.",
        "3 ＞ 1 ＞ 2, verdict = exact",
    ],
)
def test_a_good_answer(raw: str) -> None:
    assert parse_answer(raw, NAMES) == ParsedAnswer((2, 0, 1), "exact", "ok")


REPAIRED = [
    ("missing", answer([3, 1]), (2, 0, 1), "exact"),
    ("missing", answer([2]), (1, 0, 2), "exact"),
    ("repeated", answer([3, 3, 1, 2]), (2, 0, 1), "exact"),
    ("repeated", answer([3, 1, 3]), (2, 0, 1), "exact"),
    ("unknown_number", answer([3, 7, 1, 2]), (2, 0, 1), "exact"),
    ("unknown_number", answer([0, 3, 1, 2]), (2, 0, 1), "exact"),
    ("unknown_number", answer([3, -1, 1, 2]), (2, 0, 1), "exact"),
    ("names", answer(["Myopia", "cataract", "Glaucoma"]), (2, 0, 1), "exact"),
    ("names", answer(["3. Myopia", 1, 2]), (2, 0, 1), "exact"),
    ("prose", "Here it is: " + answer([3, 1, 2]), (2, 0, 1), "exact"),
    ("prose", "The best order is 3 > 1 > 2, since the eye is short-sighted.", (2, 0, 1), ""),
    ("wrong_language", '{"顺序": [3, 1, 2], "判断": "精确"}', (2, 0, 1), "exact"),
    ("wrong_language", answer([3, 1, 2], "接近"), (2, 0, 1), "close"),
    ("wrong_json", "{'order': [3, 1, 2], 'verdict': 'close'}", (2, 0, 1), "close"),
    ("wrong_json", '{"order": [3, 1, 2,], "verdict": "close",}', (2, 0, 1), "close"),
    ("wrong_json", "[3, 1, 2]", (2, 0, 1), ""),
    ("wrong_json", answer(["3", "1", "2"]), (2, 0, 1), "exact"),
    ("wrong_json", answer([3, 1, 2], "certain"), (2, 0, 1), ""),
    ("wrong_json", '{"order": [3, 1, 2]}', (2, 0, 1), ""),
    ("wrong_json", '{"ranking": [3, 1, 2], "verdict": "exact"}', (2, 0, 1), "exact"),
    ("wrong_json", '{"order": [3, 1, 2], "verdict": "exact", "why": "short sight"}', (2, 0, 1), "exact"),
]


@pytest.mark.parametrize(("name", "raw", "order", "verdict"), REPAIRED)
def test_a_repaired_answer_keeps_its_class(name: str, raw: str, order: tuple[int, ...], verdict: str) -> None:
    assert parse_answer(raw, NAMES) == ParsedAnswer(order, verdict, name)  # type: ignore[arg-type]


NO_LABEL = [
    ("empty", ""),
    ("empty", " \n\t "),
    ("refusal", "I'm sorry, but I can't help with medical questions."),
    ("refusal", "As an AI I do not rank diseases."),
    ("refusal", "抱歉，我无法回答这个问题。"),
    ("cut_off", '{"order": [3, 1'),
    ("cut_off", "3 >"),
    ("prose", "The mention is about short sight."),
    ("wrong_language", "最佳候选是近视，其次是白内障。"),
    ("wrong_language", "Лучший вариант это миопия"),
    ("wrong_json", '{"answer": {"best": 3}}'),
    ("wrong_json", "{order}"),
    ("names", answer(["Short sight", "Old eyes"])),
    ("unknown_number", answer([4, 5, 6])),
    ("missing", answer([], "none")),
    ("wrong_json", answer([True, None, 2.5])),
]


@pytest.mark.parametrize(("name", "raw"), NO_LABEL)
def test_an_unusable_answer_is_no_label(name: str, raw: str) -> None:
    parsed = parse_answer(raw, NAMES)
    assert parsed == ParsedAnswer((), "", name)  # type: ignore[arg-type]
    assert not parsed.usable


def test_an_answer_the_endpoint_cut_is_no_label_even_if_it_looks_whole() -> None:
    assert parse_answer(answer([3, 1, 2]), NAMES, cut_off=True) == ParsedAnswer((), "", "cut_off")


def test_all_ten_classes_are_told_apart() -> None:
    seen = {parse_answer(raw, NAMES).answer_class for raw in [r[1] for r in REPAIRED] + [r[1] for r in NO_LABEL]}
    assert len(seen) == 10
    assert "ok" not in seen


def test_a_name_borne_by_two_candidates_stands_for_neither() -> None:
    assert parse_answer(answer(["Cataract", 2, 3]), ("Cataract", "Cataract", "Myopia")).order == (1, 2, 0)


@given(st.permutations(range(12)), st.sampled_from(["exact", "close", "none"]))
def test_every_permutation_comes_back(order: list[int], verdict: str) -> None:
    names = [f"Name {i}" for i in range(12)]
    numbers = [i + 1 for i in order]
    assert parse_answer(answer(numbers, verdict), names) == ParsedAnswer(tuple(order), verdict, "ok")  # type: ignore[arg-type]
    plain = " > ".join(map(str, numbers)) + f"; verdict: {verdict}"
    assert parse_answer(plain, names) == ParsedAnswer(tuple(order), verdict, "ok")  # type: ignore[arg-type]


@given(st.lists(st.integers(-3, 15), max_size=20), st.integers(1, 12))
def test_repair_is_that_of_rank_llm(numbers: list[int], size: int) -> None:
    parsed = parse_answer(answer(numbers), [f"Name {i}" for i in range(size)])
    known = list(dict.fromkeys(n - 1 for n in numbers if 1 <= n <= size))
    expected = (*known, *(i for i in range(size) if i not in known)) if known else ()
    assert parsed.order == expected
    assert (parsed.answer_class == "ok") == (sorted(numbers) == list(range(1, size + 1)))


@given(st.text(), st.integers(1, 6))
def test_any_text_gives_a_permutation_or_nothing(raw: str, size: int) -> None:
    check_sound(parse_answer(raw, [f"Name {i}" for i in range(size)]), size)


def test_two_thousand_damaged_answers_give_no_invalid_order() -> None:
    draw = random.Random(5)
    for _ in range(2000):
        text = list(answer(draw.sample(range(1, 11), 10), draw.choice(["exact", "close", "none"])))
        for _ in range(draw.randint(1, 6)):
            at = draw.randrange(len(text))
            change = draw.choice(["cut", "swap", "drop", "say"])
            if change == "cut":
                del text[at:]
            elif change == "swap":
                text[at] = draw.choice('0123456789,[]{}":xé是')
            elif change == "drop":
                del text[at]
            else:
                text.insert(at, draw.choice(["Sure! ", "\n", "12, ", "1, ", '"'])[0:])
            if not text:
                break
        check_sound(parse_answer("".join(text), [f"Name {i}" for i in range(10)]), 10)


def check_sound(parsed: ParsedAnswer, size: int) -> None:
    assert parsed.order == () or sorted(parsed.order) == list(range(size))
    assert parsed.usable or (parsed.verdict == "" and parsed.answer_class != "ok")
