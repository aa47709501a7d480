"""Scenarios of packages: compiled for something else, or not fitting together."""

from __future__ import annotations

from tests.core.packages.trees import dist_info, write

from .elves import OTHER, elf
from .sites import TAG, Sites, listed, this_runtime
from .table import NEW_NUMPY, NUMPY, OLD_NUMPY, SUFFIX, scenario

# -- compiled for something else -------------------------------------------------------------------


@scenario("wrong-platform")
class _WrongPlatform:
    @staticmethod
    def make(sites: Sites) -> None:
        dist_info(sites.user, "mine", files={f"mine{SUFFIX}": elf(machine=OTHER)})

    @staticmethod
    def near(sites: Sites) -> None:
        tag = f"Wheel-Version: 1.0\nTag: {TAG}-{TAG}-linux_{this_runtime().machine}\n"
        dist_info(sites.user, "mine", files={f"mine{SUFFIX}": elf()}, extra={"WHEEL": tag})


@scenario("numpy-abi", beside="hides-image")
class _NumpyAbi:
    @staticmethod
    def make(sites: Sites) -> None:
        sites.both("numpy", "2.0.2", "1.26.4")
        dist_info(sites.image, "pandas", head=NUMPY, files={"pandas/lib.so": OLD_NUMPY})

    @staticmethod
    def near(sites: Sites) -> None:
        sites.both("numpy", "2.0.2", "1.26.4")
        dist_info(sites.image, "pandas", head=NUMPY, files={"pandas/lib.so": NEW_NUMPY})


def _torch(sites: Sites, *symbols: str) -> None:
    files = {"torch/lib/libc10.so": elf(gives=["_ZN3c1011StorageImplC1Ev"])}
    dist_info(sites.image, "torch", "2.3.0", files=files)
    content = elf(needed=["libc10.so"], asks=[*symbols, "PyList_New"])
    head = "Requires-Dist: torch\n"
    dist_info(sites.user, "flash-attn", "2.5", head=head, files={f"flash_attn{SUFFIX}": content})


@scenario("torch-abi")
class _TorchAbi:
    @staticmethod
    def make(sites: Sites) -> None:
        _torch(sites, "_ZN3c1011StorageImplC1Ev", "_ZN3c104impl3oldEv")

    @staticmethod
    def near(sites: Sites) -> None:
        _torch(sites, "_ZN3c1011StorageImplC1Ev", "_ZN4mine3newEv")


@scenario("glibc-too-old")
class _Glibc:
    @staticmethod
    def make(sites: Sites) -> None:
        content = elf(needed=["libc.so.6"], needs=[("libc.so.6", "GLIBC_9.99")])
        dist_info(sites.user, "mine", files={f"mine{SUFFIX}": content})

    @staticmethod
    def near(sites: Sites) -> None:
        content = elf(needed=["libc.so.6"], needs=[("libc.so.6", "GLIBC_2.17")])
        dist_info(sites.user, "mine", files={f"mine{SUFFIX}": content})


def _with_library(sites: Sites, version: str) -> None:
    module = elf(
        needed=["libthing.so.1"], needs=[("libthing.so.1", version)], runpath="$ORIGIN/mine.libs"
    )
    thing = elf(defines=["libthing.so.1", "THING_1.0", "THING_1.1"])
    dist_info(sites.user, "mine", files={"mine.so": module, "mine.libs/libthing.so.1": thing})


@scenario("library-too-old")
class _LibraryTooOld:
    @staticmethod
    def make(sites: Sites) -> None:
        _with_library(sites, "THING_1.2")

    @staticmethod
    def near(sites: Sites) -> None:
        _with_library(sites, "THING_1.1")


@scenario("library-missing")
class _LibraryMissing:
    @staticmethod
    def make(sites: Sites) -> None:
        dist_info(sites.user, "mine", files={"mine.so": elf(needed=["libthing.so.1"])})

    @staticmethod
    def near(sites: Sites) -> None:
        """Another package carries it, and may load it first, as torch does for its own."""
        dist_info(sites.user, "mine", files={"mine.so": elf(needed=["libthing.so.1"])})
        dist_info(sites.image, "thing", files={"thing/lib/libthing.so.1": elf()})


@scenario("damaged-module")
class _Damaged:
    @staticmethod
    def make(sites: Sites) -> None:
        dist_info(sites.user, "mine", files={f"mine{SUFFIX}": elf(text=bytes(999))[:-500]})

    @staticmethod
    def near(sites: Sites) -> None:
        """A linker's script is a text, and no module."""
        script = b"INPUT(libthing.so.1)\n"
        dist_info(sites.user, "mine", files={f"mine{SUFFIX}": elf(), "mine/libthing.so": script})


@scenario("cpu-too-old")
class _Processor:
    @staticmethod
    def make(sites: Sites) -> None:
        dist_info(sites.user, "tensorflow", "2.16.1", files={"tensorflow/core.so": elf()})

    @staticmethod
    def near(sites: Sites) -> None:
        sites.cpu |= {"avx"}
        dist_info(sites.user, "tensorflow", "2.16.1", files={"tensorflow/core.so": elf()})


@scenario("cuda-mixed")
class _Cuda:
    @staticmethod
    def make(sites: Sites) -> None:
        dist_info(sites.user, "nvidia-cudnn-cu11", "8.9")
        dist_info(sites.image, "nvidia-cublas-cu12", "12.1")

    @staticmethod
    def near(sites: Sites) -> None:
        dist_info(sites.user, "nvidia-cudnn-cu12", "8.9")
        dist_info(sites.image, "nvidia-cublas-cu12", "12.1")


# -- packages that do not fit together -------------------------------------------------------------


def _jinja(sites: Sites, names: bytes) -> None:
    source = b"from markupsafe import escape, soft_unicode\n"
    head = "Requires-Dist: markupsafe\n"
    dist_info(sites.user, "jinja2", "2.11.3", head=head, files={"jinja2/__init__.py": source})
    dist_info(sites.image, "markupsafe", "2.1.5", files={"markupsafe/__init__.py": names})


@scenario("import-breaks")
class _ImportBreaks:
    @staticmethod
    def make(sites: Sites) -> None:
        _jinja(sites, b"def escape(): ...\n")

    @staticmethod
    def near(sites: Sites) -> None:
        _jinja(sites, b"def escape(): ...\ntry:\n    import x as soft_unicode\nexcept: pass\n")


def _generated(sites: Sites, runtime: str) -> None:
    source = (
        b"_runtime_version.ValidateProtobufRuntimeVersion(\n"
        b"    _runtime_version.Domain.PUBLIC,\n    6,\n    31,\n    1,\n    '',\n    'x.proto'\n)\n"
    )
    head = "Requires-Dist: protobuf>=5\n"
    dist_info(sites.image, "service", head=head, files={"service/x_pb2.py": source})
    dist_info(sites.user, "protobuf", runtime)


@scenario("generated-code", beside="needed-by-image")
class _Generated:
    @staticmethod
    def make(sites: Sites) -> None:
        _generated(sites, "6.30.2")

    @staticmethod
    def near(sites: Sites) -> None:
        _generated(sites, "6.31.1")


@scenario("requirement-broken", beside="hides-image")
class _Requirement:
    @staticmethod
    def make(sites: Sites) -> None:
        sites.both("jinja2", "2.11.3", "3.1.4")
        dist_info(sites.image, "flask", head="Requires-Dist: Jinja2>=3.1.2\n")

    @staticmethod
    def near(sites: Sites) -> None:
        sites.both("jinja2", "3.1.2", "3.1.4")
        dist_info(sites.image, "flask", head="Requires-Dist: Jinja2>=3.1.2\n")


@scenario("needed-by-image")
class _Needed:
    @staticmethod
    def make(sites: Sites) -> None:
        dist_info(sites.image, "pandas", head="Requires-Dist: python-dateutil>=2.8\n")
        dist_info(sites.user, "python_dateutil", "2.9")

    @staticmethod
    def near(sites: Sites) -> None:
        dist_info(sites.user, "pandas", head="Requires-Dist: python-dateutil>=2.8\n")
        dist_info(sites.user, "python_dateutil", "2.9")


@scenario("hides-image")
class _Hides:
    @staticmethod
    def make(sites: Sites) -> None:
        sites.both("numpy", "1.21.6", "2.1.3")

    @staticmethod
    def near(sites: Sites) -> None:
        dist_info(sites.user, "numpy", "1.21.6")
        dist_info(sites.image, "numpy-stl", "2.1.3")


@scenario("same-as-image")
class _Same:
    @staticmethod
    def make(sites: Sites) -> None:
        sites.both("same", "1.0", "1.0")

    @staticmethod
    def near(sites: Sites) -> None:
        dist_info(sites.user, "same", "1.0")
        dist_info(sites.image, "other", "1.0")


def _cv2(sites: Sites, digest: str) -> None:
    for name, value in (("opencv-python", "sha256=one"), ("opencv-python-headless", digest)):
        info = dist_info(sites.user, name, files={"cv2/__init__.py": b""})
        listed(sites.user, info, {"cv2/__init__.py": value})


@scenario("two-owners")
class _TwoOwners:
    @staticmethod
    def make(sites: Sites) -> None:
        _cv2(sites, "sha256=two")

    @staticmethod
    def near(sites: Sites) -> None:
        """The same file of both: it does not matter whose it is."""
        _cv2(sites, "sha256=one")


@scenario("namespace-hidden")
class _Namespace:
    @staticmethod
    def make(sites: Sites) -> None:
        dist_info(sites.user, "old", files={"google/__init__.py": b"", "google/old.py": b""})
        dist_info(sites.image, "cloud", files={"google/cloud/__init__.py": b""})

    @staticmethod
    def near(sites: Sites) -> None:
        style = b"__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"
        dist_info(sites.user, "old", files={"google/__init__.py": style, "google/old.py": b""})
        dist_info(sites.image, "cloud", files={"google/cloud/__init__.py": b""})


@scenario("stray-module")
class _Stray:
    @staticmethod
    def make(sites: Sites) -> None:
        dist_info(sites.image, "pyyaml", files={"yaml/__init__.py": b""})
        write(sites.user / "yaml.py")

    @staticmethod
    def near(sites: Sites) -> None:
        dist_info(sites.image, "pyyaml", files={"yaml/__init__.py": b""})
        dist_info(sites.user, "mine", files={"yaml_mine.py": b""})


@scenario("unowned")
class _Unowned:
    @staticmethod
    def make(sites: Sites) -> None:
        write(sites.user / "copied" / "__init__.py")

    @staticmethod
    def near(sites: Sites) -> None:
        """A record-less old distribution that says by top_level.txt what is its own."""
        info = sites.user / "Old_Thing-1.0.egg-info"
        write(info / "PKG-INFO", "Name: Old-Thing\nVersion: 1.0\n")
        write(info / "top_level.txt", "copied\n")
        write(sites.user / "copied" / "__init__.py")


@scenario("plugin")
class _Plugin:
    @staticmethod
    def make(sites: Sites) -> None:
        points = {"entry_points.txt": "[pytest11]\nmine = mine.plugin\n"}
        dist_info(sites.user, "mine", files={"mine/plugin.py": b""}, extra=points)
        dist_info(sites.image, "pytest")

    @staticmethod
    def near(sites: Sites) -> None:
        points = {"entry_points.txt": "[console_scripts]\nmine = mine.plugin:main\n"}
        dist_info(sites.user, "mine", files={"mine/plugin.py": b""}, extra=points)
        dist_info(sites.image, "pytest")
