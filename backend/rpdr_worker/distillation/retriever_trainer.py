"""Training of a retriever's encoder: rows -> an encoder folder. Self-alignment and fine-tuning differ in rows and
recipe alone: the strings of an entity are its official names there, its names and what people called it here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from rpdr_core import __version__
from rpdr_core.encoder_manifest import EncoderCheck, EncoderManifest
from rpdr_core.errors import UserInputError
from rpdr_core.protocol.messages import AdapterInfo, TrainingRow, TrainingSpec
from rpdr_worker.distillation.context import TrainingContext
from rpdr_worker.distillation.contrastive_learner import ContrastiveLearner
from rpdr_worker.distillation.contrastive_recipe import load_contrastive_recipe
from rpdr_worker.distillation.contrastive_run import Batches, ContrastiveRun
from rpdr_worker.distillation.encoder_check import HeldOutTexts, compared
from rpdr_worker.distillation.encoder_publishing import put_in_place, write_encoder
from rpdr_worker.distillation.name_groups import NameGroups
from rpdr_worker.distillation.rows import ranked, rows_sha256
from rpdr_worker.ranking.adapter import base_fingerprint, staged_adapter
from rpdr_worker.retrieval.encoder_folder import open_encoder_folder
from rpdr_worker.retrieval.reading import ALONE, ContextReading, reads_chinese, tokenizer_of


def train_retriever(
    spec: TrainingSpec,
    train_rows: Sequence[TrainingRow],
    validation_rows: Sequence[TrainingRow],
    output: Path,
    context: TrainingContext,
) -> AdapterInfo:
    """Train and put the encoder's folder at `output`; an older one there stays until then.

    Equal rows, recipe, seed and encoder give an equal folder on the same machine, also when the run was resumed.
    Raises `UserInputError` where no entity has two names, `NotAllowedError` for an encoder that is no BERT or a foreign
    checkpoint.
    """
    recipe = load_contrastive_recipe(spec.recipe)
    folder = open_encoder_folder(spec.base)
    rows = ranked(train_rows)
    chinese = reads_chinese(tokenizer_of(folder))
    reading = ContextReading(recipe.query.context, chinese)
    groups = NameGroups.of(train_rows, reading)
    if recipe.query.context and not groups.contexts:
        context.say("no mention stands in a context of its own: mentions are read alone")
        reading = ALONE
    batches = Batches(groups, rows, recipe, spec.seed, reading)
    if batches.empty:
        raise UserInputError("no two entities with two names each", hint="nothing can be learned from single names")
    held = HeldOutTexts(groups, validation_rows, recipe.check, spec.seed)
    if not len(held):
        context.say("no held-out texts: all steps run, and whether it helps is not known")
    base, data = base_fingerprint(folder), rows_sha256(train_rows, validation_rows)
    identity = hashlib.sha256(msgspec.json.encode([recipe.id, base, data, spec.seed])).hexdigest()
    with staged_adapter(output) as staging:
        learner = ContrastiveLearner(recipe, folder, batches.steps)
        run = ContrastiveRun(
            learner,
            batches,
            held,
            recipe,
            identity=identity,
            context=context,
            read_before=ContextReading(folder.context, chinese),
            reading=reading,
        )
        after = run.train()
        check = compared(run.before, after, held.strings)
        context.say(told(check))
        info = AdapterInfo(
            id="",
            folder="",
            recipe=recipe.id,
            base_model=f"{folder.name.partition('@')[0]}@{base[:12]}",
            data_sha256=data,
            train_rows=len(rows),
            validation_rows=len(held),
            acc_at_1_before=check.at_1_before,
            acc_at_1=check.at_1,
            worker=__version__,
            kind="retriever",
        )
        manifest = EncoderManifest(info, base, spec.knowledge_base, spec.seed, check, context=reading.characters)
        manifest = write_encoder(learner.model, folder, staging, manifest)
        return put_in_place(staging, output, manifest.info)


def told(check: EncoderCheck) -> str:
    """The check in a line."""
    if not check.texts:
        return "not checked: no text was held out"
    low, high = check.at_1_gain
    if check.contexts:
        least, most = check.alone_at_1_gain
        read = f"{check.contexts:,} of them with their context; all of them alone: first place "
        read += f"{check.alone_at_1_before:.1%} -> {check.alone_at_1:.1%} (gain {least:+.1%} to {most:+.1%}); "
    else:
        read = ""
    return (
        f"{check.texts:,} held-out texts among {check.strings:,} strings: first place {check.at_1_before:.1%} -> "
        f"{check.at_1:.1%} (gain {low:+.1%} to {high:+.1%}), first ten {check.at_10_before:.1%} -> {check.at_10:.1%}; "
        + read
        + ("the new encoder wins" if check.wins else "the new encoder does not win")
    )
