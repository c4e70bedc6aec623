"""The fences between the rooms: whole today, and each one red when a single line breaks it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS: list[dict[str, object]] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
    "importlinter"
]["contracts"]
SOURCE_ROOTS = {"rpdr_core": "backend", "rpdr_worker": "backend", "rpdr_desk": ""}

# For every contract the bad lines that must turn it red: the module to add to, and the line.
BAD_LINES: dict[str, list[tuple[str, str]]] = {
    "Parties: desk and worker know the core, not each other": [
        ("rpdr_desk.settings", "import rpdr_worker.devices"),
        ("rpdr_worker.job", "import rpdr_desk.settings"),
        ("rpdr_core.paths", "import rpdr_worker.job"),
        ("rpdr_core.paths", "import rpdr_desk.settings"),
    ],
    "Qt behind glass": [("rpdr_core.paths", "import PySide6.QtCore"), ("rpdr_worker.job", "import shiboken6")],
    "Light core": [("rpdr_core.evaluation.scores", "import numpy"), ("rpdr_core.protocol.codec", "import torch")],
    "No machine learning in the desk": [
        ("rpdr_desk.settings", "import sqlite_utils"),
        ("rpdr_desk.views.wording", "import transformers"),
    ],
    "Only the store opens SQLite": [
        ("rpdr_core.formats", "import sqlite_utils"),
        ("rpdr_core.workflow.linking", "from sqlite_utils import Database"),
    ],
    "Only one room knows Ray": [
        ("rpdr_core.cli.link", "import ray"),
        ("rpdr_core.workflow.linking", "from ray import data"),
        ("rpdr_worker.linking.linker", "import ray"),
        ("rpdr_desk.settings", "import ray"),
    ],
    "What links without Ray loads none of it": [
        ("rpdr_core.workflow.linking", "import rpdr_core.workflow.linking_ray.engine"),
        ("rpdr_core.cli.link", "import rpdr_core.workflow.linking_ray.engine"),
    ],
    "One SQLite only": [
        ("rpdr_core.store", "import pysqlite3"),
        ("rpdr_core.formats", "import sqlite3"),
        ("rpdr_desk.settings", "import sqlite3"),
    ],
    "The teacher needs no torch": [
        ("rpdr_worker.ranking.teacher_request", "import torch"),
        ("rpdr_worker.ranking.answers", "import rpdr_worker.retrieval.torch_runtime"),
    ],
    "Offline means offline": [
        ("rpdr_worker.linking.linker", "import openai"),
        ("rpdr_worker.retrieval.vectors", "import requests"),
        ("rpdr_worker.runs.process", "import httpx"),
        ("rpdr_worker.ranking.generative_base", "import httpx"),
    ],
    "Offline rooms never reach the teacher": [
        ("rpdr_worker.linking.linker", "import rpdr_worker.ranking.teacher"),
        ("rpdr_worker.distillation", "import rpdr_worker.ranking.teacher"),
        ("rpdr_worker.runs.process", "import rpdr_worker.ranking.teacher"),
        ("rpdr_worker.ranking.generative_student", "import rpdr_worker.ranking.teacher"),
    ],
    "Views act through operations": [
        ("rpdr_desk.views.wording", "import rpdr_core.store"),
        ("rpdr_desk.item_models.queue_model", "import rpdr_core.protocol.client"),
    ],
    "Desk rooms": [
        ("rpdr_desk.shortcuts", "import rpdr_desk.actions"),
        ("rpdr_desk.settings", "import rpdr_desk.operations.jobs"),
        ("rpdr_desk.operations.jobs", "import rpdr_desk.item_models.queue_model"),
        ("rpdr_desk.operations.jobs", "import rpdr_desk.worker_process"),
        ("rpdr_desk.item_models.queue_model", "import rpdr_desk.views.wording"),
        ("rpdr_desk.views.wording", "import rpdr_desk.app"),
    ],
    "Core rooms": [
        ("rpdr_core.errors", "import rpdr_core.records"),
        ("rpdr_core.addresses", "import rpdr_core.records"),
        ("rpdr_core.teacher_switch", "import rpdr_core.store"),
        ("rpdr_core.knowledge_base.library", "import rpdr_core.store"),
        ("rpdr_core.store", "import rpdr_core.workflow.linking"),
        ("rpdr_core.formats", "import rpdr_core.store"),
        ("rpdr_core.formats", "import rpdr_core.knowledge_base.library"),
        ("rpdr_core.prompting", "import rpdr_core.protocol.messages"),
        ("rpdr_core.prompting.window", "import rpdr_core.store"),
    ],
    "Worker rooms": [
        ("rpdr_worker.job", "import rpdr_worker.retrieval.text"),
        ("rpdr_worker.retrieval.text", "import rpdr_worker.serve.run"),
        ("rpdr_worker.retrieval.text", "import rpdr_worker.ranking"),
        ("rpdr_worker.linking.linker", "import rpdr_worker.distillation"),
        ("rpdr_worker.distillation.context", "import rpdr_worker.runs.context"),
        ("rpdr_worker.runs.launch", "import rpdr_worker.serve.run"),
        ("rpdr_worker.faults", "import rpdr_worker.runs.folder"),
    ],
}

# Runs in a process of its own: import-linter looks packages up on the path, and the copy must come first.
LINTER = """
import io, json, sys
from pathlib import Path
from rich.console import Console
from importlinter.application import output, use_cases
from importlinter.application.user_options import UserOptions
import importlinter.cli

def broken():
    options = use_cases.read_user_options(config_filename="pyproject.toml")
    use_cases._register_contract_types(options)
    report = use_cases.create_report(options, cache_dir="cache", verbose=False)
    assert not report.invalid_contract_options, report.invalid_contract_options
    return sorted(contract.name for contract, check in report.get_contracts_and_checks() if not check.kept)

answers = [broken()]
for file, line in json.load(open("lines.json")):
    path = Path(file)
    content = path.read_text(encoding="utf-8")
    path.write_text(f"{content}\\n{line}\\n", encoding="utf-8")
    answers.append(broken())
    path.write_text(content, encoding="utf-8")
json.dump(answers, open("answers.json", "w"))
"""


def _file(folder: Path, module: str) -> Path:
    base = folder / SOURCE_ROOTS[module.partition(".")[0]] / module.replace(".", "/")
    return base / "__init__.py" if base.is_dir() else base.with_suffix(".py")


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], list[str]]:
    """Names of the broken contracts for each bad line on a copy of the sources; `("", "")` for none."""
    folder = tmp_path_factory.mktemp("fences")
    for package, root in SOURCE_ROOTS.items():
        ignore = shutil.ignore_patterns("__pycache__", "*.md")
        shutil.copytree(ROOT / root / package, folder / root / package, ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", folder)
    lines = [pair for pairs in BAD_LINES.values() for pair in pairs]
    files = [(str(_file(folder, module)), line) for module, line in lines]
    (folder / "lines.json").write_text(json.dumps(files), encoding="utf-8")
    (folder / "lint.py").write_text(LINTER, encoding="utf-8")
    path = f"import sys; sys.path[:0] = [{str(folder)!r}, {str(folder / 'backend')!r}]; exec(open('lint.py').read())"
    done = subprocess.run([sys.executable, "-c", path], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    found = json.loads((folder / "answers.json").read_text(encoding="utf-8"))
    return dict(zip([("", ""), *lines], found, strict=True))


def test_the_fences_stand(answers: dict[tuple[str, str], list[str]]) -> None:
    assert answers["", ""] == []


def test_every_contract_is_tried() -> None:
    assert {contract["name"] for contract in CONTRACTS} == set(BAD_LINES)


@pytest.mark.parametrize(
    ("contract", "module", "line"), [(name, *pair) for name, pairs in BAD_LINES.items() for pair in pairs]
)
def test_one_bad_line_turns_its_contract_red(
    contract: str, module: str, line: str, answers: dict[tuple[str, str], list[str]]
) -> None:
    assert contract in answers[module, line]


HEAVY = ("torch", "transformers", "PySide6", "openai", "peft", "onnxruntime", "sentence_transformers", "ray")
HELP = """
import sys
sys.argv = ["rpdr", "--help"]
from rpdr_core.cli import main
try:
    main()
except SystemExit:
    pass
"""


@pytest.mark.parametrize(
    ("code", "heavy"),
    [
        # sqlite_utils loads numpy where it finds it: the store cannot do without the one nor hinder the other.
        (HELP, HEAVY),
        (
            "import rpdr_core.store, rpdr_core.workflow.linking, rpdr_core.protocol.client, rpdr_core.cli.link",
            (*HEAVY, "pandas", "pyarrow"),
        ),
        (
            "import rpdr_worker.__main__, rpdr_worker.serve.methods, rpdr_worker.serve.run, rpdr_worker.devices",
            (*HEAVY, "numpy", "sqlite_utils"),
        ),
    ],
    ids=["rpdr --help", "the core", "the worker's start"],
)
def test_nothing_heavy_is_loaded_before_it_is_needed(code: str, heavy: tuple[str, ...]) -> None:
    script = f"{code}\nimport sys\nprint('LOADED', [name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "LOADED []"
