"""What an unfinished linking was begun with, kept so that it can go on after a kill: a small file in our data.

No mention is in it; the decisions that were remembered are named by the newest of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from rpdr_core.paths import data_dir
from rpdr_desk.operations.link_state import LinkWish, Unfinished

_FOLDER = "linking"


class Kept(msgspec.Struct, frozen=True):
    """`project`: path of the project that it was begun from. `last`: the newest decision that is remembered. `wish`
    without its `restart`: to go on is never to begin anew.
    """

    project: str
    wish: LinkWish
    student: str
    scope: str
    last: int
    begun_at: str


def key_of(output: Path) -> str:
    return hashlib.sha256(str(output.absolute()).encode()).hexdigest()[:24]


def begun_now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def keep(kept: Kept) -> None:
    """In one swap."""
    kept = msgspec.structs.replace(kept, wish=replace(kept.wish, restart=False))
    path = _path(key_of(kept.wish.output))
    path.parent.mkdir(parents=True, exist_ok=True)
    staging = path.with_suffix(".staging")
    staging.write_bytes(msgspec.json.encode(kept, enc_hook=_path_text))
    staging.replace(path)


def read(key: str) -> Kept | None:
    """None where there is none, or none that can be read: then nothing can go on by it."""
    try:
        kept = msgspec.json.decode(_path(key).read_bytes(), type=Kept, dec_hook=_path_of)
    except (OSError, msgspec.MsgspecError):
        return None
    return msgspec.structs.replace(kept, wish=replace(kept.wish, restart=False))


def same_run(project: Path, wish: LinkWish) -> Kept | None:
    """The run to this output that was stopped, where it was begun from this project and with this wish."""
    kept = read(key_of(wish.output))
    if kept is None or wish.restart or kept.wish != wish or kept.project != str(project.absolute()):
        return None
    return kept if journal_of(wish.output).is_file() else None


def forget(key: str, *, journal: bool = False) -> None:
    """It has ended; `journal`: what was done is not wanted any more. Raises `NotAllowedError` where it is under way."""
    from rpdr_core.workflow.linking_journal import refuse_being_linked

    kept = read(key)
    if journal and kept is not None:
        refuse_being_linked(journal_of(kept.wish.output))
        journal_of(kept.wish.output).unlink(missing_ok=True)
    _path(key).unlink(missing_ok=True)


def unfinished(project: Path) -> tuple[Unfinished, ...]:
    """The runs of a project that can go on, the newest first; none that is under way in another window."""
    found = sorted(_of(project), key=lambda one: one.begun_at, reverse=True)
    return tuple(found)


def journal_of(output: Path) -> Path:
    return output.with_name(output.name + ".journal")


def _of(project: Path) -> Iterator[Unfinished]:
    from rpdr_core.workflow.linking_journal import is_being_linked

    for path in (data_dir() / _FOLDER).glob("*.json"):
        kept = read(path.stem)
        if kept is not None and kept.project == str(project.absolute()):
            journal = journal_of(kept.wish.output)
            done = _done(journal)
            if done is not None and kept.wish.source.is_file() and not is_being_linked(journal):
                yield Unfinished(path.stem, kept.wish, done, kept.begun_at)


def _done(journal: Path) -> int | None:
    """About how many mentions are done: the last whole chunk's number, without reading all of a large file."""
    try:
        with journal.open("rb") as stream:
            stream.seek(max(0, journal.stat().st_size - (1 << 22)))
            lines = stream.read().splitlines()
    except OSError:
        return None
    return next((int(line) for line in reversed(lines) if line.isdigit()), 0)


def _path(key: str) -> Path:
    return data_dir() / _FOLDER / f"{key}.json"


def _path_text(value: object) -> str:
    if isinstance(value, Path):
        return str(value)
    raise NotImplementedError


def _path_of(type_: type, value: object) -> Path:
    if type_ is Path:
        return Path(str(value))
    raise NotImplementedError
