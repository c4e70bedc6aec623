"""Messages about adapters on the worker's machine: checking one, merging one into its base model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rpdr_core.protocol.training_messages import AdapterInfo


@dataclass(frozen=True, slots=True)
class VerifyAdapter:
    """Check an adapter, by folder or by name under the data folder."""

    adapter: str


@dataclass(frozen=True, slots=True)
class AdapterCheck:
    """Every file has the hash that the manifest gives, and the manifest its own id.

    `base`: `same` where the base model is on this machine and is the one trained on, `absent` where it is not here
    (`note` says where it was looked for). Another model in its place is an error, not a result.
    """

    info: AdapterInfo
    files: int
    bytes: int
    base: Literal["same", "absent"]
    note: str = ""


@dataclass(frozen=True, slots=True)
class FuseAdapter:
    """Merge an adapter into its base model and write the whole model to `output`, a new or empty folder.

    Progress: steps.
    """

    adapter: str
    output: str


@dataclass(frozen=True, slots=True)
class FusedModel:
    """A model folder as transformers reads it: an encoder (for mentions alone), or a causal language model."""

    folder: str
    adapter_id: str
    base_model: str
    kind: Literal["encoder", "generative"]
    files: int
    bytes: int
