"""What the channel of the tests of conda, mamba and micromamba has."""

from __future__ import annotations

import os

from tests.engines.conda_cli_channel import package

ALPHA_1 = package("alpha", "1.0", ["beta >=1"])
ALPHA_2 = package("alpha", "2.0", ["beta >=2"])
BETA_1 = package("beta", "1.0")
BETA_2 = package("beta", "2.0")
GAMMA = package("gamma", "1.0", ["beta <2"])
FAILS = package("fails", post_link="#!/bin/sh\necho no good >> $PREFIX/.messages.txt\nexit 1\n")
PACKAGES = (
    *(ALPHA_1, ALPHA_2, BETA_1, BETA_2, GAMMA, FAILS),
    package("big", data=os.urandom(3_000_000)),
    package("orphan", "1.0", ["nowhere"]),
    package("needs-cuda", "1.0", ["__cuda >=12"]),
)
