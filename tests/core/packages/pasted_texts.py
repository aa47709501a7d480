"""Texts as people paste them, one of each kind."""

from __future__ import annotations

from jupyter_envmgr.core.packages.model import Recognised
from jupyter_envmgr.core.packages.recognised import recognise

FORGE = "https://conda.anaconda.org/conda-forge"
ENVIRONMENT = """\
name: My Training
channels: [conda-forge]
dependencies:
  - python=3.11
  - numpy>=2
  - pip:
    - rich==13.7.1
variables: {OMP_NUM_THREADS: 4}
prefix: /home/ada/envs/x
"""
EXPLICIT = """\
# platform: linux-64
@EXPLICIT
https://conda.anaconda.org/conda-forge/noarch/tzdata-2024a-h0c530f3_0.conda
"""
CONDA_LIST = """\
# packages in environment at /opt/conda/envs/x:
#
# Name                    Version                   Build  Channel
_libgcc_mutex             0.1                 conda_forge    conda-forge
mine                      0.1                      dev_0    <develop>
numpy                     2.1.0           py311h71ddf71_1    conda-forge
python                    3.11.9          hb806964_0_cpython    conda-forge
rich                      13.7.1                   pypi_0    pypi
six                       1.16.0             pyhd3eb1b0_1
"""
MAMBA_LIST = """\
List of packages in environment: "/opt/conda/envs/x"

  Name           Version  Build               Channel
──────────────────────────────────────────────────────────
  numpy          2.1.0    py311h71ddf71_1     conda-forge
  python         3.11.9   hb806964_0_cpython  conda-forge
"""
EXPORT = """\
# This file may be used to create an environment using:
# $ conda create --name <env> --file <this file>
# platform: linux-64
_libgcc_mutex=0.1=main
numpy=2.1.0=py311h71ddf71_1
python=3.11.9=hb806964_0_cpython
rich=13.7.1=pypi_0
"""
PIP_LIST = """\
Package    Version     Editable project location
---------- ----------- -------------------------
mine       0.1         /home/ada/mine
numpy      2.1.0
torch      2.5.0+cu124

[notice] A new release of pip is available: 24.0 -> 25.0
"""
HASH = "0123456789abcdef" * 4
PYLOCK = """\
lock-version = "1.0"
requires-python = ">=3.11"
default-groups = ["main"]

[[packages]]
name = "numpy"
version = "2.1.0"
wheels = [{ url = "https://h.example/x.whl", hashes = { sha256 = "HASH" } }]

[[packages]]
name = "tomli"
version = "2.0.1"
marker = "python_version < '3.11'"
wheels = [{ url = "https://h.example/x.whl", hashes = { sha256 = "HASH" } }]

[[packages]]
name = "pytest"
version = "8.0"
marker = "'dev' in dependency_groups"
wheels = [{ url = "https://h.example/x.whl", hashes = { sha256 = "HASH" } }]

[[packages]]
name = "mkdocs"
version = "1.6"
marker = "'main' in dependency_groups or 'docs' in extras"
sdist = { url = "https://h.example/x.tar.gz", hashes = { sha256 = "HASH" } }

[[packages]]
name = "here"
directory = { path = "." }
""".replace("HASH", HASH)
PYPROJECT = """\
[build-system]
requires = ["hatchling"]

[project]
name = "My.Project"
requires-python = ">=3.10"
dependencies = [
  "numpy>=2",
  "rich[jupyter]>=13; python_version >= '3.9'",
]

[project.optional-dependencies]
dev = ["pytest"]

[dependency-groups]
docs = ["mkdocs"]
"""
POETRY = """\
[tool.poetry]
name = "mine"

[tool.poetry.dependencies]
python = "^3.10"
numpy = "^2.1"
scipy = "~1.14"
pandas = "*"
six = "1.16.0"
zero = "^0.3.1"
tilde = "~2"
torch = { version = ">=2.4,<3", extras = ["opt-einsum"], python = ">=3.11", platform = "linux" }
left = { version = "1.0", optional = true }

[tool.poetry.dependencies.rich]
version = "13.*"
markers = "os_name == 'posix'"
"""
FREEZE = "numpy==2.1.0\ntorch==2.5.0\nsix @ file:///croot/six_16/work\n"


def good(text: str, filename: str = "") -> Recognised:
    """What a text is that has nothing wrong in it."""
    found = recognise(text, filename, platform="linux-64")
    assert found.errors == ()
    return found
