"""What people paste: told apart by signs, and why a line is no requirement, in their words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement

from ..citing import cited
from .commands import are_commands
from .model import TextKind
from .tables import CONDA_HEAD, CONDA_ROW, EXPORT_LINE, PIP_HEAD, PIP_TWO_COLUMNS, mostly


@dataclass(frozen=True)
class Pasted:
    """What a text is, and the line that shows it.

    ``detail`` says to who wanted requirements what to do instead; empty if it is requirements.
    """

    kind: TextKind
    line: int = 1
    detail: str = ""


_ENVIRONMENT_YML = (
    "this is a conda environment.yml: make a conda environment of it, or paste the lines below "
    "its `pip:` as requirements, and the packages above it by their names on the package index"
)
_CONDA_EXPORT = (
    "this is a list of conda packages (name=version=build): make a conda environment of it, "
    "write name==version, or export the packages with `pip freeze`"
)
_CONDA_LIST = (
    "this is the list that `conda list` prints: make a conda environment of it, "
    "or export the packages with `pip freeze`"
)
_EXPLICIT = (
    "this is a conda @EXPLICIT list of package files: make a conda environment of it, "
    "or export the packages with `pip freeze`"
)
_LOCK = "this is a lock file of conda packages ({0}): make a conda environment of it"
_PIP_LIST = "this is the table that `pip list` prints: paste the output of `pip freeze`"
_COMMANDS = (
    "these are commands: leave out the words before the packages, and write each package on a "
    "line of its own"
)
_TOML = "this is a TOML file: paste the entries of its `dependencies`, one per line, unquoted"
_PYLOCK = "this is a lock file (pylock.toml): make an environment of it, or paste name==version"
_JSON = "this is JSON: paste name==version, one per line"
_HTML = "this is a web page: paste the requirements alone"
_NOTEBOOK = "this is a notebook, JSON: paste the requirements alone, one per line"
_OTHER_LOCK = "this is the lock file of {0}: export it with `{1}`, and paste what that writes"
_UV_LOCK = _OTHER_LOCK.format("uv (uv.lock)", "uv export --format requirements-txt")
_POETRY_LOCK = _OTHER_LOCK.format("Poetry (poetry.lock)", "poetry export --without-hashes")
_PDM_LOCK = _OTHER_LOCK.format("PDM (pdm.lock)", "pdm export --without-hashes")
_PIPFILE_LOCK = "this is a Pipfile.lock: paste what `pipenv requirements` prints"
_PIPFILE = "this is a Pipfile: paste what `pipenv requirements` prints"
_PIXI = "this is a pixi.toml, TOML: take the pixi.lock beside it, or export an environment.yml"
_SETUP = (
    "this is a setup.py or setup.cfg: paste the entries of its `install_requires`, one per line"
)
_YAML = "this is YAML, but no conda environment.yml: there is no `dependencies:` in it"

_FAR = 500
_HEAD = re.compile(r"""["']?(dependencies|channels)["']?\s*:(\s.*)?""")
_PACKAGE_FILE = re.compile(r"(https?|file)://\S+\.(conda|tar\.bz2)(#\S*)?")
_SINGLE_SPEC = re.compile(
    r"(\S+::[A-Za-z0-9_][\w.-]*.*|[A-Za-z0-9_][\w.-]*=[\w.*!+]+(=[\w.*+]+)?)(\s+#.*)?"
)
_JSON_START = re.compile(r"""\{|\[\s*(["{\d\]-]|$)""")
_TOP_KEY = re.compile(r"""["']?[A-Za-z_$][\w$-]*["']?:(\s.*)?""")
_PYPROJECT = r"\[(project|build-system|dependency-groups|tool\.[\w.\"-]+)\]\s*(#.*)?"
_SIGNS: tuple[tuple[re.Pattern[str], TextKind, str], ...] = (
    (re.compile(r"@EXPLICIT\s*"), "conda-explicit", _EXPLICIT),
    (_HEAD, "environment-yml", _ENVIRONMENT_YML),
    (PIP_HEAD, "pip-list", _PIP_LIST),
    (CONDA_HEAD, "conda-list", _CONDA_LIST),
    (re.compile(r"lock-version\s*=.*|\[\[\s*packages\s*\]\]\s*"), "pylock", _PYLOCK),
    (re.compile(r"\[\[\s*package\s*\]\]\s*"), "unusable", _UV_LOCK),
    (re.compile(r"\[(dev-)?packages\]\s*|\[\[source\]\]\s*"), "unusable", _PIPFILE),
    (re.compile(r"\[(workspace|pypi-dependencies)\]\s*(#.*)?"), "unusable", _PIXI),
    (re.compile(r"\[(options|metadata)\]\s*|(from|import) setuptools\b.*"), "unusable", _SETUP),
    (
        re.compile(r"\[(project|build-system|dependency-groups|tool\.[\w.\"-]+)\]\s*(#.*)?"),
        "pyproject",
        _TOML,
    ),
    (re.compile(r"\[\[?[A-Za-z][\w.\"-]*\]\]?\s*(#.*)?"), "unusable", _TOML),
    (re.compile(r"<(!DOCTYPE|html|\?xml)\b.*", re.IGNORECASE), "unusable", _HTML),
)


def kind_of(lines: Sequence[str], filename: str = "") -> Pasted:
    """What a whole text is, by signs that need no parser; its name only breaks a tie."""
    # What a line is shows at its beginning; the end of a hostile one is not looked at.
    text = [(n, line[:_FAR].strip()) for n, line in enumerate(lines, 1) if line.strip()]
    said = [(n, line) for n, line in text if not line.startswith("#")]
    if not said:
        return Pasted("empty")
    first, start = said[0]
    if _JSON_START.match(start):
        return _of_json(first, [line for _, line in text])
    lock = _lock(lines)
    if lock is not None:
        return lock
    for mark, detail in (("Poetry", _POETRY_LOCK), ("PDM", _PDM_LOCK), ("Cargo", _TOML)):
        if any(f"@generated by {mark}" in line for _, line in text[:3]):
            return Pasted("unusable", first, detail)
    if are_commands([line for _, line in said], (_is_requirement(line) for _, line in said)):
        return Pasted("commands", first, _COMMANDS)
    margin = _indentation(lines[first - 1])
    for number, line in said:
        for sign, kind, detail in _SIGNS:
            # A key further in is that of something else: yarn.lock has dependencies too.
            if sign.fullmatch(line) and (
                kind != "environment-yml" or _indentation(lines[number - 1]) <= margin
            ):
                return Pasted(kind, number, detail)
    if any(line.startswith("#") and CONDA_HEAD.fullmatch(line) for _, line in text):
        return Pasted("conda-list", first, _CONDA_LIST)
    return _of_most(said, filename)


def _indentation(line: str) -> int:
    line = line[:_FAR].removeprefix("\ufeff")
    return len(line) - len(line.lstrip(" "))


def _of_most(said: list[tuple[int, str]], filename: str) -> Pasted:
    """What most of the lines look like."""
    rows = [line for _, line in said]
    first = said[0][0]
    if mostly(rows, _PACKAGE_FILE, 1):
        return Pasted("conda-explicit", first, _EXPLICIT)
    if mostly(rows, EXPORT_LINE, 3):
        number = next(n for n, line in said if EXPORT_LINE.fullmatch(line))
        return Pasted("conda-export", number, _CONDA_EXPORT)
    if mostly(rows, PIP_TWO_COLUMNS, 3):
        return Pasted("pip-list", first, _PIP_LIST)
    if mostly(rows, CONDA_ROW, 3) and not mostly(rows, PIP_TWO_COLUMNS, 1):
        return Pasted("conda-list", first, _CONDA_LIST)
    singles = sum(_SINGLE_SPEC.fullmatch(line) is not None for line in rows)
    # One '=' among many '==' is rather a mistake in requirements.
    if singles > sum("==" in line for line in rows) and not _is_for_pip(rows):
        # Each line may be conda's; the errors that pip's lines get name what is wrong with each.
        return Pasted("conda-specs", first)
    if _TOP_KEY.fullmatch(rows[0]) and filename.lower().endswith((".yml", ".yaml")):
        return Pasted("unusable", first, _YAML)
    return Pasted("requirements", first)


def _is_for_pip(rows: Sequence[str]) -> bool:
    """Whether there is a line that only pip understands."""
    return any(
        line.startswith("-")
        or " @ " in line
        or ";" in line
        or re.match(r"[\w.-]+\[[\w, -]*\]", line)
        for line in rows
    )


def _lock(lines: Sequence[str]) -> Pasted | None:
    """A lock file of conda's world, by its top-level keys."""
    keys = {line.partition(":")[0]: n for n, line in enumerate(lines, 1) if _TOP.match(line)}
    if "version" in keys and "environments" in keys:
        return Pasted("pixi-lock", keys["environments"], _LOCK.format("pixi.lock"))
    if "metadata" in keys and "package" in keys:
        return Pasted("conda-lock", keys["package"], _LOCK.format("conda-lock"))
    return None


_TOP = re.compile(r"(version|environments|packages|metadata|package):")


def _of_json(first: int, lines: Sequence[str]) -> Pasted:
    text = "\n".join(lines)
    if '"nbformat"' in text or '"cells"' in text:
        return Pasted("unusable", first, _NOTEBOOK)
    if text.startswith("{") and '"dependencies"' in text:
        return Pasted("environment-yml", first, _ENVIRONMENT_YML)
    if '"_meta"' in text and '"pipfile-spec"' in text:
        return Pasted("unusable", first, _PIPFILE_LOCK)
    if '"build_string"' in text or '"dist_name"' in text:
        return Pasted("conda-json", first, _JSON)
    if '"version"' in text and text.startswith("["):
        return Pasted("pip-json", first, _JSON)
    return Pasted("unusable", first, _JSON)


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
_SINGLE = re.compile(r"^([A-Za-z0-9_.-]+)\s*=\s*([^=<>~!\s][^=\s]*)(=\S+)?$")
_TURNED = re.compile(r"^([A-Za-z0-9_.-]+)\s*=([<>~!])\s*(\d[\w.*+!]*)$")
_BARE_VERSION = re.compile(r"^(\S+)\s+v?(\d[\w.]*)$")
_URL = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://")


def why_not(line: str) -> str:
    """Why a line is not a requirement, in words that say what to write instead."""
    command = _COMMAND.match(line)
    if command:
        words = line[: command.start(2)].strip()
        return f"leave out the words {cited(words)}: only the requirements are needed"
    if line.startswith("- "):
        return "leave out the dash: only the requirement is needed"
    if line[0] == "-":
        return _about_option(line.split("=")[0].split()[0])
    if _URL.match(line):
        name = _of_repository(line) if line.startswith("git+") else ""
        words = f", as in {name} @ git+https://..." if _parses(name) else ""
        return f"a URL alone is not a requirement: write the package's name{words}"
    option = _OPTION.search(line)
    name, semicolon, marker = line.partition(";")
    if semicolon and _parses(name) and not (option and option.group(1).startswith("--")):
        return f"what stands behind the ';' is not an environment marker: {cited(marker.strip())}"
    if option:
        return _about_option(option.group(1))
    turned = _TURNED.match(line)
    if turned:
        name, sign, version = turned.groups()
        return f"={sign} is the wrong way round: write {name}{sign}={version}"
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
    return f"{cited(line)} is not a requirement such as numpy>=2.0"


def _of_repository(url: str) -> str:
    """What a repository probably holds: the last part of its path."""
    path = url.partition("://")[2].partition("#")[0].partition("/")[2].partition("@")[0]
    return path.rpartition("/")[2].removesuffix(".git")[:60]


def _about_option(option: str) -> str:
    if option in _ELSEWHERE:
        return f"{option} names another file: paste the lines of that file instead"
    if option in _INDEXES or option.startswith(("-i", "-f")):
        return f"{option} is an option: name the index in the field for it, not in a requirement"
    if option.startswith("--hash"):
        return (
            "--hash is an option: hashes are checked where an environment is made of a file; "
            "leave them out here"
        )
    if option in ("-e", "--editable"):
        return f"{option} is an option: install an editable package later, from a terminal"
    return f"{option[:60]} is an option, not a requirement"


def _is_requirement(line: str) -> bool:
    """Whether a line is rather a requirement than a word of prose."""
    return _parses(line) and (line == line.lower() or any(c in "=<>~[" for c in line))


def _parses(text: str) -> bool:
    try:
        Requirement(text)
    except (InvalidRequirement, RecursionError):
        return False
    return True
