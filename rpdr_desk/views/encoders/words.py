"""Words of the page that teaches the search."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from rpdr_core.encoder_manifest import EncoderCheck
from rpdr_core.records import KnowledgeBaseInfo
from rpdr_desk.operations.encoder_state import BUNDLED, EncoderLine, Estimate, Learned, Lesson, LessonRecipe, Lessons
from rpdr_desk.operations.train_state import Run
from rpdr_desk.views import wording
from rpdr_desk.views.error_words import in_language
from rpdr_desk.views.files import words as files
from rpdr_desk.views.model.train.words import state_text

FIGURES = frozenset((2, 3))
NONE = "–"


def title_of(info: KnowledgeBaseInfo) -> str:
    return f"{info.title} {info.version}".strip()


def lesson_text(lesson: Lesson) -> str:
    """What is learned from, as a choice."""
    say = QCoreApplication.translate
    return say("encoders", "this terminology's synonyms") if lesson == "names" else say("encoders", "my decisions")


def headings() -> tuple[str, ...]:
    say = QCoreApplication.translate
    return (
        say("encoders", "Encoder"),
        say("encoders", "Use"),
        say("encoders", "Found first"),
        say("encoders", "Found among ten"),
        say("encoders", "Learned from"),
        say("encoders", "Made"),
    )


def row(line: EncoderLine) -> tuple[str, ...]:
    say, check = QCoreApplication.translate, line.check
    used = say("encoders", "in use") if line.in_use else ""
    if line.name == BUNDLED:
        return (name_text(line), used, NONE, NONE, say("encoders", "comes with the program"), "")
    source = line.learned_from or say("encoders", "a terminology that is not here")
    found = (NONE, NONE)
    if check is not None and check.texts:
        found = (_change(check.at_1_before, check.at_1), _change(check.at_10_before, check.at_10))
    if check is not None and not used and line.for_this:
        used = say("encoders", "won") if check.wins else say("encoders", "did not win")
    return (line.name, used, *found, f"{source} · {line.recipe}", wording.day(line.made_at))


def name_text(line: EncoderLine) -> str:
    return QCoreApplication.translate("encoders", "Bundled encoder") if line.name == BUNDLED else line.name


def detail(line: EncoderLine) -> str:
    """A row in sentences."""
    say = QCoreApplication.translate
    if line.name == BUNDLED:
        return say("encoders", "Knows general English medical words. It is what every new encoder has to beat.")
    return check_text(line.check) if line.check is not None else ""


def check_text(check: EncoderCheck) -> str:
    """What was measured, with intervals."""
    say, number, share = QCoreApplication.translate, wording.number, wording.percentage
    if not check.texts:
        return say("encoders", "Nothing was held out, so nobody knows whether it is better.")
    first = say("encoders", "%1 texts were held out and looked up among %2: found first %3, before %4 (%5).")
    ten = say("encoders", "Among the first ten: %1, before %2 (%3).")
    one = wording.fill(
        first, number(check.texts), number(check.strings), share(check.at_1, 1), share(check.at_1_before, 1),
        gain(check.at_1_gain),
    )  # fmt: skip
    other = wording.fill(ten, share(check.at_10, 1), share(check.at_10_before, 1), gain(check.at_10_gain))
    return wording.sentences(one, other, _with_contexts(check))


def _with_contexts(check: EncoderCheck) -> str:
    """Whether contexts are read; empty where they are not."""
    if not check.contexts:
        return ""
    words = QCoreApplication.translate(
        "encoders", "%1 were read with their context; all of them alone: found first %2, before %3 (%4)."
    )
    shares = wording.percentage(check.alone_at_1, 1), wording.percentage(check.alone_at_1_before, 1)
    return wording.fill(words, wording.number(check.contexts), *shares, gain(check.alone_at_1_gain))


def gain(interval: tuple[float, float]) -> str:
    """A 95 % interval of a difference, in points."""
    low, high = interval
    words = QCoreApplication.translate("encoders", "%1 to %2 points")
    return wording.fill(words, _signed(low), _signed(high))


def outcome_title(learned: Learned) -> str:
    say = QCoreApplication.translate
    match learned.outcome:
        case "in use":
            return wording.fill(say("encoders", "%1 is searched with the new encoder now"), learned.title)
        case "won" | "indexing":
            return say("encoders", "The new encoder won: its index is being made, and then it takes over")
        case "lost":
            return say("encoders", "The new encoder did not win, so nothing changes")
        case "unchecked":
            return say("encoders", "The new encoder could not be checked, so nothing changes")


def outcome_text(learned: Learned) -> str:
    say = QCoreApplication.translate
    match learned.outcome:
        case "in use":
            after = say("encoders", "What you have on screen stays; undecided mentions are searched again by and by.")
        case "won" | "indexing":
            after = say("encoders", "Until then everything is searched with the old one.")
        case _:
            after = say("encoders", "It is kept in the list; you may use it all the same, or remove it.")
    return wording.sentences(check_text(learned.check), after)


def notice(learned: Learned) -> str:
    return wording.fill(
        QCoreApplication.translate("encoders", "%1. %2"), outcome_title(learned), check_text(learned.check)
    )


def material(lesson: Lesson, found: Lessons) -> str:
    """What there is to learn from."""
    say, number = QCoreApplication.translate, wording.number
    if lesson == "names":
        words = say(
            "encoders",
            "%1 names and synonyms of %2. Names of one entity are drawn together, those beside it pushed away. One "
            "synonym in ten is held out to judge by. No decision is needed.",
        )
        return wording.fill(words, number(found.strings), files.entities(found.entities))
    if not found.rows:
        return say("encoders", "No decision to learn from yet. Decide some mentions first; a hundred are a beginning.")
    words = say(
        "encoders",
        "%1 decisions to learn from, %2 held out to judge by. What people called an entity and its names are drawn "
        "together. A teacher's word teaches no search.",
    )
    return wording.fill(words, number(found.rows), number(found.held_out))


def estimate_text(found: Estimate) -> str:
    """How long it will take, as far as that can be said before it has begun."""
    say = QCoreApplication.translate
    if found.high >= 180:
        words = say("encoders", "About %1 to %2 hours on a processor, index included; a GPU is for that.")
        low, high = wording.number(max(1, round(found.low / 60))), wording.number(round(found.high / 60))
    else:
        words = say("encoders", "About %1 to %2 minutes on a processor like this, index included.")
        low, high = wording.number(max(1, round(found.low))), wording.number(max(2, round(found.high)))
    return wording.fill(words, low, high)


def recipe_text(recipe: LessonRecipe) -> str:
    say = QCoreApplication.translate
    known = {
        "self-alignment": say("encoders", "self-alignment (usual)"),
        "retriever": say("encoders", "retriever (usual)"),
        "sapbert": say("encoders", "sapbert: SapBERT's own loss"),
        "paper-retriever": say("encoders", "paper-retriever: as in the paper, slow"),
    }
    return known.get(recipe.reference, recipe.title)


def run_title(run: Run) -> str:
    return wording.fill(QCoreApplication.translate("encoders", "Teaching: %1"), run.name)


def run_text(run: Run) -> str:
    """How a lesson stands, in a line."""
    say = QCoreApplication.translate
    if run.state == "preparing":
        return say("encoders", "Reading what there is to learn ...")
    if run.state in ("running", "paused") and run.steps:
        step = wording.fill(
            QCoreApplication.translate("train", "Step %1 of %2"), wording.number(run.step), wording.number(run.steps)
        )
        left = wording.time_left(run.seconds_left) if run.state == "running" else ""
        return "   ·   ".join(part for part in (state_text(run.state), step, left) if part)
    if run.ended and run.message:
        hint = in_language(run.hint)
        told = f"{state_text(run.state)}: {in_language(run.message)}"
        return f"{told}. {hint}" if hint else told
    return state_text(run.state)


def _change(before: float, after: float) -> str:
    words = QCoreApplication.translate("encoders", "%1 → %2")
    return wording.fill(words, wording.percentage(before, 1), wording.percentage(after, 1))


def _signed(share: float) -> str:
    sign = "+" if share >= 0 else "−"
    return f"{sign}{wording.decimal(abs(100 * share), 1)}"
