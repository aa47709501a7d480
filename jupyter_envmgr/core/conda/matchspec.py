"""One conda spec: parsed strictly, in one normal form, errors with their position.

Engines are lenient ("bad spec !!" passes py-rattler) and hand a spec to a program's arguments, so
that every spec is understood here first. The grammar is conda's ("Package match specifications"
in its manual); where conda and rattler disagree about a spec, it is refused with words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from ..citing import cited, without_secrets
from ..errors import EnvMgrError, FieldError
from ..packages.limits import LARGEST_TEXT, LONGEST_LINE, MOST_LINES
from .brackets import scan_brackets
from .constraint import BadText, Scanner, scan_constraint
from .spec import SIMPLE_BUILD, Spec, is_series
from .subdirs import SUBDIRS
from .urls import PackageUrl, parse_package_url, why_not_url

SCHEMES = ("https", "http", "file")
"""Where packages may come from by their URL, if nothing else is said."""

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_CHANNEL = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_.-]+)*")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_BUILD_PATTERN = re.compile(r"\^[A-Za-z0-9_.+*?()|\\^$-]+\$")
_BUILD_NUMBER = re.compile(r"(==|!=|>=|<=|>|<)?\d{1,9}")
_WORD = re.compile(r"[A-Za-z0-9_.+ -]+")
_HASHES = {"md5": re.compile(r"[0-9a-f]{32}"), "sha256": re.compile(r"[0-9a-f]{64}")}
_KEYS = ("build_number", "fn", "md5", "sha256", "license", "license_family", "track_features")
_COMMENT = re.compile(r"(^|\s)#.*$")
_COMMAND = re.compile(
    r"^(?:[%!$]\s*)?(?:sudo\s+)?(conda|mamba|micromamba|pip[\d.]*|uv|pixi)\s+"
    r"(?:env\s+)?(?:install|create|add|update|pip)\b"
)


def parse_spec(
    text: str,
    *,
    field: str = "packages",
    line: int = 1,
    column: int = 1,
    allowed_schemes: Collection[str] = SCHEMES,
) -> Spec:
    """The spec in ``text``. ``line`` and ``column`` say where the text begins.

    Raises ``bad-requirement`` with the line and column of what is wrong.
    """
    try:
        return replace(_spec(text, allowed_schemes), field=field, line=line)
    except BadText as bad:
        detail = without_secrets(str(bad))
        error = FieldError(field, detail, "bad-requirement", line, column + bad.position)
        raise spec_error([error]) from None


def parse_specs(
    packages: Sequence[str],
    text: str = "",
    *,
    field: str = "requirements",
    allowed_schemes: Collection[str] = SCHEMES,
) -> tuple[Spec, ...]:
    """The specs of a list and of a text with one per line (``#`` begins a comment), each once.

    Raises one ``bad-requirement`` that lists every bad line of both, or ``too-large``.
    """
    _check_size("packages", packages)
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    _check_size(field, lines)
    errors: list[FieldError] = []
    found: dict[str, Spec] = {}
    sources = [("packages", n, entry) for n, entry in enumerate(packages, 1)]
    sources += [(field, n, _COMMENT.sub("", line)) for n, line in enumerate(lines, 1)]
    for where, number, entry in sources:
        if not entry.strip():
            continue
        try:
            spec = parse_spec(entry, field=where, line=number, allowed_schemes=allowed_schemes)
        except EnvMgrError as error:
            errors.extend(error.errors)
        else:
            found.setdefault(spec.text, spec)
    if errors:
        raise spec_error(errors)
    return tuple(found.values())


def _check_size(field: str, lines: Sequence[str]) -> None:
    size = sum(map(len, lines))
    if size > LARGEST_TEXT:
        detail = f"{size:,} characters: {LARGEST_TEXT // 1024} KiB at most"
        raise EnvMgrError.of_field("too-large", field, detail)
    if len(lines) > MOST_LINES + 1:
        detail = f"{len(lines):,} lines: {MOST_LINES:,} at most"
        raise EnvMgrError.of_field("too-large", field, detail)


def spec_error(errors: Sequence[FieldError]) -> EnvMgrError:
    """One error about all the bad places; its sentence names the first three."""
    shown = [f"{_place(error)}: {error.detail}" for error in errors[:3]]
    if len(errors) > len(shown):
        shown.append(f"and {len(errors) - len(shown)} more")
    hint = "Write one conda package per line, such as numpy>=2 or conda-forge::numpy=2.1."
    return EnvMgrError("bad-requirement", "; ".join(shown), hint=hint, errors=tuple(errors))


def _place(error: FieldError) -> str:
    if error.line is None:
        return error.field
    column = f", column {error.column}" if error.column else ""
    return f"{error.field}, line {error.line}{column}"


def _spec(text: str, allowed_schemes: Collection[str]) -> Spec:
    if len(text) > LONGEST_LINE:
        raise BadText(f"{len(text):,} characters: {LONGEST_LINE:,} at most", 0)
    for index, character in enumerate(text):
        if not " " <= character <= "~" and character != "\t":
            raise BadText(f"the character {character!a} has no place in a conda spec", index)
    scanner = Scanner(text)
    scanner.spaces()
    if scanner.at_end():
        raise BadText("there is nothing: write a package's name", scanner.position)
    _check_foreign(scanner)
    bare = text.strip()
    words = re.split(r"\s*,\s*|\s+", bare)
    if len(words) > 1 and all(_NAME.fullmatch(word) and word.isalpha() for word in words):
        raise BadText(f"these are {len(words)} packages: write each on a line of its own", 0)
    if _URL.match(bare) and "::" not in bare:
        url = _package_url(bare, scanner.position, allowed_schemes)
        return _of_url(url)
    spec = _channel(scanner, allowed_schemes)
    name = scanner.take(_NAME)
    if not name:
        raise _no_name(scanner)
    if name[-1] in ".-" or name.endswith((".conda", ".tar.bz2", ".whl")):
        raise BadText(f"{name} cannot be a package's name", scanner.position - len(name))
    spec = replace(spec, name=name.lower())
    if scanner.next() == "*":
        raise BadText("a pattern is not accepted as a name", scanner.position)
    spec = _version_and_build(scanner, spec)
    scanner.spaces()
    if scanner.next() == "[":
        spec = _in_brackets(scanner, spec, allowed_schemes)
        scanner.spaces()
    if not scanner.at_end():
        raise _left_over(scanner, spec)
    return spec


def _check_foreign(scanner: Scanner) -> None:
    """What is meant for another program gets words of its own."""
    text, begin = scanner.rest, scanner.position
    command = _COMMAND.match(text)
    if command:
        words = command.group().strip()
        raise BadText(f"leave out the words '{words}': only the packages are needed", begin)
    if text.startswith("- "):
        raise BadText("leave out the dash: only the package is needed", begin)
    if text.startswith("-"):
        option = re.split(r"[\s=]", text)[0][:60]
        if option in ("-c", "--channel"):
            raise BadText(f"{option} is an option: name channels in the field for them", begin)
        if option in ("-r", "--requirement", "-f", "--file"):
            raise BadText(f"{option} names another file: paste its lines instead", begin)
        raise BadText(f"{option} is an option, not a package", begin)
    if re.match(r"[A-Za-z]:[\\/](?!/)", text):
        raise BadText("a path is not a package: write its name", begin)
    if text[0] in "\"'":
        raise BadText("leave out the quotation marks", begin)
    at = re.search(r"\s@\s*\S", text)
    if at:
        raise BadText("'name @ URL' is for pip: put it below `pip:`", begin + at.start() + 1)
    marker = text.find(";")
    if marker >= 0:
        raise BadText("conditions behind ';' are pip's: put it below `pip:`", begin + marker)


def _channel(scanner: Scanner, allowed_schemes: Collection[str]) -> Spec:
    """The ``channel::`` or ``channel/subdir::`` before a name, if any."""
    bracket = scanner.text.find("[")
    end = scanner.text.rfind("::", 0, bracket if bracket >= 0 else len(scanner.text))
    if end < 0:
        return Spec("")
    begin, channel = scanner.position, scanner.text[scanner.position : end]
    scanner.position = end + 2
    scanner.spaces()
    return _with_channel(Spec(""), channel, begin, allowed_schemes)


def _with_channel(spec: Spec, channel: str, begin: int, allowed_schemes: Collection[str]) -> Spec:
    channel = channel.rstrip("/")
    if _URL.match(channel):
        reason = why_not_url(channel, allowed_schemes)
        if reason:
            raise BadText(reason, begin)
    elif not _CHANNEL.fullmatch(channel):
        raise BadText(f"{cited(channel)} cannot be a channel", begin)
    head, slash, last = channel.rpartition("/")
    if slash and last in SUBDIRS:
        return replace(spec, channel=head, subdir=last)
    return replace(spec, channel=channel)


def _version_and_build(scanner: Scanner, spec: Spec) -> Spec:
    """What follows the name: ``=1.2=build``, `` 1.2 build``, ``>=1,<2``, or nothing."""
    spaced = scanner.spaces()
    if scanner.at_end() or scanner.next() == "[":
        return spec
    if not spaced and scanner.next() not in "=<>!~":
        raise _left_over(scanner, spec)
    fuzzy = (
        scanner.next() == "=" and scanner.text[scanner.position + 1 : scanner.position + 2] != "="
    )
    version = scan_constraint(scanner)
    build = ""
    spaced = scanner.spaces()
    begin = scanner.position
    if scanner.next() == "=":
        scanner.position += 1
        scanner.spaces()
        begin = scanner.position
        build = _build(scanner)
    elif spaced and not scanner.at_end() and scanner.next() != "[":
        if scanner.next() in "<>!~":
            raise BadText("join the conditions with a comma: >=1,<2", scanner.position)
        build = _build(scanner)
    if build and fuzzy and is_series(version) and "*" not in scanner.text[:begin]:
        # conda: with a build, name=1.2=build is that very version and no series.
        version = "==" + version.removesuffix(".*")
    return replace(spec, version=version, build="" if build == "*" else build)


def _build(scanner: Scanner) -> str:
    build = scanner.take(SIMPLE_BUILD) or scanner.take(_BUILD_PATTERN)
    if not build:
        raise BadText("a build is missing behind the second '='", scanner.position)
    return build


def _no_name(scanner: Scanner) -> BadText:
    if scanner.at_end():
        return BadText("a package's name is missing", scanner.position)
    if scanner.next() in "./~\\":
        return BadText("a path is not a package: write its name", scanner.position)
    if scanner.next() == "*":
        return BadText("a pattern is not accepted as a name", scanner.position)
    return BadText(f"a package's name is expected, not {cited(scanner.rest, 30)}", scanner.position)


def _left_over(scanner: Scanner, spec: Spec) -> BadText:
    rest = scanner.rest
    if rest[0] in "/\\":
        return BadText("a path is not a package: write its name", 0)
    if rest[0] == ",":
        return BadText("write one package per line", scanner.position)
    words = f"{cited(rest, 30)} cannot follow {spec.name or 'the channel'}"
    return BadText(words, scanner.position)


def _in_brackets(scanner: Scanner, spec: Spec, allowed_schemes: Collection[str]) -> Spec:
    keys: dict[str, str] = {}
    for key, value, begin in scan_brackets(scanner):
        if key == "version":
            inner = Scanner(value)
            version = scan_constraint(inner, offset=begin)
            inner.spaces()
            if not inner.at_end():
                raise BadText(f"{cited(inner.rest, 30)} is no version", begin + inner.position)
            spec = replace(spec, version=version)
        elif key == "build":
            if not (SIMPLE_BUILD.fullmatch(value) or _BUILD_PATTERN.fullmatch(value)):
                raise BadText(f"{cited(value)} is no build", begin)
            spec = replace(spec, build="" if value == "*" else value)
        elif key == "channel":
            subdir = spec.subdir
            spec = _with_channel(spec, value, begin, allowed_schemes)
            spec = replace(spec, subdir=spec.subdir or subdir)
        elif key == "subdir":
            if value not in SUBDIRS:
                raise BadText(f"{cited(value)} is no platform such as linux-64", begin)
            spec = replace(spec, subdir=value)
        elif key == "url":
            found = _of_url(_package_url(value, begin, allowed_schemes))
            if found.name != spec.name:
                raise BadText(f"this is the URL of {found.name}, not of {spec.name}", begin)
            spec = replace(found, keys=())
            keys.update(found.keys)
        elif key in _KEYS:
            keys[key] = _value(key, value, begin)
        else:
            raise BadText(f"the key {cited(key)} is not known here", begin)
    return replace(spec, keys=tuple(sorted(keys.items())))


def _value(key: str, value: str, begin: int) -> str:
    checks: dict[str, Callable[[str], object]] = {
        "build_number": _BUILD_NUMBER.fullmatch,
        **{name: pattern.fullmatch for name, pattern in _HASHES.items()},
    }
    if not checks.get(key, _WORD.fullmatch)(value):
        raise BadText(f"{cited(value, 70)} is no {key}", begin)
    return value


def _package_url(url: str, begin: int, allowed_schemes: Collection[str]) -> PackageUrl:
    reason = why_not_url(url, allowed_schemes)
    if reason:
        raise BadText(reason, begin)
    found = parse_package_url(url)
    if found is None:
        raise BadText("this is not the address of a .conda or .tar.bz2 file", begin)
    return found


def _of_url(url: PackageUrl) -> Spec:
    keys = tuple(
        (name, value) for name, value in (("md5", url.md5), ("sha256", url.sha256)) if value
    )
    return Spec(
        name=url.name,
        version=f"=={url.version}",
        build=url.build,
        subdir=url.subdir,
        url=url.url,
        keys=keys,
    )
