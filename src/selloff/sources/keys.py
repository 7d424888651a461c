"""Keys of services: from the environment, else from the operating system's keyring; never from a file."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

from selloff.errors import SelloffError

SERVICE = "selloff"
_INDEX = "keys-of"
_SHORTEST_SECRET = 4


class KeyringError(SelloffError, RuntimeError):
    """The operating system's keyring can't be used."""


def variable(source: str) -> str:
    """Name of the environment variable that holds a source's key."""
    return f"SELLOFF_KEY_{source.upper()}"


def _keyring_error(error: Exception, what: str) -> KeyringError:
    return KeyringError(
        f"The keyring can't {what}: {type(error).__name__}.",
        "Unlock or install one, or set SELLOFF_KEY_<SOURCE> in the environment instead.",
    )


def find_key(source: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """The user's key for a source, or None. A keyring that does not work counts as one without the key."""
    given = environment.get(variable(source), "").strip()
    if given:
        return given
    import keyring
    from keyring.errors import KeyringError as BackendError

    try:
        return keyring.get_password(SERVICE, source) or None
    except (BackendError, OSError, RuntimeError):
        return None


def stored_keys() -> tuple[str, ...]:
    """Sources whose key is in the keyring, sorted. A keyring can't be listed, so it also holds this list."""
    import keyring
    from keyring.errors import KeyringError as BackendError

    try:
        text = keyring.get_password(SERVICE, _INDEX)
    except (BackendError, OSError, RuntimeError) as error:
        raise _keyring_error(error, "be read") from None
    return tuple(sorted(json.loads(text))) if text else ()


def store_key(source: str, key: str) -> None:
    """Put a key into the keyring.

    Raises
    ------
    KeyringError : there is no keyring, or it is locked.
    """
    import keyring
    from keyring.errors import KeyringError as BackendError

    try:
        keyring.set_password(SERVICE, source, key)
        keyring.set_password(SERVICE, _INDEX, json.dumps(sorted({*stored_keys(), source})))
    except (BackendError, OSError, RuntimeError) as error:
        raise _keyring_error(error, "keep a key") from None


def remove_key(source: str) -> bool:
    """Take a key out of the keyring; whether there was one."""
    import keyring
    from keyring.errors import KeyringError as BackendError

    known = stored_keys()
    try:
        if keyring.get_password(SERVICE, source) is None:
            return False
        keyring.delete_password(SERVICE, source)
        keyring.set_password(SERVICE, _INDEX, json.dumps([s for s in known if s != source]))
    except (BackendError, OSError, RuntimeError) as error:
        raise _keyring_error(error, "remove a key") from None
    return True


def scrub(text: str, key: str | None) -> str:
    """The text without the key, as it is or percent-encoded."""
    if key is None or len(key) < _SHORTEST_SECRET:
        return text
    from urllib.parse import quote, quote_plus

    for form in {key, quote(key, safe=""), quote_plus(key)}:
        text = text.replace(form, "***")
    return text
