"""Keys: environment first, then the keyring; never in a text."""

from __future__ import annotations

from collections.abc import Iterator

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring

from selloff.sources.keys import KeyringError, find_key, remove_key, scrub, store_key, stored_keys


class InMemory(KeyringBackend):
    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture(autouse=True)
def ring() -> Iterator[InMemory]:
    before = keyring.get_keyring()
    memory = InMemory()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


def test_set_list_remove(ring: InMemory) -> None:
    store_key("fred", "abcdef")
    store_key("alphavantage", "ghijkl")
    assert stored_keys() == ("alphavantage", "fred")
    assert find_key("fred", {}) == "abcdef"
    assert all(service == "selloff" for service, _ in ring.kept)
    assert remove_key("fred") and not remove_key("fred")
    assert stored_keys() == ("alphavantage",) and find_key("fred", {}) is None


def test_the_environment_comes_first() -> None:
    store_key("fred", "from-the-ring")
    assert find_key("fred", {"SELLOFF_KEY_FRED": " from-the-environment "}) == "from-the-environment"
    assert find_key("fred", {"SELLOFF_KEY_FRED": ""}) == "from-the-ring"


def test_without_a_keyring() -> None:
    keyring.set_keyring(NoKeyring())
    assert find_key("fred", {}) is None
    for attempt in (lambda: store_key("fred", "abcdef"), stored_keys, lambda: remove_key("fred")):
        with pytest.raises(KeyringError, match="SELLOFF_KEY_"):
            attempt()


def test_scrub() -> None:
    key = "a/b+c&d"
    assert scrub(f"x {key} a%2Fb%2Bc%26d y", key) == "x *** *** y"
    assert scrub("text", None) == "text"
