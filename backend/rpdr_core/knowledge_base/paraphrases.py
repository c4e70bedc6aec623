"""Our lexicon as a table of paraphrases: lay or Chinese wording -> the wording that terminologies use.

Any knowledge base gains by it: "heart attack" is looked for as "acute myocardial infarction" too. Made from the
lexicon's terms and the ICD-10-CM names of their codes, once per lexicon, and kept beside the ICD-10-CM catalogue.
Behind them come our lay words for clinical ones, which belong to no terminology and hold within a mention, too.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from rpdr_core.knowledge_base.lexicon import LexiconTerm, Token, bundled_wordings, read_lexicon, read_wordings

_VAGUE = re.compile(r",? ?\b(unspecified|other specified|other)\b,? ?", re.IGNORECASE)
_ANYWHERE = "anywhere"
_WITHOUT = re.compile(r"\b(without .*|with unspecified .*)$", re.IGNORECASE)


class Paraphrase(NamedTuple):
    """What is said and the wording to look for as well; `anywhere`: also where it is a part of the mention."""

    said: str
    wording: str
    anywhere: bool = False


def paraphrase_file(folder: Path, names: Iterable[tuple[str, str]], lexicons: Iterable[Path]) -> Path:
    """The table below `folder`, made if it is not there; `names` are (code, name), read only if needed."""
    paths, spoken = sorted(lexicons), bundled_wordings()
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in (*paths, spoken))).hexdigest()
    target = folder / f"paraphrases-{digest[:16]}.tsv"
    if not target.is_file():
        terms = (term for path in paths for term in read_lexicon(path))
        lines = [f"{term}\t{wording}\n" for term, wording in paraphrases(terms, dict(names)).items()]
        lines += [f"{said}\t{term}\t{_ANYWHERE}\n" for said, term in read_wordings(spoken)]
        temporary = target.with_suffix(f".{os.getpid()}.tmp")
        temporary.write_text("".join(lines), encoding="utf-8")
        temporary.replace(target)
    return target


def paraphrases(terms: Iterable[LexiconTerm], names: Mapping[str, str]) -> dict[str, str]:
    """Wording per term, from its first code's name less the words that say nothing."""
    found: dict[str, str] = {}
    for term in terms:
        name = _VAGUE.sub(" ", names.get(term.codes[0], "")).strip(" ,")
        if name and name.casefold() != term.term.casefold():
            found.setdefault(term.term, name)
    return found


def abbreviation_tokens(terms: Iterable[LexiconTerm], names: Mapping[str, str]) -> Iterator[Token]:
    """Abbreviations of the lexicon as tokens, so that "T1DM w DKA" is read although only its parts are known.

    The expansion is the code's name up to its first comma, less the words that say nothing.
    """
    for term in terms:
        if term.kind == "abbreviation" and term.term.isascii() and term.term.isalnum() and len(term.term) > 2:
            name = _VAGUE.sub(" ", names.get(term.codes[0], "").partition(",")[0]).strip(" ,")
            name = _WITHOUT.sub("", name).strip()
            if name:
                yield Token(term.term, name, "")


def read_paraphrases(path: Path) -> Iterator[Paraphrase]:
    """The rows of a table, in order."""
    for line in path.read_text(encoding="utf-8").splitlines():
        said, wording, *rest = line.split("\t")
        yield Paraphrase(said, wording, rest == [_ANYWHERE])
