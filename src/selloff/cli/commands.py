"""The list of commands: each is imported when it is run, so that none pays for another's imports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

COMMANDS = {
    "explain": "selloff.cli.explain:explain",
    "episodes": "selloff.cli.episodes:episodes",
    "scan": "selloff.cli.scan:scan",
    "scorecard": "selloff.cli.scorecard:scorecard",
    "data": "selloff.cli.data:app",
}
"""Module and name of each command's function, or of the app that groups further ones."""


def _built(name: str, found: Any) -> Any:
    if isinstance(found, typer.Typer):
        group = typer.main.get_group(found)
        group.name = name
        return group
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    alone.command(name)(found)
    return typer.main.get_command(alone)


class Commands(Mapping[str, Any]):
    """Commands by name, built when first looked up.

    Parameters
    ----------
    homes : `module:name` of each, in the order of the help.
    """

    def __init__(self, homes: Mapping[str, str]) -> None:
        self._homes = dict(homes)
        self._built: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._built:
            module, _, attribute = self._homes[name].partition(":")
            found = getattr(import_module(module), attribute)
            self._built[name] = _built(name, found)
        return self._built[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._homes)

    def __len__(self) -> int:
        return len(self._homes)


class CommandGroup(TyperGroup):
    """`selloff` itself, whose commands are those of `COMMANDS`."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = Commands(COMMANDS)  # type: ignore[assignment]

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """Names in the order of the help; typer's own would build the commands."""
        return list(self.commands)
