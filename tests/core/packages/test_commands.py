"""Commands that people copy from recipes say what they would install."""

from __future__ import annotations

import time

import pytest

from jupyter_envmgr.core.packages.recognised import recognise

README = """\
# Training
## Installation
```bash
conda create -n Train python=3.10 -y && conda activate train
conda install pytorch==2.3.1 torchvision pytorch-cuda=12.1 -c pytorch -c nvidia
pip install -U transformers>=4.40 "peft[x]" --extra-index-url https://download.example.org/whl
```
Then run the trainer.
"""


def test_a_recipe_becomes_a_conda_environment_and_what_pip_adds_to_it() -> None:
    found = recognise(README, "README.md")
    assert (found.kind, found.manager, found.errors) == ("commands", "conda", ())
    assert found.packages == (
        "python=3.10",
        "pytorch==2.3.1",
        "torchvision",
        "pytorch-cuda=12.1",
    )
    assert found.pip == ("transformers>=4.40", "peft[x]")
    assert found.channels == ("pytorch", "nvidia")
    assert (found.python, found.name) == ("3.10", "train")
    assert found.extra_index_urls == ("https://download.example.org/whl",)


@pytest.mark.parametrize(
    ("text", "packages"),
    [
        ("pip install numpy", ("numpy",)),
        (
            "!pip install -q numpy pandas==2.1\n%pip install scipy",
            ("numpy", "pandas==2.1", "scipy"),
        ),
        ("$ python3 -m pip install --user numpy", ("numpy",)),
        ("sudo -H pip3 install numpy  # for all", ("numpy",)),
        ("uv pip install 'numpy<2' && pytest", ("numpy<2",)),
        ("uv add numpy; uv sync", ("numpy",)),
        (
            "RUN pip install --no-cache-dir \\\n  numpy \\\n  scipy && rm -rf /tmp",
            ("numpy", "scipy"),
        ),
        ("pip install -t here --retries 3 numpy", ("numpy",)),
    ],
)
def test_what_pip_would_install(text: str, packages: tuple[str, ...]) -> None:
    found = recognise(text)
    assert (found.manager, found.packages, found.errors) == ("pip", packages, ())


@pytest.mark.parametrize(
    "text",
    [
        "conda create -y -n train numpy -c nvidia -c pytorch -c nvidia",
        "conda create --yes --name train --channel nvidia numpy --channel=pytorch",
        "mamba create -ntrain -cnvidia -cpytorch numpy",
        "conda create -n train -c nvidia -c pytorch numpy | tee log.txt",
        "conda create -n train -c nvidia -c pytorch numpy; echo done",
        "conda create -n train\nconda install -n other -c nvidia -c pytorch numpy # of nvidia",
    ],
)
def test_what_conda_would_install_from_where(text: str) -> None:
    found = recognise(text)
    assert (found.manager, found.packages, found.errors) == ("conda", ("numpy",), ())
    assert (found.name, found.channels) == ("train", ("nvidia", "pytorch"))


def test_an_option_at_the_end_takes_nothing() -> None:
    for text in ("conda install numpy -f", "conda install numpy --file="):
        (error,) = recognise(text).errors
        assert "is a file" in error.detail
    assert recognise("conda install numpy -c").packages == ("numpy",)
    assert recognise("pip install numpy -t").packages == ("numpy",)


def test_prose_with_a_command_is_no_list_but_one_with_more_lines_is() -> None:
    fenced = "```\nnumpy\nscipy\n```\npip install torch\n"
    assert recognise(fenced).packages == ("torch",)
    assert recognise("numpy\nscipy\npip install torch\n").errors
    assert (
        recognise("Install\nthis\n~~~ bash\npip install torch\npip install six\n~~~").errors == ()
    )


def test_an_index_of_a_command_is_understood() -> None:
    found = recognise(
        "pip install torch -i https://a.example/whl --extra-index-url=https://b.example"
    )
    assert found.packages == ("torch",)
    assert found.index_url == "https://a.example/whl"
    assert found.extra_index_urls == ("https://b.example",)


def test_options_that_would_matter_are_said_to_be_left_out() -> None:
    found = recognise("pip install --no-deps -U --pre numpy")
    assert found.notices == ("Options of the commands that are left out: --no-deps, --pre.",)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("pip install numpy\npip install -r requirements.txt", 2, "paste the lines of that file"),
        ("conda env create -f environment.yml", 1, "environment.yml is a file"),
        ("conda env update --file=gpu.yml", 1, "gpu.yml is a file"),
        ("conda install 'numpy[' scipy", 1, "key=value"),
        ("pip install -e .", 1, "editable"),
        ("pip install ./wheels", 1, "a path"),
        ("pip install 'unclosed", 1, "unclosed"),
    ],
)
def test_what_a_command_needs_and_is_not_here_is_said(text: str, line: int, words: str) -> None:
    errors = recognise(text).errors
    assert [error.line for error in errors] == [line]
    assert words in errors[0].detail


def test_a_bad_word_of_a_command_is_found_by_its_column() -> None:
    (error,) = recognise("conda install scipy 'numpy[a'").errors
    assert (error.line, error.column) == (1, 28)


def test_a_stray_command_among_requirements_is_a_mistake_in_them() -> None:
    found = recognise("numpy\npandas==2\npip install torch\nscipy")
    assert found.kind == "requirements"
    assert [(e.line, "leave out the words 'pip install'" in e.detail) for e in found.errors] == [
        (3, True)
    ]


@pytest.mark.parametrize(
    "text",
    [
        '[[source]]\nurl = "https://pypi.org/simple"\n\n[packages]\nnumpy = "*"\n',
        '{"_meta": {"pipfile-spec": 6}, "default": {"numpy": {"version": "==2"}}}',
    ],
)
def test_files_of_pipenv_are_named(text: str) -> None:
    (error,) = recognise(text, "requirements.txt").errors
    assert "this is a Pipfile" in error.detail
    assert "pipenv requirements" in error.detail


@pytest.mark.parametrize(
    "text", ["(a){}x", "{}x", "!{}x", "sudo{}x", "pip{}x", "pip install a;{}x"]
)
def test_a_long_line_of_blanks_is_read_at_once(text: str) -> None:
    begun = time.process_time()
    recognise("pip install numpy\n" + text.format(" " * 60_000))
    assert time.process_time() - begun < 1
