"""Encoders of the search and how they are taught, as the page shows them. Plain values, no behaviour."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from rpdr_core.encoder_manifest import EncoderCheck
from rpdr_core.records import KnowledgeBaseInfo
from rpdr_desk.operations.train_state import TrainChoice

Lesson = Literal["", "names", "decisions"]
"""What an encoder learns from: a terminology's own names, or decisions. Empty: it is no encoder, or nobody says."""

BUNDLED = "bundled"
USUAL: dict[Lesson, str] = {"names": "self-alignment", "decisions": "retriever"}
"""The recipe that each lesson begins with."""


@dataclass(frozen=True, slots=True)
class EncoderLine:
    """An encoder on this machine. `name` is `bundled` for the one that comes with the program, which has no `check`.

    `learned_from`: title of the terminology that taught it, empty where it is not here any more; `for_this`: it is the
    one asked about. `in_use`: that terminology is searched with it.
    """

    name: str
    id: str = ""
    recipe: str = ""
    made_at: str = ""
    learned_from: str = ""
    for_this: bool = True
    check: EncoderCheck | None = None
    in_use: bool = False


@dataclass(frozen=True, slots=True)
class EncoderList:
    """The encoders for a terminology, the bundled one first. `gone`: id of one in use that is not here any more."""

    lines: tuple[EncoderLine, ...]
    gone: str = ""


@dataclass(frozen=True, slots=True)
class LessonRecipe:
    """A recipe of a lesson, and what its estimate needs: see `encoder_estimates`."""

    reference: str
    title: str
    lesson: Lesson
    epochs: int
    steps: int
    batch: int
    layers: int
    negatives: int = 0


@dataclass(frozen=True, slots=True)
class LessonChoice(TrainChoice):
    """What to teach: the terminology `about`, by its `lesson`.."""

    lesson: Lesson = "names"
    about: KnowledgeBaseInfo | None = None


@dataclass(frozen=True, slots=True)
class KeptSpec:
    """What the project keeps of such a run beside the `TrainingSpec`, whose fields it has, too."""

    recipe: str = ""
    knowledge_base: str = ""
    base: str = ""
    seed: int = 0
    lesson: Lesson = ""


Outcome = Literal["won", "lost", "unchecked", "indexing", "in use"]


@dataclass(frozen=True, slots=True)
class Learned:
    """How a lesson ended: the encoder, what its check said, and what became of it. `title` of the terminology."""

    name: str
    title: str
    check: EncoderCheck
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Estimate:
    """Minutes on a processor like those it was measured on, training and index."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Lessons:
    """What there is to teach from. `rows`: decisions; `strings`: names and synonyms of `entities`."""

    rows: int = 0
    held_out: int = 0
    entities: int = 0
    strings: int = 0
    recipes: tuple[LessonRecipe, ...] = field(default_factory=tuple)
