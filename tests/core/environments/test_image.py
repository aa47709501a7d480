"""Which image this is: the first sign counts, and what says so is named."""

import json
from pathlib import Path

import pytest

from jupyter_envmgr.core.environments.image import ImageName, recognise_image

SIGNS = {
    "BACKENDAI_KERNEL_IMAGE": "cr.backend.ai/stable/python-tensorflow:2.15-py311",
    "JUPYTER_IMAGE_SPEC": "quay.io/jupyter/scipy-notebook:2025",
    "JUPYTER_IMAGE": "quay.io/jupyter/scipy-notebook",
    "SLURM_CONTAINER_IMAGE": "nvcr.io#nvidia/pytorch:24.01-py3",
}


@pytest.mark.parametrize("number", range(len(SIGNS)))
def test_the_platforms_own_words_come_first_in_their_order(tmp_path: Path, number: int) -> None:
    names = list(SIGNS)
    environ = {name: SIGNS[name] for name in names[number:]} | {"PYTORCH_VERSION": "2.1"}
    assert recognise_image(environ, root=tmp_path) == ImageName(SIGNS[names[number]], names[number])


@pytest.mark.parametrize(
    ("environ", "name", "evidence"),
    [
        (
            {"NVIDIA_TENSORFLOW_VERSION": "23.03-tf2"},
            "tensorflow-23.03-py3",
            "NVIDIA_TENSORFLOW_VERSION",
        ),
        (
            {"NVIDIA_TENSORFLOW_VERSION": "19.02", "TENSORFLOW_VERSION": "v1.13.0-rc0"},
            "tensorflow-19.02-py3",
            "NVIDIA_TENSORFLOW_VERSION",
        ),
        ({"APPTAINER_CONTAINER": "/images/torch_2.sif"}, "torch_2.sif", "APPTAINER_CONTAINER"),
        ({"SINGULARITY_NAME": "old.simg"}, "old.simg", "SINGULARITY_NAME"),
        ({"PYTORCH_VERSION": "v2.1.0"}, "pytorch-2.1.0", "PYTORCH_VERSION"),
        ({"JUPYTER_IMAGE": "  "}, "unknown", "nothing"),
    ],
)
def test_tools_and_frameworks_name_the_image(
    tmp_path: Path, environ: dict[str, str], name: str, evidence: str
) -> None:
    python = "3.11.7" if "NVIDIA" in evidence else ""
    assert recognise_image(environ, python=python, root=tmp_path) == ImageName(name, evidence)


def test_apptainers_labels_and_podmans_file_are_read(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run/.containerenv").write_text('engine="podman"\nimage="quay.io/a/b:1"\nid="2"\n')
    assert recognise_image({}, root=tmp_path).name == "quay.io/a/b:1"
    (tmp_path / ".singularity.d").mkdir()
    labels = {"org.label-schema.usage.singularity.deffile.from": "nvcr.io/nvidia/jax:24"}
    (tmp_path / ".singularity.d/labels.json").write_text(json.dumps(labels))
    assert recognise_image({}, root=tmp_path).name == "nvcr.io/nvidia/jax:24"


@pytest.mark.parametrize("content", ["", "[]", "{", "null", '{"x": 1}', "[" * 100_000])
def test_damaged_labels_are_passed_over(tmp_path: Path, content: str) -> None:
    (tmp_path / ".singularity.d").mkdir()
    (tmp_path / ".singularity.d/labels.json").write_text(content)
    assert recognise_image({"PYTORCH_VERSION": "2"}, root=tmp_path).name == "pytorch-2"


def test_the_distribution_cuda_and_python_are_the_last_resort(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/os-release").write_text('NAME="Ubuntu"\nID=ubuntu\nVERSION_ID="22.04"\n')
    found = recognise_image({"CUDA_VERSION": "12.4.1"}, python="3.10.12", root=tmp_path)
    assert found.name == "ubuntu-22.04-cuda-12.4.1-py3.10"
    assert found.evidence == "/etc/os-release and CUDA_VERSION and its Python"


def test_a_name_is_one_line_without_credentials(tmp_path: Path) -> None:
    environ = {"JUPYTER_IMAGE": "https://me:secret@host/image\nx\x1b[31m" + "y" * 500}
    name = recognise_image(environ, root=tmp_path).name
    assert "secret" not in name
    assert name.isprintable()
    assert len(name) <= 200
