"""Score a ranker against gold mentions: what `rpdr evaluate` prints."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from rpdr_core.errors import FileFormatError, NotFoundError
from rpdr_core.evaluation import Scores, evaluate, judge
from rpdr_core.records import NewMention, Ranking


@dataclass(frozen=True, slots=True)
class CandidateList:
    """One line of a candidate file: a given list to re-rank instead of retrieving."""

    mention: str
    candidates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evaluated:
    """Scores of all judged mentions, of those that memory knows and of the others. `answers`: (confidence, first
    candidate right) of each that came with a confidence.
    """

    overall: Scores
    seen: Scores
    unseen: Scores
    answers: tuple[tuple[float, bool], ...] = ()


Rank = Callable[[Sequence[NewMention]], Sequence[Ranking]]


def evaluate_mentions(gold: Sequence[NewMention], memory: Iterable[NewMention], rank: Rank, *, k: int) -> Evaluated:
    """Rank every gold mention once (equal ones together) and judge each occurrence.

    Gold mentions without a code are not judged. Several gold codes are separated by `|`.
    """
    known = {mention.text.casefold() for mention in memory}
    judged = [mention for mention in gold if mention.code]
    distinct = list({(mention.text, mention.context): mention for mention in judged}.values())
    found = dict(zip(((m.text, m.context) for m in distinct), rank(distinct), strict=True))
    return _evaluated([(mention, found[mention.text, mention.context]) for mention in judged], known, k)


def evaluate_lists(
    gold: Sequence[NewMention],
    lists: Sequence[CandidateList],
    memory: Iterable[NewMention],
    rank: Callable[[Sequence[NewMention], Sequence[CandidateList]], Sequence[Ranking]],
    *,
    k: int,
) -> Evaluated:
    """Rank given lists, one per gold mention: equal mentions may have different lists."""
    known = {mention.text.casefold() for mention in memory}
    pairs = [(mention, given) for mention, given in zip(gold, lists, strict=True) if mention.code]
    rankings = rank([mention for mention, _ in pairs], [given for _, given in pairs])
    return _evaluated([(m, r) for (m, _), r in zip(pairs, rankings, strict=True)], known, k)


def _evaluated(pairs: Sequence[tuple[NewMention, Ranking]], known: set[str], k: int) -> Evaluated:
    outcomes, answers = [], []
    for mention, ranking in pairs:
        codes = [candidate.code for candidate in ranking.candidates]
        wanted = [code.strip() for code in mention.code.split("|")]
        outcomes.append(judge(codes, wanted, seen=mention.text.casefold() in known))
        if codes and ranking.confidence is not None:
            answers.append((ranking.confidence, codes[0] in wanted))
    found = evaluate(outcomes, k=k)
    return Evaluated(found.overall, found.seen, found.unseen, tuple(answers))


def read_candidate_lists(path: Path, gold: Sequence[NewMention]) -> list[CandidateList]:
    """Candidate lists, one JSON object a line, in the order of `gold`; each must name its gold mention.

    Empty lines are passed over.
    """
    lists = list(_lists(path))
    if len(lists) != len(gold):
        raise FileFormatError(
            f"{len(lists)} candidate lists for {len(gold)} gold mentions",
            hint="one line per mention, in the same order",
            file=str(path),
        )
    for (line, found), mention in zip(lists, gold, strict=True):
        if found.mention.casefold() != mention.text.casefold():
            raise FileFormatError(
                "the line is about another mention than the gold file",
                hint="keep the order of the gold file",
                file=str(path),
                line=line,
            )
    return [found for _, found in lists]


def _lists(path: Path) -> Iterator[tuple[int, CandidateList]]:
    decoder = msgspec.json.Decoder(CandidateList)
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                try:
                    yield number, decoder.decode(line)
                except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                    raise FileFormatError(
                        f"not a candidate list: {error}",
                        hint='write {"mention": "..", "candidates": ["code", ..]}',
                        file=str(path),
                        line=number,
                    ) from error
    except FileNotFoundError as error:
        raise NotFoundError("no such candidate file", hint="check the path", file=str(path)) from error
