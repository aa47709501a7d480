"""What people paste in place of requirements, recognised and answered in words they can use."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement


@dataclass(frozen=True)
class Pasted:
    """A text that is not a list of requirements: what it is, and the line that shows it."""

    line: int
    detail: str


_ENVIRONMENT_YML = (
    "this is a conda environment.yml: paste the lines below its `pip:` as requirements, "
    "and the packages above it by their names on the package index"
)
_CONDA_EXPORT = (
    "this is a list of conda packages (name=version=build): "
    "write name==version, or export the packages with `pip freeze`"
)
_EXPLICIT = "this is a conda @EXPLICIT list of package files: export the packages with `pip freeze`"
_PIP_LIST = "this is the table that `pip list` prints: paste the output of `pip freeze`"
_TOML = "this is a TOML file: paste the entries of its `dependencies`, one per line, unquoted"
_PYLOCK = "this is a lock file (pylock.toml): paste name==version, one per line"
_JSON = "this is JSON: paste name==version, one per line"
_HTML = "this is a web page: paste the requirements alone"

_CONDA_LINE = re.compile(r"[A-Za-z0-9_.-]+=[^=\s<>!~]+=[^=\s]+")
_SIGNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"@EXPLICIT\s*"), _EXPLICIT),
    (re.compile(r"(dependencies|channels)\s*:\s*(\[.*)?"), _ENVIRONMENT_YML),
    (re.compile(r"Package\s+Version(\s.*)?"), _PIP_LIST),
    (re.compile(r"lock-version\s*=.*|\[\[packages?\]\]\s*"), _PYLOCK),
    (re.compile(r"\[[A-Za-z][\w.\"-]*\]\s*(#.*)?"), _TOML),
    (re.compile(r"\s*<(!DOCTYPE|html)\b.*", re.IGNORECASE), _HTML),
)


def recognise(lines: Sequence[str]) -> Pasted | None:
    """What a whole text is, if it is one of the things that are often taken for requirements."""
    said = [(n, line) for n, line in enumerate(lines, 1) if line.strip() and line[0] != "#"]
    if not said:
        return None
    first, text = said[0]
    if text.lstrip().startswith(("{", "[{")):
        return Pasted(first, _JSON)
    for number, line in said:
        for sign, detail in _SIGNS:
            if sign.fullmatch(line.rstrip("\r")):
                return Pasted(number, detail)
    builds = [number for number, line in said if _CONDA_LINE.fullmatch(line.strip())]
    if len(builds) > 2 and 2 * len(builds) >= len(said):
        return Pasted(builds[0], _CONDA_EXPORT)
    return None


_COMMAND = re.compile(
    r"^(?:[%!$]\s*)?(?:sudo\s+)?(?:python[\d.]*\s+-m\s+)?(?:uv\s+)?"
    r"(pip[\d.]*|conda|mamba|micromamba|poetry|uv)\s+(?:install|add)\b\s*(.*)$"
)
_OPTION = re.compile(r"(?:^|\s)(--?[A-Za-z][\w-]*)")
_ELSEWHERE = ("-r", "--requirement", "-c", "--constraint")
_INDEXES = (
    "-i",
    "--index-url",
    "--index",
    "--default-index",
    "--extra-index-url",
    "-f",
    "--find-links",
    "--no-index",
    "--trusted-host",
)
_PATH = re.compile(r"^(\.{1,2}$|\.{0,2}[/\\]|~|[A-Za-z]:[\\/])|[\\/]")
_SINGLE = re.compile(r"^([A-Za-z0-9_.-]+)\s*=\s*([^=\s]+)(=\S+)?$")
_BARE_VERSION = re.compile(r"^(\S+)\s+v?(\d[\w.]*)$")
_URL = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://")


def why_not(line: str) -> str:
    """Why a line is not a requirement, in words that say what to write instead."""
    command = _COMMAND.match(line)
    if command:
        words = line[: command.start(2)].strip()
        return f"leave out the words `{_short(words)}`: only the requirements are needed"
    if line.startswith("- "):
        return "leave out the dash: only the requirement is needed"
    if line[0] == "-":
        return _about_option(line.split("=")[0].split()[0])
    if _URL.match(line):
        return "a URL alone is not a requirement: write the package's name"
    option = _OPTION.search(line)
    name, semicolon, marker = line.partition(";")
    if semicolon and _parses(name) and not (option and option.group(1).startswith("--")):
        return f"what stands behind the ';' is not an environment marker: {_short(marker.strip())}"
    if option:
        return _about_option(option.group(1))
    single = _SINGLE.match(line)
    if single:
        return f"conda's single '=' is not for pip: write {single.group(1)}=={single.group(2)}"
    bare = _BARE_VERSION.match(line)
    if bare and _parses(bare.group(1)):
        return f"there is no == before the version: write {bare.group(1)}=={bare.group(2)}"
    if _PATH.search(line.partition("[")[0].partition("@")[0].partition(";")[0]):
        return "a path is not a requirement: write the package's name"
    words_ = [word for word in re.split(r"[\s,]+", line) if word]
    if len(words_) > 1 and all(map(_parses, words_)):
        return f"these are {len(words_)} requirements: write each on a line of its own"
    if line[0] in "\"'" and line[-1] == line[0] and _parses(line[1:-1]):
        return "leave out the quotation marks"
    return f"{_short(line)} is not a requirement such as numpy>=2.0"


def _about_option(option: str) -> str:
    if option in _ELSEWHERE:
        return f"{option} names another file: paste the lines of that file instead"
    if option in _INDEXES or option.startswith(("-i", "-f")):
        return f"{option} is an option: name the index in the field for it, not in a requirement"
    if option.startswith("--hash"):
        return "--hash is an option: leave the hashes out"
    if option in ("-e", "--editable"):
        return f"{option} is an option: install an editable package later, from a terminal"
    return f"{option[:60]} is an option, not a requirement"


def _parses(text: str) -> bool:
    try:
        Requirement(text)
    except InvalidRequirement:
        return False
    return True


def _short(text: str) -> str:
    return ascii(text if len(text) <= 60 else text[:57] + "...")
