"""Commands that install packages, as recipes and READMEs have them: what they would install."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ..conda.environment_yml import PipLine

_PROMPT = r"(?:[%!$>]\s*|(?:RUN|run:)\s+|\([\w.-]+\)\s*(?:\$\s*)?)?"
_COMMAND = re.compile(
    rf"{_PROMPT}(?:sudo\s+(?:-H\s+)?)?"
    r"(?:(?:python[\d.]*|py)\s+-m\s+)?(?:uv\s+)?"
    r"(?:(?P<pip>pip[\d.]*)\s+install|(?P<conda>conda|mamba|micromamba)\s+(?:env\s+)?"
    r"(?:install|create|update)|uv\s+add)\b(?P<rest>.*)"
)
_FENCE = re.compile(r"(?:```|~~~).*")
_MOST_NAMED = 6
_ENDS = ("&&", "||", ";", "|", "&")
# Of pip, uv and conda: what takes a word behind it; what changes nothing that matters here.
_WITH_VALUE = re.compile(
    r"-[tpfC]|--(target|platform|python(-version)?|implementation|abi|root|prefix|src|timeout|retries"
    r"|trusted-host|progress-bar|cache-dir|upgrade-strategy|no-binary|only-binary|config-settings"
    r"|global-option|index-strategy|torch-backend|proxy|cert|log|solver|exclude-newer|group|find-links)"
)
_HARMLESS = re.compile(
    r"-[yqUvpI]|--(yes|quiet|upgrade|user|no-cache-dir|verbose|system|prefix|override-channels|no-input"
    r"|strict-channel-priority|disable-pip-version-check|force|prefer-binary|ignore-installed|json"
    r"|break-system-packages|root-user-action|progress-bar)"
)
_FILES = frozenset({"-r", "--requirement", "-c", "--constraint", "-e", "--editable"})
_INDEXES = frozenset({"-i", "--index-url", "--extra-index-url"})


@dataclass
class Commands:
    """What the commands of a text ask for.

    ``specs`` are of conda; ``pip`` are lines as a requirements file has them, options included.
    ``wrong`` are places and words: a file that a command needs and that is not here.
    """

    specs: list[PipLine] = field(default_factory=list)
    pip: list[PipLine] = field(default_factory=list)
    channels: list[str] = field(default_factory=list)
    name: str = ""
    left_out: list[str] = field(default_factory=list)
    wrong: list[PipLine] = field(default_factory=list)

    @property
    def notices(self) -> list[str]:
        """What was not taken over."""
        options = ", ".join(list(dict.fromkeys(self.left_out))[:_MOST_NAMED])
        return [f"Options of the commands that are left out: {options}."] if options else []


def is_command(line: str) -> bool:
    """Whether a line installs packages."""
    return _COMMAND.match(line.strip()) is not None


def read_commands(lines: Iterable[tuple[int, str]]) -> Commands:
    """What numbered lines would install. Lines that install nothing are passed over."""
    found = Commands()
    for number, line in lines:
        for command in re.split(r"\s(?:&&|\|\||;)\s|;\s*$", line.strip()):
            match = _COMMAND.match(command.strip())
            if match:
                _read(found, match, number, line)
    return found


def _read(found: Commands, match: re.Match[str], number: int, line: str) -> None:
    try:
        words = shlex.split(match["rest"], comments=True)
    except ValueError:
        words = match["rest"].split()
    is_conda = match["conda"] is not None
    queue = list(_before_the_next(words))
    while queue:
        word = queue.pop(0)
        if word.startswith("-") and word != "-":
            _option(found, word, queue, number, is_conda=is_conda)
        elif word and is_conda:
            found.specs.append(PipLine(word, number, line.find(word) + 1 or 1))
        elif word:
            found.pip.append(PipLine(word, number, line.find(word) + 1 or 1))


def _before_the_next(words: Iterable[str]) -> Iterator[str]:
    """The words of the first command among those of a line."""
    for word in words:
        if word in _ENDS:
            return
        yield word.removesuffix(";")
        if word.endswith(";"):
            return


def _option(found: Commands, word: str, queue: list[str], number: int, *, is_conda: bool) -> None:
    option, equals, value = word.partition("=")
    if re.match(r"-[a-zA-Z]\w", option) and not equals:
        option, value = word[:2], word[2:]

    def taken() -> str:
        return value or (queue.pop(0) if queue else "")

    if is_conda and option in ("-c", "--channel"):
        channel = taken()
        if channel and channel not in found.channels:
            found.channels.append(channel)
    elif is_conda and option in ("-n", "--name"):
        name = taken()
        found.name = found.name or name
    elif is_conda and option in ("-f", "--file"):
        found.wrong.append(
            PipLine(f"{taken() or option} is a file: paste what is in it instead", number, 1)
        )
    elif not is_conda and option in _INDEXES:
        name = "--index-url" if option == "-i" else option
        found.pip.append(PipLine(f"{name} {taken()}", number, 1))
    elif not is_conda and option in _FILES:
        found.pip.append(PipLine(f"{option} {taken()}", number, 1))
    else:
        if _WITH_VALUE.fullmatch(option):
            taken()
        if not _HARMLESS.fullmatch(option):
            found.left_out.append(option)


def are_commands(rows: Sequence[str], is_requirement: Iterable[bool]) -> bool:
    """Whether a text is commands, or prose with commands in it, and no list of requirements.

    One stray command among requirements is a mistake in these, and said so.
    """
    commands = [is_command(row) for row in rows]
    if not any(commands):
        return False
    inside = False
    others = 0
    for row, command, alone in zip(rows, commands, is_requirement, strict=True):
        if _FENCE.fullmatch(row):
            inside = not inside
        elif alone and not command and not inside:
            others += 1
    return others <= sum(commands)
