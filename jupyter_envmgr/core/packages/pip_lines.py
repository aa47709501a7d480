"""Requirement lines as files have them: options that name an index, hashes, conda's build paths."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from ..errors import EnvMgrError, FieldError
from .hashes import BadHash, is_exact, split_hashes, with_hashes
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
_HARMLESS = re.compile(r"(--prefer-binary|--no-cache-dir|-U|--upgrade)\s*(#.*)?")
_ALL_HASHED = re.compile(r"--require-hashes\s*(#.*)?")


@dataclass
class PipLines:
    """What lines of a file ask for; a line that is wrong is an error and nothing else.

    ``hashes`` are those of each requirement that has any.
    """

    requirements: tuple[str, ...] = ()
    hashes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    index_url: str = ""
    extra_index_urls: tuple[str, ...] = ()
    notices: list[str] = field(default_factory=list)
    errors: list[FieldError] = field(default_factory=list)


def read_pip_lines(
    lines: Iterable[tuple[str, int, int]],
    field_name: str,
    allowed_schemes: Collection[str],
    *,
    all_or_none: bool = True,
) -> PipLines:
    """The requirements in ``(text, line, column)``, each once. Never raises.

    Where a requirement alone would refuse a line, a file's is understood: an index becomes one to
    look in, hashes are kept apart, and a path of the machine where conda built a package becomes
    the package's name, with a notice. ``all_or_none``: if one line has hashes, each must.
    """
    found = PipLines()
    extras: dict[str, None] = {}
    built: list[str] = []
    editable: list[str] = []
    places: dict[str, tuple[int, int]] = {}
    must = False

    def wrong(line: int, column: int, detail: str, code: str = "bad-requirement") -> None:
        found.errors.append(FieldError(field_name, detail, code, line, column))

    for text, line, column in lines:
        stripped = text.strip()
        at = column + len(text) - len(text.lstrip())
        option = _INDEX.fullmatch(stripped) if len(stripped) <= LONGEST_LINE else None
        if option:
            _index(found, extras, option.group(1), option.group(2), field_name, line, column)
            continue
        if _ALL_HASHED.fullmatch(stripped):
            must = True
            continue
        if _HARMLESS.fullmatch(stripped):
            continue
        try:
            without, hashes = split_hashes(text)
        except BadHash as bad:
            wrong(line, at, str(bad))
            continue
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
            for e in error.errors:
                wrong(line, at, e.detail, e.code)
            continue
        for requirement in parsed:
            if hashes and not is_exact(requirement.text):
                name = requirement.name
                wrong(line, at, f"{name} has a hash and no exact version: write {name}==VERSION")
                continue
            places.setdefault(requirement.text, (line, at))
            if hashes:
                both = (*found.hashes.get(requirement.text, ()), *hashes)
                found.hashes[requirement.text] = tuple(dict.fromkeys(both))
    found.requirements = tuple(places)
    found.extra_index_urls = tuple(extras)
    if all_or_none and (must or found.hashes):
        words = "--require-hashes is asked for" if must else "others have one, and then all must"
        for text in found.requirements:
            if text not in found.hashes:
                wrong(*places[text], f"{text[:60]} has no hash: {words}")
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


def parse_hashed_lines(
    lines: Sequence[str], field_name: str, *, allowed_schemes: Collection[str] = ()
) -> tuple[str, ...]:
    """Requirement lines in normal form, with the hashes that stand behind them.

    Raises as `parse_lines` does.
    """
    texts: list[str] = []
    hashes: list[tuple[str, ...]] = []
    for number, line in enumerate(lines, 1):
        try:
            text, found = split_hashes(line)
        except BadHash as bad:
            error = FieldError(field_name, str(bad), "bad-requirement", number)
            detail = f"{field_name}, line {number}: {bad}"
            raise EnvMgrError("bad-requirement", detail, errors=(error,)) from None
        texts.append(text)
        hashes.append(found)
    parsed = parse_lines(texts, field_name, allowed_schemes=allowed_schemes)
    return tuple(with_hashes(one.text, hashes[one.line - 1]) for one in parsed)


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
