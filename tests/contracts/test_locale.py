"""The translations: JupyterLab finds them, and they are of all words that the interface has."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest
from jupyterlab_server.translation_utils import get_installed_packages_locale

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "labextension" / "src"
LOCALES = ROOT / "jupyter_envmgr" / "locale"
LANGUAGES = [path.name for path in sorted(LOCALES.iterdir()) if path.is_dir()]
_TEXT = r"\s*(?:'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\")\s*"
_CALL = re.compile(r"\._(_|n|p|np)\(")
_SINGULAR = re.compile(rf"\.__\({_TEXT}[,)]")
_PLURAL = re.compile(rf"\._n\({_TEXT},{_TEXT},")


@cache
def in_the_sources() -> dict[str, str]:
    """The first text of each call of the translator, by which translations are found.

    Its value is all text of the call, in which every placeholder stands.
    """
    found = {}
    for text in code():
        for one, other in _SINGULAR.findall(text):
            found[plain(one or other)] = one or other
        for texts in _PLURAL.findall(text):
            found[plain(texts[0] or texts[1])] = " ".join(texts)
    return found


@cache
def plurals() -> set[str]:
    """The texts that come with another one for many."""
    return {plain(one or two) for text in code() for one, two, *_ in _PLURAL.findall(text)}


@cache
def code() -> tuple[str, ...]:
    """All source files that are not tests."""
    files = [file for file in SOURCES.rglob("*.ts*") if "__tests__" not in file.parts]
    return tuple(file.read_text(encoding="utf-8") for file in sorted(files))


def plain(text: str) -> str:
    """A text without the escapes of its literal."""
    return re.sub(r"\\(.)", r"\1", text)


def placeholders(text: str) -> set[str]:
    """What is filled in."""
    return set(re.findall(r"%\d", text))


def translated(language: str) -> dict[str, list[str]]:
    """What a language says; without the header."""
    file = LOCALES / language / "LC_MESSAGES" / "jupyter_envmgr.json"
    messages: dict[str, list[str]] = json.loads(file.read_text(encoding="utf-8"))
    return {key: texts for key, texts in messages.items() if key}


def test_every_text_is_given_to_the_translator_as_it_stands() -> None:
    """A text that is put together cannot be found, by this test or by those who translate."""
    calls = sum(len(_CALL.findall(text)) for text in code())
    read = sum(len(_SINGULAR.findall(text)) + len(_PLURAL.findall(text)) for text in code())
    assert read == calls > 400


@pytest.mark.parametrize("language", LANGUAGES)
def test_jupyterlab_finds_them(language: str) -> None:
    found, message = get_installed_packages_locale(language)
    assert message == ""
    assert found["jupyter_envmgr"][""]["domain"] == "jupyter_envmgr"
    # With an underscore JupyterLab's front end would leave them out, without a word.
    assert found["jupyter_envmgr"][""]["language"] == language.replace("_", "-")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_whole_interface_is_translated_and_nothing_else(language: str) -> None:
    assert set(in_the_sources()) - set(translated(language)) == set()
    assert set(translated(language)) - set(in_the_sources()) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_filled_in_is_filled_in_there_too(language: str) -> None:
    for message, texts in translated(language).items():
        for text in texts:
            assert placeholders(text) == placeholders(in_the_sources()[message]), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_may_be_many_has_two_texts_and_all_else_one(language: str) -> None:
    """Else JupyterLab takes it for not translated, whatever the language's own plurals are."""
    singular = {plain(a or b) for text in code() for a, b in _SINGULAR.findall(text)}
    assert singular & plurals() == set()
    for message, texts in translated(language).items():
        assert len(texts) == (2 if message in plurals() else 1), message
