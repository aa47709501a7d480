"""The program of a probe: text that a plain interpreter can run, and how it is started."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..errors import EnvMgrError
from .model import Mode, ProbeRequest

LARGEST_PROGRAM = 256 * 1024
LONGEST_RUN = 3600.0
_MODULE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_HARMLESS = frozenset(
    {
        *("alias", "autoreload", "autosave", "colors", "config", "matplotlib", "precision"),
        *("load_ext", "reload_ext", "unload_ext", "pdb", "xmode", "who", "whos", "history"),
    }
)
_WRAPPERS = frozenset({"time", "timeit", "prun", "capture", "memit", "mprun", "lprun"})
_OPTIONS = re.compile(r"^(-\w+(\s+\d+)?(\s+|$))+")
_ASSIGNED = re.compile(r"^\s*[\w.,\[\]() ]+=\s*(?P<magic>[%!])")
_QUOTE = re.compile(r"'''|\"\"\"|'|\"|#|[()\[\]{}]|\\.|\\$", re.DOTALL)
_WITH_VALUE = ("-W", "-X", "--check-hash-based-pycs")


def check_request(request: ProbeRequest) -> None:
    """Raise ``bad-request`` for a request that no program can be made of."""
    given = [f for f in ("code", "module", "script") if getattr(request, f).strip()]
    if len(given) != 1:
        detail = "give exactly one of code, module and script"
        raise EnvMgrError.of_field("bad-request", given[1] if given else "code", detail)
    if len(request.code.encode("utf-8", "surrogatepass")) > LARGEST_PROGRAM:
        raise EnvMgrError.of_field("too-large", "code", "the program is larger than 256 KiB")
    if "\0" in request.code + request.script:
        raise EnvMgrError.of_field("bad-request", given[0], "it contains a NUL character")
    if request.module and not _MODULE.fullmatch(request.module):
        raise EnvMgrError.of_field("bad-request", "module", f"{request.module!r} names no module")
    if request.script and not os.path.isabs(request.script):
        raise EnvMgrError.of_field("bad-path", "script", "give an absolute path")
    if request.script and not os.path.isfile(request.script):
        raise EnvMgrError.of_field("bad-path", "script", f"there is no file {request.script}")
    if request.directory and not os.path.isdir(request.directory):
        detail = f"there is no directory {request.directory}"
        raise EnvMgrError.of_field("bad-path", "directory", detail)
    if not 0 < request.seconds <= LONGEST_RUN:
        raise EnvMgrError.of_field("bad-request", "seconds", f"from 1 to {LONGEST_RUN:g}")


@dataclass(frozen=True)
class Plain:
    """A cell as plain Python; ``left_out`` are the lines of IPython that were left out of it."""

    text: str
    left_out: tuple[str, ...] = ()


def plain_python(code: str) -> Plain:
    """A notebook's cell without what only IPython understands; line numbers stay.

    Magics that only set up the display are left out, those that only measure are taken off.
    Raises ``bad-request``, naming the line, for the others: a probe runs the program several
    times, and ``!pip install`` or ``%cd`` must not happen several times.
    """
    tree = _parsed(code)
    if tree is not None:
        _check_await(tree)
        return Plain(code)
    kept: list[str] = []
    left_out: list[str] = []
    state = _State()
    for number, line in enumerate(code.split("\n"), 1):
        word = line.strip()
        if not state.is_inside:
            if word.startswith("%%") and number == 1 + sum(not text.strip() for text in kept):
                if _magic(word[2:]) not in _WRAPPERS:
                    raise _refused(number, word)
                left_out.append(word)
                line = ""
            elif word.startswith(("%", "!", "?")) or _ASSIGNED.match(line) or _is_help(word):
                line = _replaced(number, line, word, left_out)
        kept.append(line)
        state.read(line)
    text = "\n".join(kept)
    tree = _parsed(text)
    if tree is not None:
        _check_await(tree)
    return Plain(text, tuple(left_out))


def _parsed(text: str) -> ast.Module | None:
    """None for what this Python cannot parse; that of the kernel may be another one."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _replaced(number: int, line: str, word: str, left_out: list[str]) -> str:
    indent = line[: len(line) - len(line.lstrip())]
    name = _magic(word[1:]) if word.startswith("%") else ""
    if name in _HARMLESS or (_is_help(word) and not word.startswith(("%", "!"))):
        left_out.append(word)
        return f"{indent}pass"
    if name in _WRAPPERS:
        left_out.append(word)
        statement = _OPTIONS.sub("", word[1 + len(name) :].strip())
        return indent + (statement or "pass")
    raise _refused(number, word)


def _magic(text: str) -> str:
    return re.split(r"[^\w]", text, maxsplit=1)[0]


def _is_help(word: str) -> bool:
    return bool(re.fullmatch(r"\?{0,2}[\w.*%]+\?{1,2}|\?{1,2}[\w.*%]+", word))


def _refused(number: int, word: str) -> EnvMgrError:
    shown = word if len(word) <= 60 else word[:57] + "…"
    return EnvMgrError.of_field(
        "bad-request",
        "code",
        f"{shown!r} is not Python but IPython, and a probe runs the program several times: "
        "leave that line out",
        line=number,
    )


def _check_await(tree: ast.AST) -> None:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.Await, ast.AsyncFor, ast.AsyncWith)):
            raise EnvMgrError.of_field(
                "bad-request",
                "code",
                "await outside of a function works in a notebook only: put it into an async "
                "function and run that with asyncio.run",
                line=getattr(node, "lineno", None),
            )
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            _check_await(node)


class _State:
    """Whether a line begins within a string, a bracket or a continued line."""

    def __init__(self) -> None:
        self._quote = ""
        self._depth = 0
        self._continued = False

    @property
    def is_inside(self) -> bool:
        return bool(self._quote) or self._depth > 0 or self._continued

    def read(self, line: str) -> None:
        self._continued = False
        for match in _QUOTE.finditer(line):
            sign = match.group()
            if sign == "\\" and match.end() == len(line):
                self._continued = not self._quote
            elif self._quote:
                if sign == self._quote:
                    self._quote = ""
            elif sign == "#":
                break
            elif sign[0] in "'\"":
                self._quote = sign
            elif sign in "([{":
                self._depth += 1
            elif sign in ")]}":
                self._depth = max(0, self._depth - 1)
        if len(self._quote) == 1:
            self._quote = ""


def encoded(text: str) -> bytes:
    """The program as a file. Python 2 reads UTF-8 where a byte order mark says so."""
    data = text.encode("utf-8", "backslashreplace")
    return data if data.isascii() else b"\xef\xbb\xbf" + data


def interpreter_options(argv: Sequence[str]) -> tuple[str, ...]:
    """The interpreter's own options of a kernel's argv: those before ``-m``, ``-c`` or a script."""
    options: list[str] = []
    words = iter(argv[1:])
    for word in words:
        if not word.startswith("-") or word in ("-", "--") or word.startswith(("-m", "-c")):
            break
        options.append(word)
        if word in _WITH_VALUE:
            options.append(next(words, ""))
    return tuple(option for option in options if option)


def ignores_variables(options: Sequence[str]) -> bool:
    """Whether the interpreter does not look at PYTHONPATH and its like: ``-E`` or ``-I``."""
    return any(re.fullmatch(r"-(?![XW])[A-Za-z]*[EI][A-Za-z]*", option) for option in options)


def environ_for(
    mode: Mode, environ: Mapping[str, str], *, base: str = "", site: str = "", places: Places
) -> dict[str, str]:
    """The variables of a probe. ``base`` and ``site`` are those of the empty base or the farm."""
    made = {k: v for k, v in environ.items() if k not in ("PYTHONINSPECT", "PYTHONSTARTUP")}
    made["PYTHONDONTWRITEBYTECODE"] = "1"
    made.setdefault("PYTHONFAULTHANDLER", "1")
    # No window: ipykernel sets one of its own, which needs a kernel.
    if made.get("MPLBACKEND", "module://").startswith("module://"):
        made["MPLBACKEND"] = "Agg"
    if mode == "without":
        made["PYTHONNOUSERSITE"] = "1"
    elif mode != "as-is":
        made["PYTHONUSERBASE"] = base
    if mode != "as-is" and environ.get("PYTHONPATH"):
        kept = [places.instead(path, mode, site) for path in environ["PYTHONPATH"].split(":")]
        made["PYTHONPATH"] = ":".join(path for path in kept if path is not None)
    return made


@dataclass(frozen=True)
class Places:
    """The user base and site directory that paths of PYTHONPATH are compared with."""

    base: str
    site: str
    hidden: frozenset[str] = frozenset()

    def is_inside(self, path: str) -> bool:
        """Whether a path lies in the user base."""
        return bool(path) and f"{os.path.realpath(path)}/".startswith(
            os.path.realpath(self.base) + "/lib/"
        )

    def instead(self, path: str, mode: Mode, site: str) -> str | None:
        """What PYTHONPATH has in place of ``path``; None to leave it out."""
        if not self.is_inside(path):
            return path
        if mode != "hiding" or path in self.hidden:
            return None
        return site if os.path.realpath(path) == os.path.realpath(self.site) else path
