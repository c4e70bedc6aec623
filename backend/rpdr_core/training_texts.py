"""Which mention texts an adapter was trained on, without the texts: a file of salted digests beside its manifest.

::

    {"format":1,"data_sha256":"..","texts":1714,"sha256":".."}     of the lines below
    0f3c5a..                                                       64 bits of each distinct text, sorted

A digest is SHA-256 over the rows' hash and the folded text, so two adapters cannot be laid side by side. Whoever holds
the file can still test a guess ("was *diabetes* in it?"): it stays with the adapter and is left out of every export.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from rpdr_core.errors import DamagedFileError
from rpdr_core.folding import fold

FILE = "training_texts.txt"
_FORMAT = 1
_DIGITS = 16


@dataclass(frozen=True, slots=True)
class _Head:
    data_sha256: str
    texts: int
    sha256: str
    format: int = _FORMAT


@dataclass(frozen=True, slots=True)
class TrainingTexts:
    """The digests of an adapter's training texts. `known` is False where the adapter does not say."""

    salt: str = ""
    digests: frozenset[str] = frozenset()
    known: bool = False

    def __contains__(self, text: str) -> bool:
        """Whether a text (case, width and white space aside) was trained on; False where that is not known."""
        return self.known and digest_of(self.salt, text) in self.digests


def digest_of(salt: str, text: str) -> str:
    return hashlib.sha256(f"{salt}:{fold(text)}".encode()).hexdigest()[:_DIGITS]


def write_training_texts(folder: Path, data_sha256: str, texts: Iterable[str]) -> None:
    """Write the file into an adapter's folder. `texts`: of every row that training or validation saw."""
    lines = sorted({digest_of(data_sha256, text) for text in texts})
    body = "".join(f"{line}\n" for line in lines).encode()
    head = msgspec.json.encode(_Head(data_sha256, len(lines), hashlib.sha256(body).hexdigest()))
    # Several processes of one training write the same: each its own file, and the rename decides.
    staging = folder / f".{FILE}.{secrets.token_hex(4)}"
    staging.write_bytes(head + b"\n" + body)
    staging.replace(folder / FILE)


def read_training_texts(folder: Path) -> TrainingTexts:
    """The digests of an adapter's folder. Raises `DamagedFileError` where the file is not whole."""
    path = folder / FILE
    try:
        first, _, body = path.read_bytes().partition(b"\n")
    except OSError:
        return TrainingTexts()
    hint = "fetch the adapter again, or train it again"
    try:
        head = msgspec.json.decode(first, type=_Head)
        lines = body.decode("ascii").split()
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise DamagedFileError("the list of training texts cannot be read", hint=hint, file=str(path)) from error
    if head.format != _FORMAT or head.texts != len(lines) or hashlib.sha256(body).hexdigest() != head.sha256:
        raise DamagedFileError("the list of training texts is damaged", hint=hint, file=str(path))
    return TrainingTexts(head.data_sha256, frozenset(lines), known=True)
