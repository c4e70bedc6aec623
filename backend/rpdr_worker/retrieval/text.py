"""How strings are made comparable: the search key of a mention or a term, and its rewritten variants."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from rpdr_core.knowledge_base.lexicon import Token
from rpdr_core.knowledge_base.paraphrases import Paraphrase
from rpdr_worker.retrieval.wordings import Wordings

_NOT_WORD = re.compile(r"[^\w+%]+", re.UNICODE)
_CJK = re.compile(r"[㐀-鿿豈-﫿]")
_WORD = re.compile(r"[㐀-鿿豈-﫿]+|[^\s㐀-鿿豈-﫿]+")


def search_key(text: str) -> str:
    """NFKC, case folded, punctuation to single spaces. Only for comparing: the original is what is shown and sent."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("_", " ").replace("'", "").replace("’", "")
    return _NOT_WORD.sub(" ", folded).strip()


def has_cjk(text: str) -> bool:
    return _CJK.search(text) is not None


@dataclass(frozen=True, slots=True)
class Expander:
    """Rewrites abbreviations and spellings inside a mention ("NS cat OU" -> "nuclear sclerosis cataract both eyes").

    `latin` maps a search key (one or more words) to (expansion, context); `chinese` likewise, longest first.
    `paraphrases` replace a whole mention; `wordings` a part of it, too.
    """

    latin: dict[str, tuple[str, str]]
    chinese: tuple[tuple[str, str], ...]
    longest: int
    paraphrases: dict[str, str]
    wordings: Wordings

    @classmethod
    def of(cls, tokens: Iterable[Token], paraphrases: Iterable[Paraphrase] = ()) -> Expander:
        latin: dict[str, tuple[str, str]] = {}
        chinese: dict[str, str] = {}
        for token in tokens:
            key = search_key(token.token)
            if has_cjk(key):
                chinese.setdefault(key, token.expansion)
            elif key:
                latin.setdefault(key, (search_key(token.expansion), token.context))
        rows = [(search_key(row.said), search_key(row.wording), row.anywhere) for row in paraphrases]
        whole: dict[str, str] = {}
        for said, wording, anywhere in rows:
            if not anywhere:
                whole.setdefault(said, wording)
        spoken = Wordings.of((said, wording) for said, wording, anywhere in rows if anywhere)
        ordered = tuple(sorted(chinese.items(), key=lambda item: -len(item[0])))
        return cls(latin, ordered, max((len(key.split()) for key in latin), default=1), whole, spoken)

    def variants(self, text: str) -> tuple[str, ...]:
        """The search key, then its rewritten form, its paraphrase and its reading in clinicians' words where they
        differ.
        """
        key = search_key(text)
        forms = (key, self._rewrite(key), self.paraphrases.get(key, "") if key else "", self.wordings.reading(key))
        return tuple(dict.fromkeys(form for form in forms if form)) or (key,)

    def words(self, text: str) -> frozenset[str]:
        """The words of a text and of its rewritten form."""
        key = search_key(text)
        return frozenset(key.split()) | frozenset(self._rewrite(key).split())

    def _rewrite(self, key: str) -> str:
        if has_cjk(key):
            key = self._rewrite_chinese(key)
        words = key.split()
        out: list[str] = []
        at = 0
        while at < len(words):
            for size in range(min(self.longest, len(words) - at), 0, -1):
                found = self.latin.get(" ".join(words[at : at + size]))
                others = words[:at] + words[at + size :]
                if found and (not found[1] or not others or _speak_of(found[1], others)):
                    out.append(found[0])
                    at += size
                    break
            else:
                out.append(words[at])
                at += 1
        return " ".join(out)

    def _rewrite_chinese(self, key: str) -> str:
        """English words for the Chinese parts that are known; what is unknown is dropped if anything was known."""
        pieces: list[str] = []
        known = False
        for run in _WORD.findall(key):
            if not has_cjk(run):
                pieces.append(run)
                continue
            at = 0
            while at < len(run):
                hit = next(((k, e) for k, e in self.chinese if run.startswith(k, at)), None)
                if hit is None:
                    at += 1
                    continue
                pieces.append(hit[1])
                known = True
                at += len(hit[0])
        return search_key(" ".join(pieces)) if known else key


def _speak_of(field: str, words: Iterable[str]) -> bool:
    """Whether words other than the token itself belong to the field: "NS 500 ml" is no sclerosis."""
    return not _FIELD_CUES.get(field, frozenset()).isdisjoint(words)


_EYE_CUES = """eye eyes od os ou iol cataract cat phaco retina retinal glaucoma cornea corneal lens vision visual va
iop macula macular optic lid eyelid poag pacg npdr pdr amd rd pvd erm uveitis ns psc"""
_FIELD_CUES = {"eye": frozenset(_EYE_CUES.split())}
