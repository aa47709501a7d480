"""The hint for a failing cell: from the base that its kernel loads, and from no other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_envmgr.service.answers import ErrorHint
from jupyter_envmgr.service.requests import HintRequest
from jupyter_envmgr.service.usersite.hinting import hint_for
from tests.labs import Lab, install


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    made = Lab(tmp_path)
    made.in_user("jinja", "2.11", jinja="from markup import soft\n")
    made.kernel("plain", [str(made.program), "-m", "ipykernel_launcher"])
    yield made
    made.close()


def ask(lab: Lab, kernel: str, site: Path | None = None, before: str = "") -> ErrorHint:
    path = (site or lab.site) / "jinja.py"
    traceback = (f"{before}ImportError   Traceback", f"File {path}:1\n----> 1 from markup\n")
    error = "cannot import name 'soft' from 'markup' (/i/markup.py)"
    return hint_for(lab.context(), HintRequest("ImportError", error, traceback, kernel))


def test_the_package_that_the_error_passes_through_is_named(lab: Lab) -> None:
    found = ask(lab, "plain")
    assert (found.found, found.distribution, found.version) == (True, "jinja", "2.11")
    assert "jinja 2.11" in found.sentence


def test_a_kernel_that_is_not_known_here_is_no_obstacle(lab: Lab) -> None:
    assert ask(lab, "of-another-server").distribution == "jinja"


@pytest.mark.parametrize("way", ["variable", "option"])
def test_a_kernel_that_does_not_load_the_user_site_gives_no_hint(lab: Lab, way: str) -> None:
    option, env = (["-s"], {}) if way == "option" else ([], {"PYTHONNOUSERSITE": "1"})
    lab.kernel("apart", [str(lab.program), *option, "-m", "ipykernel_launcher"], env)
    assert ask(lab, "apart") == ErrorHint(found=False)


def test_a_profile_is_looked_at_instead_of_the_users_base(lab: Lab, tmp_path: Path) -> None:
    site = tmp_path / "profile" / lab.site.relative_to(lab.home.base)
    site.mkdir(parents=True)
    install(site, "jinja", "2.10", jinja="from markup import soft\n")
    argv = [str(lab.program), "-m", "ipykernel_launcher"]
    lab.kernel("profiled", argv, {"PYTHONUSERBASE": str(tmp_path / "profile")})
    assert ask(lab, "profiled", site).version == "2.10"
    assert not ask(lab, "profiled").found


def test_an_endless_traceback_is_read_from_its_end(lab: Lab) -> None:
    assert ask(lab, "plain", before="x\n" * 1_000_000).distribution == "jinja"


def test_an_error_of_ones_own_gives_none(lab: Lab) -> None:
    request = HintRequest("ZeroDivisionError", "division by zero", ("Cell In[1]",), "plain")
    assert hint_for(lab.context(), request) == ErrorHint(found=False)
