"""Measurements against peers and the physical limit, as ratios in one run."""
