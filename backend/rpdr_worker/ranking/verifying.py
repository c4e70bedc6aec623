"""An adapter checked before it is trusted: every hash, its id, and the base model it belongs to."""

from __future__ import annotations

from pathlib import Path

from rpdr_core.errors import NotAllowedError, NotFoundError
from rpdr_core.protocol.adapter_messages import AdapterCheck, VerifyAdapter
from rpdr_core.training_texts import read_training_texts
from rpdr_worker.job import Job
from rpdr_worker.ranking.adapter import AdapterManifest, base_fingerprint, files_of, open_adapter
from rpdr_worker.retrieval.encoder_folder import open_encoder_folder


def verify(params: VerifyAdapter, job: Job) -> AdapterCheck:
    """Raises `DamagedFileError` for a file that is not what the manifest says, `NotAllowedError` for another base."""
    folder, manifest = open_adapter(params.adapter)
    read_training_texts(folder)
    job.check()
    sizes = [(folder / name).stat().st_size for name in files_of(manifest)]
    found, note = "same", ""
    try:
        _check_base(manifest)
    except NotFoundError as error:
        found, note = "absent", str(error)
    return AdapterCheck(manifest.info, len(sizes), sum(sizes), "same" if found == "same" else "absent", note)


def _check_base(manifest: AdapterManifest) -> None:
    if manifest.generative is not None:
        from rpdr_worker.ranking.generative_base import open_base_folder

        here = open_base_folder(manifest.generative.base)
        fingerprint, at = here.fingerprint, here.path
    else:
        encoder = open_encoder_folder(manifest.encoder)
        fingerprint, at = base_fingerprint(encoder), encoder.path
    if fingerprint != manifest.base:
        raise NotAllowedError(
            f"the model here is not the one that the adapter was trained on ({manifest.info.base_model})",
            hint="fetch that model, or train again",
            file=str(Path(at)),
        )
