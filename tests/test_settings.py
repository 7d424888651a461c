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


@pytest.mark.parametrize("empty", ["", " "])
def test_an_empty_variable_counts_as_unset(empty: str):
    names = ("HOME", "STORE", "OFFLINE", "MIRRORS")
    assert load_settings({f"SELLOFF_{name}": empty for name in names}) == load_settings({})


def test_the_home_of_the_user_is_put_in_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("HOME", str(tmp_path))
    found = load_settings({"SELLOFF_HOME": "~/data"})
    assert found.cache_path.parent == Path(found.store_place).parent == found.causes_path.parent == tmp_path / "data"
    assert load_settings({"SELLOFF_STORE": "~/store"}).store_place == str(tmp_path / "store")


@pytest.mark.parametrize("name", ["SELLOFF_HOME", "SELLOFF_STORE"])
def test_a_user_who_does_not_exist_is_named(name: str):
    with pytest.raises(SettingsError, match=f"{name} is '~nobody-of-this-name/x'.*no such user"):
        load_settings({name: "~nobody-of-this-name/x"})
