"""Files find their way to a machine without them; a chunk can be taken again until its result is here."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rpdr_core.errors import DamagedFileError
from rpdr_core.paths import cache_dir
from rpdr_core.protocol.messages import KnowledgeBaseRef, OpenRetrieval, RetrievalState
from rpdr_core.training_texts import FILE as TRAINING_TEXTS
from rpdr_core.workflow.linking_ray.cargo import bring_vectors, packed, unpacked
from rpdr_core.workflow.linking_ray.shelf import Asker, Shelf, Task
from rpdr_core.workflow.linking_ray.watching import Stand

STATE = RetrievalState("f" * 64, 2, 3, 3, 3, "ready", "mine@abcdef012345")
VECTORS = ("abcdef0123456789/aa.f16", "abcdef0123456789/never-made.f16")
NODE = Asker("a1", "actor")
STRANGER = Asker("b2", "actor")


def write(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.fixture
def opening(tmp_path: Path) -> OpenRetrieval:
    """Two lexicons of one folder, an encoder with a folder in it, vectors of it in the cache."""
    here = tmp_path / "here"
    write(here / "kb" / "entities.jsonl", "entities")
    lexicons = (write(here / "one.tsv", "one"), write(here / "two.tsv", "two"))
    write(here / "mine" / "config.json", "{}")
    write(here / "mine" / "1_Pooling" / "config.json", "{}")
    write(cache_dir() / "vectors" / "abcdef0123456789" / "aa.f16", "vectors")
    write(cache_dir() / "vectors" / "abcdef0123456789" / "bb.f16", "of a memory's wordings")
    write(cache_dir() / "vectors" / "0000000000000000" / "cc.f16", "of another encoder")
    write(here / "mine" / TRAINING_TEXTS, "what it has seen")
    write(here / "mine" / f".{TRAINING_TEXTS}.5eed", "what it has seen, half written")
    tokens, paraphrases = (write(here / "tokens.tsv", "t"),), write(here / "paraphrases.tsv", "p")
    reference = KnowledgeBaseRef("f" * 64, str(here / "kb"), lexicons, tokens, ("H25",), paraphrases)
    return OpenRetrieval(reference, (), str(here / "mine"))


@pytest.fixture
def adapter(tmp_path: Path) -> str:
    write(tmp_path / "here" / "student" / TRAINING_TEXTS, "what it has seen")
    return str(Path(write(tmp_path / "here" / "student" / "manifest.json", "adapter")).parent)


class Sender:
    """The machine that the files are on, wherever they are now."""

    def __init__(self, moved: Callable[[str], Path]) -> None:
        self._moved = moved
        self.asked: list[str] = []

    def __call__(self, path: str) -> Iterator[bytes]:
        self.asked.append(path)
        content = self._moved(path).read_bytes()
        yield content[:3]
        yield content[3:]


def refused(path: str) -> Iterator[bytes]:
    raise AssertionError(path)


def test_what_lies_where_it_should_is_used_where_it_lies(opening: OpenRetrieval, adapter: str) -> None:
    assert unpacked(packed(opening, VECTORS, adapter), opening, adapter, refused) == (opening, adapter)


def test_what_is_not_there_is_brought_once(opening: OpenRetrieval, adapter: str, tmp_path: Path) -> None:
    cargo = packed(opening, VECTORS, adapter)
    (tmp_path / "here").rename(tmp_path / "away")
    sender = Sender(lambda path: tmp_path / "away" / Path(path).relative_to(tmp_path / "here"))
    found, student = unpacked(cargo, opening, adapter, sender)
    assert len(sender.asked) == 8
    assert (Path(found.knowledge_base.folder) / "entities.jsonl").read_text() == "entities"
    assert [Path(path).read_text() for path in found.knowledge_base.lexicons] == ["one", "two"]
    assert [Path(path).read_text() for path in found.knowledge_base.tokens] == ["t"]
    assert Path(found.knowledge_base.paraphrases).read_text() == "p"
    assert (found.knowledge_base.priority, found.knowledge_base.fingerprint) == (("H25",), "f" * 64)
    assert Path(found.encoder).name == "mine", "its name is in what it is called"
    assert (Path(found.encoder) / "1_Pooling" / "config.json").is_file()
    assert (Path(student) / "manifest.json").read_text() == "adapter"
    assert unpacked(cargo, opening, adapter, refused) == (found, student)
    if sys.platform != "win32":
        assert (cache_dir() / "brought").stat().st_mode & 0o077 == 0, "for this user alone"


def test_what_was_trained_on_and_vectors_of_other_wordings_stay_here(opening: OpenRetrieval, adapter: str) -> None:
    """Each would tell what a mention of another project was."""
    cargo = packed(opening, VECTORS, adapter)
    assert {path for path in cargo.paths if TRAINING_TEXTS in path} == set()
    assert [Path(path).name for path in cargo.paths if path.endswith(".f16")] == ["aa.f16"]
    assert cargo.size == sum(Path(path).stat().st_size for path in cargo.paths)
    assert cargo.told == (
        "entities.jsonl", "one.tsv", "two.tsv", "tokens.tsv", "paraphrases.tsv", "mine", "manifest.json",
        "vectors (1 files)",
    )  # fmt: skip


def test_an_encoder_called_model_keeps_the_name_above_it(opening: OpenRetrieval, tmp_path: Path) -> None:
    folder = (tmp_path / "here" / "mine").rename(tmp_path / "here" / "model")
    opening = replace(opening, encoder=str(folder))
    cargo = packed(opening, VECTORS, "")
    (tmp_path / "here").rename(tmp_path / "away")
    sender = Sender(lambda path: tmp_path / "away" / Path(path).relative_to(tmp_path / "here"))
    found = Path(unpacked(cargo, opening, "", sender)[0].encoder)
    assert (found.parent.name, found.name) == ("here", "model")


def test_a_file_of_the_same_name_is_not_the_same_file(opening: OpenRetrieval, tmp_path: Path) -> None:
    cargo = packed(opening, VECTORS, "")
    kept = (tmp_path / "here" / "one.tsv").rename(tmp_path / "kept")
    write(tmp_path / "here" / "one.tsv", "another")
    found, _ = unpacked(cargo, opening, "", Sender(lambda _: kept))
    assert Path(found.knowledge_base.lexicons[0]).read_text() == "one"


def test_a_file_that_is_damaged_on_its_way_is_refused(opening: OpenRetrieval, tmp_path: Path) -> None:
    cargo = packed(opening, VECTORS, "")
    (tmp_path / "here" / "one.tsv").unlink()
    with pytest.raises(DamagedFileError):
        unpacked(cargo, opening, "", lambda _: iter([b"spoilt"]))


def test_vectors_of_this_encoder_are_brought_where_they_lack(opening: OpenRetrieval, tmp_path: Path) -> None:
    cargo = packed(opening, VECTORS, "")
    assert cargo.vectors == ("abcdef0123456789/aa.f16",)
    bring_vectors(cargo, refused)
    shard = cache_dir() / "vectors" / "abcdef0123456789" / "aa.f16"
    kept = shard.rename(tmp_path / "kept")
    bring_vectors(cargo, Sender(lambda _: kept))
    assert shard.read_text() == "vectors"


def task(opening: OpenRetrieval) -> Task:
    return Task(opening, STATE, packed(opening, VECTORS, ""), "", "", frozenset((NODE.node,)), "", 1, 4)


async def laid(opening: OpenRetrieval) -> Shelf:
    shelf = Shelf()
    await shelf.lay(task(opening))
    return shelf


def test_a_chunk_is_the_same_until_its_result_has_come(opening: OpenRetrieval) -> None:
    async def life() -> None:
        shelf = await laid(opening)
        waiting = asyncio.create_task(shelf.take(NODE, 0))
        await asyncio.sleep(0)
        assert not waiting.done()
        await shelf.put(0, b"zero")
        assert await waiting == (b"zero", 1)
        assert await shelf.take(NODE, 0) == (b"zero", 2)
        await shelf.drop(0)
        assert (await shelf.take(NODE, 0))[0] is None
        past = asyncio.create_task(shelf.take(NODE, 2))
        await shelf.put(1, b"one")
        await shelf.end(2)
        assert (await past)[0] is None
        assert await shelf.take(NODE, 1) == (b"one", 1)

    asyncio.run(life())


def test_the_shelf_hands_out_its_cargo_and_no_other_file(opening: OpenRetrieval, tmp_path: Path) -> None:
    async def life() -> None:
        shelf = await laid(opening)
        assert (await shelf.task(NODE), await shelf.task(NODE))[1] == (task(opening), 2)
        lexicon = opening.knowledge_base.lexicons[0]
        assert [await shelf.part(NODE, lexicon, at) for at in (0, 1, 3)] == [b"one", b"ne", b""]
        with pytest.raises(PermissionError):
            await shelf.part(NODE, write(tmp_path / "secret", "x"), 0)

    asyncio.run(life())


def test_a_node_that_nobody_agreed_to_gets_nothing_from_the_shelf(opening: OpenRetrieval) -> None:
    """Least of all the task: the memory's wordings are in it."""

    async def life() -> None:
        shelf = Shelf()
        with pytest.raises(PermissionError):
            await shelf.task(NODE)
        await shelf.lay(task(opening))
        await shelf.put(0, b"zero")
        lexicon = opening.knowledge_base.lexicons[0]
        for asked in (shelf.task(STRANGER), shelf.take(STRANGER, 0), shelf.part(STRANGER, lexicon, 0)):
            with pytest.raises(PermissionError):
                await asked

    asyncio.run(life())


def test_the_shelf_knows_who_is_at_work(opening: OpenRetrieval) -> None:
    async def life() -> None:
        shelf = await laid(opening)
        assert await shelf.stand() == Stand(frozenset(), lying=False)
        await shelf.task(NODE)
        assert (await shelf.stand()).working == {"a1"}, "it opens the knowledge base"
        waiting = asyncio.create_task(shelf.take(NODE, 0))
        await asyncio.sleep(0)
        assert (await shelf.stand()).working == set(), "it waits for a chunk"
        await shelf.put(0, b"zero")
        await waiting
        assert await shelf.stand() == Stand(frozenset(("a1",)), lying=True)
        await shelf.rest(NODE)
        assert await shelf.stand() == Stand(frozenset(), lying=True)
        await shelf.drop(0)
        assert (await shelf.take(NODE, 0))[0] is None
        assert await shelf.stand() == Stand(frozenset(), lying=False)

    asyncio.run(life())
