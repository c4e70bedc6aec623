#!/usr/bin/env python3
"""Set up and run RPDR Desk from a checkout. Needs Python 3.11+ and pip, nothing else.

    python3 packaging/dev.py demo     the desk on the sample project; without a screen the same job headless
    python3 packaging/dev.py test     formatting, lint, types, fences, all tests
    python3 packaging/dev.py shots    pictures of every page in every look, into out/shots; those shown made anew
    python3 packaging/dev.py setup    only the environment

The environment is .venv in the checkout, with the versions of packaging/constraints.txt.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
CONSTRAINTS = ROOT / "packaging" / "constraints.txt"
QT_LIBRARIES = ["libegl1", "libgl1", "libxkbcommon0", "libfontconfig1", "libdbus-1-3", "libglib2.0-0"]


def say(text: str) -> None:
    print(f"\n== {text}", flush=True)


def run(*command: str | Path, env: dict[str, str] | None = None) -> None:
    """Run in the checkout; a failure ends this program with the command's exit code."""
    found = subprocess.run([str(part) for part in command], cwd=ROOT, env={**os.environ, **(env or {})})
    if found.returncode:
        sys.exit(found.returncode)


def setup() -> None:
    """Make or refresh .venv; a second call with the same pins does nothing."""
    stamp = VENV / "installed"
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + CONSTRAINTS.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    if sys.version_info < (3, 11):  # noqa: UP036 - an older Python gets this far and deserves the sentence
        sys.exit("RPDR Desk needs Python 3.11 or newer")
    say("Setting up .venv (once)")
    if not PYTHON.is_file():
        venv.create(VENV, with_pip=True)
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-c", CONSTRAINTS]
    # torch first and pinned: left to a dependency's range, pip may fetch a build with gigabytes of CUDA.
    run(*pip, "torch")
    run(*pip, "-e", ".[all,dev]")
    install_hnswlib(pip)
    check_qt()
    stamp.write_text(wanted)


def install_hnswlib(pip: list[str | Path]) -> None:
    """hnswlib comes as source and needs a compiler; without one exact search serves."""
    env = {**os.environ, "HNSWLIB_NO_NATIVE": "1"}
    built = subprocess.run([str(part) for part in [*pip, "hnswlib"]], cwd=ROOT, env=env, capture_output=True)
    if built.returncode:
        print("hnswlib could not be built here (no compiler?): exact search is used instead")


def check_qt() -> None:
    """Qt's wheel needs a few system libraries on Linux; put them in place or say how."""
    probe = [str(PYTHON), "-c", "import PySide6.QtWidgets, PySide6.QtSvg"]
    if subprocess.run(probe, capture_output=True).returncode == 0:
        return
    apt = shutil.which("apt-get")
    if apt and hasattr(os, "geteuid") and os.geteuid() == 0:
        subprocess.run([apt, "update", "-q"], capture_output=True)
        subprocess.run([apt, "install", "-y", "-q", "--no-install-recommends", *QT_LIBRARIES], capture_output=True)
    found = subprocess.run(probe, capture_output=True, text=True)
    if found.returncode:
        print(found.stderr.strip().splitlines()[-1] if found.stderr else "Qt does not start")
        sys.exit(f"Qt needs system libraries. On Debian or Ubuntu: sudo apt-get install {' '.join(QT_LIBRARIES)}")


def has_screen() -> bool:
    if os.environ.get("QT_QPA_PLATFORM") == "offscreen" or os.environ.get("CI"):
        return False
    return (
        os.name == "nt"
        or sys.platform == "darwin"
        or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    )


def demo() -> None:
    """The main job on the sample project."""
    setup()
    if has_screen():
        run(PYTHON, "-m", "rpdr_desk", "sample")
    else:
        run(PYTHON, "packaging/demo.py", env={"QT_QPA_PLATFORM": "offscreen"})


def test() -> None:
    """Everything that must be green."""
    setup()
    steps: list[tuple[str, list[str | Path]]] = [
        ("formatting", [BIN / "ruff", "format", "--check", "--quiet", "."]),
        ("lint", [BIN / "ruff", "check", "--quiet", "."]),
        ("types", [BIN / "mypy"]),
        ("fences", [BIN / "lint-imports", "--no-cache"]),
        ("tests", [PYTHON, "-m", "pytest", "-n", "2", "--dist", "loadgroup", "-q", *sys.argv[2:]]),
    ]
    for name, command in steps:
        say(name)
        began = time.monotonic()
        run(*command, env={"QT_QPA_PLATFORM": "offscreen"})
        print(f"{name}: ok, {time.monotonic() - began:.0f} s")


def shots() -> None:
    """Every page, light and dark, English and Chinese, at 100 and 200 %; then what the README and the help show."""
    setup()
    offscreen, made = {"QT_QPA_PLATFORM": "offscreen"}, ROOT / "out" / "shots"
    run(PYTHON, "packaging/shots.py", "--out", made, *sys.argv[2:], env=offscreen)
    own = {"RPDR_HOME": str(made / "home")}
    run(PYTHON, "packaging/shots.py", "--out", made, "--projects", made / "projects", "--chosen", env=offscreen | own)


COMMANDS = {"demo": demo, "test": test, "shots": shots, "setup": setup}

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        sys.exit(__doc__)
    COMMANDS[sys.argv[1]]()
