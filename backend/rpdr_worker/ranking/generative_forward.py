"""One forward pass per list: the logits of given tokens at the prompt's last position.

Prompts are padded on the left and carry their own position ids, so that company in a batch changes nothing; batches
hold lists of like length within a budget of tokens. What all prompts begin with is computed once (`prefix`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from rpdr_core.errors import WorldError

TOKENS_PER_PASS = 2048
TOKENS_PER_PASS_CUDA = 32_768


class Padded(NamedTuple):
    """Token ids padded on the left, their mask over prefix and ids, and the position of each token."""

    ids: Tensor
    mask: Tensor
    positions: Tensor


def left_padded(rows: Sequence[Sequence[int]], pad: int, *, device: Any = "cpu", before: int = 0) -> Padded:
    """One batch. `before`: tokens that stand in the cache already; mask and positions count them."""
    width = max(len(row) for row in rows)
    ids = torch.full((len(rows), width), pad, dtype=torch.long)
    mask = torch.zeros((len(rows), before + width), dtype=torch.long)
    mask[:, :before] = 1
    for place, row in enumerate(rows):
        ids[place, width - len(row) :] = torch.tensor(row, dtype=torch.long)
        mask[place, before + width - len(row) :] = 1
    positions = (mask.cumsum(1) - 1).clamp(min=0)[:, before:]
    return Padded(ids.to(device), mask.to(device), positions.to(device))


def token_batches(lengths: Sequence[int], budget: int, most: int = 1 << 30) -> Iterator[list[int]]:
    """Places of the rows, batch by batch from short to long: `budget` padded tokens (or one row alone), `most` rows."""
    order = sorted(range(len(lengths)), key=lambda place: (lengths[place], place))
    batch: list[int] = []
    for place in order:
        if batch and (len(batch) == most or (len(batch) + 1) * lengths[place] > budget):
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


class LabelScorer:
    """Logits of `columns` (token ids) after each prompt. `prefix`: tokens that most prompts begin with."""

    def __init__(
        self, model: Any, columns: Sequence[int], *, pad: int, takes_positions: bool, prefix: Sequence[int] = ()
    ) -> None:
        self._model = model
        self._pad = pad
        self._takes_positions = takes_positions
        self.device = next(model.parameters()).device
        self._columns = torch.tensor(list(columns), device=self.device)
        self._prefix = list(prefix)
        self._budget = TOKENS_PER_PASS_CUDA if self.device.type == "cuda" else TOKENS_PER_PASS
        self._cached = self._prefill() if self._prefix else None

    def scores(self, prompts: Sequence[Sequence[int]], check: Callable[[], None]) -> Tensor:
        """Shape (prompts, columns), float32 on the CPU, in the order given."""
        out = torch.zeros((len(prompts), len(self._columns)))
        with torch.inference_mode():
            for cached, places in self._groups(prompts):
                cut = len(self._prefix) if cached else 0
                for batch in token_batches([len(prompts[place]) - cut for place in places], self._budget):
                    check()
                    chosen = [places[at] for at in batch]
                    rows = [prompts[place][cut:] for place in chosen]
                    out[torch.tensor(chosen)] = self._fitting(rows, cached)
        return out

    def _groups(self, prompts: Sequence[Sequence[int]]) -> Iterator[tuple[bool, list[int]]]:
        """Prompts that begin with the cached prefix (and go on), and the others."""
        size = len(self._prefix)
        begins = [
            self._cached is not None and len(prompt) > size and list(prompt[:size]) == self._prefix
            for prompt in prompts
        ]
        for cached in (True, False):
            places = [place for place, with_prefix in enumerate(begins) if with_prefix == cached]
            if places:
                yield cached, places

    def _fitting(self, rows: Sequence[Sequence[int]], cached: bool) -> Tensor:
        """One pass, or as many as the memory asks for; later calls then begin with smaller ones."""
        try:
            return self._pass(rows, cached)
        except torch.OutOfMemoryError as error:
            if len(rows) == 1:
                raise WorldError("out of memory with one list at a time", hint="use a smaller model") from error
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        self._budget = max(1, self._budget // 2)
        half = len(rows) // 2
        return torch.cat([self._fitting(rows[:half], cached), self._fitting(rows[half:], cached)])

    def _pass(self, rows: Sequence[Sequence[int]], cached: bool) -> Tensor:
        before = len(self._prefix) if cached else 0
        batch = left_padded(rows, self._pad, device=self.device, before=before)
        more: dict[str, Any] = {"position_ids": batch.positions} if self._takes_positions else {}
        if cached:
            more["past_key_values"] = self._expanded(len(rows))
        out = self._model(input_ids=batch.ids, attention_mask=batch.mask, logits_to_keep=1, use_cache=cached, **more)
        found: Tensor = out.logits[:, -1, self._columns].float().cpu()
        return found

    def _prefill(self) -> list[tuple[Tensor, Tensor]] | None:
        """Keys and values of the prefix, layer by layer; None for a model whose memory is of another kind."""
        from transformers.cache_utils import DynamicCache, DynamicLayer

        ids = torch.tensor([self._prefix], device=self.device)
        with torch.inference_mode():
            cache = DynamicCache()
            found = self._model(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                past_key_values=cache,
                use_cache=True,
                logits_to_keep=1,
            ).past_key_values
        layers = getattr(found, "layers", None)
        if found is not cache or not layers or any(type(layer) is not DynamicLayer for layer in layers):
            return None
        if any(layer.keys is None or layer.keys.shape[-2] != len(self._prefix) for layer in layers):
            return None
        return [(layer.keys, layer.values) for layer in layers]

    def _expanded(self, rows: int) -> Any:
        from transformers.cache_utils import DynamicCache

        assert self._cached is not None
        return DynamicCache(
            [(keys.expand(rows, -1, -1, -1), values.expand(rows, -1, -1, -1)) for keys, values in self._cached]
        )
