"""Reading TOML, and entries out of it. The reader is the compiled `tomli`, or Python's own `tomllib` where that is
missing; both read the same.

The catalogue is half a megabyte of TOML. `tomllib` takes 50 ms for it, a compiled reader a third of that.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from selloff.errors import CatalogError

if TYPE_CHECKING:
    from tomllib import TOMLDecodeError, loads
else:
    try:
        from tomli import TOMLDecodeError, loads
    except ImportError:
        from tomllib import TOMLDecodeError, loads


def read_toml(path: Path) -> dict[str, Any]:
    """The content of a file.

    Raises
    ------
    CatalogError : it can't be read, or is not TOML.
    """
    try:
        return loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise CatalogError(f"{path} can't be read: {error.strerror}.", "Mend or remove it.") from error
    except TOMLDecodeError as error:
        raise CatalogError(f"{path.name} is not valid TOML: {error}.", "Mend that line.") from error
    except UnicodeDecodeError as error:
        raise CatalogError(f"{path.name} is not in UTF-8 (byte {error.start}).", "Save it as UTF-8.") from error
    except RecursionError as error:
        raise CatalogError(f"{path.name} is nested too deeply.", "Write it with fewer levels.") from error
    except ValueError as error:
        raise CatalogError(f"{path.name} has a value that can't be read: {error}.", "Mend that value.") from error


Model = TypeVar("Model", bound=BaseModel)


def build_entry(model: type[Model], values: Mapping[str, Any], path: Path) -> Model:
    """One entry of a file as its model.

    Raises
    ------
    CatalogError : it does not fit; the message names file, entry and field.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole entry"
        reason = first["msg"].removeprefix("Value error, ")
        what = f"{path.name}, {values.get('id', 'an entry without id')!r}, {where}: {reason}."
        raise CatalogError(what, "Mend that field.") from error
