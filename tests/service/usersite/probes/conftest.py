"""Fixtures: an image and a user site, and those two at odds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.labs import Lab

MARKUP = "def escape(): pass\n"
JINJA = "from markup import soft\n"


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    made = Lab(tmp_path)
    yield made
    made.close()


@pytest.fixture
def broken(lab: Lab) -> Lab:
    """An old jinja in the user site over the image's, whose markup is too new for it."""
    lab.in_image("markup", "2.1", markup=MARKUP)
    lab.in_image("jinja", "3.1", jinja="from markup import escape\n")
    lab.in_user("jinja", "2.11", jinja=JINJA)
    lab.in_user("bystander", "1.0", bystander="")
    return lab
