from __future__ import annotations

import csv
import re
from datetime import datetime
from pathlib import Path

import pytest
from helpers.masking_cases import NAMES, clinical, positives
from hypothesis import given, settings
from hypothesis import strategies as st

from rpdr_core.prompting.masking import mask
from rpdr_core.prompting.sharing import share
from rpdr_core.prompting.sight import TOKEN, see
from rpdr_core.resources import resource_path

CASES = positives()
MEASURED = clinical()
ODD = (
    "1|38|0013|8000|2024|３|年|月|日|-|/|.| |\u200b|\n|MRN |住院号|+86|x|[|date|]|[date]|@|a.com|Mar|Smith|王小明|John"
    "|\u0301|电话|(|)|：|%|mg"
)
odd = st.sampled_from(ODD.split("|"))
texts = st.one_of(st.text(max_size=80), st.lists(odd, max_size=25).map("".join))


def read(text: str) -> str:
    """A case as it stands in the table, its escapes undone."""
    return re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)


def test_there_are_enough_cases() -> None:
    assert len(set(CASES)) >= 150
    assert len(set(MEASURED)) >= 150
    assert sum(bool(re.search(r"[\u4e00-\u9fff]", text)) for text in MEASURED) >= 70


@pytest.mark.parametrize(("text", "left"), CASES, ids=[f"{number}" for number in range(len(CASES))])
def test_what_points_to_a_person_is_masked(text: str, left: str) -> None:
    masked = mask(read(text), NAMES)
    assert masked.text == left
    assert masked.masked == len(TOKEN.findall(left))


@pytest.mark.parametrize("word", ["next visit", "results", "clinic", "it was", "discharge letters", "H/O fall"])
@pytest.mark.parametrize("date", ["12/05/2026", "3/4/2024", "1/2/26", "03.04.2024"])
def test_a_date_is_one_whatever_the_word_before_ends_with(word: str, date: str) -> None:
    assert mask(f"{word} {date}, again").text == f"{word} [date], again"


@pytest.mark.parametrize("text", MEASURED)
def test_a_clinical_phrase_stays_untouched(text: str) -> None:
    masked = mask(text, NAMES)
    assert (masked.text, masked.masked) == (text, 0)


@pytest.mark.parametrize("sign", ["、", "，右眼", " and ", "; "])
def test_clinical_phrases_stay_untouched_side_by_side(sign: str) -> None:
    for first, second in zip(MEASURED, MEASURED[7:], strict=False):
        text = f"{first}{sign}{second}"
        # A cue such as `on` at the end of one gives the next another sense; the table holds none.
        assert mask(text).text == text


def test_the_words_of_the_terminologies_stay_untouched() -> None:
    """The bundled lexicons: a hundred thousand ways of saying a disease, and no person."""
    touched = []
    for path in sorted(resource_path("lexicon", "icd10cm").glob("*.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.reader((line for line in file if not line.startswith("#")), delimiter="\t"):
                touched += [text for text in row if mask(text).masked]
    assert touched == []


@pytest.mark.shared
def test_laypeoples_phrases_stay_untouched() -> None:
    folder = Path(__file__).parents[4] / "shared" / "data" / "askapatient"
    if not folder.is_dir():
        pytest.skip("without the development data")
    lines = (folder / "train.tsv").read_text(encoding="utf-8").splitlines()[1:]
    assert [text for text in {line.split("\t")[0] for line in lines} if mask(text).masked] == []


@given(texts)
@settings(max_examples=400, deadline=None)
def test_masking_again_changes_nothing(text: str) -> None:
    once = mask(text, NAMES)
    again = mask(once.text, NAMES)
    assert (again.text, again.masked, again.flagged) == (once.text, 0, once.flagged)


@given(texts)
@settings(max_examples=400, deadline=None)
def test_no_long_run_of_digits_is_left_unflagged(text: str) -> None:
    masked = mask(text, NAMES)
    flagged = [see(flag).seen for flag in masked.flagged]
    for run in re.findall("[0-9]{7,}", see(masked.text).seen):
        assert any(run in flag for flag in flagged)


@given(st.sampled_from(CASES), st.sampled_from(MEASURED), st.sampled_from(MEASURED))
def test_a_case_is_found_among_clinical_text_and_nothing_else_is_lost(
    case: tuple[str, str], before: str, after: str
) -> None:
    text, left = case
    masked = mask(f"{before}; {read(text)}; {after}", NAMES)
    assert masked.text == f"{before}; {left}; {after}"


@given(st.lists(st.sampled_from(["\u200b", "\u2060", "\ufeff", "\u00ad", "\u200e"]), min_size=10, max_size=10))
def test_hidden_signs_between_digits_hide_nothing(hidden: list[str]) -> None:
    number = "".join(digit + sign for digit, sign in zip("13800138000", [*hidden, ""], strict=True))
    assert mask(f"打{number}找我").text == "打[phone]找我"


@given(texts, st.lists(st.text(max_size=12), max_size=4))
def test_any_list_of_names_is_borne(text: str, names: list[str]) -> None:
    masked = mask(text, names)
    assert mask(masked.text, names).text == masked.text


@pytest.mark.parametrize(
    ("text", "flagged"),
    [
        ("seen by Dr. Smith today", ("seen by Dr. Smith",)),
        ("Mrs Jane Doe", ("Mrs Jane Doe",)),
        ("her daughter Mary says", ("daughter Mary",)),
        ("J. R. Hartley signed", ("J. R. Hartley",)),
        ("Name: Ann Lee", ("Name: Ann Lee",)),
        ("张医生查房", ("张医生",)),
        ("王建国主任会诊", ("王建国主任",)),
        ("李女士诉头痛", ("李女士",)),
        ("姓名：赵一曼，女", ("姓名：赵一曼",)),
        ("患者刘洋，男，30岁", ("患者刘洋",)),
        ("ID-like 12345678901234", ("12345678901234",)),
        ("code H1234567", ("H1234567",)),
        ("555-0123", ("555-0123",)),
        ("一二三四五六七", ("一二三四五六七",)),
        ("住幸福路12号", ("住幸福路12号",)),
        ("12 Old Mill Road", ("12 Old Mill Road",)),
        ("SW1A 1AA", ("SW1A 1AA",)),
        ("blurry vision R eye", ()),
        ("Extreme Fatigue and Joint Pain", ()),
        ("患者诉头痛", ()),
    ],
)
def test_what_only_looks_like_a_name_or_number_is_flagged_and_stays(text: str, flagged: tuple[str, ...]) -> None:
    masked = mask(text)
    assert (masked.text, masked.masked) == (text, 0)
    assert masked.flagged == flagged


def test_a_name_is_a_whole_word_in_latin_script() -> None:
    assert mask("Mays and may, May", ["May"]).text == "Mays and [name], [name]"
    assert mask("李明亮", ["李明"]).text == "[name]亮"
    assert mask("李明和John走了", ["john"]).text == "李明和[name]走了"
    assert mask("nothing", ["", " "]).text == "nothing"


def test_the_longest_name_wins() -> None:
    assert mask("Ann Lee Smith", ["Ann", "Ann Lee Smith"]).text == "[name]"


def test_a_long_list_of_names() -> None:
    names = [f"Person{number} Family{number}" for number in range(800)]
    assert mask("seen with person799 family799", names).text == "seen with [name]"


def test_masks_are_never_called_by_another_word() -> None:
    assert mask("[date] [phone] [name]", ["date", "phone", "name"]).text == "[date] [phone] [name]"


@pytest.mark.parametrize(
    "text", ["a." * 20_000, "1-" * 20_000, "1" * 40_000, "@" * 20_000, "王" * 20_000, "+1 " * 9000]
)
def test_a_long_odd_text_comes_to_an_end(text: str) -> None:
    assert mask(text).text


def test_what_is_shared_is_masked_before_it_is_cut() -> None:
    context = "Calls 13800138000 about blurry vision since 2024-03-01, lives far"
    shared = share("blurry vision", context, 12)
    assert shared.text == "blurry vision"
    assert shared.context == "… about blurry vision since …"
    for width in range(60):
        cut = share("blurry vision", context, width)
        assert not re.search("[0-9]{3}", cut.context)
        assert cut.masked == len(TOKEN.findall(cut.context))


def test_a_mention_that_is_masked_keeps_its_place() -> None:
    shared = share("seen 1/3/24", "was seen 1/3/24 with Dr. Who here", 80)
    assert (shared.text, shared.context) == ("seen [date]", "was seen [date] with Dr. Who here")
    assert shared.masked == 2
    assert shared.flagged == ("Dr. Who",)


def test_the_known_place_of_a_mention_is_kept() -> None:
    context = "pain 2024-03-01 left. Later pain again."
    assert share("pain", context, 80, start=28).context == "… Later pain again."


@given(texts, st.integers(0, 40))
def test_what_is_shared_holds_nothing_more_to_mask(text: str, width: int) -> None:
    shared = share("pain", f"{text} pain {text}", width, NAMES)
    assert mask(shared.context, NAMES).text == shared.context


DATE_FORMATS = (
    "%Y-%m-%d|%Y/%m/%d|%Y.%m.%d|%d/%m/%Y|%m/%d/%Y|%d.%m.%Y|%d-%m-%Y|%d/%m/%y|%m/%d/%y|%d.%m.%y|%d-%m-%y|%Y%m%d|%d%m%Y"
    "|%d %B %Y|%d %b %Y|%d-%b-%Y|%d-%b-%y|%d%b%Y|%d%b%y|%d/%b/%Y|%b %d, %Y|%B %d, %Y|%B %d %Y|%d %B, %Y|%Y %b %d"
    "|%Y-%b-%d|%B %Y|%m/%Y|%Y-%m|%Y-%m-%dT%H:%M:%SZ|%Y-%m-%d %H:%M|%d/%m/%Y %H:%M|%d %B|%d %b %y|%B %d"
    "|%Y年%m月%d日|%y年%m月%d日|%m月%d日|%Y年%m月"
)
MOBILE_FORMS = (
    "{0}{1}{2}|{0} {1} {2}|{0}-{1}-{2}|+86{0}{1}{2}|+86 {0} {1} {2}|({0}){1}-{2}|{0}·{1}·{2}|0086 {0}{1}{2}"
    "|{0}. {1}. {2}"
)
AMERICAN_FORMS = (
    "({0}) {1}-{2}|{0}-{1}-{2}|{0}.{1}.{2}|{0} {1} {2}|+1{0}{1}{2}|+1-{0}-{1}-{2}|1-{0}-{1}-{2}|{0}{1}{2}"
    "|1 ({0}) {1}-{2}|{0}/{1}-{2}|{0} - {1} - {2}|+1.{0}.{1}.{2}"
)
digits = st.integers(0, 9999).map("{:04}".format)


@settings(deadline=None, max_examples=500)
@given(st.datetimes(datetime(1900, 1, 1), datetime(2069, 12, 31)), st.sampled_from(DATE_FORMATS.split("|")))
def test_a_date_in_any_of_the_usual_forms_is_masked(date: datetime, form: str) -> None:
    assert mask(f"seen {date.strftime(form)}, well").text == "seen [date], well"


@settings(deadline=None, max_examples=300)
@given(st.integers(130, 199), digits, digits, st.sampled_from(MOBILE_FORMS.split("|")))
def test_a_chinese_mobile_number_in_any_of_the_usual_forms_is_masked(head: int, a: str, b: str, form: str) -> None:
    assert mask(f"致电{form.format(head, a, b)}。").text == "致电[phone]。"


@settings(deadline=None, max_examples=300)
@given(st.integers(200, 999), st.integers(200, 999), digits, st.sampled_from(AMERICAN_FORMS.split("|")))
def test_an_american_number_in_any_of_the_usual_forms_is_masked(area: int, exchange: int, line: str, form: str) -> None:
    masked = mask(f"reach on {form.format(area, exchange, line)} please")
    # Ten digits may by chance be a health service's number.
    assert re.sub("id|phone", "phone", masked.text) == "reach on [phone] please"
