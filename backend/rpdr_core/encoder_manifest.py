"""What an encoder that was trained here says of itself: `manifest.json` in its folder, read without torch."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import msgspec

from rpdr_core.errors import DamagedFileError, NotFoundError
from rpdr_core.protocol.training_messages import AdapterInfo

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class EncoderCheck:
    """Held-out `texts` looked up among `strings`: shares found first and among the first ten, before and after.

    The gains are 95 % intervals of a paired bootstrap. `wins`: more first places beyond chance, no fewer among ten, and
    no fewer first places where the mentions are read alone. `contexts`: how many texts were read with their context
    afterwards; where some were, all texts were looked up alone as well, before and after (`alone_..`).
    """

    texts: int
    strings: int
    at_1_before: float
    at_1: float
    at_1_gain: tuple[float, float]
    at_10_before: float
    at_10: float
    at_10_gain: tuple[float, float]
    wins: bool
    contexts: int = 0
    alone_at_1_before: float = 0.0
    alone_at_1: float = 0.0
    alone_at_1_gain: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class EncoderManifest:
    """`info.id` is the hash of all the rest, `info.folder` empty on disk. `base`: fingerprint of the encoder that it
    was made from; `knowledge_base`: of the catalogue. `files`: SHA-256 of each file beside the manifest. `context`: how
    many characters of a mention's context it was trained to read with it.
    """

    info: AdapterInfo
    base: str
    knowledge_base: str
    seed: int
    check: EncoderCheck
    files: dict[str, str] = field(default_factory=dict)
    format: int = 1
    context: int = 0


def read_encoder_manifest(folder: Path) -> EncoderManifest:
    """Raises `NotFoundError` where there is none, `DamagedFileError` where it cannot be read."""
    path = folder / MANIFEST
    try:
        return msgspec.json.decode(path.read_bytes(), type=EncoderManifest)
    except OSError as error:
        raise NotFoundError("no trained encoder here", hint="see: rpdr encoders list", file=str(path)) from error
    except msgspec.MsgspecError as error:
        raise DamagedFileError(
            "the encoder's manifest cannot be read", hint="train it again", file=str(path)
        ) from error


class _Reading(msgspec.Struct):
    context: Annotated[int, msgspec.Meta(ge=0)] = 0


def context_read(folder: Path) -> int:
    """How many characters of a mention's context an encoder was trained to read; 0 where it does not say.

    Raises `DamagedFileError`.
    """
    path = folder / MANIFEST
    if not path.is_file():
        return 0
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Reading).context
    except msgspec.MsgspecError as error:
        raise DamagedFileError(
            "the encoder's manifest cannot be read", hint="train it again", file=str(path)
        ) from error
