"""What is masked besides dates and names: web and mail addresses, identity, record and telephone numbers.

Patterns are matched against a text as it reads (`sight`), so digits are ASCII and separators of one kind. A rule masks
its group `value`, or its whole match.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass


def _always(_: re.Match[str]) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Rule:
    """`kind`: a word of `sight.KINDS`. `accept` looks once more at a match."""

    kind: str
    pattern: re.Pattern[str]
    accept: Callable[[re.Match[str]], bool] = _always


# Between digits of one number: what people put there, and what hides a number from a simple search.
_SEP = r"[ .\-_/*·]{0,3}"
# A number does not begin or end inside a word, a decimal or a longer number.
BEGIN = r"(?<![0-9A-Za-z])(?<![0-9][.,/\-])"
END = r"(?![0-9A-Za-z])(?![.,/\-][0-9])"
# What is measured is no telephone and no date.
NO_UNIT = (
    r"(?!\s?(?:(?:mg|mcg|[μuµ]g|ng|g|kg|ml|dl|l|iu|units?|u|mm|cm|m|mmhg|mmol|meq|bpm|kcal|cells?|copies|cfu|tabs?|tablets?"
    r"|caps?|capsules?|puffs?|drops?|pints?|days?|weeks?|months?|years?|hours?|hrs?|h|mins?|yo|y/o|rpm|cGy|Gy|Hz)"
    r"(?![A-Za-z])|[%‰°^×+]|/\s?[A-Za-zμ]|毫克|毫升|微克|克|单位|次|片|粒|天|周|个|岁|米|毫米|厘米|万|度))"
)


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign in "0123456789")


def _at_least(number: int) -> Callable[[re.Match[str]], bool]:
    return lambda found: len(_digits(found["value"])) >= number


def _is_chinese_id(found: re.Match[str]) -> bool:
    """18 digits as they should be; a number whose check digit is wrong still is one, if it is written in one piece."""
    text = found[0].upper()
    signs = [sign for sign in text if sign in "0123456789X"]
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(weight * int(sign) for weight, sign in zip(weights, signs, strict=False))
    return len(text) == len(signs) or "10X98765432"[total % 11] == signs[17]


def _is_nhs(found: re.Match[str]) -> bool:
    """Ten digits whose last one is the check digit (modulus 11)."""
    digits = [int(sign) for sign in _digits(found[0])]
    check = -sum(weight * digit for weight, digit in zip(range(10, 1, -1), digits, strict=False)) % 11
    return check == digits[9]


def _is_phone(found: re.Match[str]) -> bool:
    """Not a refraction: +2.50 -1.25 x 180."""
    return not re.match(r"[+\-]?[0-9]{1,2}\.[0-9]{2}(?![0-9.])", found[0])


_SPACED_ID = _SEP.join(["[1-9]", *["[0-9]"] * 5, "[12]", "[089]", *["[0-9]"] * 2, "[01]", *["[0-9]"] * 6, "[0-9Xx]"])
_MONTH_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_MOBILE = (
    rf"\(?1[3-9][0-9]\)?{_SEP}[0-9]{{4}}{_SEP}[0-9]{{4}}",
    rf"\(?1[3-9][0-9]\)?{_SEP}[0-9]{{3}}{_SEP}[0-9]{{5}}",
    rf"1[3-9][0-9]{{2}}[ \-][0-9]{{4}}[ \-][0-9]{{3}}(?![0-9]){NO_UNIT}",
    rf"1[3-9][0-9]{{3}}[ \-][0-9]{{6}}(?![0-9]){NO_UNIT}",
    r"1(?P<gap>[ .\-_/*·])[3-9](?:(?P=gap)[0-9]){9}",
)
_TOP = r"(?:com|org|edu|gov|net)(?:\.[a-z]{2})?|(?:co|ac|nhs|gov|org)\.uk"
_EN_NUMBER = r"(?:no|nos|num|number|nr|#|id|identifier|code)"
_EN_RECORD = (
    r"(?:mrn|m\.r\.n\.?|urn|nhi|ssn|medical record|hospital id|patient id|pt id|dob id"
    r"|(?:ur|hosp(?:ital)?|med(?:ical)?\.?\s?rec(?:ord)?s?|patient|pt|case|file|chart|record|accession|acc|account|acct"
    r"|admission|visit|encounter|episode|registration|reg|insurance|policy|passport|licen[cs]e|nhs|chi|medicare|medicaid"
    r"|health\s?card|lab|specimen|sample|request|order|invoice|member|membership|social security|study|ref|reference"
    rf"|barcode|serial|unit|national insurance|ni|identity|id card|driving licen[cs]e)\.?\s?{_EN_NUMBER}|id)"
)
_EN_VALUE = (
    r"(?P<value>[0-9]{2,4}(?:[ \-][0-9]{2,5}){1,4}(?![0-9A-Za-z])"
    r"|[A-Za-z]{0,4}[\-/ ]?[0-9][0-9A-Za-z]*(?:[\-/][0-9A-Za-z]+)*)"
)
_ZH_RECORD = (
    r"(?:住院|病[历歷曆]|病案|[门門]诊|門診|就诊|登记|档案|检查|影像|超声|病理|标本|样本|条码?|医保卡?|醫保卡?|社保卡?|身份[证證]|证件"
    r"|护照|军官证|卡|流水|诊疗卡|就诊卡|医疗|患者|病人|放射|手术|申请单?|处方|发票|收据|工|学|健康卡|CT|MRI?|DR|X线)"
    r"\s?(?:号码|编号|號碼|号|號|ID|id)"
)
_ZH_VALUE = r"(?P<value>[A-Za-z]{0,4}[\-/]?[0-9][0-9A-Za-z]*(?:[ \-/][0-9A-Za-z]*[0-9][0-9A-Za-z]*)*)"
_IS = r"\s?(?:is|was|为|為|是)?\s?[:=#.]?\s?"
_CALL = (
    r"(?:电\s?话|電話|手\s?机|手機|联系方式|联系|聯絡|传真|座机|热线"
    r"|tel(?:ephone)?|phone|mobile|mob|cell|fax|ph|call|contact)"
)

_EXTENSION = r"(?:\s?(?:ext\.?|x)\s?[0-9]{1,6})?"

ADDRESSES = (
    Rule("url", re.compile(r"(?:https?|ftp)://[!-~]*[0-9A-Za-z/=&_%#\-]", re.I)),
    Rule("url", re.compile(r"(?<![\w@.])www\.[!-~]*[0-9A-Za-z/=&_%#\-]", re.I)),
    Rule(
        "e-mail",
        re.compile(
            r"(?<![A-Za-z0-9._%+'\-])[A-Za-z0-9._%+'\-]{0,63}[A-Za-z0-9] ?@ ?(?:[A-Za-z0-9\-]{1,63}\.){1,8}[A-Za-z]{2,}"
        ),
    ),
    Rule(
        "e-mail",
        re.compile(
            r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9._%+\-]{0,63}[A-Za-z0-9] ?(?:[(\[{] ?at ?[)\]}]|\bat\b) ?[A-Za-z0-9\-]+"
            r"(?: ?(?:[(\[{] ?dot ?[)\]}]|\bdot\b) ?[A-Za-z0-9\-]+)+",
            re.I,
        ),
    ),
    Rule(
        "e-mail",
        re.compile(
            r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9._%+\-]{0,63}[A-Za-z0-9] ?[(\[{] ?at ?[)\]}] ?"
            r"(?:[A-Za-z0-9\-]{1,63}\.){1,8}[A-Za-z]{2,}",
            re.I,
        ),
    ),
    Rule(
        "url",
        re.compile(
            rf"(?<![\w@.\-])(?:[a-z0-9\-]{{1,63}}\.){{1,8}}(?:{_TOP})(?![A-Za-z0-9\-])(?:/[!-~]*[0-9A-Za-z/])?", re.I
        ),
    ),
    Rule("url", re.compile(r"(?<![0-9.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![0-9.])")),
    Rule("id", re.compile(r"(?:微信|wechat|QQ)号?\s?[:=]?\s?(?P<value>[A-Za-z0-9_\-]{5,})(?![A-Za-z0-9])", re.I)),
)

NUMBERS = (
    Rule("id", re.compile(rf"(?<![0-9]){_SPACED_ID}(?![0-9A-Za-z])"), _is_chinese_id),
    Rule("id", re.compile(rf"(?<![0-9])[1-9][0-9]{{5}}[0-9]{{2}}{_MONTH_DAY}[0-9]{{3}}(?![0-9])")),
    Rule("record", re.compile(rf"(?<![A-Za-z]){_EN_RECORD}(?![a-z])\.?{_IS}{_EN_VALUE}", re.I), _at_least(4)),
    Rule("record", re.compile(rf"(?:{_ZH_RECORD}|编号){_IS}{_ZH_VALUE}", re.I), _at_least(4)),
    Rule("record", re.compile(rf"床号{_IS}(?P<value>[A-Za-z]?[0-9]{{1,4}})")),
    Rule("record", re.compile(r"(?<![0-9A-Za-z])(?:#|№|No\.?|Nr\.?) ?(?P<value>[0-9]{5,})(?![0-9])", re.I)),
    Rule("id", re.compile(rf"{BEGIN}(?!000|666|9)[0-9]{{3}}(?P<gap>[ \-.])[0-9]{{2}}(?P=gap)[0-9]{{4}}{END}{NO_UNIT}")),
    Rule(
        "id", re.compile(rf"{BEGIN}[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?[0-9]{{2}} ?[0-9]{{2}} ?[0-9]{{2}} ?[A-D]{END}")
    ),
    Rule("id", re.compile(rf"{BEGIN}[A-Z][12][0-9]{{8}}{END}")),
    Rule("id", re.compile(r"(?<![0-9A-Za-z])[A-Z]{1,2}[0-9]{6} ?\([0-9A]\)")),
    Rule(
        "id",
        re.compile(
            rf"{BEGIN}[0-9]{{4}}(?P<gap>[ \-])[0-9]{{4}}(?P=gap)[0-9]{{4}}(?:(?P=gap)[0-9]{{4}})?{END}{NO_UNIT}"
        ),
    ),
    Rule("id", re.compile(rf"{BEGIN}[0-9]{{2}}{_MONTH_DAY}-[1-8][0-9]{{6}}{END}")),
    Rule("id", re.compile(rf"{BEGIN}[0-9]{{3}}[ \-]?[0-9]{{3}}[ \-]?[0-9]{{4}}{END}{NO_UNIT}"), _is_nhs),
    Rule("phone", re.compile(rf"(?<![0-9])(?:\+ ?)?(?:(?:00)?86{_SEP})?(?:{'|'.join(_MOBILE)})(?![0-9])")),
    Rule("phone", re.compile(r"[〇零○一二三四五六七八九幺]{11}")),
    Rule(
        "phone",
        re.compile(
            rf"(?<![A-Za-z]){_CALL}\s?(?:no|number|号码|号)?\.?{_IS}"
            rf"(?P<value>\+?[0-9(][0-9 ().\-/_*]{{5,}}[0-9]){NO_UNIT}",
            re.I,
        ),
        _at_least(7),
    ),
    Rule(
        "phone",
        re.compile(
            rf"(?<![0-9A-Za-z])(?:\+|00) ?[1-9](?:[ .\-/]?\(?[0-9]++\)?){{2,9}}+(?![A-Za-wy-z]){NO_UNIT}{_EXTENSION}"
        ),
        lambda found: 8 <= len(_digits(found[0])) <= 16 and _is_phone(found),
    ),
    Rule(
        "phone",
        re.compile(
            rf"{BEGIN}(?:\+?1[ .\-]?)?(?:\([2-9][0-9]{{2}}\) ?|[2-9][0-9]{{2}}(?P<gap>[ .\-]?| - )|[2-9][0-9]{{2}}/)"
            rf"[2-9][0-9]{{2}}(?(gap)(?P=gap)|[ .\-]?)[0-9]{{4}}(?![0-9]){NO_UNIT}{_EXTENSION}"
        ),
    ),
    Rule(
        "phone",
        re.compile(rf"{BEGIN}\(?0[0-9]{{2,3}}\)?[ \-]?[0-9]{{7,8}}(?:[\-转 ]{{1,2}}[0-9]{{1,5}})?(?![0-9]){NO_UNIT}"),
    ),
    Rule(
        "phone",
        re.compile(rf"(?<![0-9A-Za-z.])\(?0[0-9]{{1,4}}\)?[ \-/.]?[0-9]{{3,4}}[ \-.]?[0-9]{{3,6}}(?![0-9]){NO_UNIT}"),
        lambda found: 9 <= len(_digits(found[0])) <= 12,
    ),
    Rule("phone", re.compile(rf"{BEGIN}0[1-9](?:[ .\-][0-9]{{2}}){{4}}{END}")),
    Rule("phone", re.compile(rf"{BEGIN}[48]00[ \-]?[0-9]{{3}}[ \-]?[0-9]{{4}}{END}{NO_UNIT}")),
    Rule("phone", re.compile(rf"{BEGIN}[6-9][0-9]{{4}} ?[0-9]{{5}}{END}{NO_UNIT}")),
    Rule("phone", re.compile(rf"{BEGIN}(?:852|853)[ \-]?[0-9]{{4}}[ \-]?[0-9]{{4}}{END}")),
)
