"""Commands are imported when they run: the list is whole, and none pays for another's imports."""

from __future__ import annotations

from pathlib import Path

import pytest

import commands
from selloff.cli.commands import COMMANDS, Commands


def test_every_command_can_be_built():
    built = Commands(COMMANDS)
    assert len(built) == len(COMMANDS)
    for name in COMMANDS:
        assert built[name].name == name
        assert built[name] is built[name]
        assert built[name].get_short_help_str()


def test_help_names_every_command(tmp_path: Path):
    done = commands.selloff("--help", home=tmp_path)
    assert done.returncode == 0
    shown = [line.split()[0] for line in done.stdout.split("Commands:")[1].splitlines() if line.strip()]
    assert [name for name in shown if name in COMMANDS] == list(COMMANDS)


@pytest.mark.parametrize("wrong", ["explian", "dat"])
def test_a_mistyped_command_gets_a_suggestion(wrong: str, tmp_path: Path):
    done = commands.selloff(wrong, home=tmp_path)
    assert done.returncode == 2
    assert f"No such command '{wrong}'. Did you mean" in done.stderr


def test_one_command_does_not_import_the_others(tmp_path: Path):
    code = (
        "import sys\n"
        "from selloff.cli.commands import COMMANDS, Commands\n"
        "Commands(COMMANDS)['explain']\n"
        "print(*sys.modules)"
    )
    done = commands.python(code, env=commands.environment(tmp_path))
    homes = {home.partition(":")[0] for home in COMMANDS.values()}
    assert homes & set(done.stdout.split()) == {"selloff.cli.explain"}
