"""Settings from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, Json, ValidationError, field_validator

from selloff.errors import SettingsError

PREFIX = "SELLOFF_"


class Settings(BaseModel):
    """Where selloff keeps things, and what it may do. A `~` in a folder is the user's home.

    Attributes
    ----------
    home : folder of store and cache (`SELLOFF_HOME`; default: the platform's data folder).
    store : where the observations are instead of `store` in the home folder (`SELLOFF_STORE`): another folder, or
        `s3://bucket/prefix`.
    offline : forbid every network access but that to a store in a bucket (`SELLOFF_OFFLINE`).
    mirrors : host → base address at which it is reached instead (`SELLOFF_MIRRORS`, a JSON object; https, or http on
        this machine).
    """

    model_config = ConfigDict(frozen=True)

    home: Path = Path(platformdirs.user_data_dir("selloff", appauthor=False))
    store: str = ""
    offline: bool = False
    mirrors: Json[dict[str, str]] = Field(default_factory=dict)

    @field_validator("home")
    @classmethod
    def _expanded(cls, home: Path) -> Path:
        """`~` is put in its place once, so that store and cache lie in the same folder."""
        try:
            return home.expanduser()
        except RuntimeError as error:
            raise ValueError("there is no such user") from error

    @field_validator("store")
    @classmethod
    def _expanded_store(cls, store: str) -> str:
        return str(cls._expanded(Path(store))) if store.startswith("~") else store

    @cached_property
    def store_place(self) -> str:
        """Where the observation store lies: a folder, or `s3://bucket/prefix`."""
        return self.store or str(self.home / "store")

    @cached_property
    def causes_path(self) -> Path:
        """Folder of the user's own causes, one TOML file each."""
        return self.home / "causes"

    @cached_property
    def cache_path(self) -> Path:
        """Folder of everything that can be computed again."""
        return self.home / "cache"


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The user's settings. A variable that is empty counts as one that is not set.

    Raises
    ------
    SettingsError : a value can't be used; the message names its environment variable.
    """
    # Not pydantic-settings: it loads asyncio and a parser of .env files, a twentieth of a whole `explain`.
    names = {field: f"{PREFIX}{field.upper()}" for field in Settings.model_fields}
    try:
        return Settings.model_validate({f: environment[n] for f, n in names.items() if environment.get(n, "").strip()})
    except ValidationError as error:
        first = error.errors()[0]
        raise SettingsError(
            f"{names[str(first['loc'][0])]} is {first['input']!r}: {first['msg']}.", "Correct or unset it."
        ) from error
