"""Every error a caller may meet: what was wrong, with what, and the next step.

Each error has `SelloffError` at its root and is also the builtin a caller would expect.
The command line prints `message` and `hint` and exits with code 2; it never shows a traceback for these.
"""

from __future__ import annotations


class SelloffError(Exception):
    """Root of all selloff errors.

    Parameters
    ----------
    message : what was wrong, and with what.
    hint : what to do next.
    """

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(f"{message} {hint}".strip())
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class SettingsError(SelloffError, ValueError):
    """An environment variable or setting has a value that can't be used."""


class CatalogError(SelloffError, ValueError):
    """A catalogue file is malformed or contradicts another one."""


class SeriesNotFoundError(SelloffError, KeyError):
    """A series id is not in the catalogue."""

    __str__ = SelloffError.__str__


class EpisodeNotFoundError(SelloffError, KeyError):
    """A name is neither a date nor an episode or alias of the catalogue."""

    __str__ = SelloffError.__str__


class WindowError(SelloffError, ValueError):
    """A date, window or as-of moment cannot be used."""


class PictureNotFoundError(SelloffError, KeyError):
    """A picture has no such name, or nothing to show."""

    __str__ = SelloffError.__str__


class NoDataError(SelloffError, LookupError):
    """The store holds nothing that could answer the question."""


class UnitError(SelloffError, ValueError):
    """A value's unit is not the one the catalogue declares."""


class MappingError(SelloffError, ValueError):
    """A mapping file of an import is malformed, or names what does not exist."""


class StoreError(SelloffError, OSError):
    """The store cannot be read or written."""


class StoreVersionError(StoreError):
    """The store was written by a newer selloff."""


class PayloadError(SelloffError, ValueError):
    """A fetched or imported payload is not what its format promises; nothing of it was stored."""


class OfflineError(SelloffError, ConnectionError):
    """A network access was needed while SELLOFF_OFFLINE is set."""


class FetchError(SelloffError, ConnectionError):
    """A source could not be reached, or did not deliver what was asked for."""


class ScorecardError(SelloffError, ValueError):
    """A file of labels, or another input of the scorecard, is missing or malformed."""


class NotScoredError(ScorecardError):
    """A tier needs a file that was not named."""
