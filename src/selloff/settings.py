"""Settings from the environment."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import platformdirs
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from selloff.errors import SettingsError


class Settings(BaseSettings):
    """Where selloff keeps things, and what it may do.

    Attributes
    ----------
    home : folder of store and cache (`SELLOFF_HOME`; default: the platform's data folder).
    store : where the observations are instead of `store` in the home folder (`SELLOFF_STORE`): another folder, or
        `s3://bucket/prefix`.
    offline : forbid every network access but that to a store in a bucket (`SELLOFF_OFFLINE`).
    mirrors : host → base address at which it is reached instead (`SELLOFF_MIRRORS`, a JSON object; https, or http on
        this machine).
    """

    model_config = SettingsConfigDict(env_prefix="SELLOFF_", frozen=True, extra="ignore")

    home: Path = Path(platformdirs.user_data_dir("selloff", appauthor=False))
    store: str = ""
    offline: bool = False
    mirrors: dict[str, str] = Field(default_factory=dict)

    @cached_property
    def store_place(self) -> str:
        """Where the observation store lies: a folder, or `s3://bucket/prefix`."""
        return self.store or str(self.home / "store")

    @cached_property
    def cache_path(self) -> Path:
        """Folder of everything that can be computed again."""
        return self.home / "cache"


def load_settings() -> Settings:
    """The user's settings.

    Raises
    ------
    SettingsError : a value can't be used; the message names its environment variable.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = f"SELLOFF_{str(first['loc'][0]).upper()}"
        raise SettingsError(f"{name} is {first['input']!r}: {first['msg']}.", "Correct or unset it.") from error
