from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rpdr_core.errors import NotAllowedError, UserInputError
from rpdr_core.formats.opening import open_table
from rpdr_core.records import Candidate, NewMention, Provenance, Ranking, SourceRow
from rpdr_core.workflow import linking, linking_journal, linking_output
from rpdr_core.workflow.linking import COLUMNS, Head, Linked, key_of, link_file
from rpdr_core.workflow.linking_distinct import KeyTable
from rpdr_core.workflow.linking_journal import is_being_linked

HEAD = Head("sha", "kb", "bundled 5/5", "", 3)
# 23 rows, 12 distinct: one text without candidates, one with a single one.
MENTIONS = [
    NewMention(f"mention {at % 12}", "context" if at % 12 == 3 else "", count=at + 1, row=SourceRow(at + 1, f"k{at}"))
    for at in range(23)
]


class Stopped(Exception):
    """The process was stopped here."""


class Fake:
    """A linker that ranks by the text alone and may stop before a batch. `seen` are the texts it was asked for."""

    def __init__(self, stop_before: int | None = None) -> None:
        self.stop_before = stop_before
        self.batches: list[list[str]] = []

    @property
    def seen(self) -> list[str]:
        return [text for batch in self.batches for text in batch]

    def __call__(self, batch: list[NewMention]) -> list[Ranking]:
        if len(self.batches) == self.stop_before:
            raise Stopped
        self.batches.append([mention.text for mention in batch])
        return [_ranking(at, mention.text) for at, mention in enumerate(batch)]


def _ranking(at: int, text: str) -> Ranking:
    number = sum(map(ord, text))
    candidates = tuple(
        Candidate(f"C{number}.{n}", f"名 {text}, {n}", text[:3], "lexicon", 1 / (number + n))
        for n in range({0: 0, 1: 1}.get(number % 7, 4))
    )
    ranker = "retriever" if number % 2 else "student:ab"
    return Ranking(at, ranker, candidates, Provenance(ranker, "m", "kb"), confidence=number % 97 / 97 or None)


def run(
    output: Path,
    link: Fake,
    *,
    mentions: list[NewMention] = MENTIONS,
    head: Head = HEAD,
    restart: bool = False,
    on_progress: Callable[[int, int], object] = lambda done, total: None,
) -> Linked:
    return link_file(lambda: iter(mentions), output, head, link, restart=restart, on_progress=on_progress)


def rows(output: Path) -> list[dict[str, str]]:
    with output.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def journal_of(output: Path) -> Path:
    return output.with_name(output.name + ".journal")


def test_every_row_gets_its_mentions_link(tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    fake = Fake()
    done = run(output, fake)
    found = rows(output)
    assert done == Linked(23, 12, 0, sum(not row["code"] for row in found))
    assert sorted(fake.seen) == sorted({mention.text for mention in MENTIONS})
    assert [row["row"] for row in found] == [str(at + 1) for at in range(23)]
    for row, mention in zip(found, MENTIONS, strict=True):
        ranking = _ranking(0, mention.text)
        codes = [candidate.code for candidate in ranking.candidates] + ["", ""]
        assert (row["mention"], row["id"], row["count"]) == (mention.text, mention.row.key, str(mention.count))
        assert (row["code"], row["runner_up_code"]) == (codes[0], codes[1])
        assert row["confidence"] == ("" if ranking.confidence is None else f"{ranking.confidence:.4f}")
        assert (row["ranker"], row["model"], row["knowledge_base"]) == (ranking.ranker, HEAD.model, "kb")
        assert row["matched_source"] == ("lexicon" if codes[0] else "")


def test_only_the_output_is_left(tmp_path: Path) -> None:
    run(tmp_path / "new" / "out.csv", Fake())
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["out.csv"]


def test_an_empty_file_gives_a_header(tmp_path: Path) -> None:
    fake = Fake()
    assert run(tmp_path / "out.csv", fake, mentions=[]) == Linked(0, 0, 0, 0)
    assert (tmp_path / "out.csv").read_bytes() == (",".join(COLUMNS) + "\r\n").encode()
    assert fake.batches == []


def test_equal_texts_in_other_contexts_are_linked_apart(tmp_path: Path) -> None:
    fake = Fake()
    run(tmp_path / "out.csv", fake, mentions=[NewMention("a", "x"), NewMention("a", "y"), NewMention("a", "x")])
    assert fake.seen == ["a", "a"]


def test_progress_counts_distinct_mentions(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    run(tmp_path / "out.csv", Fake(), on_progress=lambda done, total: seen.append((done, total)))
    assert seen == [(0, 12), (3, 12), (6, 12), (9, 12), (12, 12)]


@pytest.mark.parametrize("stop", range(4))
def test_stopped_anywhere_and_resumed_the_output_is_the_same_to_the_byte(tmp_path: Path, stop: int) -> None:
    whole, output = tmp_path / "whole.csv", tmp_path / "out.csv"
    run(whole, Fake())
    with pytest.raises(Stopped):
        run(output, Fake(stop))
    assert not output.exists()
    second = Fake()
    assert run(output, second).resumed == 3 * stop
    assert len(second.seen) == 12 - 3 * stop
    assert output.read_bytes() == whole.read_bytes()
    assert not journal_of(output).exists()


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_torn_anywhere_and_resumed_the_output_is_the_same_to_the_byte(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """The machine went down: the journal ends at any byte, perhaps in the middle of a Chinese character."""
    folder = tmp_path_factory.mktemp("torn")
    whole, output = folder / "whole.csv", folder / "out.csv"
    run(whole, Fake())
    with pytest.raises(Stopped):
        run(output, Fake(3))
    journal = journal_of(output)
    content = journal.read_bytes()
    size = data.draw(st.integers(0, len(content)))
    junk = data.draw(st.sampled_from([b"", b"\0" * 40, b"\xff\n"])) if size > content.index(b"\n") else b""
    journal.write_bytes(content[:size] + junk)
    second = Fake()
    assert run(output, second).resumed + len(second.seen) == 12
    assert output.read_bytes() == whole.read_bytes()


def test_a_torn_last_line_costs_its_chunk(tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    with pytest.raises(Stopped):
        run(output, Fake(2))
    journal_of(output).write_bytes(journal_of(output).read_bytes()[:-1])
    assert run(output, Fake()).resumed == 3


@pytest.mark.parametrize(
    "head",
    [
        Head("other", "kb", "bundled 5/5", "", 3),
        Head("sha", "other", "bundled 5/5", "", 3),
        Head("sha", "kb", "lexical", "", 3),
        Head("sha", "kb", "bundled 5/5", "memory", 3),
        Head("sha", "kb", "bundled 5/5", "", 4),
        Head("sha", "kb", "bundled 5/5", "", 3, 99),
        Head("sha", "kb", "bundled 5/5", "", 3, program="0.0.9"),
        Head("sha", "kb", "bundled 5/5", "", 3, calibration="others"),
    ],
)
def test_a_journal_of_another_run_is_refused_and_kept(tmp_path: Path, head: Head) -> None:
    output = tmp_path / "out.csv"
    with pytest.raises(Stopped):
        run(output, Fake(1))
    before = journal_of(output).read_bytes()
    fake = Fake()
    with pytest.raises(NotAllowedError) as caught:
        run(output, fake, head=head)
    assert caught.value.file == str(journal_of(output))
    assert "--restart" in caught.value.hint
    assert fake.batches == []
    assert journal_of(output).read_bytes() == before


def test_a_foreign_file_in_the_journals_place_is_refused(tmp_path: Path) -> None:
    journal_of(tmp_path / "out.csv").write_bytes(b"\xff my own notes\n")
    with pytest.raises(NotAllowedError):
        run(tmp_path / "out.csv", Fake())


def test_restart_begins_anew(tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    with pytest.raises(Stopped):
        run(output, Fake(2))
    fake = Fake()
    assert run(output, fake, head=Head("other", "kb", "m", ""), restart=True).resumed == 0
    assert len(fake.seen) == 12


@pytest.mark.parametrize("restart", [False, True])
def test_a_file_that_another_run_links_is_refused_and_that_run_goes_on(
    tmp_path: Path, restart: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    output, others = tmp_path / "out.csv", []
    monkeypatch.setattr(linking_journal, "_PATIENCE", 0.0)

    class Meanwhile(Fake):
        def __call__(self, batch: list[NewMention]) -> list[Ranking]:
            assert is_being_linked(journal_of(output))
            with pytest.raises(NotAllowedError, match="is being linked by another run") as caught:
                run(output, Fake(), restart=restart)
            others.append(caught.value.file)
            return super().__call__(batch)

    assert not is_being_linked(journal_of(output))
    done = run(output, Meanwhile())
    assert (done.rows, done.resumed) == (23, 0)
    assert others == ["out.csv"] * 4
    assert not journal_of(output).exists()
    assert not is_being_linked(journal_of(output))


def test_a_run_that_was_stopped_leaves_its_journal_to_the_next(tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    with pytest.raises(Stopped):
        run(output, Fake(2))
    assert not is_being_linked(journal_of(output))
    assert run(output, Fake()).resumed == 6


def test_no_more_than_two_chunks_are_on_their_way_while_results_are_kept(tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    kept: list[int] = []

    class Watching(Fake):
        def __call__(self, batch: list[NewMention]) -> list[Ranking]:
            kept.append(sum(line.startswith(b"[") for line in journal_of(output).read_bytes().splitlines()))
            return super().__call__(batch)

    run(output, Watching())
    assert len(kept) == 4
    assert all(count >= 3 * (at - 1) for at, count in enumerate(kept))


def test_an_older_output_stays_until_the_new_one_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output = tmp_path / "out.csv"
    output.write_text("yesterday", encoding="utf-8")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    real = os.fsync
    monkeypatch.setattr(linking_output.os, "fsync", lambda fd: full(fd) if list(tmp_path.glob("*.tmp")) else real(fd))
    with pytest.raises(OSError, match="No space"):
        run(output, Fake())
    assert output.read_text(encoding="utf-8") == "yesterday"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "out.csv.journal"]
    monkeypatch.undo()
    assert run(output, Fake()).resumed == 12


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_no_cell_is_a_formula(tmp_path: Path, start: str) -> None:
    evil = f"{start}HYPERLINK(1)"

    def link(batch: list[NewMention]) -> list[Ranking]:
        candidate = Candidate(evil, evil, evil, "synonym")
        return [Ranking(0, evil, (candidate, candidate), Provenance(evil, "m", "kb"), confidence=0.5)]

    mention = NewMention(evil, row=SourceRow(1, evil))
    link_file(
        lambda: iter([mention]), tmp_path / "out.csv", Head("i", evil, evil, ""), link, on_progress=lambda a, b: None
    )
    (row,) = rows(tmp_path / "out.csv")
    assert {cell[0] for cell in row.values()} <= {"'", "1", "0", "s"}
    assert row["mention"] == f"'{evil}"


def test_a_plain_cell_is_left_alone(tmp_path: Path) -> None:
    mentions = [NewMention("5'-nucleotidase = high")]
    run(tmp_path / "out.csv", Fake(), mentions=mentions)
    assert rows(tmp_path / "out.csv")[0]["mention"] == "5'-nucleotidase = high"


def test_the_same_mention_twice_is_the_same_key() -> None:
    assert linking.key_of(NewMention("a", "b", count=1)) == linking.key_of(NewMention("a", "b", count=9))
    assert linking.key_of(NewMention("ab", "c")) != linking.key_of(NewMention("a", "bc"))


def test_a_linker_that_loses_a_mention_is_an_error(tmp_path: Path) -> None:
    class Losing(Fake):
        def __call__(self, batch: list[NewMention]) -> list[Ranking]:
            return super().__call__(batch)[:-1]

    with pytest.raises(ValueError, match="rankings for"):
        run(tmp_path / "out.csv", Losing())


def generated() -> Iterator[NewMention]:
    yield from MENTIONS


def test_a_reader_may_stream(tmp_path: Path) -> None:
    assert link_file(generated, tmp_path / "out.csv", HEAD, Fake(), on_progress=lambda a, b: None).rows == 23


@settings(max_examples=50, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=2), max_size=300))
def test_keys_are_numbered_as_a_dictionary_would(words: list[bytes]) -> None:
    table, known = KeyTable(), dict[bytes, int]()
    for word in words:
        key = word * (16 // len(word))
        assert table.number(key) == known.setdefault(key, len(known))
    assert len(table) == len(known)
    assert [table.key(number) for number in known.values()] == list(known)


def test_a_table_of_many_keys_grows_and_stays_small() -> None:
    table = KeyTable()
    keys = [key_of(NewMention(str(at))) for at in range(20_000)]
    assert [table.number(key) for key in keys] == list(range(20_000))
    assert [table.number(key) for key in reversed(keys)] == list(reversed(range(20_000)))
    assert (len(table._keys) + 4 * len(table._slots)) / len(table) < 32


@pytest.mark.parametrize("changed", [MENTIONS[:-1], [*MENTIONS, MENTIONS[0]], [*MENTIONS[:-1], NewMention("other")]])
def test_a_file_that_changes_meanwhile_is_refused(tmp_path: Path, changed: list[NewMention]) -> None:
    passes = iter((MENTIONS, MENTIONS, changed))
    with pytest.raises(NotAllowedError, match="has changed"):
        link_file(lambda: iter(next(passes)), tmp_path / "out.csv", HEAD, Fake(), on_progress=lambda a, b: None)
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("suffix", [".tsv", ".jsonl", ".xlsx", ".parquet"])
def test_every_format_says_the_same(tmp_path: Path, suffix: str) -> None:
    run(tmp_path / "out.csv", Fake())
    output = tmp_path / f"out{suffix}"
    run(output, Fake())
    table = open_table(output)
    found = [dict(zip(table.headers, row.cells, strict=False)) for row in table.rows()]
    for one, other in zip(found, rows(tmp_path / "out.csv"), strict=True):
        sure = one.pop("confidence", ""), other.pop("confidence")
        assert (float(sure[0]) == float(sure[1])) if all(sure) else sure == ("", "")
        assert {name: one.get(name, "") for name in other} == other


def test_a_name_without_a_format_is_refused_before_the_work(tmp_path: Path) -> None:
    fake = Fake()
    with pytest.raises(UserInputError):
        run(tmp_path / "out.docx", fake)
    assert fake.batches == []
    assert list(tmp_path.iterdir()) == []


def test_more_rows_than_a_worksheet_holds_are_refused_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linking, "MAX_ROWS", 20)
    fake = Fake()
    with pytest.raises(UserInputError, match="worksheet"):
        run(tmp_path / "out.xlsx", fake)
    assert fake.batches == []


def test_long_contexts_go_in_smaller_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linking, "_CHARACTERS", 18)
    fake = Fake()
    run(tmp_path / "out.csv", fake)
    assert max(map(len, fake.batches)) == 2
    assert len(fake.seen) == 12


def test_results_beyond_what_is_kept_in_memory_are_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(tmp_path / "whole.csv", Fake())
    monkeypatch.setattr(linking_output, "_KEPT", 2)
    run(tmp_path / "out.csv", Fake())
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
