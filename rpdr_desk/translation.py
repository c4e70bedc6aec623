"""The interface in another language: a catalogue in JSON, read by a translator of Qt's kind."""

from __future__ import annotations

import json
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from rpdr_core.resources import resource_path
from rpdr_desk.settings import Language


class Catalogue(QTranslator):
    """Translates by source text; `context|source` wins where one English word needs two translations."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._texts: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))

    def isEmpty(self) -> bool:
        return not self._texts

    def translate(self, context: str, source: str, disambiguation: str | None = None, n: int = -1) -> str | None:
        """None lets Qt ask the next translator, at last the source itself."""
        del disambiguation, n
        return self._texts.get(f"{context}|{source}") or self._texts.get(source)


def chosen(language: Language) -> str:
    """The language to speak: as set, or the system's if we have it."""
    if language != "auto":
        return language
    return "zh_CN" if QLocale.system().name().startswith("zh") else "en"


class Languages:
    """Installs and removes translators; Qt then sends `LanguageChange` to every widget."""

    def __init__(self, app: QCoreApplication) -> None:
        self._app = app
        self._installed: list[QTranslator] = []

    def use(self, language: Language) -> None:
        for translator in self._installed:
            self._app.removeTranslator(translator)
        # Numbers and dates follow the words: whoever formats one asks the default locale.
        QLocale.setDefault(QLocale(chosen(language)))
        self._installed = _translators(chosen(language))
        for translator in self._installed:
            self._app.installTranslator(translator)


def _translators(language: str) -> list[QTranslator]:
    if language == "en":
        return []
    qt_own = QTranslator()
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    found = [qt_own] if qt_own.load(f"qtbase_{language}", folder) else []
    return [*found, Catalogue(resource_path("translations", f"{language}.json"))]
