"""Environments: what they are, where they lie, how they are found."""
