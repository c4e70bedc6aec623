"""The student writes its answer out, as in the paper. Much slower than reading the labels' logits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from rpdr_worker.ranking.generative_forward import left_padded, token_batches

# Beams and the growing answer take memory of their own: fewer lists at a time than in a single pass.
_TOKENS_PER_BATCH = 4096
_TOKENS_PER_BATCH_CUDA = 32_768


def write_answers(
    model: Any,
    prompts: Sequence[Sequence[int]],
    *,
    pad: int,
    end: int | None,
    beams: int,
    new_tokens: int,
    check: Callable[[], None],
) -> list[list[int]]:
    """Token ids that the model writes after each prompt, in the order given; nothing is drawn at random.

    `check` is called at each token: what it raises ends the writing.
    """
    from transformers import GenerationConfig
    from transformers.generation.stopping_criteria import StoppingCriteria, StoppingCriteriaList

    class Checked(StoppingCriteria):
        def __call__(self, input_ids: Any, _scores: Any, **_more: Any) -> Any:
            check()
            return torch.zeros(input_ids.shape[0], dtype=torch.bool, device=input_ids.device)

    device = next(model.parameters()).device
    budget = _TOKENS_PER_BATCH_CUDA if device.type == "cuda" else _TOKENS_PER_BATCH
    config = GenerationConfig(  # type: ignore[no-untyped-call]
        do_sample=False, num_beams=beams, max_new_tokens=new_tokens, pad_token_id=pad, eos_token_id=end
    )
    written: list[list[int]] = [[] for _ in prompts]
    for places in token_batches([beams * (len(prompt) + new_tokens) for prompt in prompts], budget):
        check()
        batch = left_padded([prompts[place] for place in places], pad, device=device)
        with torch.inference_mode():
            out = model.generate(
                input_ids=batch.ids,
                attention_mask=batch.mask,
                generation_config=config,
                stopping_criteria=StoppingCriteriaList([Checked()]),
            )
        for place, row in zip(places, out[:, batch.ids.shape[1] :].tolist(), strict=True):
            written[place] = row
    return written
