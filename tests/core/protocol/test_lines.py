"""Lines from bytes that arrive in any portions."""

from __future__ import annotations

from helpers.messages import cuts
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.protocol.lines import LineBuffer

PLACES = st.lists(st.integers(0, 10_000), max_size=12)


@given(lines=st.lists(st.binary(max_size=30).map(lambda raw: raw.replace(b"\n", b"").rstrip(b"\r"))), places=PLACES)
def test_lines_come_out_whole_wherever_they_are_cut(lines: list[bytes], places: list[int]) -> None:
    buffer = LineBuffer()
    data = b"".join(line + b"\n" for line in lines)
    found = [line for portion in cuts(data, places) for line in buffer.feed(portion)]
    assert found == lines
    assert buffer.held == 0


@given(lengths=st.lists(st.integers(0, 20), max_size=10), places=PLACES)
def test_a_long_line_is_reported_once_in_its_place(lengths: list[int], places: list[int]) -> None:
    buffer = LineBuffer(limit=10)
    data = b"".join(b"x" * length + b"\n" for length in lengths)
    found = [line for portion in cuts(data, places) for line in buffer.feed(portion)]
    assert found == [b"x" * length if length <= 10 else None for length in lengths]


def test_a_line_without_end_is_not_kept() -> None:
    buffer = LineBuffer(limit=1000)
    for _ in range(500):
        assert buffer.feed(b"x" * 999) == []
        assert buffer.held <= 1000
    assert buffer.feed(b"\nok\n") == [None, b"ok"]


def test_a_carriage_return_before_the_newline_belongs_to_it() -> None:
    assert LineBuffer().feed(b"a\r\nb\rc\r\n") == [b"a", b"b\rc"]


def test_the_limit_is_the_longest_line() -> None:
    assert LineBuffer(limit=3).feed(b"abc\nabcd\n") == [b"abc", None]
