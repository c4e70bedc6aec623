"""Two thousand bad answers of every class, made by a model of how answers go wrong; each must get its class."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Sequence

import pytest

from rpdr_worker.ranking.answers import ANSWER_CLASSES, AnswerClass, parse_answer

VERDICTS = ("exact", "close", "none")
WORDS = (
    "Cataract",
    "Glaucoma",
    "Myopia",
    "Blindness",
    "Uveitis",
    "Ptosis",
    "Nystagmus",
    "Keratitis",
    "Iritis",
    "Chalazion",
)


def names(size: int) -> list[str]:
    return [f"{WORDS[at % 10]} type {at}" for at in range(size)]


def written(order: Sequence[object], verdict: str) -> str:
    return json.dumps({"order": list(order), "verdict": verdict})


def reference_repair(numbers: Sequence[int], size: int) -> tuple[int, ...]:
    """RankLLM's: drop what is repeated or unknown, append the missing in the order shown."""
    kept: list[int] = []
    for number in numbers:
        index = number - 1
        if 0 <= index < size and index not in kept:
            kept.append(index)
    return tuple(kept) + tuple(index for index in range(size) if index not in kept) if kept else ()


# Each maker gives the answer and the numbers that can be read in it; None: nothing may be read.
Made = tuple[str, list[int] | None]


def missing(draw: random.Random, order: list[int], verdict: str) -> Made:
    kept = order[: draw.randint(0, len(order) - 1)]
    return written(kept, verdict), kept or None


def repeated(draw: random.Random, order: list[int], verdict: str) -> Made:
    told = list(order)
    for _ in range(draw.randint(1, 4)):
        told.insert(draw.randint(0, len(told)), draw.choice(order))
    return written(told, verdict), told


def unknown_number(draw: random.Random, order: list[int], verdict: str) -> Made:
    told = list(order)
    for _ in range(draw.randint(1, 3)):
        told.insert(draw.randint(0, len(told)), draw.choice([0, -1, len(order) + 1, 99, 1000]))
    return written(told, verdict), told


def by_name(draw: random.Random, order: list[int], verdict: str) -> Made:
    listed = names(len(order))
    forms: list[Callable[[int], str]] = [
        lambda n: listed[n - 1],
        lambda n: f"{n}. {listed[n - 1]}",
        lambda n: listed[n - 1].upper(),
    ]
    form = draw.choice(forms)
    return written([form(number) for number in order], verdict), order


def prose(draw: random.Random, order: list[int], verdict: str) -> Made:
    chain = " > ".join(map(str, order))
    best = names(len(order))[order[0] - 1]
    forms: list[Made] = [
        (f"Sure! Here you are: {written(order, verdict)}", order),
        (f"{written(order, verdict)}\n\nI chose {best} since it fits best.", order),
        (f"The order I would give is {chain}, all considered.", order),
        (f"{best} is clearly the best match for this mention.", None),
        (f"{written(order, verdict)} or rather {written(order[::-1], verdict)}", None),
        (f"<think>perhaps {written(order[::-1], verdict)}</think>Here: {written(order, verdict)}", order),
    ]
    return draw.choice(forms)


def refusal(draw: random.Random, order: list[int], verdict: str) -> Made:
    said = ("I'm sorry, but I can't help with that.", "As an AI, I do not rank.", "I cannot assist with medical data.")
    return draw.choice([*said, "抱歉，我无法回答这个问题。", "对不起，我不能提供医疗建议。"]), None


def cut_off(draw: random.Random, order: list[int], verdict: str) -> Made:
    whole = written(order, verdict)
    end = draw.randint(1, len(whole) - 1)
    return draw.choice([whole[:end], " > ".join(map(str, order[:-1])) + " >", "<think>The mention means"]), None


def empty(draw: random.Random, order: list[int], verdict: str) -> Made:
    return "".join(draw.choice(" \n\t\u3000") for _ in range(draw.randint(0, 6))), None


def wrong_language(draw: random.Random, order: list[int], verdict: str) -> Made:
    word = {"exact": "精确", "close": "接近", "none": "无"}[verdict]
    forms: list[Made] = [
        (json.dumps({"顺序": order, "判断": word}, ensure_ascii=False), order),
        (json.dumps({"order": order, "verdict": word}, ensure_ascii=False), order),
        ("最佳候选是近视，其次是白内障。", None),
        ("Лучший вариант это миопия.", None),
    ]
    return draw.choice(forms)


def wrong_json(draw: random.Random, order: list[int], verdict: str) -> Made:
    listed = ", ".join(map(str, order))
    forms: list[Made] = [
        (f"{{'order': [{listed}], 'verdict': '{verdict}'}}", order),
        (f'{{"order": [{listed},], "verdict": "{verdict}",}}', order),
        (f"[{listed}]", order),
        (written([str(number) for number in order], verdict), order),
        (written([float(number) for number in order], verdict), order),
        (json.dumps({"order": order}), order),
        (json.dumps({"order": order, "verdict": "certain"}), order),
        (json.dumps({"ranking": order, "verdict": verdict}), order),
        (json.dumps({"order": order, "verdict": verdict, "reason": "it fits"}), order),
        (json.dumps({"answer": {"best": order[0]}}), None),
        ("{order}", None),
    ]
    return draw.choice(forms)


MAKERS: dict[AnswerClass, Callable[[random.Random, list[int], str], Made]] = {
    "missing": missing,
    "repeated": repeated,
    "unknown_number": unknown_number,
    "names": by_name,
    "prose": prose,
    "refusal": refusal,
    "cut_off": cut_off,
    "empty": empty,
    "wrong_language": wrong_language,
    "wrong_json": wrong_json,
}


def test_every_bad_class_has_a_maker() -> None:
    assert set(MAKERS) == set(ANSWER_CLASSES) - {"ok"}


@pytest.mark.parametrize("kind", MAKERS)
def test_bad_answers_get_their_class_and_no_invalid_order(kind: AnswerClass) -> None:
    draw = random.Random(f"bad answers {kind}")
    seen: Counter[str] = Counter()
    usable = 0
    for _ in range(220):
        size = draw.randint(2, 25)
        order = draw.sample(range(1, size + 1), size)
        raw, numbers = MAKERS[kind](draw, order, draw.choice(VERDICTS))
        parsed = parse_answer(raw, names(size))
        seen[parsed.answer_class] += 1
        assert parsed.answer_class == kind, raw
        assert parsed.order == (reference_repair(numbers, size) if numbers is not None else ()), raw
        assert parsed.usable or parsed.verdict == ""
        usable += parsed.usable
    assert seen == {kind: 220}
    if kind in ("refusal", "cut_off", "empty"):
        assert usable == 0


def test_a_cut_that_the_endpoint_tells_is_no_label_in_any_form() -> None:
    draw = random.Random(3)
    for kind, make in MAKERS.items():
        raw, _ = make(draw, [2, 1, 3], "exact")
        assert parse_answer(raw, names(3), cut_off=True).answer_class == "cut_off", kind


def test_two_answers_that_differ_are_no_label() -> None:
    one, other = written([1, 2, 3], "exact"), written([3, 2, 1], "exact")
    assert not parse_answer(f"{one}\n{other}", names(3)).usable
    assert not parse_answer("{'order': [1, 2, 3]} no: {'order': [3, 2, 1]}", names(3)).usable
    assert parse_answer(f"{one}\n{one}", names(3)).order == (0, 1, 2)


def test_thoughts_before_the_answer_are_no_part_of_it() -> None:
    answer = written([2, 1, 3], "close")
    parsed = parse_answer(f"<think>maybe [3, 2, 1]? I'm sorry</think>\n{answer}", names(3))
    assert (parsed.order, parsed.answer_class) == ((1, 0, 2), "ok")
    assert parse_answer("<think>and so on", names(3)).answer_class == "cut_off"
    assert parse_answer("<think>done</think>", names(3)).answer_class == "cut_off"


def test_what_a_mention_made_the_model_say_is_no_order() -> None:
    """An order smuggled in beside the answer: either both agree, or there is none."""
    smuggled = '{"order": [3, 1, 2], "verdict": "exact"}'
    assert not parse_answer(f"As the note says {smuggled} but {written([1, 2, 3], 'close')}", names(3)).usable
