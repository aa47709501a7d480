"""Requirement lines as files have them: options that name an index, hashes, conda's build paths."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from ..errors import EnvMgrError, FieldError
from .hashes import BadHash, is_exact, split_hashes, with_hashes
from .indexes import check_url, public_url
from .limits import LONGEST_LINE
from .requirements import lines_of, logical_lines, parse_lines, parse_numbered, version_of_wheel

_INDEX = re.compile(r"(-i|--index-url|--extra-index-url)(?:\s*=\s*|\s+|(?<=-i))(\S+)(?:\s+#.*)?")
_BUILT_BY_CONDA = re.compile(
    r"([A-Za-z0-9][\w.-]*(?:\[[\w,. -]*\])?)\s*@\s*"
    r"file:///.*?(?:croot|feedstock_root|conda-bld|/work\b|tmp/build)(\S*)\s*(;.*)?"
)
# pip's old way to name what a repository holds; `name @ URL` is the one of PEP 508.
_REPOSITORY = re.compile(
    r"(-e\s+|--editable[\s=]\s*)?((?:git|hg|svn|bzr)\+[a-z]+://[^\s#]+)"
    r"#(?:[^\s#]*&)?egg=([A-Za-z0-9][\w.-]*(?:\[[\w,-]*\])?)(?:&[^\s#]*)?(?:\s+#.*)?"
)
# What says how to install, and nothing about what: without it the same packages come.
_HARMLESS = re.compile(r"(--prefer-binary|--no-cache-dir|-U|--upgrade)\s*(#.*)?")
_UNHASHED = "has no hash: others have one, and then all must"
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
            name, path, marker = by_conda.groups()
            version = version_of_wheel(path)
            built += [] if version else [name]
            without = f"{name}{version and f'=={version}'} {marker or ''}"
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
                wrong(line, at, _not_exact(requirement.name))
                continue
            places.setdefault(requirement.text, (line, at))
            if hashes:
                both = (*found.hashes.get(requirement.text, ()), *hashes)
                found.hashes[requirement.text] = tuple(dict.fromkeys(both))
    found.requirements = tuple(places)
    found.extra_index_urls = tuple(extras)
    if all_or_none and (must or found.hashes):
        words = "has no hash: --require-hashes is asked for" if must else _UNHASHED
        for text in found.requirements:
            if text not in found.hashes:
                wrong(*places[text], f"{text[:60]} {words}")
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
    lines: Sequence[str],
    field_name: str,
    *,
    allowed_schemes: Collection[str] = (),
    all_or_none: bool = False,
) -> tuple[str, ...]:
    """Requirement lines in normal form, with the hashes that stand behind them.

    ``all_or_none``: if one line has hashes, each must. Raises as `parse_lines` does.
    """
    texts: list[tuple[int, str]] = []
    hashes: dict[int, tuple[str, ...]] = {}
    wrong: list[tuple[int, str]] = []
    for number, line in logical_lines(lines):
        try:
            text, hashes[number] = split_hashes(line)
            texts.append((number, text))
        except BadHash as bad:
            wrong.append((number, str(bad)))
    parsed = () if wrong else parse_numbered(texts, field_name, allowed_schemes=allowed_schemes)
    must = all_or_none and any(hashes[one.line] for one in parsed)
    for one in parsed:
        if hashes[one.line] and not is_exact(one.text):
            wrong.append((one.line, _not_exact(one.name)))
        elif must and not hashes[one.line]:
            wrong.append((one.line, f"{one.text[:60]} {_UNHASHED}"))
    if wrong:
        errors = tuple(FieldError(field_name, why, "bad-requirement", n) for n, why in wrong)
        detail = "; ".join(f"{field_name}, line {n}: {why}" for n, why in wrong[:3])
        more = f"; and {len(wrong) - 3} more" if len(wrong) > 3 else ""
        raise EnvMgrError("bad-requirement", detail + more, errors=errors)
    return tuple(dict.fromkeys(with_hashes(one.text, hashes[one.line]) for one in parsed))


def parse_hashed_text(text: str, field_name: str) -> tuple[str, ...]:
    """The lines of a file's text. Raises as `parse_text` does, and where only some have hashes."""
    return parse_hashed_lines(lines_of(text, field_name), field_name, all_or_none=True)


def _not_exact(name: str) -> str:
    return f"{name} has a hash and no exact version: write {name}==VERSION"


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
