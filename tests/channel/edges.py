"""Packages made by hand: one for each thing that goes wrong, or must go right, in conda."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from tests.channel.archives import PLACEHOLDER, CondaPackage, Entry, text

MANY = 1500
"""How many files ``many-files`` has: enough to be killed in the middle of them."""
HEAVY = 24 * 1024 * 1024
"""How many bytes ``heavy`` has: enough to be killed while they are downloaded."""

_LASTS = """for i in $(seq 500); do
    mkdir -p "$PREFIX/share"
    echo $i > "$PREFIX/share/post-link-lasts.count"
    sleep 0.02
done
"""


def edge_packages(subdir: str) -> list[CondaPackage]:
    """All of them. Their names are promises; see each."""
    return [
        *_solving(),
        *_greeters(),
        *_linking(),
        CondaPackage("only-elsewhere", subdir="osx-arm64", noarch=""),
        CondaPackage("only-here", subdir=subdir, noarch="", build="h0a1b2c3_0"),
    ]


def _solving() -> list[CondaPackage]:
    """What a solver has to say something about."""
    return [
        *(_plain("two-versions", version) for version in ("1.0", "2.0")),
        *(_plain("base-library", version) for version in ("1.0", "1.5", "2.0")),
        # left and right cannot be together, each alone can.
        CondaPackage("left", depends=("base-library >=1,<2",)),
        CondaPackage("right", depends=("base-library >=2",)),
        CondaPackage("needs-cuda", depends=("__cuda >=12",)),
        CondaPackage("needs-nobody-knows-what", depends=("nobody-knows-what",)),
        CondaPackage("needs-old-python", depends=("python <3.7",)),
        # A new version that pulls in another package: more than was asked.
        _plain("grows", "1.0"),
        CondaPackage("grows", "2.0", depends=("two-versions >=2",)),
    ]


def _greeters() -> list[CondaPackage]:
    """Python packages for every Python, with a command: ``greet`` says which version it is."""
    return [
        CondaPackage(
            "greeter",
            version,
            noarch="python",
            depends=("python",),
            entry_points=("greet = greeter:main",),
            files={
                **_distribution("greeter", version),
                "site-packages/greeter/__init__.py": text(
                    f"__version__ = {version!r}\n\n\ndef main():\n    print('hello', __version__)\n"
                ),
                # Each version has a file that the other has not.
                f"site-packages/greeter/only_{version.replace('.', '_')}.py": text("\n"),
            },
        )
        for version in ("1.0", "2.0")
    ]


def _linking() -> list[CondaPackage]:
    """What happens while files are put in place, and afterwards."""
    activation = {
        "etc/conda/activate.d/activates.sh": text(
            'export ACTIVATES_SCRIPT="$CONDA_PREFIX/share/activates"\n'
        ),
        "etc/conda/deactivate.d/activates.sh": text("unset ACTIVATES_SCRIPT\n"),
        "etc/conda/env_vars.d/activates.json": text(
            json.dumps({"ACTIVATES_STATE": "a value with spaces"})
        ),
        "share/activates": text("activates\n"),
    }
    noise = hashlib.shake_128(b"heavy").digest(HEAVY)
    return [
        CondaPackage("activates", files=activation),
        _script("post-link-fails", "echo no luck >&2\nexit 3\n"),
        _script("post-link-works", 'echo done > "$PREFIX/share/post-link-works.done"\n'),
        # Makes its environment's directory again and again, for ten seconds.
        _script("post-link-lasts", _LASTS),
        # Both bring the same file with another content.
        CondaPackage("clobber-a", files={"share/clobbered.txt": text("a\n")}),
        CondaPackage("clobber-b", files={"share/clobbered.txt": text("b\n")}),
        CondaPackage("knows-its-prefix", files={"share/prefix.txt": text(PLACEHOLDER + "\n")}),
        # The index has another hash than the file: see build.py.
        CondaPackage("bad-hash", files={"share/bad-hash.txt": text("as it was indexed\n")}),
        CondaPackage(
            "many-files",
            files={
                f"share/many/{i // 100:02}/{i:05}.txt": Entry(b"%d\n" % i * 50) for i in range(MANY)
            },
        ),
        CondaPackage("heavy", files={"share/heavy.bin": Entry(noise)}),
    ]


def tampered_bad_hash() -> CondaPackage:
    """``bad-hash`` as it lies in the channel: as long as what was indexed, with other content."""
    return CondaPackage("bad-hash", files={"share/bad-hash.txt": text("as it lies here!!\n")})


def _plain(name: str, version: str) -> CondaPackage:
    return CondaPackage(name, version, files={f"share/{name}.txt": text(f"{version}\n")})


def _script(name: str, body: str) -> CondaPackage:
    files = {
        f"bin/.{name}-post-link.sh": text(f"#!/bin/sh\n{body}", executable=True),
        f"share/{name}.txt": text(name),
    }
    return CondaPackage(name, files=files)


def _distribution(name: str, version: str) -> Mapping[str, Entry]:
    info = f"site-packages/{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    return {
        f"{info}/METADATA": text(metadata),
        f"{info}/INSTALLER": text("conda\n"),
        f"{info}/RECORD": text(f"{name}/__init__.py,,\n{info[14:]}/METADATA,,\n"),
    }
