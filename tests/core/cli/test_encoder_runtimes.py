"""`rpdr encoders runtimes`, and the option that asks for one."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from helpers.command_line import rpdr

from rpdr_core.encoder_queries import VARIABLE, QueryCheck, encoder_cache, query_checks, write_query_check

CHECK = QueryCheck(
    "ab" * 32, "cd" * 32, "1.31.1", "A Processor", "model.int8.onnx", 27, 2_000, 1_034,
    at_1=0.84, at_1_int8=0.842, at_10=0.95, at_10_int8=0.9485, cosine=0.99, quicker=2.2,
)  # fmt: skip


def keep(check: QueryCheck, key: str = "0123") -> None:
    write_query_check(encoder_cache(check.encoder) / f"queries-{key}.json", check)


def test_what_was_measured_is_listed_with_its_verdict() -> None:
    keep(CHECK)
    keep(replace(CHECK, terminology="ef" * 32, at_10_int8=0.94), "4567")
    (encoder_cache(CHECK.encoder) / "queries-torn.json").write_text('{"encoder": "a', encoding="utf-8")
    first, second = rpdr("encoders", "runtimes", "--json").json
    assert (first["taken"], second["taken"]) == (True, False)
    assert first["at_10_int8"] == 0.9485
    said = rpdr("encoders", "runtimes").out.splitlines()
    assert said[0] == "asked for: auto"
    assert said[1].startswith("int8  abababababab  terminology cdcdcdcdcdcd, 1,034 strings, 2,000 queries")
    assert "first ten 95.00% -> 94.85%, 2.2 times as fast" in said[1]
    assert said[2].startswith("as is ")


@pytest.mark.parametrize(
    ("change", "taken"),
    [
        ({}, True),
        ({"at_10_int8": 0.945}, True),
        ({"at_10_int8": 0.9449}, False),
        ({"at_1_int8": 0.8349}, False),
        ({"quicker": 1.05}, False),
    ],
)
def test_half_a_point_is_the_most_that_speed_may_cost(change: dict[str, float], taken: bool) -> None:
    assert replace(CHECK, **change).taken is taken  # type: ignore[arg-type]


def test_nothing_measured_is_no_error() -> None:
    assert query_checks() == []
    assert rpdr("encoders", "runtimes").out == "asked for: auto\n"


def test_the_option_asks_the_worker_of_this_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "auto")
    assert rpdr("retrieve", "cataract", "--kb", "none.csv", "--encoder-runtime", "int8").code == 2
    assert os.environ[VARIABLE] == "int8"
    assert rpdr("retrieve", "cataract", "--kb", "none.csv", "--encoder-runtime", "fp8").code == 2
    assert os.environ[VARIABLE] == "int8"
