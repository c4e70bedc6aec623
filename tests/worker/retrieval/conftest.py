from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rpdr_core.knowledge_base.library import Catalogue
from rpdr_worker.retrieval.space import Space


@pytest.fixture(scope="session")
def icd10cm_space(icd10cm: Catalogue, shared_home: Path) -> Iterator[Space]:
    """The real ICD-10-CM, lexical only. Tests that change its memory put it back as it was."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RPDR_HOME", str(shared_home))
        yield Space(icd10cm.folder, icd10cm.info.fingerprint, lexicons=icd10cm.lexicons, tokens=icd10cm.tokens)
