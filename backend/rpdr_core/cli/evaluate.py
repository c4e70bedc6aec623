"""`rpdr evaluate`: score a ranker against gold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
import msgspec

from rpdr_core.cli.options import (
    ENCODER,
    ENCODER_RUNTIME,
    JSON,
    KB,
    LEXICON,
    MEMORY,
    MODE,
    RANKER,
    SCOPE,
    K,
    adapter_of,
    mode_of,
    opened,
    print_json,
    scope_text,
)
from rpdr_core.evaluation import TIES, Scores
from rpdr_core.evaluation.calibration import Bin, Calibration, reliability
from rpdr_core.formats.mentions import read_mentions
from rpdr_core.knowledge_base.library import Catalogue, Library
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import MentionText, RankByStudent, RankItem
from rpdr_core.records import Candidate, NewMention, Provenance, Ranking
from rpdr_core.workflow.evaluating import (
    CandidateList,
    Evaluated,
    evaluate_lists,
    evaluate_mentions,
    read_candidate_lists,
)
from rpdr_core.workflow.retrieving import memory_of, retrieve, with_scores


@click.command("evaluate")
@click.argument("gold", type=click.Path(path_type=Path))
@KB
@MEMORY
@ENCODER
@ENCODER_RUNTIME
@LEXICON
@K
@MODE
@RANKER
@SCOPE
@click.option("--candidates", type=click.Path(path_type=Path), help="Rank these given lists (JSONL) instead.")
@JSON
def evaluate_command(
    gold: Path,
    kb: str,
    memory: Path | None,
    encoder: str,
    lexicon: tuple[Path, ...],
    k: int,
    mode: str,
    ranker: str,
    scope: str,
    candidates: Path | None,
    as_json: bool,
) -> None:
    """Score a ranker against the coded mentions of GOLD: acc@1, acc@5, recall@k, seen and unseen apart; and how far
    its confidence can be believed.
    """
    mentions = list(read_mentions(gold))
    remembered = list(read_mentions(memory)) if memory else []
    catalogue, within = Library().open(kb, lexicons=lexicon), scope_text(scope)
    with WorkerClient.start() as worker:
        state = opened(worker, catalogue, memory_of(remembered), encoder)

        def rerank(items: Sequence[NewMention], lists: Sequence[Ranking]) -> Sequence[Ranking]:
            return _reranked(worker, state.fingerprint, items, lists, adapter_of(ranker))

        def retrieved(items: Sequence[NewMention]) -> Sequence[Ranking]:
            texts = [(item.text, item.context) for item in items]
            return retrieve(worker, state.fingerprint, texts, k, mode_of(mode), scope=within)

        def scored(items: Sequence[NewMention], lists: Sequence[Ranking]) -> Sequence[Ranking]:
            if not adapter_of(ranker):
                return lists
            texts = [(item.text, item.context) for item in items]
            found = with_scores(worker, state.fingerprint, texts, [ranking.candidates for ranking in lists])
            return [replace(ranking, candidates=given) for ranking, given in zip(lists, found, strict=True)]

        if candidates is not None:
            found = evaluate_lists(
                mentions,
                read_candidate_lists(candidates, mentions),
                remembered,
                lambda items, lists: rerank(items, scored(items, _given(lists, catalogue))),
                k=k,
            )
        else:
            found = evaluate_mentions(
                mentions,
                remembered,
                lambda items: rerank(items, retrieved(items)),
                k=k,
            )
    if as_json:
        print_json(_evaluation(found))
    else:
        _print_evaluation(found)


def _reranked(
    worker: WorkerClient, fingerprint: str, items: Sequence[NewMention], lists: Sequence[Ranking], adapter: str
) -> Sequence[Ranking]:
    if not adapter:
        return lists
    found: list[Ranking] = []
    pairs = tuple(
        RankItem(MentionText(at, item.text, item.context), ranking.candidates)
        for at, (item, ranking) in enumerate(zip(items, lists, strict=True))
    )
    worker.call("rank.student", RankByStudent(adapter, fingerprint, pairs), on_partial=found.append)
    return found


def _given(lists: Sequence[CandidateList], catalogue: Catalogue) -> list[Ranking]:
    """Given lists as rankings; a code that the knowledge base does not have is shown as its own name."""
    names = {entity.code: entity.name for entity in catalogue.entities()}
    provenance = Provenance("given", "file", catalogue.info.fingerprint)
    return [
        Ranking(at, "given", tuple(Candidate(code, names.get(code, code)) for code in given.candidates), provenance)
        for at, given in enumerate(lists)
    ]


def _evaluation(found: Evaluated) -> dict[str, object]:
    parts = {"overall": found.overall, "seen": found.seen, "unseen": found.unseen}
    bins, summary = reliability(found.answers)
    told = {name: {**msgspec.to_builtins(scores.metrics), "n": scores.n} for name, scores in parts.items()}
    return told | {"reliability": {**msgspec.to_builtins(summary), "bins": msgspec.to_builtins(bins)}}


def _print_evaluation(found: Evaluated) -> None:
    click.echo("         " + "".join(f"{name:>24}" for name in found.overall.metrics) + f"{'n':>8}")
    for name, scores in (("overall", found.overall), ("seen", found.seen), ("unseen", found.unseen)):
        click.echo(f"{name:<9}" + _cells(scores) + f"{scores.n:>8}")
    click.echo(TIES)
    if found.answers:
        _print_reliability(*reliability(found.answers))


def _print_reliability(bins: Sequence[Bin], summary: Calibration) -> None:
    """Each tenth of the confidences that holds any answer: what was said, and what came true."""
    click.echo(f"\n{'confidence':>10}{'right':>24}{'n':>8}")
    for one in bins:
        right = one.right
        click.echo(
            f"{one.confidence:>10.2f}"
            + f"{right.value:.3f} ({right.low:.3f}-{right.high:.3f})".rjust(24)
            + f"{right.n:>8}"
        )
    way = "too sure by" if summary.surplus > 0 else "not sure enough by"
    error = f"expected calibration error {summary.error:.3f} over {summary.n:,} answers"
    click.echo(f"{error} ({way} {abs(summary.surplus):.3f})")


def _cells(scores: Scores) -> str:
    cells = (f"{m.value:.3f} ({m.low:.3f}-{m.high:.3f})" for m in scores.metrics.values())
    return "".join(f"{cell:>24}" for cell in cells)
