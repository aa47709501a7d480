"""Options that several verbs have."""

from __future__ import annotations

import argparse


def add_consent(parser: argparse.ArgumentParser, force: str) -> None:
    """The options of every verb that takes something away."""
    parser.add_argument("--dry-run", action="store_true", help="only show what would happen")
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")
    parser.add_argument("--force", action="store_true", help=force)


def add_break_lock(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--break-lock", action="store_true", help="take the lock of a holder that is gone for good"
    )


def add_log(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--log", action="store_true", help="show what the tools print, too")
