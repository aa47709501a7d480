"""The history of a conda environment, as conda writes it and as we do."""

from __future__ import annotations

import pytest

from jupyter_envmgr.core.conda.history import (
    channel_name,
    dist,
    missing_line,
    name_of,
    packages_at,
    parse_history,
    registered,
    requested_of_records,
    requested_specs,
    revision_text,
    spec_of_dist,
    unregistered,
)

# Of conda 24.5, with a removal and a line of mamba's.
OF_CONDA = """\
==> 2024-06-01 10:00:00 <==
# cmd: /opt/conda/bin/conda create -n x python=3.11 numpy
# conda version: 24.5.0
+conda-forge/linux-64::python-3.11.9-hb806964_0_cpython
+conda-forge/linux-64::numpy-1.26.4-py311h64a7726_0
# update specs: ['python=3.11', 'numpy']
==> 2024-06-02 10:00:00 <==
# cmd: /opt/conda/bin/conda install -n x numpy=2
# conda version: 24.5.0
-conda-forge/linux-64::numpy-1.26.4-py311h64a7726_0
+conda-forge/linux-64::numpy-2.0.0-py311h1461c94_0
# update specs: ['numpy=2']
# neutered specs: []
==> 2024-06-03 10:00:00 <==
# cmd: /opt/conda/bin/conda remove -n x numpy
# conda version: 24.5.0
-conda-forge/linux-64::numpy-2.0.0-py311h1461c94_0
# remove specs: ['numpy']
"""


def test_revisions_of_conda_are_read() -> None:
    first, second, third = parse_history(OF_CONDA)
    assert (first.number, first.date) == (0, "2024-06-01 10:00:00")
    assert first.command.startswith("/opt/conda/bin/conda create")
    assert first.asked == ("python=3.11", "numpy")
    assert second.unlinked == ("conda-forge/linux-64::numpy-1.26.4-py311h64a7726_0",)
    assert second.linked == ("conda-forge/linux-64::numpy-2.0.0-py311h1461c94_0",)
    assert third.removed == ("numpy",)


def test_what_was_asked_for_and_not_removed_is_known() -> None:
    revisions = parse_history(OF_CONDA)
    assert requested_specs(revisions[:2]) == {"python": "python=3.11", "numpy": "numpy=2"}
    assert requested_specs(revisions) == {"python": "python=3.11"}


def test_the_packages_at_a_revision_are_known() -> None:
    revisions = parse_history(OF_CONDA)
    plain = [
        [name.rpartition("::")[2] for name in packages_at(revisions, number)] for number in range(3)
    ]
    assert plain == [
        ["python-3.11.9-hb806964_0_cpython", "numpy-1.26.4-py311h64a7726_0"],
        ["python-3.11.9-hb806964_0_cpython", "numpy-2.0.0-py311h1461c94_0"],
        ["python-3.11.9-hb806964_0_cpython"],
    ]


def test_what_is_written_is_read_again() -> None:
    name = dist("conda-forge", "noarch", "six", "1.16.0", "pyh_0")
    text = revision_text(
        "2026-01-31 12:00:00",
        "jupyter_envmgr create\n+evil/noarch::x-1-0",
        [name],
        [],
        ["six>=1,<2", "it's[build='a*']"],
        ["old"],
    )
    (revision,) = parse_history(text)
    assert revision.linked == (name,)
    assert revision.asked == ("six>=1,<2", "it's[build='a*']")
    assert revision.removed == ("old",)
    assert revision.command == "jupyter_envmgr create +evil/noarch::x-1-0"
    assert "# conda version: 4.4.0\n" in text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+lonely/noarch::x-1-0\n",
        "==> <==",
        "==> 2024 <==\n# update specs: [broken\n",
        "==> 2024 <==\n# update specs: " + "[" * 100_000,
        "==> 2024 <==\n# update specs: [1, None]\n",
        "\0\xff",
    ],
)
def test_a_damaged_history_is_no_error(text: str) -> None:
    assert requested_specs(parse_history(text)) == {}


def test_older_ways_of_writing_specs_are_read() -> None:
    (revision,) = parse_history("==> 2017 <==\n# install specs: numpy 1.13*, scipy\n")
    assert requested_specs([revision]) == {"numpy": "numpy 1.13*", "scipy": "scipy"}


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("numpy>=2", "numpy"),
        ("conda-forge/linux-64::NumPy=2", "numpy"),
        ("https://a:b@host/x::y[channel='z::w']", "y"),
        ("_libgcc_mutex 0.1", "_libgcc_mutex"),
        (">=1", ""),
        ("https://host/ch/linux-64/My-pkg-1.0-py_0.conda#0123", "my-pkg"),
        ("https://host/nothing", ""),
    ],
)
def test_the_name_in_a_spec_is_found(spec: str, name: str) -> None:
    assert name_of(spec) == name


def test_channels_are_called_as_conda_calls_them() -> None:
    assert channel_name("https://conda.anaconda.org/conda-forge/") == "conda-forge"
    assert channel_name("https://repo.anaconda.com/pkgs/main/") == "pkgs/main"
    assert channel_name("file:///srv/channel/") == "file:///srv/channel"


def test_a_dist_becomes_the_spec_that_only_it_meets() -> None:
    name = "conda-forge/linux-64::my-pkg-1.0-py_0"
    assert spec_of_dist(name) == "my-pkg==1.0=py_0"
    assert spec_of_dist("nonsense") == ""


def test_an_environment_is_named_once_and_the_others_stay() -> None:
    text = "/opt/conda\n/home/me/env"
    assert registered(text, "/home/me/env") == text
    assert registered(text, "/home/me/new") == "/opt/conda\n/home/me/env\n/home/me/new\n"
    assert missing_line(text, "/home/me/new") == "\n/home/me/new\n"
    assert missing_line("", "/a") == "/a\n"
    assert unregistered("/a\n/b/\n\n/c\n", "/b") == "/a\n\n/c\n"


def test_records_say_what_was_asked_for_too() -> None:
    rows: list[dict[str, object]] = [
        {"name": "a", "requested_spec": "a>=1"},
        {"name": "b", "requested_specs": ["b"], "requested_spec": "None"},
        {"name": "c", "requested_spec": "None"},
        {"name": "d", "requested_specs": []},
    ]
    assert requested_of_records(rows) == {"a": "a>=1", "b": "b"}
