"""The encoder student: mention and names meet as vectors.

The mention goes through the encoder with LoRA, the candidates' strings through the same encoder without it, so their
vectors never change in training and are computed once. A candidate's logit is

    scale * (greatest cosine of mention and candidate's strings) + prior * (retriever's score less the list's best)

Before training this is about the retriever's own order. What was measured against a cross-encoder stands in
`backend/decisions/0004-first-student.md`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from rpdr_core.errors import NotAllowedError
from rpdr_worker.ranking.student_texts import GREATEST, Reading
from rpdr_worker.retrieval.encoder_folder import EncoderFolder
from rpdr_worker.retrieval.reading import Readable, Tokens, tokenizer_of, tokens_of
from rpdr_worker.retrieval.torch_runtime import LOADING, load_model

TOKENS_PER_BATCH = 2048
_OUTSIDE = -1e4


class Head(nn.Module):
    """The two weights beside the encoder."""

    def __init__(self, scale: float, prior: float) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(scale))
        self.prior = nn.Parameter(torch.tensor(prior))

    def weights(self) -> tuple[float, float]:
        """Scale and prior as plain numbers."""
        return self.scale.detach().item(), self.prior.detach().item()

    def forward(self, cosines: Tensor, priors: Tensor) -> Tensor:
        """Logits, shape (lists, places), from cosines and retriever scores of that shape."""
        return self.scale * cosines + self.prior * priors


def write_head(path: Path, head: Head) -> None:
    from safetensors.torch import save_file

    save_file({name: value.detach().cpu() for name, value in head.state_dict().items()}, str(path))


def read_head(path: Path) -> tuple[float, float]:
    """Weights of cosine and prior."""
    from safetensors.torch import load_file

    found = load_file(str(path))
    return float(found["scale"]), float(found["prior"])


@dataclass(frozen=True, slots=True)
class ListBatch:
    """Lists padded to one width. `strings`: rows of the string matrix, shape (lists, places, strings);
    `present` marks real strings, `official` those that nobody's decision brought, `real` real places."""

    mentions: tuple[str, ...]
    strings: Tensor
    present: Tensor
    official: Tensor
    priors: Tensor

    @property
    def real(self) -> Tensor:
        return self.present.any(-1)


class TextEncoder:
    """Tokenizer, model and pooling of an encoder folder. Always float32, so that training and use agree."""

    def __init__(self, folder: EncoderFolder, model: Any) -> None:
        self.model = model
        self._pooling = folder.pooling
        self._tokenizer = tokenizer_of(folder)
        self._longest = folder.max_length
        self.device = next(model.parameters()).device

    def vectors(self, texts: Sequence[Readable]) -> Tensor:
        """Unit vectors of one padded batch, shape (len(texts), width)."""
        read = self._tokens(texts)
        width = max(len(one.ids) for one in read)
        ids = torch.zeros((len(read), width), dtype=torch.long)
        mask, own = torch.zeros_like(ids), torch.zeros_like(ids)
        for row, one in enumerate(read):
            ids[row, : len(one.ids)] = torch.tensor(one.ids)
            mask[row, : len(one.ids)] = 1
            own[row, : one.own] = 1
        hidden = self.model(input_ids=ids.to(self.device), attention_mask=mask.to(self.device)).last_hidden_state
        return nn.functional.normalize(self._pooled(hidden, own.to(self.device)), dim=1)

    def all_vectors(self, texts: Sequence[Readable], check: Callable[[], None]) -> Tensor:
        """Unit vectors of any number of texts without gradients, in batches sorted by length."""
        lengths = self.token_counts(texts)
        order = sorted(range(len(texts)), key=lengths.__getitem__)
        pieces: list[Tensor] = []
        with torch.no_grad():
            for batch in batches_by_tokens([lengths[place] for place in order]):
                check()
                pieces.append(self.vectors([texts[place] for place in order[batch]]))
        if not pieces:
            return torch.zeros((0, 0))
        found = torch.cat(pieces)
        out = torch.empty_like(found)
        out[torch.tensor(order, device=found.device)] = found
        return out

    def knows(self, word: str) -> bool:
        """Whether a word is one token, not pieces of others."""
        ids = self._tokenizer.encode(word, add_special_tokens=False).ids
        return len(ids) == 1 and self._tokenizer.token_to_id("[UNK]") not in ids

    def token_counts(self, texts: Sequence[Readable]) -> list[int]:
        return [len(one.ids) for one in self._tokens(texts)]

    def _tokens(self, texts: Sequence[Readable]) -> list[Tokens]:
        return tokens_of(self._tokenizer, texts, self._longest)

    def _pooled(self, hidden: Tensor, own: Tensor) -> Tensor:
        if self._pooling == "cls":
            return hidden[:, 0]
        weight = own.unsqueeze(-1).to(hidden.dtype)
        return (hidden * weight).sum(1) / weight.sum(1).clamp(min=1.0)


# No lead reaches what is equal to the mention, so a remembered wording is found as surely as without.
_NEARLY_EQUAL = 0.99


def cosines_of(mentions: Tensor, strings: Tensor, batch: ListBatch, reading: Reading = GREATEST) -> Tensor:
    """Cosine of each mention with each candidate, shape (lists, places): the greatest of its strings, or as `reading`
    has it."""
    # All pairs of the batch, then those that meet: with a memory, a candidate may have a hundred strings.
    rows, places = torch.unique(batch.strings, return_inverse=True)
    found = (mentions @ strings[rows].T).gather(1, places.flatten(1)).view(places.shape)
    found = _with_leads(found, batch, reading).masked_fill(~batch.present, _OUTSIDE)
    softness = reading.softness
    best = found.amax(-1) if softness == 0.0 else softness * torch.logsumexp(found / softness, -1)
    return best.masked_fill(~batch.real, 0.0)


def _with_leads(found: Tensor, batch: ListBatch, reading: Reading) -> Tensor:
    if not (reading.name_lead or reading.alone_lead):
        return found
    alone = (batch.official | ~batch.present).all(-1, keepdim=True)
    lead = (reading.name_lead + reading.alone_lead * alone) * batch.official
    return torch.maximum(found, (found + lead).clamp(max=_NEARLY_EQUAL))


def masked(logits: Tensor, batch: ListBatch) -> Tensor:
    """Logits with places beyond a list's end pushed out of any softmax."""
    return logits.masked_fill(~batch.real, _OUTSIDE)


def load_base(folder: EncoderFolder) -> Any:
    """The encoder's weights in float32, in evaluation mode, on the fastest device."""
    return load_model(folder.path).to("cuda" if torch.cuda.is_available() else "cpu")


def with_lora(model: Any, *, rank: int, alpha: int, dropout: float, targets: Sequence[str]) -> Any:
    """The model with fresh LoRA layers; only these are trained. Random numbers come from torch's global state."""
    with LOADING:
        from peft import LoraConfig, get_peft_model

    config = LoraConfig(
        r=rank, lora_alpha=alpha, lora_dropout=dropout, target_modules=list(targets), exclude_modules=["pooler.dense"]
    )
    try:
        with warnings.catch_warnings():
            # peft asks transformers about a property that the latter renames.
            warnings.simplefilter("ignore", FutureWarning)
            return get_peft_model(model, config)
    except ValueError as error:
        raise NotAllowedError(
            "the encoder has no layers of the recipe's names", hint="name its linear layers under targets"
        ) from error


def with_adapter(model: Any, folder: Path) -> Any:
    """The model with a stored adapter merged into its weights."""
    with LOADING:
        from peft import PeftModel

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        loaded = PeftModel.from_pretrained(model, str(folder), local_files_only=True)
    return loaded.merge_and_unload().eval()


def batches_by_tokens(lengths: Sequence[int], budget: int = TOKENS_PER_BATCH) -> list[slice]:
    """Slices of a length-sorted list whose padded size stays within the budget."""
    slices: list[slice] = []
    start = 0
    for end in range(1, len(lengths) + 1):
        if end == len(lengths) or (end + 1 - start) * lengths[end] > budget:
            slices.append(slice(start, end))
            start = end
    return slices
