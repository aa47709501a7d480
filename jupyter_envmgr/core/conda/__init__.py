"""Conda: its specs, files, channels and records, as text and values."""
