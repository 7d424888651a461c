"""Files of the catalogue and their entries: read and validated, or one clear message that names file and field."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from selloff.errors import CatalogError

Model = TypeVar("Model", bound=BaseModel)


def read_file(path: Path) -> dict[str, Any]:
    """The values of a file.

    Raises
    ------
    CatalogError : it is no TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise CatalogError(f"{path.name} is not valid TOML: {error}.", "Mend that line.") from error


def build_entry(model: type[Model], values: Mapping[str, Any], path: Path) -> Model:
    """One entry of a file; `path` is named in the message.

    Raises
    ------
    CatalogError : a field is missing, unknown or wrong.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole entry"
        what = f"{path.name}, {values.get('id', 'an entry without id')!r}, {where}: {first['msg']}."
        raise CatalogError(what, "Mend that field.") from error
