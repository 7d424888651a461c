"""`selloff data`: what is stored, and getting more of it. One file per command."""

import typer

from selloff.cli.data.keys import app as keys_app
from selloff.cli.data.pull import pull
from selloff.cli.data.quarantine import app as quarantine_app
from selloff.cli.data.series import series

app = typer.Typer(help="What is stored, and getting more of it.", no_args_is_help=True, rich_markup_mode=None)
app.command()(pull)
app.command()(series)
app.add_typer(quarantine_app, name="quarantine")
app.add_typer(keys_app, name="keys")

__all__ = ["app"]
