"""`selloff data`: what is stored, and getting more of it. One file per command."""

import typer

from selloff.cli.data import keys, quarantine
from selloff.cli.data.compact import compact
from selloff.cli.data.export import export
from selloff.cli.data.import_files import import_files
from selloff.cli.data.pull import pull
from selloff.cli.data.series import series
from selloff.cli.data.show import show
from selloff.cli.data.sql import sql
from selloff.cli.data.status import status
from selloff.cli.data.verify import verify
from selloff.cli.data.vintages import vintages

app = typer.Typer(help="What is stored, and getting more of it.", no_args_is_help=True, rich_markup_mode=None)
for command in (pull, status, show, vintages, verify, compact, export, sql, series):
    app.command()(command)
app.command("import")(import_files)
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(keys.app, name="keys")

__all__ = ["app"]
