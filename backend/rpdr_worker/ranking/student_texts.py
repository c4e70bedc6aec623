"""What an encoder student reads of an item, and the retriever's score as a number it can weigh. No torch."""

from __future__ import annotations

from collections.abc import Sequence

from rpdr_core.records import Candidate


def mention_text(mention: str, context: str, width: int) -> str:
    """The mention, and behind it up to `width` characters of context on each side in brackets."""
    text, around = " ".join(mention.split()), " ".join(context.split())
    if width == 0 or not around or around == text:
        return text
    at = around.casefold().find(text.casefold())
    start, end = (max(0, at - width), at + len(text) + width) if at >= 0 else (0, 2 * width)
    return f"{text} ({around[start:end].strip()})"


def candidate_texts(candidate: Candidate) -> tuple[str, ...]:
    """The strings that stand for a candidate: its name, and the official or lexicon string that brought it.

    A memory term is left out: it is the reviewers' words for this very mention, and the prior knows of it.
    """
    name, matched = " ".join(candidate.name.split()), " ".join(candidate.matched.split())
    if matched and candidate.source in ("name", "synonym", "lexicon") and matched.casefold() != name.casefold():
        return (name, matched)
    return (name,)


def prior_scores(candidates: Sequence[Candidate], gaps: Sequence[float]) -> list[float]:
    """The retriever's scores less the best one. A list without scores gets the usual `gaps` of its places."""
    scores = [candidate.score for candidate in candidates]
    if len(set(scores)) > 1 or len(scores) < 2:
        best = max(scores, default=0.0)
        return [score - best for score in scores]
    last = gaps[-1] if gaps else 0.0
    return [gaps[place] if place < len(gaps) else last for place in range(len(scores))]


def usual_gaps(lists: Sequence[Sequence[Candidate]]) -> tuple[float, ...]:
    """Mean of how far the score at each place lies below the list's best, over the lists that have scores."""
    sums: list[float] = []
    counts: list[int] = []
    for candidates in lists:
        scores = [candidate.score for candidate in candidates]
        if len(set(scores)) < 2:
            continue
        best = max(scores)
        for place, score in enumerate(scores):
            if place == len(sums):
                sums.append(0.0)
                counts.append(0)
            sums[place] += score - best
            counts[place] += 1
    return tuple(round(total / count, 6) for total, count in zip(sums, counts, strict=True))
