"""Names: those of a project's own list are masked; what only looks like one is flagged for a person to read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from rpdr_core.prompting.sight import see

_LATIN = "A-Za-z\u00c0-\u024f\u0370-\u052f"
_GAP = r"[\s,.·_\-]{0,3}"
_SURNAME = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻苏潘葛范彭郎鲁韦马方俞任袁柳史唐费"
    "薛雷贺倪汤滕罗毕郝邬安常乐于傅皮卞齐康伍余元顾孟黄穆萧尹姚邵汪祁毛狄米贝明臧计成戴宋庞熊纪舒屈项祝董梁杜阮"
    "蓝闵席季贾路江童颜郭梅盛林钟徐邱骆高夏蔡田樊胡凌霍虞万柯管卢莫房丁邓洪包左石崔龚程邢裴陆荣翁甄曲封段侯宁"
    "仇甘武刘龙叶黎白蒲鄂赖卓屠乔闻翟谭劳申冉桑桂牛尚温庄晏柴阎连习艾向古易廖耿匡文欧聂关岳帅缑亢况郝陳張劉楊"
    "黃趙吳馬羅鄭謝許鄧馮蕭葉蔣盧陸譚韓顧龍萬錢嚴賴譚"
)
_ZH_TITLE = (
    r"医生|醫生|医师|大夫|主任|副主任|护士长?|教授|先生|女士|小姐|太太|师傅|阿姨|叔叔|大爷|大妈|奶奶|爷爷|老师|院长"
    r"|同志|氏(?![病征综囊性])"
)
_EN_TITLE = r"Dr|Doctor|Prof|Professor|Mr|Mrs|Ms|Miss|Mx|Sir|Dame|Nurse|Sister|Sr|Rev|Judge"
_EN_RELATION = (
    r"patient|pt|wife|husband|son|daughter|mother|father|mum|mom|dad|brother|sister|partner|carer|friend|aunt|uncle|spouse"
    r"|name|named|called|surname|forename|signed|seen by|reviewed by|referred by|GP"
)
_WORD = r"[A-Z][a-z'\-]+(?:[A-Z][a-z]+)?"
LOOKS_LIKE_NAME = (
    re.compile(rf"(?<![A-Za-z])(?:{_EN_TITLE})\.? ?(?:[A-Z]\.? ?){{0,2}}{_WORD}(?: {_WORD}){{0,2}}"),
    re.compile(rf"(?<![A-Za-z])(?i:{_EN_RELATION})[:,]? (?:is |was )?{_WORD}(?: {_WORD}){{0,2}}(?![a-z])"),
    re.compile(rf"[{_SURNAME}][\u4e00-\u9fff]{{0,2}}(?:{_ZH_TITLE})"),
    re.compile(
        r"(?:姓\s?名|患者|病人|家属|联系人|签名|签字|主诉人|其[妻夫子女父母])\s?[:：]?\s?["
        + _SURNAME
        + r"][\u4e00-\u9fff]{1,2}(?=[,，。;；、\s（(男女]|\Z)"
    ),
    re.compile(r"(?:姓\s?名)\s?[:：]?\s?[\u4e00-\u9fff]{2,4}"),
    re.compile(rf"[小老阿][{_SURNAME}](?![\u4e00-\u9fff])"),
    # Initials and a surname: J. Smith, J.R. Smith
    re.compile(rf"(?<![A-Za-z.])(?:[A-Z]\. ?){{1,2}}{_WORD}"),
)
LOOKS_LIKE_PLACE = (
    re.compile(r"[\u4e00-\u9fff]{1,8}(?:路|街|道|巷|弄|里|村|小区)[0-9一二三四五六七八九十]+(?:号|弄|栋|幢|单元|室)"),
    re.compile(
        rf"(?<![0-9A-Za-z])[0-9]{{1,5}}[A-Za-z]? (?:{_WORD} ){{1,3}}"
        r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Dr|Court|Close|Blvd)\b"
    ),
    re.compile(r"(?<![0-9A-Za-z])[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][A-Z]{2}(?![0-9A-Za-z])"),
)


def find_names(seen: str, names: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Spans of the listed names, longest first. Latin names as whole words, Chinese ones anywhere; case is ignored."""
    index = _index(names)
    place = 0
    while index and place < len(seen):
        pattern = index.get(seen[place].casefold())
        found = pattern.match(seen, place) if pattern else None
        if found:
            yield found.span()
            place = found.end()
        else:
            place += 1


@lru_cache(maxsize=8)
def _index(names: tuple[str, ...]) -> dict[str, re.Pattern[str]]:
    """One pattern for all names that begin alike: a list of thousands stays quick."""
    readings = {" ".join(see(name).seen.split()) for name in names}
    groups: dict[str, list[str]] = {}
    for reading in sorted(filter(None, readings), key=lambda name: (-len(name), name)):
        groups.setdefault(reading[0].casefold(), []).append(_pattern_of(reading))
    return {first: re.compile("|".join(patterns), re.I) for first, patterns in groups.items()}


def _pattern_of(name: str) -> str:
    parts = re.split(r"[\s,.·_\-]+", name)
    joined = _GAP.join(_part(part) for part in parts if part)
    pattern = joined or re.escape(name)
    begin = rf"(?<![{_LATIN}0-9])" if re.match(rf"[{_LATIN}0-9]", name) else ""
    end = rf"(?![{_LATIN}0-9])" if re.search(rf"[{_LATIN}0-9]\Z", name) else ""
    return f"{begin}{pattern}{end}"


def _part(part: str) -> str:
    """Between Chinese signs a space may stand; between letters none."""
    return r"\s?".join(map(re.escape, part)) if re.search(r"[\u3400-\u9fff]", part) else re.escape(part)
