"""The program that imports packages in an environment and says, line by line, what came of it."""

from __future__ import annotations

PROGRAM = r"""
import json, os, sys, time

MARK, SECONDS, ITEMS = sys.argv[1], float(sys.argv[2]), json.loads(sys.argv[3])
# Kept from what packages do to them.
OUT, ERRORS, PID = os.dup(1), os.dup(2), os.getpid()
write, dumps, clock, leave = os.write, json.dumps, time.time, os._exit
os.dup2(2, 1)  # what packages print goes to standard error
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
sys.argv = [""]
sys.path[:] = [path for path in sys.path if path]
os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
if os.environ.get("MPLBACKEND", "module://").startswith("module://"):
    os.environ["MPLBACKEND"] = "Agg"
try:
    import faulthandler
    faulthandler.enable(ERRORS)
except Exception:
    faulthandler = None


def tell(**facts):
    if os.getpid() != PID:
        leave(0)  # a package forked, and this is the other one
    line = "\n" + MARK + dumps(facts) + "\n"
    write(OUT, line.encode("ascii"))


def text(value):
    return " ".join(str(value).split())[:300]


def last_line(error):
    try:
        words = str(error).strip().splitlines()
    except BaseException:
        words = []
    name = type(error).__name__
    return (name + ": " + text(words[-1]) if words else name)[:500]


def of_torch(torch):
    cuda, hip = torch.version.cuda, getattr(torch.version, "hip", None)
    if cuda or hip:
        yield "CUDA " + cuda if cuda else "ROCm " + hip
        yield seen(torch.cuda.device_count() if torch.cuda.is_available() else 0,
                   lambda: torch.cuda.get_device_name(0))
    else:
        yield "without CUDA"
        mps = getattr(getattr(torch, "backends", None), "mps", None)
        if mps is not None and mps.is_available():
            yield "Metal"


def of_tensorflow(tensorflow):
    cuda = dict(tensorflow.sysconfig.get_build_info()).get("cuda_version")
    if not tensorflow.test.is_built_with_cuda():
        yield "without CUDA"
        return
    yield "CUDA " + str(cuda) if cuda else "with CUDA"
    yield seen(len(tensorflow.config.list_physical_devices("GPU")))


def of_jax(jax):
    devices = jax.devices()
    here = [device for device in devices if device.platform != "cpu"]
    if not here and not any(name.startswith("jax_") and "plugin" in name for name in sys.modules):
        yield "without CUDA"
        return
    yield seen(len(here), lambda: here[0].device_kind)


def of_cupy(cupy):
    number = cupy.cuda.runtime.runtimeGetVersion()
    yield "CUDA %d.%d" % (number // 1000, number % 1000 // 10)
    try:
        count = cupy.cuda.runtime.getDeviceCount()
    except Exception:
        count = 0
    yield seen(count)


def seen(count, name=None):
    if not count:
        return "GPU not visible"
    kind = text(name()) if name else ""
    return "%d GPU%s visible%s" % (count, "s" * (count > 1), " (" + kind + ")" if kind else "")


FACTS = {"torch": of_torch, "tensorflow": of_tensorflow, "jax": of_jax, "cupy": of_cupy}


def flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:
            pass


def look_at(index, modules):
    tell(begin=index)
    begun = clock()
    for name in modules:
        try:
            __import__(name)
        except BaseException as error:
            absent = getattr(error, "name", None) == name and isinstance(error, ImportError)
            tell(end=index, error=last_line(error), absent=absent, seconds=clock() - begun)
            return
    tell(end=index, error="", absent=False, seconds=clock() - begun)
    for name in modules:
        if name in FACTS:
            facts = []
            try:
                for fact in FACTS[name](sys.modules[name]):
                    facts.append(fact)
            except BaseException as error:
                facts.append("GPU: " + last_line(error))
            tell(facts=index, words=facts)


tell(python="%d.%d.%d" % sys.version_info[:3])
for index, modules in ITEMS:
    if hasattr(faulthandler, "dump_traceback_later"):
        faulthandler.dump_traceback_later(SECONDS, exit=True, file=ERRORS)
    look_at(index, modules)
    flush()
leave(0)
"""
"""For any Python from 2.7 on: ``-c PROGRAM MARK SECONDS [[index, [module, …]], …]``.

Each line for us begins with MARK on a line of its own. It ends as soon as one import takes longer
than SECONDS, or with what crashes; how far it came is in its lines.
"""
