"""Terminologies for tests: a small one as a table, and the real ICD-10-CM, made once per test run."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from rpdr_core.knowledge_base.library import Catalogue, Library
from rpdr_core.records import Entity
from rpdr_worker.runs.lock import RunLock

_MAKING = 600.0
"""Seconds that another process may take to make ICD-10-CM."""

SMALL = """code,name,synonyms,parents,type,active
EYE,Diseases of the eye,,,chapter,
E1,Cataract,lens opacity,EYE,category,
E1.1,Age-related nuclear cataract,nuclear sclerosis,E1,subcategory,
E1.11,"Age-related nuclear cataract, right eye",,E1.1,subcategory,
E1.12,"Age-related nuclear cataract, left eye",,E1.1,subcategory,
E1.9,Unspecified cataract,,E1,subcategory,yes
E2,Glaucoma,raised eye pressure|青光眼,EYE,category,
E2.9,Unspecified glaucoma,,E2,subcategory,1
E3,Myocardial infarction,heart attack,,category,
E4,Old term,,,category,0
"""


def small_table(folder: Path, text: str = SMALL, name: str = "clinic list.csv") -> Path:
    """A table file, given as text."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def lexicon_file(folder: Path, *rows: str, name: str = "own.tsv") -> Path:
    """A lexicon file with `rows` such as `"MI<TAB>E3<TAB>abbreviation"`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text("\n".join(("term\tcodes\tkind", *rows)) + "\n", encoding="utf-8")
    return path


def token_file(folder: Path, *rows: str, name: str = "own_tokens.tsv") -> Path:
    """A token file with `rows` such as `"OD<TAB>right eye<TAB>"`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text("\n".join(("token\texpansion\tcontext", *rows)) + "\n", encoding="utf-8")
    return path


def entity(code: str, name: str = "", *parents: str, type: str = "category", assignable: bool = True) -> Entity:
    return Entity(code, name or f"Name of {code}", parents=parents, type=type, assignable=assignable)


@pytest.fixture(scope="session")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home for what is dear to make and only read: never the home of a single test."""
    return tmp_path_factory.mktemp("shared-home")


@pytest.fixture(scope="session")
def icd10cm(shared_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """ICD-10-CM, made from its library (some seconds, once per run also where several processes share the tests)."""
    library = Library(shared_home / "data" / "knowledge_bases")
    if "PYTEST_XDIST_WORKER" in os.environ:
        common = tmp_path_factory.getbasetemp().parent / "icd10cm"
        common.mkdir(exist_ok=True)
        lock = RunLock(common, patience=_MAKING)
        try:
            made = Library(common / "made").open("icd10cm").folder
        finally:
            lock.release()
        # Linked: what a process adds to its own, the others do not see.
        shutil.copytree(made, library.root / made.name, copy_function=os.link)
    return library.open("icd10cm")
