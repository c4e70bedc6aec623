"""Dates to mask: a day, or a month with its year, in many notations. A year alone and a duration stay.

What looks alike and is clinical stays too: 6/6 vision, 120/80, 3/12 (three months), OCT, a 10-12-14 mm stent.
"""

from __future__ import annotations

import re

from rpdr_core.prompting.mask_rules import BEGIN, END, NO_UNIT, Rule

_DAY = r"(?:0?[1-9]|[12][0-9]|3[01])"
_MONTH = r"(?:0?[1-9]|1[0-2])"
_YEAR = r"(?:18|19|20)[0-9]{2}"
_SHORT_YEAR = r"'?[0-9]{2}"
_TIME = r"(?:[T ,]{1,2}[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?: ?[AaPp][Mm])?(?:Z|[+\-][0-9]{2}:?[0-9]{2})?)?"
_SEP = r" ?[\-/.] ?"
_NAMED = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?"
)
_NAME = rf"(?P<month>{_NAMED})\.?"
_ABROAD = (
    r"januar|februar|marz|april|mai|juni|juli|august|september|oktober|november|dezember|janvier|fevrier|mars|avril|juin"
    r"|juillet|aout|septembre|octobre|novembre|decembre|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre"
    r"|octubre|noviembre|diciembre"
)
_ORDINAL = r"(?P<th>st|nd|rd|th)?"
_GAP = r"(?: ?[\-/., ] ?| )"
_NO_LETTER = r"(?![0-9A-Za-z])"
_NUMERAL = r"[〇零○一二三四五六七八九十廿卅]"
# Words of the clinic in the place or the guise of a month: optical coherence tomography, medication record, a verb.
_OTHER_WORDS = frozenset({"OCT", "MAR", "SEP", "DEC", "MAY", "JAN", "may", "mar", "sep", "dec", "oct", "jan", "march"})
_LISTED = re.compile(r"(?<![A-Za-z])(?:HPV|types?|ribs?|strains?|levels?|serotypes?|teeth|tooth|[TLCS])[ :\-]*\Z", re.I)


def _day_and_month(found: re.Match[str]) -> bool:
    """One of the two first numbers must be a month; a list of ribs, levels or types is no date."""
    first, second = int(found["a"]), int(found["b"])
    listed = _LISTED.search(found.string[max(0, found.start() - 12) : found.start()])
    return min(first, second) <= 12 and listed is None


def _cued(found: re.Match[str]) -> bool:
    """`on 8/10` after a pain is how bad it is."""
    before = found.string[max(0, found.start() - 30) : found.start()]
    score = found["b"] == "10" and re.search(r"pain|ache|score|severity|scale", before, re.I)
    return not score and _day_and_month(found)


def _certain_name(found: re.Match[str]) -> bool:
    """Without a four-digit year the month's word must be one: `3 Mar`, not `2 OCT`, `5 may`."""
    return found["month"] not in _OTHER_WORDS or bool(found.groupdict().get("th"))


def _certain_or_joined(found: re.Match[str]) -> bool:
    return _certain_name(found) or found["gap"].strip() in ("-", "/")


def _not_tomography(found: re.Match[str]) -> bool:
    return found["month"] != "OCT"


def _late_year(found: re.Match[str]) -> bool:
    return _certain_name(found) and ("'" in found[0] or "-" in found[0] or int(found["year"]) > 31)


def _rule(pattern: str, flags: int = 0) -> re.Pattern[str]:
    return re.compile(pattern, flags)


_CUE = r"(?:on|dated|dob|d\.o\.b\.?|lmp|edd|admitted|discharged|reviewed|until|till|birth(?:day)?|appointment|appt|due)"

DATES = (
    # 2024 Mar 3
    Rule("date", _rule(rf"{BEGIN}{_YEAR}{_GAP}{_NAME}(?:{_GAP}{_DAY})?{_NO_LETTER}", re.I)),
    # 民国113年3月1日, 令和6年3月
    Rule(
        "date",
        _rule(
            r"(?:民[国國]|昭和|平成|令和|大正) ?"
            rf"(?:[0-9]{{1,3}}|元|{_NUMERAL}{{1,5}}|[一二]百[零〇]?{_NUMERAL}{{1,3}}) ?年"
            rf"(?: ?(?:{_MONTH}|{_NUMERAL}{{1,2}}) ?月(?: ?(?:{_DAY}|{_NUMERAL}{{1,3}}) ?[日号號])?)?"
        ),
    ),
    # 2024-03-01, 2024/3/1, 2024.03.01 with a time; 2024-03-01T12:30:00Z
    Rule("date", _rule(rf"{BEGIN}{_YEAR}{_SEP}{_MONTH}{_SEP}{_DAY}{_TIME}(?![0-9])(?![./\-][0-9])")),
    Rule("date", _rule(rf"{BEGIN}{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:T?[0-9]{{4,6}}Z?)?{END}")),
    Rule("date", _rule(rf"{BEGIN}(?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2])(?:19|20)[0-9]{{2}}{END}")),
    # 1/3/2024, 01.03.2024, 1 3 2024, 1/3/24
    Rule(
        "date",
        _rule(rf"{BEGIN}(?P<a>{_DAY})(?:{_SEP}| )(?P<b>{_DAY})(?:{_SEP}| ){_YEAR}{_TIME}{END}{NO_UNIT}"),
        _day_and_month,
    ),
    Rule(
        "date",
        _rule(rf"{BEGIN}(?P<a>{_DAY})(?P<gap>[\-/.])(?P<b>{_DAY})(?P=gap){_SHORT_YEAR}{_TIME}{END}{NO_UNIT}"),
        _day_and_month,
    ),
    Rule("date", _rule(rf"{BEGIN}1[01][0-9](?P<gap>[./\-])(?:0[1-9]|1[0-2])(?P=gap)(?:0[1-9]|[12][0-9]|3[01]){END}")),
    # 2024-03, 03/2024, 03.2024
    Rule("date", _rule(rf"{BEGIN}{_YEAR}[\-/]{_MONTH}{END}{NO_UNIT}")),
    Rule("date", _rule(rf"{BEGIN}(?:{_MONTH}/|(?:0[1-9]|1[0-2])-|0[1-9]\.){_YEAR}{END}{NO_UNIT}")),
    # on 3/4, DOB 12/5
    Rule(
        "date",
        _rule(
            rf"(?<![A-Za-z]){_CUE}[ :]{{1,2}}(?P<value>(?P<a>{_DAY})/(?P<b>{_DAY})){END}{NO_UNIT}"
            r"(?! ?(?:ago|later|hx|history|strength|dose|scale|pain))",
            re.I,
        ),
        _cued,
    ),
    # 3 March 2024, 3rd of Mar, 3-Mar-24
    Rule("date", _rule(rf"{BEGIN}{_DAY}(?:st|nd|rd|th)?{_GAP}?(?:of )?{_NAME}{_GAP}?{_YEAR}{_TIME}{_NO_LETTER}", re.I)),
    Rule(
        "date",
        _rule(rf"{BEGIN}{_DAY}{_ORDINAL}(?P<gap>{_GAP})(?:of )?{_NAME}{_GAP}{_SHORT_YEAR}{END}{NO_UNIT}", re.I),
        _certain_or_joined,
    ),
    Rule("date", _rule(rf"{BEGIN}{_DAY}{_ORDINAL}(?P<gap>{_GAP})(?:of )?{_NAME}{_NO_LETTER}", re.I), _certain_name),
    Rule("date", _rule(rf"{BEGIN}{_DAY}{_NAME}{_SHORT_YEAR}{END}{NO_UNIT}", re.I), _not_tomography),
    # March 3, 2024; Mar 3; March 2024; Mar '85; 2024 Mar 3
    Rule("date", _rule(rf"{BEGIN}{_NAME}{_GAP}{_DAY}(?:st|nd|rd|th)?{_GAP}{{1,2}}{_YEAR}{_TIME}{_NO_LETTER}", re.I)),
    Rule("date", _rule(rf"{BEGIN}{_NAME}{_GAP}{_YEAR}{_NO_LETTER}", re.I), _not_tomography),
    Rule(
        "date",
        _rule(rf"{BEGIN}{_NAME}(?: ?- ?| ){_DAY}{_ORDINAL}(?![0-9A-Za-z/:])(?!\.[0-9]){NO_UNIT}", re.I),
        _certain_name,
    ),
    Rule("date", _rule(rf"{BEGIN}{_NAME}[ \-]'?(?P<year>[0-9]{{2}}){END}{NO_UNIT}", re.I), _late_year),
    Rule("date", _rule(rf"{BEGIN}{_DAY}\.? ?(?:de )?(?:{_ABROAD}) ?(?:del? )?{_YEAR}{_NO_LETTER}", re.I)),
    # 2024年3月1日, 24年3月1日, 3月1日, 3月1-5日, 2024年3月
    Rule(
        "date",
        _rule(rf"(?<![0-9])(?:{_YEAR}|[0-9]{{2}}) ?年 ?{_MONTH} ?月份? ?{_DAY}(?: ?[\-~至到] ?{_DAY})? ?[日号號]"),
    ),
    Rule("date", _rule(rf"(?<![0-9]){_YEAR} ?年 ?{_MONTH} ?月(?: ?{_DAY}(?![0-9]))?")),
    Rule("date", _rule(rf"(?<![0-9.]){_MONTH} ?月 ?{_DAY}(?: ?[\-~至到] ?{_DAY})? ?[日号號]")),
    # 二〇二四年三月一日, 三月一日, 正月初五
    Rule("date", _rule(rf"{_NUMERAL}{{4}}年{_NUMERAL}{{1,2}}月(?:{_NUMERAL}{{1,3}}[日号號])?")),
    Rule("date", _rule(rf"(?:{_NUMERAL}{{2}}年)?{_NUMERAL}{{1,2}}月{_NUMERAL}{{1,3}}[日号號]")),
    Rule("date", _rule(rf"(?:[农農]历|阴历|農曆|陰曆)(?:[正腊臘冬]|{_NUMERAL}{{1,2}})月(?:初?{_NUMERAL}{{1,3}})?")),
    Rule("date", _rule(rf"(?:[正腊臘冬]|{_NUMERAL}{{1,2}})月(?:初{_NUMERAL}|廿{_NUMERAL}?)")),
)
