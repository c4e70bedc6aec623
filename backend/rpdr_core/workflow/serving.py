"""A generative student for a server that takes LoRA adapters: vLLM or Ollama. A folder with all that it needs.

What vLLM takes: https://docs.vllm.ai/en/stable/features/lora.html; Ollama: https://docs.ollama.com/modelfile (ADAPTER).
"""

from __future__ import annotations

import json
import shutil
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

from rpdr_core.errors import DamagedFileError, NotAllowedError
from rpdr_core.prompting.placeholders import fill
from rpdr_core.protocol.messages import AdapterInfo

Server = Literal["vllm", "ollama"]

_VLLM_RANKS = (8, 16, 32, 64, 128, 256, 320, 512)
_OLLAMA_TYPES = frozenset(("llama", "mistral", "mixtral", "gemma", "gemma2"))
_WEIGHTS, _CONFIG, _PROMPT = "adapter_model.safetensors", "adapter_config.json", "prompt.toml"


class _Use(msgspec.Struct, frozen=True):
    base: str
    chat: bool
    cutoff: int
    form: str


class _Manifest(msgspec.Struct, frozen=True):
    info: AdapterInfo
    generative: _Use | None = None


@dataclass(frozen=True, slots=True)
class Served:
    """The folder, the name that the server will know the student by, and the command that starts it."""

    folder: str
    name: str
    command: str
    notes: tuple[str, ...] = ()


def export_for(server: Server, info: AdapterInfo, output: Path) -> Served:
    """Write the folder. Hashes are the worker's to check: verify the adapter first.

    Raises `NotAllowedError` for an encoder student, and for a model that Ollama reads no adapters of.
    """
    source = Path(info.folder)
    use = _as_served(_use_of(source, info))
    config = _json(source / _CONFIG)
    if output.exists() and any(output.iterdir()):
        raise NotAllowedError(
            "the output folder holds something", hint="choose a new or empty folder", file=str(output)
        )
    name = f"rpdr-{info.id[:8]}"
    notes = _notes(server, use)
    served = Served(str(output), name, _command(server, name, use, config, output), notes)
    output.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{output.name}-", dir=output.parent))
    try:
        _write(staging, server, source, config, use, info, served)
        staging.chmod(0o755)
        if output.exists():
            output.rmdir()
        staging.replace(output)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return served


def _use_of(source: Path, info: AdapterInfo) -> _Use:
    try:
        use = msgspec.json.decode((source / "manifest.json").read_bytes(), type=_Manifest).generative
    except (OSError, msgspec.MsgspecError) as error:
        raise DamagedFileError(
            "the adapter's manifest cannot be read", hint="fetch it again", file=info.folder
        ) from error
    if use is None:
        raise NotAllowedError(
            f"student {info.id} is an encoder: a server of language models has no use for it",
            hint="rpdr link uses it as it is; rpdr adapters fuse makes an encoder folder of it",
            file=info.folder,
        )
    return use


def _as_served(use: _Use) -> _Use:
    """Chat needs a chat template in the base's tokenizer; where the base is not here, the recipe is believed."""
    base = Path(use.base)
    if not use.chat or not (base / "config.json").is_file():
        return use
    has_template = (base / "chat_template.jinja").is_file() or "chat_template" in _json(base / "tokenizer_config.json")
    return use if has_template else msgspec.structs.replace(use, chat=False)


def _notes(server: Server, use: _Use) -> tuple[str, ...]:
    """What to mind. The base's architecture is known only where the base lies on this machine."""
    notes = [] if use.form == "labels" else ["this student writes names, not letters"]
    if server == "ollama":
        kind = _json(Path(use.base) / "config.json").get("model_type", "")
        if kind and kind not in _OLLAMA_TYPES:
            raise NotAllowedError(
                f"Ollama reads no adapters for models of type {kind}",
                hint="fuse it (rpdr adapters fuse), convert the folder to GGUF with llama.cpp, and give Ollama that",
            )
        if not kind:
            notes.append(f"the base model is not here: Ollama reads adapters for {', '.join(sorted(_OLLAMA_TYPES))}")
    return tuple(notes)


def _command(server: Server, name: str, use: _Use, config: Mapping[str, Any], output: Path) -> str:
    if server == "ollama":
        return f"ollama create {name} -f Modelfile && ollama run {name}"
    rank = next((size for size in _VLLM_RANKS if size >= int(config.get("r", 8))), _VLLM_RANKS[-1])
    return (
        f"vllm serve {_quoted(use.base)} --enable-lora --max-lora-rank {rank}"
        f" --lora-modules {name}={_quoted(str(output.absolute() / 'adapter'))} --host 127.0.0.1"
        f" --max-model-len {max(2048, use.cutoff + 128)}"
    )


def _quoted(text: str) -> str:
    return text if all(one.isalnum() or one in "/._-@" for one in text) else "'" + text.replace("'", "'\\''") + "'"


def _write(
    folder: Path, server: Server, source: Path, config: dict[str, Any], use: _Use, info: AdapterInfo, served: Served
) -> None:
    """Weights, configuration, prompt; never the digests of training texts."""
    adapter = folder / "adapter"
    adapter.mkdir()
    shutil.copyfile(source / _WEIGHTS, adapter / _WEIGHTS)
    pointed = config | {"base_model_name_or_path": use.base}
    (adapter / _CONFIG).write_text(json.dumps(pointed, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    shutil.copyfile(source / _PROMPT, folder / _PROMPT)
    example = _example(folder / _PROMPT, use, served.name)
    (folder / "example.json").write_text(json.dumps(example, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    if server == "ollama":
        text = f"FROM {use.base}\nADAPTER ./adapter\nPARAMETER temperature 0\nPARAMETER num_predict 64\n"
        (folder / "Modelfile").write_text(text, encoding="utf-8")
    (folder / "README.md").write_text(_readme(server, use, info, served), encoding="utf-8")


def _example(prompt: Path, use: _Use, name: str) -> dict[str, object]:
    """A whole request, laid out as the student was trained to read it."""
    read = tomllib.loads(prompt.read_text("utf-8"))
    template = {key: value.strip() for key, value in read.items() if isinstance(value, str)}
    shown = {"A": "Myocardial infarction", "B": "Heart failure"}
    if use.form == "labels":
        shown["Z"] = read["answer"]["none"]
    lines = [fill(template["candidate"], {"label": at, "name": one, "matched": ""}) for at, one in shown.items()]
    asked = fill(template["question"], {"mention": "heart attack", "context": "", "candidates": "\n".join(lines)})
    text = f"{template['instruction']}\n" + "\n".join(line for line in asked.split("\n") if line.strip())
    shared: dict[str, object] = {"model": name, "temperature": 0, "max_tokens": 64}
    if use.chat:
        return shared | {"messages": [{"role": "user", "content": text}]}
    return shared | {"prompt": f"{text}\n{template['ask']}"}


def _readme(server: Server, use: _Use, info: AdapterInfo, served: Served) -> str:
    port, path = (8000 if server == "vllm" else 11434), "chat/completions" if use.chat else "completions"
    minded = "".join(f"- {note}\n" for note in served.notes)
    given = (
        "`FROM` in the Modelfile must be the very model that the student was trained on. A folder of safetensors will\n"
        "do; a quantised copy answers differently.\n"
        if server == "ollama"
        else "The base model is loaded once; the adapter is a model name of its own beside it.\n"
    )
    return f"""# Student {info.id} for {server}

Base model: `{use.base}` ({info.base_model}). Recipe: {info.recipe}.

```
{served.command}
curl http://127.0.0.1:{port}/v1/{path} -H 'Content-Type: application/json' -d @example.json
```

{given}
- `adapter/`: LoRA weights (safetensors) and their shape.
- `prompt.toml`: the words it was trained with. `example.json` lays them out; other words make it another model.
- Candidates stand under letters, `Z` is "none of these"; the answer is an order such as `B > A; exact`.
- RPDR itself reads the letters' probabilities in one pass and weighs in the retriever's score. A server that writes
  the answer out is slower, and has no calibrated confidence.
- Whoever reaches the server's port can send it text: keep it on this machine or behind your own door.
{minded}"""


def _json(path: Path) -> dict[str, Any]:
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return loaded if isinstance(loaded, dict) else {}
