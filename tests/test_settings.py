"""Settings from the environment: every variable is read, and a wrong one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from selloff.errors import SettingsError
from selloff.settings import load_settings


def test_every_variable_is_read():
    given = {"HOME": "/h", "STORE": "s3://b/p", "OFFLINE": "yes", "MIRRORS": '{"*": "http://127.0.0.1:9"}'}
    found = load_settings({f"SELLOFF_{name}": value for name, value in given.items()} | {"HOME": "/x"})
    assert (found.home, found.store, found.offline) == (Path("/h"), "s3://b/p", True)
    assert found.mirrors == {"*": "http://127.0.0.1:9"}
    assert found.store_place == "s3://b/p"


def test_without_variables_the_platform_decides():
    found = load_settings({})
    assert found.home.name == "selloff"
    assert (found.store, found.offline, found.mirrors) == ("", False, {})


@pytest.mark.parametrize(
    ("name", "value"),
    [("SELLOFF_OFFLINE", "perhaps"), ("SELLOFF_MIRRORS", "no json"), ("SELLOFF_MIRRORS", "[1]")],
)
def test_a_wrong_value_names_its_variable(name: str, value: str):
    with pytest.raises(SettingsError, match=name):
        load_settings({name: value})
