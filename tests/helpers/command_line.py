"""Running `rpdr` in a test: what it prints, how it ends."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from rpdr_core.cli import main
from rpdr_core.knowledge_base.library import Catalogue


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def rpdr(*arguments: object) -> Outcome:
    """Run a command in this process. An exception that would show as a traceback fails the test."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Outcome(result.exit_code, result.stdout, result.stderr)


@pytest.fixture
def kb_home(rpdr_home: Path, icd10cm: Catalogue) -> Path:
    """The test's home with ICD-10-CM in it, linked and not made again."""
    folder = rpdr_home / "data" / "knowledge_bases" / icd10cm.folder.name
    shutil.copytree(icd10cm.folder, folder, copy_function=os.link)
    return rpdr_home
