"""The translations: JupyterLab finds them, and they are of words that the interface has."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest
from jupyterlab_server.translation_utils import get_installed_packages_locale

ROOT = Path(__file__).parents[2]
LOCALES = ROOT / "jupyter_envmgr" / "locale"
LANGUAGES = [path.name for path in sorted(LOCALES.iterdir()) if path.is_dir()]
_TEXT = r"\s*(?:'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\")"
_SINGULAR = re.compile(r"\._(?:_|n)\(" + _TEXT)


@cache
def in_the_sources() -> frozenset[str]:
    """The first text of each call of the translator: what translations are found by."""
    found = set()
    for file in (ROOT / "labextension" / "src").rglob("*.ts*"):
        if "__tests__" not in file.parts:
            for one, other in _SINGULAR.findall(file.read_text(encoding="utf-8")):
                found.add((one or other).replace("\\'", "'"))
    return frozenset(found)


def translated(language: str) -> dict[str, list[str]]:
    file = LOCALES / language / "LC_MESSAGES" / "jupyter_envmgr.json"
    messages: dict[str, list[str]] = json.loads(file.read_text(encoding="utf-8"))
    return {key: texts for key, texts in messages.items() if key}


@pytest.mark.parametrize("language", LANGUAGES)
def test_jupyterlab_finds_them(language: str) -> None:
    found, message = get_installed_packages_locale(language)
    assert message == ""
    assert len(found["jupyter_envmgr"]) > 100


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_is_of_words_that_the_interface_has(language: str) -> None:
    assert set(translated(language)) - in_the_sources() == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_most_of_the_interface_is_translated(language: str) -> None:
    missing = in_the_sources() - set(translated(language))
    assert len(missing) < len(in_the_sources()) / 3, sorted(missing)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_filled_in_is_filled_in_there_too(language: str) -> None:
    for message, texts in translated(language).items():
        for text in texts:
            assert sorted(re.findall(r"%\d", text)) == sorted(re.findall(r"%\d", message))
