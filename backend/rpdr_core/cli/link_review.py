"""What `rpdr link --max-error` is given to judge by: reviewed mentions, and what they and their project teach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from rpdr_core.cli.options import memory_terms, sha256_of
from rpdr_core.errors import UserInputError
from rpdr_core.folding import fold
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import Forget, Remember
from rpdr_core.records import MemoryTerm, NewMention, Ranking
from rpdr_core.workflow.linking_acceptance import check_judged, check_sample
from rpdr_core.workflow.linking_learned import Judged, Memory, judge, judge_and_learn
from rpdr_core.workflow.linking_reviewed import project_memory, reviewed_file, reviewed_project
from rpdr_core.workflow.linking_taught import Taught, refuse_learned

LEARN = click.option(
    "--learn/--no-learn",
    default=True,
    show_default=True,
    help="For --max-error: remember the reviewed mentions, and other decisions of --project, while linking the file.",
)


@dataclass(frozen=True, slots=True)
class Given:
    """`memory`: what is remembered before the first reviewed mention is judged, but for wordings that are reviewed.
    `rate` None: nothing is accepted. `silent`: trained rankers that do not say on which texts.
    """

    rate: float | None
    sample: tuple[NewMention, ...]
    memory: tuple[MemoryTerm, ...]
    learn: bool
    silent: tuple[Taught, ...] = ()


def given_review(
    rate: float | None,
    reviewed: Path | None,
    project: Path | None,
    memory: Path | None,
    *,
    learn: bool,
    student: str = "",
    encoder: str = "",
) -> Given:
    """Read what the options name. Raises where it can promise nothing. `student`, `encoder`: folders of what ranks."""
    known = memory_terms(memory)
    if rate is None:
        if reviewed or project:
            raise UserInputError("reviewed mentions without an error rate", hint="add --max-error, for example 0.05")
        return Given(None, (), tuple(known), learn=False)
    if (reviewed is None) == (project is None):
        raise UserInputError("--max-error needs reviewed mentions", hint="give --reviewed FILE or --project FILE")
    if reviewed is not None and memory is not None and sha256_of(reviewed) == sha256_of(memory):
        hint = "review other mentions: what is remembered is right by heart and says nothing of the rest"
        raise UserInputError("the reviewed mentions are the memory", hint=hint, file=str(reviewed))
    sample = reviewed_file(reviewed) if reviewed is not None else reviewed_project(project or Path())
    check_sample(len(sample), rate)
    silent = refuse_learned(sample, student=student, encoder=encoder)
    for what in silent:
        unless = "the promise holds if no reviewed mention was among them"
        click.echo(f"note: which texts the {what} was trained on is not known; {unless}", err=True)
    known = _not_asked(known, sample)
    if project is not None and learn:
        after = last_id(known)
        others = enumerate(project_memory(project, sample), after + 1)
        known += [MemoryTerm(term.term, term.code, number) for number, term in others]
    return Given(rate, tuple(sample), tuple(known), learn, silent)


def _not_asked(known: list[MemoryTerm], sample: list[NewMention]) -> list[MemoryTerm]:
    """What is remembered is right by heart, and says nothing of the rest."""
    asked = {fold(mention.text) for mention in sample}
    kept = [term for term in known if fold(term.term) not in asked]
    if len(kept) < len(known):
        left = len(known) - len(kept)
        click.echo(f"note: {left:,} entries of --memory are worded as reviewed mentions and left out", err=True)
    return kept


def judged_sample(
    given: Given, worker: WorkerClient, fingerprint: str, link: Callable[[list[NewMention]], list[Ranking]], chunk: int
) -> Judged:
    """Judge the sample. What it taught is in the worker's memory then; raises where no file could be accepted."""
    if given.learn:
        memory = Memory(
            link,
            lambda terms: worker.call("memory.remember", Remember(fingerprint, terms)),
            lambda ids: worker.call("memory.forget", Forget(fingerprint, ids)),
            last_id(given.memory),
            chunk,
        )
        judged = judge_and_learn(given.sample, memory)
    else:
        judged = judge(given.sample, link, chunk)
    if given.rate is not None:
        check_judged(judged, given.rate)
    return judged


def last_id(terms: list[MemoryTerm] | tuple[MemoryTerm, ...]) -> int:
    return max((term.decision_id for term in terms), default=0)
