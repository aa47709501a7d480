"""The program that starts a Python program with all that activating its conda environment sets."""

from __future__ import annotations

LAUNCHER = r'''"""Starts a Python program with all that activating its conda environment sets.

Written by jupyter_envmgr: python activate.py -m ipykernel_launcher -f FILE
"""
import json
import os
import select
import signal
import sys
import time

SECONDS = float(os.environ.get("ENVMGR_ACTIVATION_SECONDS") or 20)
PREFIX = os.environ.get("CONDA_PREFIX") or sys.prefix
# What keeps the user site out; the rest is up to the environment.
KEPT = ("PYTHONNOUSERSITE", "PYTHONUSERBASE", "PIP_USER")
OF_THE_SHELL = ("_", "SHLVL", "PWD", "OLDPWD", "BASH_ENV", "ENV")
PYTHON_2 = sys.version_info[0] < 3


def say(text):
    sys.stderr.write("jupyter_envmgr: activating %s: %s\n" % (PREFIX, text))


def native(value):
    """A value as os.environ has it."""
    if PYTHON_2:
        return value if isinstance(value, bytes) else value.encode("utf-8")
    return os.fsdecode(value)


def files(directory, ending=""):
    try:
        names = sorted(os.listdir(directory))
    except OSError:
        return []
    paths = [os.path.join(directory, name) for name in names if name.endswith(ending)]
    return [path for path in paths if os.path.isfile(path)]


def variables():
    """What the packages and then the environment say, as conda reads them."""
    found = {}
    sources = [(path, None) for path in files(PREFIX + "/etc/conda/env_vars.d")]
    sources += [(PREFIX + "/conda-meta/state", "env_vars")]
    for path, key in sources:
        if not os.path.isfile(path):
            continue
        try:
            with open(path, "rb") as file:
                data = json.loads(file.read().decode("utf-8"))
            for name, value in (data.get(key) or {} if key else data).items():
                word = value if value is None or hasattr(value, "encode") else json.dumps(value)
                # conda sets them in upper case (envvars_force_uppercase).
                found[name.upper()] = word
        except Exception as error:
            say("%s cannot be read: %s" % (path, error))
    found.pop("PATH", None)
    return found


def apply(found):
    for name, value in found.items():
        try:
            if value is None:
                os.environ.pop(native(name), None)
            elif value != "***unset***" and name not in KEPT:
                os.environ[native(name)] = native(value)
        except (ValueError, UnicodeError, OSError) as error:
            say("the variable %r cannot be set: %s" % (name, error))


def quoted(path):
    return "'" + path.replace("'", "'\\''") + "'"


def tool(*names):
    """The first of these that is here; the machine's own before one that PATH leads to."""
    for name in names:
        for directory in ["/usr/bin", "/bin"] + os.environ.get("PATH", "").split(":"):
            path = os.path.join(directory, name)
            if os.path.isabs(path) and os.path.isfile(path) and os.access(path, os.X_OK):
                return path
    raise ValueError("there is no %s" % " or ".join(names))


def program(scripts):
    """The shell's: all variables before, and after however the scripts end."""
    show = quoted(tool("env")) + " -0 >&3"
    lines = [show, "printf '\\0' >&3", "trap %s EXIT" % quoted(show)]
    lines += [". %s </dev/null >&2 3>&-" % quoted(path) for path in scripts]
    return "\n".join(lines + ["trap - EXIT", show])


def start(scripts):
    path, text = tool("bash", "sh"), program(scripts)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setsid()
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(2, 1)
            if writing != 3:
                os.dup2(writing, 3)
                os.close(writing)
            elif not PYTHON_2:
                os.set_inheritable(3, True)
            environ = dict(os.environ)
            for name in ("BASH_ENV", "ENV"):
                environ.pop(name, None)
            options = ["--noprofile", "--norc"] if path.endswith("bash") else []
            os.execve(path, [path] + options + ["-c", text], environ)
        finally:
            os._exit(127)
    os.close(writing)
    return child, reading


def heard(reading):
    """All that the shell wrote; None if it did not end in time."""
    data, end = b"", time.time() + SECONDS
    while True:
        left = end - time.time()
        if left <= 0 or not select.select([reading], [], [], left)[0]:
            return None
        piece = os.read(reading, 65536)
        if not piece:
            return data
        data += piece


def ended(child):
    """How the shell ended; killed if it goes on although nothing more is to be heard."""
    end = time.time() + 1
    while time.time() < end:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return status
        time.sleep(0.005)
    os.killpg(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def run(scripts):
    child, reading = start(scripts)
    data = heard(reading)
    os.close(reading)
    if data is None:
        say("its scripts did not end within %g seconds and are left out" % SECONDS)
        os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return
    status = ended(child)
    if status:
        say("its scripts failed, the variables are those up to there")
    parts = data.split(b"\0\0")
    if len(parts) != 2 or not parts[1]:
        say("its scripts ended the shell and are left out")
        return
    before, after = [dict(line.split(b"=", 1) for line in part.split(b"\0") if b"=" in line)
                     for part in parts]
    kept = [name.encode() for name in KEPT + OF_THE_SHELL]
    for name in set(before) | set(after):
        if before.get(name) == after.get(name) or name in kept:
            continue
        if name in after:
            os.environ[native(name)] = native(after[name])
        else:
            os.environ.pop(native(name), None)


def attempt(scripts):
    if scripts:
        try:
            run(scripts)
        except Exception as error:
            say("its scripts could not be run: %s" % error)


def leave():
    """What conda does first: the scripts by which the server's own environment is left."""
    outer = os.environ.pop("ENVMGR_OUTER_PREFIX", "")
    if os.path.isabs(outer) and os.path.realpath(outer) != os.path.realpath(PREFIX):
        scripts = files(outer + "/etc/conda/deactivate.d", ".sh")[::-1]
        os.environ["CONDA_PREFIX"] = outer
        attempt(scripts)
    os.environ["CONDA_PREFIX"] = PREFIX
    for name in ("VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT"):
        os.environ.pop(name, None)  # the server's: uv would install there


def main():
    leave()
    apply(variables())
    attempt(files(PREFIX + "/etc/conda/activate.d", ".sh"))
    os.environ.pop("ENVMGR_ACTIVATION_SECONDS", None)
    python = sys.executable or PREFIX + "/bin/python"
    sys.stderr.flush()
    os.execve(python, [python] + sys.argv[1:], os.environ)


main()
'''
"""For any Python from 2.7 on; it needs nothing beside its standard library."""
