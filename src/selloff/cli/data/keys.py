"""`selloff data keys`: keys of services in the operating system's keyring."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from selloff.cli.console import context, err, fails_cleanly, out
from selloff.errors import CatalogError, SelloffError

app = typer.Typer(help="Keys of services, in the system's keyring.", no_args_is_help=True, rich_markup_mode=None)
SourceName = Annotated[str, typer.Argument(metavar="SOURCE", help="A network source that takes a key.")]


def _account(source: str) -> str:
    """The name that the key of a source is kept under."""
    from selloff.catalog.catalogue import did_you_mean

    keyed = [s.id for s in context.catalogue.sources.values() if s.kind == "network" and s.key != "none"]
    if source not in keyed:
        hint = did_you_mean(source, keyed) or f"Sources that take one: {', '.join(keyed) or 'none'}."
        raise CatalogError(f"No source {source!r} takes a key.", hint)
    return context.catalogue.sources[source].account


@app.command("set")
@fails_cleanly
def set_key(source: SourceName) -> None:
    """Keep a source's key in the keyring; it is read from the prompt or from a pipe, never from the command line."""
    from selloff.sources.keys import store_key

    account = _account(source)
    given = typer.prompt(f"key for {source}", hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.readline()
    key = str(given).strip()
    if not key:
        raise SelloffError("No key was given.", "Type it at the prompt, or pipe it in.")
    store_key(account, key)
    err.print(f"kept the key for {account} in the keyring")


@app.command("list")
@fails_cleanly
def list_keys() -> None:
    """List sources that take a key, and where theirs comes from. Keys are never shown."""
    import os

    from rich import box
    from rich.table import Table

    from selloff.sources.keys import KeyringError, stored_keys, variable

    try:
        stored: tuple[str, ...] = stored_keys()
    except KeyringError:
        stored = ()
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("source", "key", "from"):
        table.add_column(name)
    keyed = [s for s in context.catalogue.sources.values() if s.kind == "network" and s.key != "none"]
    for account in dict.fromkeys(s.account for s in keyed):
        users = [s for s in keyed if s.account == account]
        place = "environment" if os.environ.get(variable(account)) else "keyring" if account in stored else "–"
        table.add_row(", ".join(s.id for s in users), users[0].key, place)
    out.print(table)


@app.command("remove")
@fails_cleanly
def remove(source: SourceName) -> None:
    """Take a source's key out of the keyring."""
    from selloff.sources.keys import remove_key

    entry = context.catalogue.sources.get(source)
    if not remove_key(entry.account if entry is not None else source):
        raise SelloffError(f"The keyring has no key for {source!r}.", "`selloff data keys list` shows where keys are.")
    err.print(f"removed the key for {source} from the keyring")
