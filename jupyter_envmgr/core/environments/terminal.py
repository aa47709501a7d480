"""How a terminal starts in which an environment is active, for the shell that its person uses.

The shell reads what it always reads, then a file of ours: text that is typed into a terminal
after it has opened gets lost between a slow ~/.bashrc and its prompt. Jupyter's own
``POST /api/terminals`` takes the argv as ``shell_command``.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..kernels.activation import activation_scripts, conda_environ, environment_variables
from ..kernels.spec import KernelTarget, kernel_environ

Shell = Literal["bash", "zsh", "fish", "sh"]
SHELLS: tuple[Shell, ...] = ("bash", "zsh", "fish", "sh")


@dataclass(frozen=True)
class TerminalCommand:
    """What a door starts: the argv for a terminal's ``shell_command``, and its shell.

    ``line`` activates the environment in a shell of that kind that is open already.
    """

    environment: str
    shell: str
    argv: tuple[str, ...]
    line: str


@dataclass(frozen=True)
class TerminalStart:
    """A command, and the files that it needs first, by name, all in one private directory."""

    command: TerminalCommand
    files: Mapping[str, str]


def shell_of(environ: Mapping[str, str]) -> tuple[Shell, str]:
    """The person's shell and its path; bash, or sh, in place of one that is not known here."""
    own = environ.get("SHELL", "")
    if os.path.isabs(own) and os.access(own, os.X_OK):
        for shell in SHELLS:
            if os.path.basename(own) == shell:
                return shell, own
    for directory in ("/bin", "/usr/bin", *environ.get("PATH", "").split(os.pathsep)):
        path = os.path.join(directory, "bash")
        if os.path.isabs(path) and os.access(path, os.X_OK):
            return "bash", path
    return "sh", "/bin/sh"


def terminal_start(
    target: KernelTarget, name: str, place: Path, environ: Mapping[str, str]
) -> TerminalStart:
    """The start of a terminal for ``target`` in the person's shell; its files go to ``place``.

    ``name`` is for the prompt. The files are to be readable for their owner alone: variables of
    an environment may be secret.
    """
    shell, program = shell_of(environ)
    activate = "activate.fish" if shell == "fish" else "activate.sh"
    file = str(place / activate)
    if shell == "fish":
        line = f"source {_fish_quoted(file)}"
        files = {activate: _fish(target)}
        argv: tuple[str, ...] = (program, "-l", "-i", "-C", line)
    else:
        line = f". {shlex.quote(file)}"
        files = {activate: _posix(target, name)}
        if shell == "bash":
            files["bashrc"] = f"{_BASH_LOGIN}\n{line}\n"
            argv = (program, "--rcfile", str(place / "bashrc"), "-i")
        elif shell == "zsh":
            files.update(_zsh_files(place, line))
            own = environ.get("ZDOTDIR", "")
            argv = ("/usr/bin/env", f"ENVMGR_ZDOTDIR={own}", f"ZDOTDIR={place}")
            argv = (*argv, program, "-l", "-i")
        else:
            files["shrc"] = f"{_SH_LOGIN}\n{line}\n"
            argv = ("/usr/bin/env", f"ENV={place / 'shrc'}", program, "-i")
    return TerminalStart(TerminalCommand(target.id, shell, argv, line), files)


# What the server was started with, about the image's own Python.
_OF_ANOTHER = ("PYTHONPATH", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT")
_HEAD = "# Written by jupyter_envmgr: activates an environment in a shell."
# A login shell, as Jupyter starts it: there /etc/profile.d has the modules of a cluster.
_SH_LOGIN = """\
unset ENV
[ -r /etc/profile ] && . /etc/profile
[ -r ~/.profile ] && . ~/.profile"""
_BASH_LOGIN = """\
[ -r /etc/profile ] && . /etc/profile
if [ -r ~/.bash_profile ]; then . ~/.bash_profile
elif [ -r ~/.bash_login ]; then . ~/.bash_login
elif [ -r ~/.profile ]; then . ~/.profile
elif [ -r ~/.bashrc ]; then . ~/.bashrc
fi"""


def _zsh_files(place: Path, line: str) -> dict[str, str]:
    """zsh reads its files from ZDOTDIR: each of ours reads the person's, the last one activates.

    Theirs see the ZDOTDIR that they would, and may set another.
    """
    theirs = "if [[ -n $ENVMGR_ZDOTDIR ]]; then ZDOTDIR=$ENVMGR_ZDOTDIR; else unset ZDOTDIR; fi\n"
    ours = f"ENVMGR_ZDOTDIR=${{ZDOTDIR-}}\nZDOTDIR={shlex.quote(str(place))}\n"
    files = {}
    for name in (".zshenv", ".zprofile", ".zshrc", ".zlogin"):
        own = f'"${{ZDOTDIR:-$HOME}}/{name}"'
        files[name] = f"{theirs}if [[ -r {own} ]]; then . {own}; fi\n{ours}"
    files[".zlogin"] += f"{theirs}unset ENVMGR_ZDOTDIR\n{line}\n"
    return files


def _posix(target: KernelTarget, name: str) -> str:
    """Activation for bash, zsh and sh."""
    prefix = shlex.quote(str(target.prefix))
    lines = [_HEAD]
    if target.kind in ("conda", "venv"):
        lines += [f"unset {variable}" for variable in _OF_ANOTHER]
    if target.kind == "conda":
        lines += _posix_conda(target, prefix)
    elif target.kind == "venv":
        lines += _posix_venv(target, prefix, name)
    else:
        lines += [f'export PATH={shlex.quote(str(target.interpreter.parent))}:"$PATH"']
    for variable, value in _settings(target).items():
        lines.append(f"export {variable}={shlex.quote(value)}" if value else f"unset {variable}")
    lines.append("hash -r 2>/dev/null || true")
    return "\n".join(lines) + "\n"


def _posix_venv(target: KernelTarget, prefix: str, name: str) -> list[str]:
    """Its own script, which knows how to deactivate; one that was moved names another place."""
    script = shlex.quote(str(target.prefix / "bin" / "activate"))
    prompt = shlex.quote(f"({name}) ")
    return [
        f"if [ -r {script} ]; then . {script}; fi",
        f'if [ "${{VIRTUAL_ENV:-}}" != {prefix} ]; then',
        "  if command -v deactivate >/dev/null 2>&1; then deactivate; fi",
        f"  export VIRTUAL_ENV={prefix}",
        f'  export PATH={prefix}/bin:"$PATH"',
        f'  PS1={prompt}"${{PS1:-}}"',
        "fi",
    ]


def _posix_conda(target: KernelTarget, prefix: str) -> list[str]:
    """By the shell's own conda, if it has been set up; else what that would do."""
    path = str(target.prefix)
    lines = [
        '_envmgr_done=""',
        # A function: where `conda init` was done. The program alone cannot activate.
        "if typeset -f conda >/dev/null 2>&1; then",
        f"  conda activate {prefix} && _envmgr_done=1",
        "fi",
        'if [ -z "$_envmgr_done" ] || [ "${CONDA_PREFIX:-}" != ' + prefix + " ]; then",
        f'  export PATH={prefix}/bin:"$PATH"',
    ]
    active = conda_environ(path)
    lines += [f"  export {variable}={shlex.quote(value)}" for variable, value in active.items()]
    for variable, value in environment_variables(path).items():
        if not variable.isidentifier() or not variable.isascii():
            continue  # no shell can set it
        quoted = shlex.quote(value or "")
        lines.append(f"  unset {variable}" if value is None else f"  export {variable}={quoted}")
    lines += [f"  . {shlex.quote(script)}" for script in activation_scripts(path)]
    modifier = shlex.quote(active["CONDA_PROMPT_MODIFIER"])
    return [*lines, f'  PS1={modifier}"${{PS1:-}}"', "fi", "unset _envmgr_done"]


def _fish(target: KernelTarget) -> str:
    """Activation for fish."""
    prefix = _fish_quoted(str(target.prefix))
    lines = [_HEAD]
    if target.kind in ("conda", "venv"):
        lines += [f"set -e {variable}" for variable in _OF_ANOTHER]
    script = target.prefix / "bin" / "activate.fish"
    if target.kind == "venv":
        quoted = _fish_quoted(str(script))
        lines += [
            f"if test -r {quoted}; source {quoted}; end",
            f'if test "$VIRTUAL_ENV" != {prefix}',
            f"  set -gx VIRTUAL_ENV {prefix}",
            f"  set -gx PATH {prefix}/bin $PATH",
            "end",
        ]
    elif target.kind == "conda":
        path = str(target.prefix)
        lines += [
            f"if functions -q conda; conda activate {prefix}; end",
            f'if test "$CONDA_PREFIX" != {prefix}',
            f"  set -gx PATH {prefix}/bin $PATH",
        ]
        values: dict[str, str | None] = {**conda_environ(path), **environment_variables(path)}
        for variable, value in values.items():
            if variable.isidentifier() and variable.isascii():
                set_it = f"set -gx {variable} {_fish_quoted(value or '')}"
                lines.append("  " + (f"set -e {variable}" if value is None else set_it))
        lines += [f"  source {_fish_quoted(s)}" for s in activation_scripts(path, ".fish")]
        lines.append("end")
    else:
        lines.append(f"set -gx PATH {_fish_quoted(str(target.interpreter.parent))} $PATH")
    for variable, value in _settings(target).items():
        lines.append(f"set -gx {variable} {_fish_quoted(value)}" if value else f"set -e {variable}")
    return "\n".join(lines) + "\n"


def _fish_quoted(text: str) -> str:
    """fish knows two escapes between single quotes (fish manual, "Quotes")."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _settings(target: KernelTarget) -> dict[str, str]:
    """What keeps an environment apart from the user site and the image, as in its kernel."""
    if target.kind not in ("conda", "venv"):
        return {}
    variables = kernel_environ(target)
    kept = ("PYTHONNOUSERSITE", "PYTHONHOME")
    return {n: v for n, v in variables.items() if n in kept or n.startswith("PIP_")}
