"""The base model with LoRA layers: made, stepped, written."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torch import Tensor

from rpdr_core.errors import NotAllowedError
from rpdr_worker.distillation.generative_loss import kept_positions, showings_loss
from rpdr_worker.distillation.generative_recipe import GenerativeRecipe, Loss
from rpdr_worker.distillation.generative_rows import Showing
from rpdr_worker.ranking.generative_forward import left_padded
from rpdr_worker.retrieval.torch_runtime import LOADING


def adapted(model: Any, recipe: GenerativeRecipe) -> Any:
    """The model with fresh LoRA layers; only these are trained. Random numbers come from torch's global state."""
    with LOADING:
        from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training

    lora, checkpointing = recipe.lora, recipe.training.checkpointing
    if recipe.base.quantization != "none":
        model = prepare_model_for_kbit_training(  # type: ignore[no-untyped-call]
            model, use_gradient_checkpointing=checkpointing
        )
    elif checkpointing:
        # Renamed in transformers 5.2x.
        enable = getattr(model, "activation_checkpointing_enable", None) or model.gradient_checkpointing_enable
        enable()
        model.enable_input_require_grads()
    targets: str | list[str] = "all-linear" if lora.targets == ("all-linear",) else list(lora.targets)
    config = LoraConfig(
        task_type="CAUSAL_LM", r=lora.rank, lora_alpha=lora.alpha, lora_dropout=lora.dropout, target_modules=targets
    )
    try:
        with warnings.catch_warnings():
            # peft asks transformers about a property that the latter renames.
            warnings.simplefilter("ignore", FutureWarning)
            return get_peft_model(model, config)
    except ValueError as error:
        raise NotAllowedError(
            "the base model has no layers of the recipe's names",
            hint='name its linear layers under targets, or "all-linear"',
        ) from error


def trained_parameters(model: Any) -> dict[str, Any]:
    return {name: value for name, value in model.named_parameters() if value.requires_grad}


def pass_loss(
    model: Any, showings: Sequence[Showing], columns: Sequence[int], loss: Loss, *, pad: int, takes_positions: bool
) -> Tensor:
    """One forward pass over the showings and the sum of their losses."""
    fed = [(*showing.prompt, *showing.answer[:-1]) for showing in showings]
    batch = left_padded(fed, pad, device=next(model.parameters()).device)
    more = {"position_ids": batch.positions} if takes_positions else {}
    out = model(
        input_ids=batch.ids,
        attention_mask=batch.mask,
        logits_to_keep=kept_positions(showings, loss),
        use_cache=False,
        **more,
    )
    return showings_loss(out.logits, showings, columns, loss)


def write_lora(model: Any, folder: Path, base_name: str) -> None:
    """peft's files without its model card, and without the path of the base model on this machine."""
    model.save_pretrained(str(folder), save_embedding_layers=False)
    (folder / "README.md").unlink(missing_ok=True)
    path = folder / "adapter_config.json"
    config = json.loads(path.read_text(encoding="utf-8")) | {"base_model_name_or_path": base_name}
    # peft writes a set, in an order that changes from process to process; equal adapters have equal bytes.
    if isinstance(config["target_modules"], list):
        config["target_modules"].sort()
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
