"""The command line, the operations and the documents say the same."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from jupyter_envmgr.cli.program import NOUNS, VERBS, build
from jupyter_envmgr.core.errors import ERRORS
from jupyter_envmgr.service.operations.table import BY_NAME

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
GENERATOR = runpy.run_path(str(DOCS / "generate.py"))
PROSE = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *sorted(DOCS.glob("*.md"))]

NOT_OPERATIONS = {"completion": "prints a script for the shell; the server has no use for it"}


@pytest.mark.parametrize("operation", BY_NAME)
def test_every_operation_has_a_verb(operation: str) -> None:
    doors = [verb.words for verb in VERBS if operation in (verb.operation, *verb.also)]
    assert doors, f"no verb of the command line does {operation}"


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.words)
def test_every_verb_is_the_door_to_an_operation(verb) -> None:
    named = {verb.operation, *verb.also}
    unknown = named - set(BY_NAME) - set(NOT_OPERATIONS)
    assert not unknown, f"{verb.words}: no such operation {unknown}"


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.words)
def test_every_verb_and_each_of_its_options_is_documented(verb) -> None:
    reference = (DOCS / "cli.md").read_text(encoding="utf-8")
    section = reference.split(f"\n## {verb.words}\n")
    assert len(section) == 2, f"docs/cli.md has no section {verb.words}"
    text = section[1].split("\n## ")[0]
    common = reference.split("\n## ")[0]
    for action in GENERATOR["leaf_of"](build(), verb)._actions:
        for flag in action.option_strings:
            assert flag in text or flag in common or flag in ("-h", "--help")


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.words)
def test_the_readme_shows_every_verb(verb) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    noun, _, name = verb.words.partition(" ")
    line = rf"{noun}\b.*\b{name}\b" if name else rf"\b{noun}\b"
    assert re.search(line, readme), f"README.md does not show `{verb.words}`"


@pytest.mark.parametrize("page", GENERATOR["PAGES"])
def test_the_generated_documents_are_fresh(page: str) -> None:
    written = (DOCS / page).read_text(encoding="utf-8")
    assert written == GENERATOR["PAGES"][page](), "run: python docs/generate.py"


@pytest.mark.parametrize("code", ERRORS)
def test_every_error_code_is_documented(code: str) -> None:
    assert f"| `{code}` |" in (DOCS / "errors.md").read_text(encoding="utf-8")


_COMMAND = re.compile(r"(?:jupyter[ -]envmgr|python -m jupyter_envmgr)((?: [a-z]+)+)")


@pytest.mark.parametrize("document", PROSE, ids=lambda path: path.name)
def test_no_document_names_a_verb_that_does_not_exist(document: Path) -> None:
    check_commands(document.read_text(encoding="utf-8"))


def test_no_hint_names_a_verb_that_does_not_exist() -> None:
    for entry in ERRORS.values():
        check_commands(entry.hint)


def check_commands(text: str) -> None:
    verbs = {verb.words for verb in VERBS}
    for found in _COMMAND.finditer(text):
        first, *rest = found[1].split()
        words = f"{first} {rest[0]}" if first in NOUNS and rest else first
        assert words in verbs or words in NOUNS, f"there is no `jupyter envmgr {words}`"


@pytest.mark.parametrize("document", PROSE, ids=lambda path: path.name)
def test_every_link_into_the_project_leads_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)", text):
        if "://" not in target:
            assert (document.parent / target).exists(), f"{document.name}: {target}"
