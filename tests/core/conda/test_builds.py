"""Builds of another platform: three choices, each shown line by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_envmgr.core.conda.builds import build_choices, platform_of_specs
from jupyter_envmgr.core.conda.environment_yml import parse_environment_yml
from jupyter_envmgr.core.conda.matchspec import parse_specs

FILES = Path(__file__).parent / "files"


def test_without_builds_of_elsewhere_there_is_nothing_to_choose() -> None:
    specs = parse_specs(["python=3.12", "numpy=1.26=py312h1_0"])
    assert build_choices(specs, "linux-64") == ()
    assert build_choices(specs, "linux-64", platform="linux-64") == ()


def test_builds_of_another_platform_can_be_kept_relaxed_or_dropped() -> None:
    specs = parse_specs(
        [
            "appnope=0.1.3=py311h1_0",
            "numpy=1.26.4=py311h1_0",
            "tqdm=4.66=pyhd8ed1ab_0",
            "pytorch=2.1.*=*cuda*",
            "pandas>=2",
        ]
    )
    keep, relax, drop = build_choices(specs, "linux-64", platform="osx-64")
    assert [c.choice for c in (keep, relax, drop)] == ["keep", "relax", "drop"]
    assert keep.changed == ()
    assert keep.packages == tuple(s.text for s in specs)
    assert [(line.before, line.after) for line in relax.changed] == [
        ("appnope=0.1.3=py311h1_0", ""),
        ("numpy=1.26.4=py311h1_0", "numpy==1.26.4"),
    ]
    assert relax.packages == (
        "numpy==1.26.4",
        "tqdm=4.66=pyhd8ed1ab_0",
        "pytorch=2.1.*=*cuda*",
        "pandas>=2",
    )
    assert drop.packages == ("numpy==1.26.4", "tqdm==4.66", "pytorch=2.1", "pandas>=2")
    assert "appnope is not for linux-64" in {line.why for line in drop.changed}


def test_a_build_that_the_channels_no_longer_have_can_be_relaxed() -> None:
    specs = parse_specs(["numpy=1.26.4=py311h1_0", "scipy=1.11=py311h2_0"])
    _, relax, drop = build_choices(specs, "linux-64", unavailable={"scipy=1.11=py311h2_0"})
    assert relax.packages == ("numpy=1.26.4=py311h1_0", "scipy==1.11")
    assert drop.packages == ("numpy==1.26.4", "scipy==1.11")
    assert relax.changed[0].why == "not in the channels"


def test_an_address_becomes_name_and_version() -> None:
    url = "https://h/conda-forge/osx-64/numpy-1.26.4-py311h1_0.conda#" + "0" * 32
    noarch = "https://h/conda-forge/noarch/tqdm-4.66-pyhd8ed1ab_0.conda"
    _, relax, _ = build_choices(parse_specs([url, noarch]), "linux-64")
    assert relax.packages == ("numpy==1.26.4", noarch)


@pytest.mark.parametrize(
    ("packages", "platform"),
    [
        (["numpy"], ""),
        (["libgcc-ng=11=h1_0"], "linux-64"),
        (["libgcc-ng=11", "ld_impl_linux-aarch64=2.40"], "linux-aarch64"),
        (["vc=14.2", "vs2015_runtime=14"], "win-64"),
        (["appnope"], "osx-64"),
        (["appnope", "vc"], ""),
        (["conda-forge/osx-arm64::numpy"], "osx-arm64"),
        (["ca-certificates=2021.7.5=hecd8cb5_1"], "osx-64"),
        (["six=1.16=py39haa95532_0", "vc=14"], "win-64"),
        (["libgcc-ng=11", "six=1.16=py39hd43f75c_0"], "linux-aarch64"),
        (["six=1.16=py39haa95532_0", "ca-certificates=2021=h06a4308_0"], ""),
    ],
)
def test_the_platform_is_seen_by_packages_that_only_one_has(
    packages: list[str], platform: str
) -> None:
    assert platform_of_specs(parse_specs(packages))[0] == platform


def test_an_export_of_windows_loses_its_windows_packages_and_its_builds() -> None:
    file = parse_environment_yml((FILES / "environment_windows.yml").read_text())
    assert file.platform == "win-64"
    _, relax, _ = build_choices(file.specs, "linux-64", platform=file.platform)
    gone = {line.before.partition("=")[0] for line in relax.changed if not line.after}
    assert {"vc", "vs2015_runtime", "pywin32", "wincertstore", "winpty"} <= gone
    assert "python==3.10.12" in relax.packages
    line = next(line for line in relax.changed if line.before.startswith("python="))
    text = (FILES / "environment_windows.yml").read_text().splitlines()
    assert line.before in text[line.line - 1]
