"""The search index of a knowledge base: a SQLite file beside its catalogue, made again whenever it does not fit.

Terms are numbered by length, then by the terminology's own order. Full-text matches come back in that order for
nothing, so a search stops at its limit instead of sorting ten thousand fractures.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from rpdr_core.errors import DamagedFileError
from rpdr_core.folding import fold
from rpdr_core.knowledge_base.catalogue import read_entities, read_manifest
from rpdr_core.records import Entity, TermSource
from rpdr_core.store import pinyin, spelling
from rpdr_core.store.database import Connection
from rpdr_core.store.staging import staged

FORMAT = 5
HINT = "delete the file: it is made again"
_KEPT = 3
_CACHE_KIBIBYTES = 8_192
"""The system keeps the file in its own cache; a larger one here made no search faster."""

_ODD_ASCII = re.compile(r"[^0-9a-z]+")

LexiconPair = tuple[str, Sequence[str]]
Maker = Callable[[Path, Sequence[LexiconPair]], None]
"""Makes the index of a catalogue's folder with a lexicon where `ensure_index` looks for it."""

_SCHEMA = (
    "CREATE TABLE entity (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, code_key TEXT NOT NULL,"
    " name TEXT NOT NULL, type TEXT NOT NULL, assignable INTEGER NOT NULL, active INTEGER NOT NULL,"
    " content TEXT NOT NULL) STRICT",
    "CREATE TABLE child (parent TEXT NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (parent, position))"
    " STRICT, WITHOUT ROWID",
    "CREATE TABLE root (id INTEGER PRIMARY KEY) STRICT",
    "CREATE TABLE term (id INTEGER PRIMARY KEY, entity_id INTEGER NOT NULL, source TEXT NOT NULL, text TEXT NOT NULL,"
    " key TEXT NOT NULL) STRICT",
    # The key holds letters, digits and single spaces only, so the plainest tokenizer splits it right.
    "CREATE VIRTUAL TABLE word USING fts5 (key, content='', detail='none', columnsize=0, tokenize='ascii',"
    " prefix='1 2 3')",
    "CREATE VIRTUAL TABLE part USING fts5 (key, content='', columnsize=0, tokenize='trigram case_sensitive 1')",
    # Trigrams hold no word of one or two characters, which is what a Chinese one often has.
    "CREATE VIRTUAL TABLE gram USING fts5 (key, content='', detail='none', columnsize=0, tokenize='ascii')",
    "CREATE TABLE pinyin (key TEXT NOT NULL, start INTEGER NOT NULL, term_id INTEGER NOT NULL,"
    " PRIMARY KEY (key, start, term_id)) STRICT, WITHOUT ROWID",
    "CREATE TABLE vocabulary (id INTEGER PRIMARY KEY, word TEXT NOT NULL, terms INTEGER NOT NULL) STRICT",
    "CREATE VIRTUAL TABLE inside USING fts5 (word, content='', columnsize=0, tokenize='trigram case_sensitive 1')",
    "CREATE TABLE thinned (key TEXT NOT NULL, word_id INTEGER NOT NULL, PRIMARY KEY (key, word_id))"
    " STRICT, WITHOUT ROWID",
)
# Retired entities have no parents any more; they are no chapters for it.
_ROOTS = """INSERT INTO root SELECT id FROM entity WHERE id NOT IN (SELECT position FROM child)
    AND (active OR code IN (SELECT parent FROM child))"""
_INDEXES = (
    "CREATE INDEX entity_code ON entity (code_key)",
    "CREATE INDEX term_key ON term (key)",
    "CREATE UNIQUE INDEX vocabulary_word ON vocabulary (word)",
)

_Term = tuple[int, TermSource, str, str]


def search_key(text: str) -> str:
    """How terms and queries are compared: folded, no accents or apostrophes, letters and digits, single spaces."""
    if text.isascii():  # most of an English terminology, at a tenth of the time
        return " ".join(_ODD_ASCII.sub(" ", text.lower().replace("'", "")).split())
    bare = "".join(c for c in unicodedata.normalize("NFD", fold(text)) if not _is_mark(c))
    return " ".join("".join(c if c.isalnum() else " " for c in unicodedata.normalize("NFC", bare)).split())


def _is_mark(character: str) -> bool:
    return "\u0300" <= character <= "\u036f" or character in "'\u2019"


def code_key(text: str) -> str:
    """How codes are compared: folded, letters and digits only."""
    return search_key(text).replace(" ", "")


def grams(word: str) -> list[str]:
    """A word in another script than Latin as its pairs of characters; a single character is its own."""
    return [word[at : at + 2] for at in range(len(word) - 1)] or [word]


def ensure_index(folder: Path, lexicon: Sequence[LexiconPair], make: Maker | None = None) -> Connection:
    """The index for this catalogue and lexicon, made if it is missing or cannot be read; `make`: elsewhere."""
    fingerprint = read_manifest(folder).info.fingerprint
    content = hashlib.sha256(msgspec.json.encode([FORMAT, fingerprint, lexicon])).hexdigest()
    path = folder / f"search-{content[:12]}.sqlite"
    if path.exists():
        with contextlib.suppress(DamagedFileError):
            return open_index(path)
    if make is not None:
        make(folder, lexicon)
    else:
        _build(path, folder, lexicon)
        _forget_old(folder)
    return open_index(path)


def open_index(path: Path) -> Connection:
    """A read-only connection to an index that is there; `DamagedFileError` for one of another format."""
    connection = Connection(path, write=False, damaged_hint=HINT)
    try:
        if connection.value("PRAGMA user_version") != FORMAT:
            raise DamagedFileError("the search index is incomplete", hint=HINT, file=str(path))
        connection.execute(f"PRAGMA cache_size=-{_CACHE_KIBIBYTES}")
    except BaseException:
        connection.close()
        raise
    return connection


def _build(path: Path, folder: Path, lexicon: Sequence[LexiconPair]) -> None:
    with staged(path, "the search index") as staging:
        connection = Connection(staging, write=True, damaged_hint=HINT)
        try:
            connection.execute("PRAGMA journal_mode=OFF")
            connection.execute("PRAGMA synchronous=OFF")
            _fill(connection, list(read_entities(folder)), lexicon)
        finally:
            connection.close()


def _fill(connection: Connection, entities: Sequence[Entity], lexicon: Sequence[LexiconPair]) -> None:
    numbers = {entity.code: number for number, entity in enumerate(entities, 1)}
    terms = sorted(_terms(entities, numbers, lexicon), key=lambda term: (len(term[3]), term[0]))
    with connection.transaction():
        for statement in _SCHEMA:
            connection.execute(statement)
        connection.execute_many("INSERT INTO entity VALUES (?, ?, ?, ?, ?, ?, ?, ?)", _entity_rows(entities))
        connection.execute_many("INSERT OR IGNORE INTO child VALUES (?, ?)", _child_rows(entities))
        connection.execute(_ROOTS)
        numbered = [(number, *term) for number, term in enumerate(terms, 1)]
        connection.execute_many("INSERT INTO term VALUES (?, ?, ?, ?, ?)", numbered)
        for table in ("word", "part"):
            connection.execute(f"INSERT INTO {table} (rowid, key) SELECT id, key FROM term ORDER BY id")  # noqa: S608
        keys = [(number, term[3]) for number, term in enumerate(terms, 1)]
        connection.execute_many("INSERT INTO gram (rowid, key) VALUES (?, ?)", _gram_rows(keys))
        connection.execute_many("INSERT OR IGNORE INTO pinyin VALUES (?, ?, ?)", _pinyin_rows(keys))
        words = _vocabulary(key for _, key in keys)
        connection.execute_many("INSERT INTO vocabulary VALUES (?, ?, ?)", words)
        connection.execute("INSERT INTO inside (rowid, word) SELECT id, word FROM vocabulary ORDER BY id")
        connection.execute_many("INSERT INTO thinned VALUES (?, ?)", _thinned_rows(words))
        for statement in _INDEXES:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version={FORMAT}")


def _entity_rows(entities: Iterable[Entity]) -> Iterator[tuple[object, ...]]:
    encode = msgspec.json.encode
    for number, entity in enumerate(entities, 1):
        flags = (int(entity.assignable), int(entity.active))
        content = encode(entity).decode()
        yield (number, entity.code, code_key(entity.code), entity.name, entity.type, *flags, content)


def _child_rows(entities: Iterable[Entity]) -> Iterator[tuple[str, int]]:
    for number, entity in enumerate(entities, 1):
        for parent in entity.parents:
            yield parent, number


def _gram_rows(keys: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    for number, key in keys:
        wide = [word for word in key.split() if not word.isascii()]
        if wide:
            yield number, " ".join(gram for word in wide for gram in (*word, *grams(word)))


def _pinyin_rows(keys: Iterable[tuple[int, str]]) -> list[tuple[str, int, int]]:
    return sorted(
        (letters, start, number)
        for number, key in keys
        if pinyin.has_han(key)
        for letters, start in pinyin.spellings(key)
    )


def _vocabulary(keys: Iterable[str]) -> list[tuple[int, str, int]]:
    counts = Counter(word for key in keys for word in set(key.split()) if word.isascii())
    return [(number, word, counts[word]) for number, word in enumerate(sorted(counts), 1)]


def _thinned_rows(words: Iterable[tuple[int, str, int]]) -> list[tuple[str, int]]:
    """Of words that a misspelt one may be meant for: letters only, and not too short."""
    correct = ((number, word) for number, word, _ in words if word.isalpha() and len(word) >= spelling.SHORTEST)
    return sorted((key, number) for number, word in correct for key in spelling.keys_of_word(word))


def _terms(entities: Iterable[Entity], numbers: dict[str, int], lexicon: Iterable[LexiconPair]) -> Iterator[_Term]:
    """Terms of active entities, each key once per entity: a lexicon's term never hides an official one."""
    seen: set[tuple[int, str]] = set()
    for number, source, text in _strings(entities, numbers, lexicon):
        key = search_key(text)
        if key and (number, key) not in seen:
            seen.add((number, key))
            yield number, source, text, key


def _strings(
    entities: Iterable[Entity], numbers: dict[str, int], lexicon: Iterable[LexiconPair]
) -> Iterator[tuple[int, TermSource, str]]:
    inactive = set()
    for entity in entities:
        number = numbers[entity.code]
        if not entity.active:
            inactive.add(number)
            continue
        yield number, "name", entity.name
        for synonym in entity.synonyms:
            yield number, "synonym", synonym
        for note in entity.notes:
            if note.kind == "other_code":
                yield number, "code", note.text
    for term, codes in lexicon:
        for code in codes:
            if code in numbers and numbers[code] not in inactive:
                yield numbers[code], "lexicon", term


def _forget_old(folder: Path) -> None:
    """Keep the newest few; one that is in use where open files cannot be removed stays."""
    with contextlib.suppress(OSError):
        found = sorted(folder.glob("search-*.sqlite"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in found[_KEPT:]:
            path.unlink(missing_ok=True)
