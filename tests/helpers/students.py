"""Adapters that only look like some, and students that rank by a rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from rpdr_core.protocol.messages import AdapterInfo, RankItem
from rpdr_core.records import Candidate, Provenance, Ranking
from rpdr_core.training_texts import write_training_texts
from rpdr_core.workflow.student_ranking import Rank, Ranked


def adapter_info(id: str, folder: Path | str = "", **fields: object) -> AdapterInfo:
    made = AdapterInfo(id, str(folder), "quick@1", "tiny@2", "ab" * 32, 90, 10, 0.5, 0.6, "0.1.0")
    return replace(made, **fields)  # type: ignore[arg-type]


def adapter_folder(root: Path, id: str, *, texts: Sequence[str] | None = (), name: str = "") -> AdapterInfo:
    """A folder with a manifest and no weights. `texts`: what it says it was trained on; None: it does not say."""
    folder = root / (name or id)
    folder.mkdir(parents=True, exist_ok=True)
    info = adapter_info(id, folder)
    (folder / "manifest.json").write_bytes(msgspec.json.encode({"info": replace(info, folder="")}))
    if texts is not None:
        write_training_texts(folder, info.data_sha256, texts)
    return info


def rule_rank(rules: dict[str, Callable[[str, str], float]], *, sure: float = 0.8, seconds: float = 2.5) -> Rank:
    """Students by folder name: a rule scores (mention, code), the best comes first; equal scores keep their order."""

    def rank(folder: str, items: Sequence[RankItem]) -> Ranked:
        name = Path(folder).name
        return Ranked(tuple(_ranking(name, rules[name], item, sure) for item in items), seconds)

    return rank


def _ranking(name: str, rule: Callable[[str, str], float], item: RankItem, sure: float) -> Ranking:
    def score(candidate: Candidate) -> float:
        return rule(item.mention.text, candidate.code)

    ordered = tuple(sorted(item.candidates, key=score, reverse=True))
    return Ranking(item.mention.id, f"student:{name}", ordered, Provenance(f"student:{name}", "m", "kb"), "", sure)
