"""The program that an environment's own Python runs to write the bytecode of its packages."""

from __future__ import annotations

MARK = "envmgr-bytecode"
"""An ``-X`` option, by which it is told from what people start."""

PROGRAM = """
import os, sys
os.nice(19)
try:
    import ctypes, platform
    # ioprio_set(2): this process, idle.
    number = {"x86_64": 251, "aarch64": 30}.get(platform.machine())
    if number:
        ctypes.CDLL(None).syscall(number, 1, 0, 3 << 13)
except Exception:
    pass
import importlib.util, py_compile
mark, expected = sys.argv[1:3]
def is_there():
    # It may have been removed meanwhile, and another one made in its place.
    try:
        with open(mark) as file:
            return expected in file.read()
    except OSError:
        return False
library = os.path.join(sys.prefix, "lib", "python%d.%d" % sys.version_info[:2])
site = os.path.join(library, "site-packages")
def go():
    written = 0
    for top in (site, library):
        for directory, below, names in os.walk(top):
            below[:] = sorted(name for name in below if name.isidentifier())
            below[:] = [name for name in below if name != "__pycache__"]
            if not is_there():
                return written
            try:
                # From within: what is removed meanwhile is renamed, and must not be made again.
                os.chdir(directory)
            except OSError:
                return written
            for name in sorted(names):
                source = os.path.join(directory, name)
                if not name.endswith(".py"):
                    continue
                cached = importlib.util.cache_from_source(name)
                if os.path.exists(cached):
                    continue
                try:
                    py_compile.compile(name, cached, source, doraise=True)
                    written += 1
                except OSError:
                    return written
                except Exception:
                    pass
    return written
print(go())
"""
