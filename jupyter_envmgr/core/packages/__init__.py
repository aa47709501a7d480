"""Packages: what is installed, read from metadata files, and what is asked for."""
