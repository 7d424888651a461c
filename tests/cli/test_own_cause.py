"""A user's own cause joins by one file, and a wrong one gets a precise error."""

from __future__ import annotations

import json
from pathlib import Path

import commands
import worlds
from selloff.catalog.catalogue import DATA

CRASH = str(worlds.CRASH)


def _own_cause(home: Path, **changes: str) -> Path:
    text = (DATA / "causes" / "growth.toml").read_text(encoding="utf-8")
    text = text.replace('id = "growth"', 'id = "shipping_strike"').replace(
        'name = "Growth scare"', 'name = "Shipping strike"'
    )
    for old, new in changes.values():
        assert old in text
        text = text.replace(old, new, 1)
    path = home / "causes" / "shipping_strike.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_cause_of_the_user_joins_without_code(own_home: Path):
    _own_cause(own_home)
    done = commands.selloff("explain", CRASH, "--json", home=own_home)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    causes = {c["id"]: c for c in document["causes"]}
    own, twin = causes["shipping_strike"], causes["growth"]
    assert own["name"] == "Shipping strike" and own["probability"] is not None
    assert own["status"] == twin["status"]
    others = [set(c["indistinguishable_from"]) - {"growth", "shipping_strike"} for c in (own, twin)]
    assert others[0] == others[1]
    assert ("growth" in own["indistinguishable_from"]) == ("shipping_strike" in twin["indistinguishable_from"])
    assert document["trigger_shares"]["shipping_strike"] > 0
    text = commands.selloff("explain", CRASH, home=own_home)
    assert text.returncode == 0 and "Shipping strike" in text.stdout


def test_a_wrong_one_is_named_with_its_field(own_home: Path):
    path = _own_cause(
        own_home,
        sign=(
            'spx = { sign = "-", basis = "published", p = [0.88',
            'spx = { sign = "-", basis = "published", p = [0.98',
        ),
    )
    done = commands.selloff("explain", CRASH, home=own_home)
    message = " ".join(done.stderr.split())
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert path.name in message and "signature.spx" in message and "adds up to 1.1" in message


def test_a_certain_cell_is_refused(own_home: Path):
    path = _own_cause(own_home, certain=("p = [0.88, 0.07, 0.05]", "p = [1.0, 0.0, 0.0]"))
    done = commands.selloff("explain", CRASH, home=own_home)
    message = " ".join(done.stderr.split())
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert path.name in message and "less than 1" in message


def test_a_requirement_that_does_not_exist_is_named(own_home: Path):
    text = (DATA / "causes" / "growth.toml").read_text(encoding="utf-8")
    requires = next(line for line in text.splitlines() if line.startswith("requires"))
    _own_cause(own_home, typo=(requires, 'requires = [["spxx"]]'))
    done = commands.selloff("explain", CRASH, home=own_home)
    message = " ".join(done.stderr.split())
    assert done.returncode == 2 and "'spxx', which does not exist" in message and "spx" in message


def test_an_id_that_is_taken_is_refused(own_home: Path):
    _own_cause(own_home, id=('id = "shipping_strike"', 'id = "inflation"'))
    done = commands.selloff("explain", CRASH, home=own_home)
    assert done.returncode == 2 and "'inflation' a second time" in " ".join(done.stderr.split())
