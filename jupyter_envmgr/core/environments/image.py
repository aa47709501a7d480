"""Which container image this is, and what says so."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .disk import read_text, shown

_LONGEST = 200
_FRAMEWORKS = ("TENSORFLOW", "PYTORCH", "MXNET", "JAX", "PADDLEPADDLE", "TRITONSERVER", "MODULUS")
_DEFFILE_FROM = "org.label-schema.usage.singularity.deffile.from"


@dataclass(frozen=True)
class ImageName:
    """What an image is called, and the evidence for it."""

    name: str
    evidence: str


def recognise_image(
    environ: Mapping[str, str], *, python: str = "", root: Path = Path("/")
) -> ImageName:
    """The image, by the first sign that is there; ``python`` is the version of its own Python.

    From the platform's own words to guesses: Backend.AI, KubeSpawner, Slurm, Apptainer's labels,
    NVIDIA's variables, Apptainer's file, Podman, the framework's version, the distribution. A
    host name is none: it is another one each time.
    """
    signs: tuple[Callable[[], ImageName | None], ...] = (
        lambda: _variable(environ, "BACKENDAI_KERNEL_IMAGE"),
        lambda: _variable(environ, "JUPYTER_IMAGE_SPEC"),
        lambda: _variable(environ, "JUPYTER_IMAGE"),
        lambda: _slurm(environ),
        lambda: _apptainer_labels(root),
        lambda: _nvidia(environ, python),
        lambda: _apptainer(environ),
        lambda: _podman(root),
        lambda: _framework(environ),
    )
    for sign in signs:
        found = sign()
        if found is not None and found.name:
            return found
    return _distribution(environ, python, root)


def _variable(environ: Mapping[str, str], name: str) -> ImageName | None:
    value = environ.get(name, "")
    return ImageName(_clean(value), name) if value.strip() else None


def _slurm(environ: Mapping[str, str]) -> ImageName | None:
    for name in sorted(environ):
        if name.startswith("SLURM_CONTAINER_IMAGE") and environ[name].strip():
            return _variable(environ, name)
    return None


def _apptainer_labels(root: Path) -> ImageName | None:
    file = root / ".singularity.d" / "labels.json"
    try:
        labels = json.loads(read_text(str(file), 1 << 20))
        name = labels[_DEFFILE_FROM]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return ImageName(_clean(name), "/.singularity.d/labels.json") if isinstance(name, str) else None


def _nvidia(environ: Mapping[str, str], python: str) -> ImageName | None:
    """``NVIDIA_TENSORFLOW_VERSION=23.03-tf2`` is the image ``tensorflow-23.03-py3``."""
    for framework in _FRAMEWORKS:
        variable = f"NVIDIA_{framework}_VERSION"
        version = environ.get(variable, "").partition("-")[0].strip()
        if version:
            major = f"-py{python.partition('.')[0]}" if python else ""
            return ImageName(_clean(f"{framework.lower()}-{version}{major}"), variable)
    return None


def _apptainer(environ: Mapping[str, str]) -> ImageName | None:
    for kind in ("CONTAINER", "NAME"):
        for tool in ("APPTAINER", "SINGULARITY"):
            name = f"{tool}_{kind}"
            value = environ.get(name, "").strip()
            if value:
                return ImageName(_clean(os.path.basename(value.rstrip("/")) or value), name)
    return None


def _podman(root: Path) -> ImageName | None:
    try:
        text = read_text(str(root / "run" / ".containerenv"))
    except OSError:
        return None
    match = re.search(r'^image="?([^"\n]+)"?\s*$', text, re.MULTILINE)
    return ImageName(_clean(match.group(1)), "/run/.containerenv") if match else None


def _framework(environ: Mapping[str, str]) -> ImageName | None:
    for name in ("TENSORFLOW_VERSION", "PYTORCH_VERSION"):
        value = environ.get(name, "").strip()
        if value:
            framework = name.partition("_")[0].lower()
            return ImageName(_clean(f"{framework}-{value.removeprefix('v')}"), name)
    return None


def _distribution(environ: Mapping[str, str], python: str, root: Path) -> ImageName:
    words, evidence = [], []
    system = _os_release(root)
    if system:
        words.append(system)
        evidence.append("/etc/os-release")
    cuda = environ.get("CUDA_VERSION", "").strip()
    if cuda:
        words.append(f"cuda-{cuda}")
        evidence.append("CUDA_VERSION")
    if python:
        words.append("py" + ".".join(python.split(".")[:2]))
        evidence.append("its Python")
    return ImageName(_clean("-".join(words)) or "unknown", " and ".join(evidence) or "nothing")


def _os_release(root: Path) -> str:
    """``debian-12`` from os-release(5)."""
    for place in ("etc/os-release", "usr/lib/os-release"):
        try:
            text = read_text(str(root / place))
        except OSError:
            continue
        pairs = re.findall(r"""^(ID|VERSION_ID)=["']?([^"'\n]*)""", text, re.MULTILINE)
        values = dict(pairs)
        name = "-".join(filter(None, (values.get("ID", ""), values.get("VERSION_ID", ""))))
        if name:
            return name
    return ""


def _clean(text: str) -> str:
    """One line that can be shown: no control characters, no credentials, not endless."""
    text = re.sub(r"//[^/@\s]*@", "//", shown(text))
    return "".join(c for c in " ".join(text.split()) if c.isprintable())[:_LONGEST]
