"""What the parts of the Teach page say, in the language of the moment."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from rpdr_desk.operations.teach_state import Hindrance, KeyState, Money, Plan, Selection, Sending
from rpdr_desk.views import wording

_SIGNS = {"USD": "US$", "CNY": "CN¥", "EUR": "€", "GBP": "£"}


def key_text(key: KeyState) -> str:
    """Whether a key is at hand. The key itself is never shown."""
    say = QCoreApplication.translate
    match key:
        case "kept":
            return say("teach", "key kept in the system keyring")
        case "environment":
            return say("teach", "key from the environment")
        case "session":
            return say("teach", "key kept until the window closes")
        case "not_needed":
            return say("teach", "no key needed")
        case "missing":
            return say("teach", "no key yet")
        case "unknown":
            return say("teach", "asking the keyring ...")


def selection_text(selection: Selection) -> str:
    say = QCoreApplication.translate
    match selection:
        case "varied":
            return say("teach", "Uncertain and varied")
        case "frequent":
            return say("teach", "Most frequent")
        case "first":
            return say("teach", "First in the queue")


def sign(currency: str) -> str:
    """A currency's sign; its ISO code where it has none of ours."""
    return _SIGNS.get(currency, currency)


def amount(value: float, currency: str) -> str:
    """Money with as many places as small sums need."""
    places = 2 if value >= 0.1 or value == 0 else 4
    return f"{sign(currency)} {wording.decimal(value, places)}"


def money(cost: Money) -> str:
    return amount(cost.amount, cost.currency) if cost.amount is not None else "–"


def when(at: str) -> str:
    """A time of the project file as the reader's clock shows it."""
    return wording.moment(at)


def size(count: int) -> str:
    """Bytes, exactly."""
    return wording.fill(QCoreApplication.translate("teach", "%1 bytes"), wording.number(count))


def share(part: float) -> str:
    return wording.percentage(part)


def requests(count: int) -> str:
    say = QCoreApplication.translate
    if count == 1:
        return say("teach", "1 request")
    return wording.fill(say("teach", "%1 requests"), wording.number(count))


def estimate(plan: Plan) -> str:
    """How much would be sent, what it probably costs, and what it costs at most."""
    say = QCoreApplication.translate
    number = wording.number
    first = wording.fill(say("teach", "About %1, %2 tokens"), requests(plan.to_send), number(plan.tokens))
    if plan.cost.amount is None or plan.most is None:
        return first
    if not plan.most:
        return wording.fill(say("teach", "%1, free of charge"), first)
    words = say("teach", "%1, about %2, at most %3 by prices of %4")
    return wording.fill(words, first, money(plan.cost), amount(plan.most, plan.cost.currency), plan.cost.prices_of)


def hindrance(reason: Hindrance) -> str:
    """Why nothing can be sent, and what to do about it."""
    say = QCoreApplication.translate
    words: dict[Hindrance, str] = {
        "": "",
        "preparing": say("teach", "Preparing what would be sent ..."),
        "no_endpoint": say("teach", "Add an endpoint first."),
        "no_model": say("teach", "The endpoint has no model. Edit it and name one."),
        "killed": say("teach", "Sending is switched off for all projects on this machine."),
        "credentialed": say("teach", "Credentialed data goes to endpoints on this machine only."),
        "no_consent": say("teach", "Sending is off for this project. Switch it on under Agreement."),
        "no_batch_consent": say("teach", "Batches upload a file: the agreement must name them."),
        "no_key": say("teach", "There is no key for this endpoint yet. Edit it and enter one."),
        "no_candidates": say("teach", "No mention has candidates yet. They come by themselves, with the worker."),
        "nothing_waits": say("teach", "Nothing waits: the teacher has ranked every mention with candidates."),
        "no_price": say("teach", "No price is known for this model: set a ceiling in requests."),
        "worker": say("teach", "The worker is not ready."),
        "busy": say("teach", "A run is under way."),
        "failed": say("teach", "It could not be prepared. The message above says why."),
    }
    return words[reason]


def answer_class(name: str) -> str:
    """A class of answers in words; one that is not known stays as it was told."""
    say = QCoreApplication.translate
    known = {
        "ok": say("teach", "as asked"),
        "missing": say("teach", "numbers missing"),
        "repeated": say("teach", "numbers repeated"),
        "unknown_number": say("teach", "unknown numbers"),
        "names": say("teach", "names instead of numbers"),
        "prose": say("teach", "in sentences"),
        "refusal": say("teach", "refused to answer"),
        "cut_off": say("teach", "cut off"),
        "empty": say("teach", "empty"),
        "wrong_language": say("teach", "in another language"),
        "wrong_json": say("teach", "broken JSON"),
        "unanswered": say("teach", "no answer"),
    }
    return known.get(name, name)


def run_state(sending: Sending) -> str:
    """The heading of a run."""
    say = QCoreApplication.translate
    match sending.state:
        case "running":
            return wording.fill(say("teach", "Sending to %1"), sending.host)
        case "stopping":
            return say("teach", "Stopping: what is on the way is still waited for")
        case "done":
            return wording.fill(say("teach", "Done. %1 mentions ranked"), wording.number(sending.rankings))
        case "stopped":
            return wording.fill(say("teach", "Stopped. %1 mentions ranked"), wording.number(sending.rankings))
        case "failed":
            return say("teach", "The run ended early")
        case "idle":
            return ""


def batch_state(status: str, done: int, requests_: int) -> str:
    """Where a batch stands at the endpoint; empty for none."""
    say = QCoreApplication.translate
    match status:
        case "":
            return ""
        case "validating":
            return say("teach", "the batch is handed in")
        case "in_progress" | "finalizing":
            words = say("teach", "the batch is worked on: %1 of %2")
            return wording.fill(words, wording.number(done), wording.number(requests_))
        case "completed":
            return say("teach", "the batch is done")
        case "failed" | "cancelled":
            return say("teach", "the batch has failed there")
        case "expired":
            return say("teach", "the batch's day is over")
        case _:
            return status


def fate(status: str) -> str:
    """What became of a request, for the ledger."""
    say = QCoreApplication.translate
    known = {
        "answered": say("teach", "answered"),
        "refused": say("teach", "refused"),
        "no_answer": say("teach", "no answer"),
        "unreached": say("teach", "not reached"),
        "not_sent": say("teach", "not sent"),
        "maybe_sent": say("teach", "maybe sent"),
    }
    return known.get(status, status)
