"""Causal language models of two small layers with random weights and a byte-level tokenizer, as model folders; rows
for a student to learn; and a recipe made quick."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

from helpers.tiny_models import LAY, lay_rows

from rpdr_core.protocol.messages import TrainingRow, TrainingSpec
from rpdr_core.resources import resource_text

CHAT = (
    "{{ bos_token }}{% for message in messages %}<|turn|>{{ message['role'] }}\n{{ message['content'] | trim }}\n"
    "{% endfor %}{% if add_generation_prompt %}<|turn|>assistant\n{% endif %}"
)
KB = "ab" * 32


def tiny_tokenizer(*, chat: bool = False, letters: bool = True) -> Any:
    """Byte-level BPE learnt from a few lines. Without `letters` Q is two tokens."""
    from tokenizers import Tokenizer
    from tokenizers.decoders import ByteLevel as Decoder
    from tokenizers.models import BPE
    from tokenizers.normalizers import Replace
    from tokenizers.pre_tokenizers import ByteLevel
    from tokenizers.trainers import BpeTrainer
    from transformers import PreTrainedTokenizerFast

    capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZec" if letters else "ABCDEF"
    lines = [f" {letter}" for letter in capitals] * 30
    lines += [f"{lay} {name} mention candidates none of these exact close" for lay, name in LAY.items()] * 20
    tokenizer = Tokenizer(BPE())
    if not letters:
        tokenizer.normalizer = Replace("Q", "Ω")
    tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=False)
    tokenizer.decoder = Decoder()
    special = ["<s>", "</s>", "<|turn|>"]
    alphabet = ByteLevel.alphabet()
    trainer = BpeTrainer(vocab_size=400, special_tokens=special, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(lines, trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", additional_special_tokens=["<|turn|>"]
    )
    if chat:
        fast.chat_template = CHAT
    return fast


def tiny_llama(folder: Path, *, seed: int = 0, chat: bool = False, letters: bool = True, **shape: int) -> Path:
    """Config, safetensors and tokenizer of a random Llama; a fraction of a second."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    sizes = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4} | shape
    tokenizer = tiny_tokenizer(chat=chat, letters=letters)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        config = LlamaConfig(
            vocab_size=len(tokenizer),
            max_position_embeddings=2048,
            initializer_range=0.15,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            **sizes,
        )
        LlamaForCausalLM(config).save_pretrained(str(folder))
    tokenizer.save_pretrained(str(folder))
    return folder


def tiny_bloom(folder: Path, *, seed: int = 0) -> Path:
    """The architecture of Huozi: attention by distance (ALiBi), no position ids."""
    import torch
    from transformers import BloomConfig, BloomForCausalLM

    tokenizer = tiny_tokenizer()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        config = BloomConfig(vocab_size=len(tokenizer), hidden_size=64, n_layer=2, n_head=4, initializer_range=0.15)
        BloomForCausalLM(config).save_pretrained(str(folder))
    tokenizer.save_pretrained(str(folder))
    return folder


def judged_rows(count: int, *, seed: int = 0) -> tuple[TrainingRow, ...]:
    """`lay_rows`, every mention another one, with verdicts."""
    from dataclasses import replace

    rows = lay_rows(count, seed=seed)
    verdicts = ("exact", "close")
    return tuple(replace(row, mention=f"{row.mention} {n}", verdict=verdicts[n % 2]) for n, row in enumerate(rows))


def quick_generative(folder: Path, name: str = "generative-student", **values: Any) -> str:
    """A recipe file for tiny models: float32, many epochs, a high learning rate. `values` are written as TOML."""
    text = resource_text("recipes", f"{name}.toml")
    quick = {"precision": "float32", "rank": 16, "epochs": 30, "batch": 16, "learning_rate": 1e-2, "dropout": 0.0}
    for key, value in (quick | {"patience": 60} | values).items():
        shown = f'"{value}"' if isinstance(value, str) else str(value).lower()
        text, times = re.subn(rf"^{key} = (\"[^\"]*\"|\S+)", f"{key} = {shown}", text, flags=re.M)
        assert times == 1, key
    path = folder / f"quick-{hashlib.sha256(text.encode()).hexdigest()[:8]}.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def spec_of(recipe: str, base: Path, seed: int = 3) -> TrainingSpec:
    return TrainingSpec(recipe, KB, str(base), seed)
