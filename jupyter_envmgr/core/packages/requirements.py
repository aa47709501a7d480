"""What people type and paste as requirements: each line parsed before any tool sees it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Parsed
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from ..citing import without_secrets
from ..errors import EnvMgrError, FieldError
from .limits import LARGEST_FILE, LARGEST_HASHED, LARGEST_TEXT, LONGEST_LINE, MOST_LINES
from .pasted import kind_of, why_not

# uv takes a name that ends so for a local file, even behind ``--``; packaging takes it for a name.
_ARCHIVE = re.compile(r"\.(whl|zip|egg|tar|tgz|tbz2?|txz|tlz|tar\.(gz|bz2|xz|lz|lzma|zst))$", re.I)
_COMMENT = re.compile(r"(^|\s)#.*$")
_SCHEME = re.compile(r"^([a-z][a-z0-9+.-]*):", re.I)
_CREDENTIALS = re.compile(r"^[^/]*//[^/@]*@")
_BUILT_BY_CONDA = re.compile(
    r"^file:///.*?(croot|feedstock_root|conda-bld|/work\b|tmp/build)", re.I
)


@dataclass(frozen=True)
class Requirement:
    """One requirement that was found good. ``text`` is its normal form (PEP 508), one line.

    ``name`` is normalised (PEP 503); ``line`` counts from 1 in the ``field`` that it came from.
    """

    name: str
    text: str
    field: str
    line: int


def decode(data: bytes, field: str = "requirements") -> str:
    """The text of an uploaded file: UTF-8, or UTF-16 and UTF-32 if they say so by their BOM.

    PowerShell's ``pip freeze > requirements.txt`` writes UTF-16 with a BOM. Raises ``too-large``
    and ``bad-encoding``, which names the first byte that is wrong.
    """
    if len(data) > LARGEST_FILE:
        raise _too_large(field, f"{len(data):,} bytes: {LARGEST_FILE // 1024:,} KiB at most")
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        detail = f"byte {error.start + 1} (0x{data[error.start]:02x}) is not {encoding.upper()}"
        raise EnvMgrError.of_field("bad-encoding", field, detail, line=line) from None
    if encoding == "utf-8" and "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        detail = "there is a NUL byte: it is a binary file, or UTF-16 without its BOM"
        raise EnvMgrError.of_field("bad-encoding", field, detail, line=line)
    return text.removeprefix("\ufeff")


_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is the beginning of this one
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def parse_lines(
    lines: Sequence[str], field: str = "packages", *, allowed_schemes: Collection[str] = ()
) -> tuple[Requirement, ...]:
    """The requirements of a list with one in each entry, in order.

    Raises one ``bad-requirement`` that lists every bad line, or ``too-large``.
    """
    return parse_numbered(list(enumerate(lines, 1)), field, allowed_schemes=allowed_schemes)


def parse_numbered(
    lines: Sequence[tuple[int, str]], field: str, *, allowed_schemes: Collection[str] = ()
) -> tuple[Requirement, ...]:
    """Likewise, where each entry comes with the number of its line."""
    size = sum(len(line) for _, line in lines)
    if size > LARGEST_TEXT:
        raise _too_large(field, f"{size:,} characters: {LARGEST_TEXT // 1024} KiB at most")
    if len(lines) > MOST_LINES:
        raise _too_many(field, f"{len(lines):,} entries: {MOST_LINES:,} at most")
    return _parse(lines, field, allowed_schemes)


def parse_text(
    text: str, field: str = "requirements", *, allowed_schemes: Collection[str] = ()
) -> tuple[Requirement, ...]:
    """The requirements of a file's text: comments, blank lines and ``\\`` at a line's end allowed.

    A text that is something else, such as an environment.yml, gets one error that says what it
    is. Raises as `parse_lines` does.
    """
    return _parse(logical_lines(lines_of(text, field)), field, allowed_schemes)


def lines_of(text: str, field: str) -> list[str]:
    """The lines of a file of requirements. Raises what `parse_text` does of other texts."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    size = len(text.encode("utf-8", "surrogatepass"))
    largest = LARGEST_HASHED if " --hash" in text else LARGEST_TEXT
    if size > largest:
        raise _too_large(field, f"{size:,} bytes: {largest // 1024} KiB at most")
    lines = text.split("\n")
    count = sum(not line.lstrip().startswith("--hash") for line in lines)
    if count > MOST_LINES + 1:
        raise _too_many(field, f"{count:,} lines: {MOST_LINES:,} at most")
    pasted = kind_of(lines)
    if pasted.detail:
        raise _error([FieldError(field, pasted.detail, "bad-requirement", pasted.line)])
    return lines


def logical_lines(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Lines with those joined that end in a backslash, numbered by the first of them."""
    number = 0
    parts: list[str] = []
    for current, line in enumerate(lines, 1):
        number = number if parts else current
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            parts.append(line[:-1])
            continue
        yield number, "".join([*parts, line])
        parts = []
    if parts:
        yield number, "".join(parts)


def _parse(
    lines: Iterable[tuple[int, str]], field: str, allowed_schemes: Collection[str]
) -> tuple[Requirement, ...]:
    found, errors = [], []
    for number, line in lines:
        try:
            parsed = _requirement(line, allowed_schemes)
        except _Bad as bad:
            detail = without_secrets(str(bad))
            errors.append(FieldError(field, detail, "bad-requirement", number))
            continue
        if parsed is not None:
            name = canonicalize_name(parsed.name)
            found.append(Requirement(name, str(parsed), field, number))
    if errors:
        raise _error(errors)
    return tuple(found)


class _Bad(Exception):
    """Why a line cannot be used, in words."""


def _requirement(line: str, allowed_schemes: Collection[str]) -> Parsed | None:
    """The requirement in a line; None if there is nothing in it."""
    if len(line) > LONGEST_LINE:
        raise _Bad(f"{len(line):,} characters: {LONGEST_LINE:,} at most")
    for character, name in (("\n", "a line break"), ("\r", "a carriage return"), ("\0", "NUL")):
        if character in line:
            raise _Bad(f"there is {name} in it: write one requirement per line")
    line = _COMMENT.sub("", line).strip(" \t")
    if not line:
        return None
    for character in line:
        if not " " <= character <= "~" and character != "\t":
            raise _Bad(f"the character {character!a} has no place in a requirement")
    try:
        parsed = Parsed(line)
    except InvalidRequirement:
        raise _Bad(why_not(line)) from None
    except RecursionError:  # packaging's parser, for a marker of a thousand parentheses
        raise _Bad("it is nested too deeply") from None
    if not parsed.name[-1].isalnum():
        raise _Bad(f"{parsed.name} cannot be a name: it must end with a letter or a digit")
    if _ARCHIVE.search(parsed.name):
        raise _Bad(f"{parsed.name} is the name of a file, not of a package")
    for specifier in parsed.specifier:
        if specifier.operator == "===" and not is_version(specifier.version):
            raise _Bad(f"{specifier.version} is not a version")
    if "${" in line:  # uv and pip fill in variables, so that a secret could leave the machine
        raise _Bad("variables such as ${HOME} are not filled in here")
    if parsed.url:
        _check_url(parsed.name, parsed.url, allowed_schemes)
    return parsed


def is_version(text: str) -> bool:
    """Whether a text is a version (PEP 440)."""
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def version_of_wheel(place: str) -> str:
    """The version in a wheel's name, the last part of a path or address; empty for all else."""
    name = unquote(place.partition("#")[0].partition("?")[0].rpartition("/")[2])
    try:
        return str(parse_wheel_filename(name)[1])
    except InvalidWheelFilename:
        return ""


def _check_url(name: str, url: str, allowed_schemes: Collection[str]) -> None:
    if _BUILT_BY_CONDA.match(url):
        raise _Bad(
            f"the path is one of the machine where conda's {name} was built "
            f"(`pip freeze` in a conda environment writes it): write {name} or {name}==VERSION"
        )
    scheme = _SCHEME.match(url)
    if not scheme or scheme.group(1).lower() not in allowed_schemes:
        what = f"a URL ({scheme.group(1).lower()})" if scheme else "a path"
        allowed = ", ".join(allowed_schemes)
        only = f"only URLs of {allowed} are" if allowed else f"write {name} or {name}==VERSION"
        raise _Bad(f"{what} in place of a version is not allowed here: {only}")
    if _CREDENTIALS.match(url) and not url.lower().startswith("git+ssh:"):
        raise _Bad("there are credentials in the URL: put them into ~/.netrc")


def _too_large(field: str, detail: str) -> EnvMgrError:
    return EnvMgrError.of_field("too-large", field, detail)


def _too_many(field: str, detail: str) -> EnvMgrError:
    error = EnvMgrError.of_field("too-large", field, detail)
    error.hint = "Name what you need yourself; what that needs is installed with it."
    return error


def _error(errors: Sequence[FieldError]) -> EnvMgrError:
    """One error about all the bad lines; its sentence names the first three."""
    shown = [f"{error.field}, line {error.line}: {error.detail}" for error in errors[:3]]
    if len(errors) > len(shown):
        shown.append(f"and {len(errors) - len(shown)} more")
    return EnvMgrError("bad-requirement", "; ".join(shown), errors=tuple(errors))
