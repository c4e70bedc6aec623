"""An adapter merged into its base model, as a model folder of its own. Loads torch.

A fused generative student is a causal language model like its base. A fused encoder student is an encoder for
*mentions*: names still go through the base encoder, and `head.safetensors` weighs cosine and retriever's score.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from rpdr_core.errors import NotAllowedError
from rpdr_core.protocol.adapter_messages import FuseAdapter, FusedModel
from rpdr_worker.job import Job
from rpdr_worker.ranking.adapter import HEAD, PROMPT, AdapterManifest, check_base, open_adapter
from rpdr_worker.retrieval.encoder_folder import open_encoder_folder

# Written anew by saving the merged model; everything else of an encoder's folder is copied.
_SAVED = frozenset(("config.json", "model.safetensors", "pytorch_model.bin", "README.md"))
_STEPS = 3


def fuse(params: FuseAdapter, job: Job) -> FusedModel:
    """Check, load, merge, write. The folder appears whole or not at all; a cancel is heard between the steps."""
    folder, manifest = open_adapter(params.adapter)
    output = Path(params.output)
    with _staged(output) as staging:
        job.progress(1, _STEPS, note="loading the base model")
        if manifest.generative is None:
            _fuse_encoder(folder, manifest, staging, job)
        else:
            _fuse_generative(folder, manifest, staging, job)
        job.progress(_STEPS, _STEPS)
        sizes = [path.stat().st_size for path in staging.rglob("*") if path.is_file()]
    info = manifest.info
    kind: Literal["encoder", "generative"] = "encoder" if manifest.generative is None else "generative"
    return FusedModel(str(output), info.id, info.base_model, kind, len(sizes), sum(sizes))


def _fuse_encoder(folder: Path, manifest: AdapterManifest, staging: Path, job: Job) -> None:
    from rpdr_worker.ranking.student_model import load_base, with_adapter

    encoder = open_encoder_folder(manifest.encoder)
    check_base(manifest, encoder)
    model = with_adapter(load_base(encoder), folder)
    job.check()
    job.progress(2, _STEPS, note="writing the merged model")
    for path in encoder.path.iterdir():
        if path.name not in _SAVED and not path.name.startswith("."):
            copy = shutil.copytree if path.is_dir() else shutil.copyfile
            copy(path, staging / path.name)
    model.save_pretrained(str(staging))
    shutil.copyfile(folder / HEAD, staging / HEAD)


def _fuse_generative(folder: Path, manifest: AdapterManifest, staging: Path, job: Job) -> None:
    from rpdr_worker.ranking.generative_base import load_base, open_base_folder
    from rpdr_worker.ranking.generative_student import merged

    use = manifest.generative
    assert use is not None
    base = open_base_folder(use.base)
    if base.fingerprint != manifest.base:
        raise NotAllowedError(
            f"the adapter was trained on another model ({manifest.info.base_model})",
            hint="use that model, or train again",
            file=str(base.path),
        )
    loaded = load_base(base, precision=use.precision)
    job.check()
    model = merged(loaded.model, folder)
    job.check()
    job.progress(2, _STEPS, note="writing the merged model")
    model.save_pretrained(str(staging))
    loaded.tokenizer.save_pretrained(str(staging))
    shutil.copyfile(folder / PROMPT, staging / PROMPT)


@contextmanager
def _staged(output: Path) -> Iterator[Path]:
    """A folder beside `output` that takes its place at the end."""
    if output.exists() and not (output.is_dir() and not any(output.iterdir())):
        raise NotAllowedError(
            "the output folder holds something", hint="choose a new or empty folder", file=str(output)
        )
    output.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{output.name}-", dir=output.parent))
    try:
        yield staging
        staging.chmod(0o755)
        if output.exists():
            output.rmdir()
        staging.replace(output)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
