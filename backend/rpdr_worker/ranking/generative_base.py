"""A causal language model on this machine: found, checked, fingerprinted, loaded.

By folder, or by hub name where its files are here already; nothing is fetched. Safetensors only; a folder with Python
files or remote-code hooks is refused.
"""

from __future__ import annotations

import hashlib
import inspect
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from rpdr_core.errors import DamagedFileError, MissingExtraError, NotAllowedError, NotFoundError
from rpdr_core.paths import cache_dir, data_dir
from rpdr_worker.devices import multiplies_bf16
from rpdr_worker.retrieval.torch_runtime import LOADING, load_library

_TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer.model",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.json",
    "merges.txt",
    "chat_template.jinja",
)
_INDEX = "model.safetensors.index.json"


@dataclass(frozen=True, slots=True)
class BaseFolder:
    """A checked model folder. `fingerprint` covers weights, configuration and tokenizer."""

    path: Path
    reference: str
    fingerprint: str

    @property
    def name(self) -> str:
        return f"{self.reference.rstrip('/').rpartition('/')[2] or 'model'}@{self.fingerprint[:12]}"


@dataclass(frozen=True, slots=True)
class LoadedBase:
    """`takes_positions`: the model's forward pass accepts position ids."""

    model: Any
    tokenizer: Any
    takes_positions: bool


def open_base_folder(reference: str) -> BaseFolder:
    """Find a base model by folder, by its name under the data folder's `models`, or by hub name, and check it."""
    if not reference:
        raise NotFoundError("the recipe names no base model", hint="give the base model's folder or hub name")
    path = _found(reference)
    _refuse_code(path)
    weights = _weights(path)
    digests = [_sha256(path / "config.json")]
    digests += [_sha256(path / name) if (path / name).is_file() else "" for name in _TOKENIZER_FILES]
    digests += _weight_digests(weights)
    key = msgspec.json.encode([*digests, [weight.name for weight in weights]])
    return BaseFolder(path, reference, hashlib.sha256(key).hexdigest())


def load_base(folder: BaseFolder, *, precision: str, quantization: str = "none") -> LoadedBase:
    """Model and tokenizer in evaluation mode on the fastest device. `precision`: auto, bf16 or float32."""
    with LOADING:
        try:
            load_library()
            import torch
            from transformers import AutoModelForCausalLM, AutoTokenizer
        except ImportError as error:
            raise MissingExtraError("torch is not installed", hint='pip install "rpdr-desk[worker]"') from error
        device = "cuda" if torch.cuda.is_available() else "cpu"
        dtype = torch.bfloat16 if uses_bf16(precision) else torch.float32
        more = _quantized(quantization, dtype)
        safe: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
        tokenizer = AutoTokenizer.from_pretrained(str(folder.path), **safe)
        model: Any = AutoModelForCausalLM.from_pretrained(
            str(folder.path), dtype=dtype, use_safetensors=True, **safe, **more
        )
        # Newer releases of transformers pass position ids to all models of a kind; older kinds have none.
        takes = "position_ids" in inspect.signature(model.forward).parameters
        return LoadedBase((model if more else model.to(device)).eval(), tokenizer, takes)


def uses_bf16(precision: str) -> bool:
    """Whether weights are held in bf16 here. `auto`: where the device has instructions for it."""
    import torch

    if precision != "auto":
        return precision == "bf16"
    return bool(torch.cuda.is_bf16_supported()) if torch.cuda.is_available() else multiplies_bf16()


def _quantized(quantization: str, dtype: Any) -> dict[str, Any]:
    if quantization == "none":
        return {}
    import importlib.util

    import torch

    if not torch.cuda.is_available():
        raise NotAllowedError(
            "4-bit weights need a CUDA device", hint='set quantization = "none", or train on a GPU host'
        )
    if importlib.util.find_spec("bitsandbytes") is None:
        raise MissingExtraError("bitsandbytes is not installed", hint="pip install bitsandbytes")
    from transformers import BitsAndBytesConfig

    config = BitsAndBytesConfig(  # type: ignore[no-untyped-call]
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True, bnb_4bit_compute_dtype=dtype
    )
    return {"quantization_config": config, "device_map": {"": torch.cuda.current_device()}}


def _found(reference: str) -> Path:
    for path in (Path(reference), data_dir() / "models" / reference.rpartition("/")[2]):
        if (path / "config.json").is_file():
            return path
    if not Path(reference).is_absolute() and reference.count("/") <= 1:
        try:
            from huggingface_hub import snapshot_download
            from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

            return Path(snapshot_download(reference, local_files_only=True))
        except (ImportError, LocalEntryNotFoundError, HFValidationError, HfHubHTTPError):
            pass
    hint = (
        f"give its folder, or put it at {data_dir() / 'models' / (reference.rstrip('/').rpartition('/')[2] or 'NAME')}"
    )
    raise NotFoundError(f"the base model {reference} is not on this machine", hint=hint)


def _refuse_code(path: Path) -> None:
    if any(path.rglob("*.py")):
        raise NotAllowedError("the model folder holds Python code", hint="use a folder without code", file=str(path))
    for name in ("config.json", "tokenizer_config.json"):
        if "auto_map" in _json(path / name):
            raise NotAllowedError(
                "the model wants to run its own code", hint="use a standard model", file=str(path / name)
            )


def _weights(path: Path) -> list[Path]:
    """The safetensors files, in order of name; all that the index names must be there."""
    index = _json(path / _INDEX)
    names = sorted(set(index.get("weight_map", {}).values())) if index else ["model.safetensors"]
    for name in names:
        if Path(name).name != name or not (path / name).is_file():
            hint = "fetch the model again, with its weights as safetensors"
            raise NotFoundError(f"no {name} in the base model's folder", hint=hint, file=str(path))
    return [path / name for name in names]


def _weight_digests(weights: list[Path]) -> list[str]:
    """SHA-256 of each file. Gigabytes take minutes, so a digest is kept with the file's size and time."""
    kept_at = cache_dir() / "weight-hashes.json"
    kept = _kept(kept_at)
    digests = []
    for path in weights:
        state = path.stat()
        key = f"{path.resolve()}|{state.st_size}|{state.st_mtime_ns}"
        digests.append(kept.get(key) or _sha256(path))
        kept[key] = digests[-1]
    kept_at.parent.mkdir(parents=True, exist_ok=True)
    staging = kept_at.with_suffix(f".{hashlib.sha256(str(weights).encode()).hexdigest()[:8]}")
    staging.write_bytes(msgspec.json.encode(kept))
    staging.replace(kept_at)
    return digests


def _kept(path: Path) -> dict[str, str]:
    """A cache: one that cannot be read is an empty one."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    except (OSError, msgspec.MsgspecError):
        return {}


def _json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DamagedFileError("not valid JSON", hint="fetch the model again", file=str(path)) from error
    return loaded if isinstance(loaded, dict) else {}


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
