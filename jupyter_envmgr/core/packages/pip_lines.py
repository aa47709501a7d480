"""Requirement lines as files have them: options that name an index, hashes, conda's build paths."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from ..errors import EnvMgrError, FieldError
from .indexes import check_url, public_url
from .limits import LONGEST_LINE
from .requirements import parse_lines

_INDEX = re.compile(r"(-i|--index-url|--extra-index-url)(?:\s*=\s*|\s+|(?<=-i))(\S+)(?:\s+#.*)?")
_BUILT_BY_CONDA = re.compile(
    r"([A-Za-z0-9][\w.-]*(?:\[[\w,. -]*\])?)\s*@\s*"
    r"file:///.*?(?:croot|feedstock_root|conda-bld|/work\b|tmp/build)\S*\s*(;.*)?"
)
# pip's old way to name what a repository holds; `name @ URL` is the one of PEP 508.
_REPOSITORY = re.compile(
    r"(-e\s+|--editable[\s=]\s*)?((?:git|hg|svn|bzr)\+[a-z]+://[^\s#]+)"
    r"#(?:[^\s#]*&)?egg=([A-Za-z0-9][\w.-]*(?:\[[\w,-]*\])?)(?:&[^\s#]*)?(?:\s+#.*)?"
)
# What says how to install, and nothing about what: without it the same packages come.
_HARMLESS = re.compile(r"(--prefer-binary|--require-hashes|--no-cache-dir|-U|--upgrade)\s*(#.*)?")


@dataclass
class PipLines:
    """What lines of a file ask for; a line that is wrong is an error and nothing else."""

    requirements: tuple[str, ...] = ()
    index_url: str = ""
    extra_index_urls: tuple[str, ...] = ()
    notices: list[str] = field(default_factory=list)
    errors: list[FieldError] = field(default_factory=list)


def read_pip_lines(
    lines: Iterable[tuple[str, int, int]], field_name: str, allowed_schemes: Collection[str]
) -> PipLines:
    """The requirements in ``(text, line, column)``, each once. Never raises.

    Where a requirement alone would refuse a line, a file's is understood: an index becomes one to
    look in, hashes are left out, and a path of the machine where conda built a package becomes
    the package's name. Each with a notice.
    """
    found = PipLines()
    requirements: dict[str, None] = {}
    extras: dict[str, None] = {}
    hashes = harmless = 0
    built: list[str] = []
    editable: list[str] = []
    for text, line, column in lines:
        stripped = text.strip()
        option = _INDEX.fullmatch(stripped) if len(stripped) <= LONGEST_LINE else None
        if option:
            _index(found, extras, option.group(1), option.group(2), field_name, line, column)
            continue
        if _HARMLESS.fullmatch(stripped):
            harmless += 1
            continue
        without = _without_hashes(text)
        hashes += without != text
        by_conda = None
        if len(without) <= LONGEST_LINE:
            by_conda = _BUILT_BY_CONDA.fullmatch(without.strip())
        if by_conda:
            without = by_conda.group(1) + (f" {by_conda.group(2)}" if by_conda.group(2) else "")
            built.append(by_conda.group(1))
        repository = None
        if len(without) <= LONGEST_LINE:
            repository = _REPOSITORY.fullmatch(without.strip())
        if repository:
            without = f"{repository.group(3)} @ {repository.group(2)}"
            editable += [repository.group(3)] if repository.group(1) else []
        try:
            parsed = parse_lines([without], field_name, allowed_schemes=allowed_schemes)
        except EnvMgrError as error:
            at = column + len(text) - len(text.lstrip())
            found.errors += [
                FieldError(field_name, e.detail, e.code, line, at) for e in error.errors
            ]
            continue
        requirements.update((requirement.text, None) for requirement in parsed)
    found.requirements = tuple(requirements)
    found.extra_index_urls = tuple(extras)
    if hashes:
        found.notices.append(f"Hashes are left out ({_lines(hashes)}); the versions stay.")
    if built:
        built = list(dict.fromkeys(built))
        names = ", ".join(built[:5]) + (f" and {len(built) - 5} more" if len(built) > 5 else "")
        found.notices.append(
            f"`pip freeze` in a conda environment gave no versions for {names}: the newest come."
        )
    if editable:
        names = ", ".join(dict.fromkeys(editable))
        found.notices.append(f"Installed as they are, not editable: {names}.")
    urls = [*([found.index_url] if found.index_url else []), *extras]
    if urls:
        names = ", ".join(public_url(url) for url in urls[:3])
        found.notices.append(f"It names where packages come from: {names}.")
    return found


def _index(
    found: PipLines,
    extras: dict[str, None],
    option: str,
    url: str,
    field_name: str,
    line: int,
    column: int,
) -> None:
    try:
        check_url(url, field_name)
        reason = ""
        if public_url(url) != url:
            reason = "there are credentials in the URL: put them into ~/.netrc"
    except EnvMgrError as error:
        reason = error.errors[0].detail
    if reason:
        at = column + len(option) + 1
        found.errors.append(FieldError(field_name, reason, "bad-index-url", line, at))
    elif option == "--extra-index-url":
        extras[url] = None
    else:
        found.index_url = url


def _without_hashes(text: str) -> str:
    """A requirement without ``--hash=…``; a pattern would take long for a line of blanks."""
    if " --hash" not in text and "\t--hash" not in text:
        return text
    kept: list[str] = []
    is_value = False
    for word in text.split():
        if is_value:
            is_value = False
        elif word == "--hash":
            is_value = True
        elif not word.startswith("--hash="):
            kept.append(word)
    return " ".join(kept)


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count} lines"
