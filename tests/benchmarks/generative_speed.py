"""What the generative student's short cuts are worth: `python tests/benchmarks/generative_speed.py [--threads 2]`.

Everything runs in one process on random weights, measured in turns (A B C A B C ...). On a CPU the least processor time
of each (all threads together, waiting threads asleep) counts, so that ratios hold on a busy machine where wall seconds
do not; on a GPU the least wall time. Token counts are those of ICD-like lists in a
32,000-token vocabulary: 46 tokens of instruction, 6 of mention, about 11 per candidate; a written order of ten letters
as `[A] > [B] > ...` takes 39 tokens (the form of RankGPT and its followers), our `A > B > ...` 19, ten names 84.

`--device cuda`: the same questions at the shape of Llama-2-7B, as shares of the matrix rate measured in that run.
`--device cpu --shape tiny` with `--part large` tries the code of that part without a GPU. Prints JSON.
"""

from __future__ import annotations

import os

# Before torch is loaded: a thread that waits for another must not burn the time that is measured.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "0")

import argparse
import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import torch

from rpdr_worker.distillation.generative_loss import kept_positions
from rpdr_worker.distillation.generative_model import pass_loss, trained_parameters
from rpdr_worker.distillation.generative_recipe import Loss
from rpdr_worker.distillation.generative_rows import Showing
from rpdr_worker.ranking.generative_forward import LabelScorer, token_batches
from rpdr_worker.ranking.generative_writing import write_answers

VOCABULARY = 32_000
PREFIX, MENTION, PER_CANDIDATE, TAIL = 46, 6, 10.6, 7
LABELS = list(range(300, 328))
FLOORS = {
    "generating_labels": 4.0,
    "generating_names": 8.0,
    "shared_prefix": 0.8,
    "training_against_pad_to_512": 4.0,
}
LABEL_LOSS = Loss(label=1.0, decay=0.2, verdict=0.2, written=0.0, prompt=0.0)
SHAPES = {
    "tiny": {"hidden_size": 64, "intermediate_size": 172, "num_hidden_layers": 2, "num_attention_heads": 4},
    "small": {"hidden_size": 512, "intermediate_size": 1376, "num_hidden_layers": 6, "num_attention_heads": 8},
    "7b": {"hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32, "num_attention_heads": 32},
}


def llama(shape: str, device: str, dtype: torch.dtype) -> Any:
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    config = LlamaConfig(vocab_size=VOCABULARY, max_position_embeddings=4096, **SHAPES[shape])
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.device(device):
            return LlamaForCausalLM(config).eval()
    finally:
        torch.set_default_dtype(before)


def with_lora(model: Any) -> Any:
    from peft import LoraConfig, get_peft_model

    return get_peft_model(
        model, LoraConfig(task_type="CAUSAL_LM", r=16, lora_alpha=32, lora_dropout=0.05, target_modules="all-linear")
    )


def prompts(count: int, k: int, seed: int = 0) -> list[list[int]]:
    draw = random.Random(seed)
    prefix = [draw.randrange(1000, VOCABULARY) for _ in range(PREFIX)]
    sizes = [round(draw.gauss(MENTION + TAIL + PER_CANDIDATE * k, 3.0 * k**0.5)) for _ in range(count)]
    return [[*prefix, *(draw.randrange(1000, VOCABULARY) for _ in range(max(k, size)))] for size in sizes]


def in_turns(tasks: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Least seconds of each task; one turn before is not counted."""
    times: dict[str, list[float]] = {name: [] for name in tasks}
    walls: dict[str, list[float]] = {name: [] for name in tasks}
    for turn in range(repeats + 1):
        for name, task in tasks.items():
            began, wall = time.process_time(), time.perf_counter()
            task()
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            if turn:
                times[name].append(time.process_time() - began)
                walls[name].append(time.perf_counter() - wall)
    processor, clock = ({name: min(found) for name, found in kind.items()} for kind in (times, walls))
    print(json.dumps({"processor_seconds": processor, "wall_seconds": clock}), file=sys.stderr)
    return clock if torch.cuda.is_available() else processor


def nothing() -> None: ...


def scorer(model: Any, prefix: Sequence[int] = ()) -> LabelScorer:
    return LabelScorer(model, LABELS, pad=0, takes_positions=True, prefix=prefix)


def ranking(model: Any, adapted: Any, repeats: int) -> dict[str, object]:
    """Lists per processor second of each way to rank, k = 10; "logits" in the ratios is what a student does: one pass
    behind a shared prefix. `adapted` has the same weights with LoRA beside them."""
    lists = prompts(24, 10)
    few = lists[:8]
    plain, cached, unmerged = scorer(model), scorer(model, lists[0][:PREFIX]), scorer(adapted)
    difference = (plain.scores(lists, nothing) - cached.scores(lists, nothing)).abs().max().item()

    def write(tokens: int) -> None:
        # Without an end token all answers have the length that is asked about.
        write_answers(model, few, pad=0, end=None, beams=1, new_tokens=tokens, check=nothing)

    seconds = in_turns(
        {
            "label_logits": lambda: plain.scores(lists, nothing),
            "label_logits_shared_prefix": lambda: cached.scores(lists, nothing),
            "label_logits_unmerged_adapter": lambda: unmerged.scores(lists, nothing),
            "generating_labels_39_tokens": lambda: write(39),
            "generating_labels_19_tokens": lambda: write(19),
            "generating_names_84_tokens": lambda: write(84),
        },
        repeats,
    )
    rate = {name: (len(few) if "generating" in name else len(lists)) / value for name, value in seconds.items()}
    used, full = rate["label_logits_shared_prefix"], rate["label_logits"]
    return {
        "lists_per_cpu_second": {name: round(value, 2) for name, value in rate.items()},
        "mean_prompt_tokens": statistics.mean(map(len, lists)),
        "ratios": {
            "logits_over_generating_labels": round(used / rate["generating_labels_39_tokens"], 2),
            "logits_over_generating_our_short_labels": round(used / rate["generating_labels_19_tokens"], 2),
            "logits_over_generating_names": round(used / rate["generating_names_84_tokens"], 2),
            "logits_without_shared_prefix_over_generating_labels": round(full / rate["generating_labels_39_tokens"], 2),
            "logits_without_shared_prefix_over_generating_names": round(full / rate["generating_names_84_tokens"], 2),
            "shared_prefix_time_over_full_prefill": round(full / used, 3),
            "unmerged_time_over_merged": round(full / rate["label_logits_unmerged_adapter"], 3),
        },
        "largest_logit_difference_of_shared_prefix": difference,
    }


def training(model: Any, repeats: int) -> dict[str, object]:
    """Samples per processor second: ours (labels at one place, like lengths together) against padding to 512 and a loss
    on all tokens, and against the steps between."""
    lists = prompts(24, 10, seed=1)
    draw = random.Random(2)
    orders = [draw.sample(range(10), 10) for _ in lists]
    labelled = [Showing(tuple(p), (), (*o, 25), 1, 1.0) for p, o in zip(lists, orders, strict=True)]
    written = [Showing(tuple(p), tuple([400] * 20), (*o, 25), 1, 1.0) for p, o in zip(lists, orders, strict=True)]
    optimizer = torch.optim.AdamW(list(trained_parameters(model).values()), lr=1e-4)
    model.train()

    def ours(showings: Sequence[Showing], loss: Loss, *, by_length: bool = True) -> None:
        lengths = [showing.length for showing in showings]
        batches = list(token_batches(lengths, 8 * 180)) if by_length else _random_batches(len(showings))
        for places in batches:
            chosen = [showings[place] for place in places]
            optimizer.zero_grad()
            pass_loss(model, chosen, LABELS, loss, pad=0, takes_positions=True).backward()
            optimizer.step()

    def padded() -> None:
        few = lists[:4]
        ids = torch.tensor([[*p, *[0] * (512 - len(p))] for p in few], device=_device(model))
        optimizer.zero_grad()
        model(input_ids=ids, labels=ids, use_cache=False).loss.backward()
        optimizer.step()

    seconds = in_turns(
        {
            "labels": lambda: ours(labelled, LABEL_LOSS),
            "labels_random_batches": lambda: ours(labelled, LABEL_LOSS, by_length=False),
            "labels_and_written_answer": lambda: ours(written, _with(written=0.1)),
            "loss_on_all_tokens": lambda: ours(labelled, _with(prompt=1.0)),
            "pad_to_512_loss_on_all": padded,
        },
        repeats,
    )
    rate = {name: (4 if "512" in name else len(lists)) / value for name, value in seconds.items()}
    naive = rate["pad_to_512_loss_on_all"]
    return {
        "samples_per_cpu_second": {name: round(value, 2) for name, value in rate.items()},
        "ratios": {f"{name}_over_pad_to_512": round(value / naive, 2) for name, value in rate.items()},
    }


def _with(**values: float) -> Loss:
    parts = {"label": 1.0, "decay": 0.2, "verdict": 0.2, "written": 0.0, "prompt": 0.0} | values
    return Loss(**parts)


def _random_batches(count: int) -> list[list[int]]:
    order = random.Random(3).sample(range(count), count)
    return [order[start : start + 8] for start in range(0, count, 8)]


def _device(model: Any) -> Any:
    return next(model.parameters()).device


def small_part(repeats: int, dtype: torch.dtype, only: str = "") -> dict[str, object]:
    model = llama("small", "cpu", dtype)
    adapted = with_lora(llama("small", "cpu", dtype)).eval()
    found: dict[str, Any] = {
        "threads": torch.get_num_threads(),
        "precision": str(dtype).removeprefix("torch."),
        "parameters": sum(value.numel() for value in model.parameters()),
    }
    met: dict[str, bool] = {}
    if only != "training":
        found["ranking"] = ranking(model, adapted, repeats)
        ratios = found["ranking"]["ratios"]
        met["generating_labels"] = ratios["logits_over_generating_labels"] >= FLOORS["generating_labels"]
        met["generating_names"] = ratios["logits_over_generating_names"] >= FLOORS["generating_names"]
        met["shared_prefix"] = ratios["shared_prefix_time_over_full_prefill"] <= FLOORS["shared_prefix"]
    if only != "ranking":
        found["training"] = training(adapted, repeats)
        floor = FLOORS["training_against_pad_to_512"]
        met["training_against_pad_to_512"] = found["training"]["ratios"]["labels_over_pad_to_512"] >= floor
    return found | {"floors_met": met}


def large_part(device: str, shape: str, repeats: int) -> dict[str, object]:
    """Label logits and LoRA steps at the shape of Llama-2-7B, as shares of the matrix rate of this run."""
    rate = matrix_rate(device, 8192 if device == "cuda" else 1024)
    model = llama(shape, device, torch.bfloat16)
    blocks = sum(value.numel() for value in model.model.layers.parameters())
    found: dict[str, object] = {"matrix_tflops_bf16": round(rate / 1e12, 1), "block_parameters": blocks}
    count = 512 if device == "cuda" else 8
    for k in (6, 10, 25):
        lists = prompts(count, k)
        plain, cached = scorer(model), scorer(model, lists[0][:PREFIX])
        seconds = in_turns(
            {
                "full": lambda plain=plain, lists=lists: plain.scores(lists, nothing),
                "prefix": lambda cached=cached, lists=lists: cached.scores(lists, nothing),
            },
            repeats,
        )
        tokens = statistics.mean(map(len, lists))
        flop = forward_flop(model.config, blocks, tokens)
        found[f"k={k}"] = {
            "tokens": round(tokens, 1),
            "lists_per_second": round(count / seconds["full"], 1),
            "share_of_matrix_rate": round(count * flop / seconds["full"] / rate, 3),
            "lists_per_second_shared_prefix": round(count / seconds["prefix"], 1),
        }
    found["lora"] = lora_rate(model, device, rate, repeats)
    return found


def lora_rate(model: Any, device: str, rate: float, repeats: int) -> dict[str, object]:
    """Tokens per second of LoRA steps against the floor of 4 operations per parameter and token."""
    parameters = sum(value.numel() for value in model.parameters()) - model.get_input_embeddings().weight.numel()
    adapted = with_lora(model)
    adapted.train()
    lists = prompts(64 if device == "cuda" else 8, 10, seed=1)
    showings = [Showing(tuple(p), (), (*range(10), 25), 1, 1.0) for p in lists]
    optimizer = torch.optim.AdamW(list(trained_parameters(adapted).values()), lr=1e-4, fused=device == "cuda")
    assert kept_positions(showings, LABEL_LOSS) == 1

    def step() -> None:
        for places in token_batches([showing.length for showing in showings], 8192):
            chosen = [showings[place] for place in places]
            optimizer.zero_grad()
            pass_loss(adapted, chosen, LABELS, LABEL_LOSS, pad=0, takes_positions=True).backward()
            optimizer.step()

    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    seconds = in_turns({"step": step}, repeats)["step"]
    tokens = sum(map(len, lists)) / seconds
    peak = torch.cuda.max_memory_allocated() / 2**30 if device == "cuda" else None
    return {
        "tokens_per_second": round(tokens),
        "share_of_4n_floor": round(tokens * 4 * parameters / rate, 3),
        "peak_gib": None if peak is None else round(peak, 1),
    }


def forward_flop(config: Any, blocks: int, tokens: float) -> float:
    """Of one list: two per block parameter and token, causal attention, one row of the head."""
    attention = 2 * config.num_hidden_layers * config.hidden_size * tokens
    return tokens * (2 * blocks + attention) + 2 * config.hidden_size * config.vocab_size


def matrix_rate(device: str, size: int) -> float:
    """Operations per second of a bf16 matrix product."""
    a, b = (torch.randn(size, size, device=device, dtype=torch.bfloat16) for _ in range(2))
    seconds = in_turns({"product": lambda: [a @ b for _ in range(8)]}, 10)["product"]
    return 8 * 2 * size**3 / seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--part", choices=("small", "large"), default="")
    parser.add_argument("--shape", choices=tuple(SHAPES), default="7b")
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--only", choices=("ranking", "training"), default="")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    part = options.part or ("large" if options.device == "cuda" else "small")
    if part == "large":
        found = large_part(options.device, options.shape, options.repeats)
    else:
        found = small_part(options.repeats, getattr(torch, options.precision), options.only)
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
