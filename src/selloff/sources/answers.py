"""What services answer: errors by status and on the wire, waiting times, and bodies decompressed within bounds."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from selloff.catalog import Source
from selloff.errors import FetchError, PayloadError
from selloff.sources.keys import variable

_MEGABYTE = 1 << 20
_LONGEST_ADDRESS = 120
_RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
_AGAIN = "Try again later; the rest of the pull is not affected."


class RetryableError(FetchError):
    """Worth another request, after `after` seconds if the service named a time."""

    def __init__(self, message: str, hint: str = _AGAIN, *, after: float | None = None) -> None:
        super().__init__(message, hint)
        self.after = after


class RefusedError(FetchError):
    """The host refuses whatever this user asks now: further requests would be refused too, and are not sent."""


def refusal(
    entry: Source,
    asked: str,
    status: int,
    headers: Mapping[str, str],
    content: bytes,
    *,
    now: datetime,
    longest: float,
) -> FetchError:
    """The error that a status other than success means, with what the service said about it.

    Parameters
    ----------
    longest : the longest `Retry-After` that is waited for, in seconds.
    """
    said = _excerpt(headers, content)
    what = f"{entry.name} answered {status} to {_brief(asked)}{said}."
    if status in _RETRIED:
        after = retry_after(headers.get("retry-after"), now)
        if after is not None and after > longest:
            return RefusedError(f"{entry.name} asks to wait {after:.0f} s before the next request.", _AGAIN)
        return RetryableError(what, after=after)
    if status in {401, 403} and entry.key != "none":
        place = f"`selloff data keys set {entry.account}`, or {variable(entry.account)} in the environment"
        return RefusedError(what, f"Check the key: {place}.")
    if status in {401, 403}:
        return FetchError(what, f"The service refuses this program or this address; see {entry.contact}.")
    if status in {404, 410}:
        return FetchError(what, "The address or the code may have changed: the catalogue entry needs an update.")
    if status == 451:
        return RefusedError(
            f"{entry.name} may not be used from where you are, for legal reasons (451){said}.",
            "Leave this source out: `selloff data pull` takes the names of the ones you want.",
        )
    return FetchError(what, "Nothing was stored.")


def _brief(asked: str) -> str:
    """The address as it may appear in a message: queries can be pages long."""
    return asked if len(asked) <= _LONGEST_ADDRESS else f"{asked[:_LONGEST_ADDRESS]}…"


def _excerpt(headers: Mapping[str, str], content: bytes) -> str:
    """What an error body says, if it is short text."""
    if "html" in headers.get("content-type", "") or not content or len(content) > 2000:
        return ""
    text = " ".join(content.decode("utf-8", "replace").split())
    return f" ({text[:160]})" if text.isprintable() and not text.startswith("<") else ""


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds to wait, from a Retry-After header in seconds or as a date; None if absent or unreadable."""
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def decompressed(parts: Iterator[bytes], encoding: str, cap: int, name: str) -> Iterator[bytes]:
    """Decompressed pieces of a body, never more than `cap` bytes and never a piece above a megabyte.

    Raises
    ------
    PayloadError : above `cap`, an unknown encoding, or not what the encoding promises.
    """
    total = 0
    for piece in _inflated(parts, encoding.strip().lower(), name):
        total += len(piece)
        if total > cap:
            raise PayloadError(
                f"{name} sent more than {cap >> 20:,} MiB.", "Nothing was stored: no body of this source is that large."
            )
        yield piece


def _inflated(parts: Iterator[bytes], encoding: str, name: str) -> Iterator[bytes]:
    if encoding in {"", "identity"}:
        yield from parts
        return
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise PayloadError(f"{name} sent the unknown encoding {encoding!r}.", "Nothing was stored.")
    inflater = None
    for part in parts:
        if inflater is None:
            window = zlib.MAX_WBITS | 32 if encoding != "deflate" or part[:1] == b"\x78" else -zlib.MAX_WBITS
            inflater = zlib.decompressobj(window)
        data = part
        while data:
            try:
                yield inflater.decompress(data, _MEGABYTE)
            except zlib.error as error:
                raise PayloadError(f"{name} sent a broken {encoding} body: {error}.", "Nothing was stored.") from None
            data = inflater.unconsumed_tail
            if inflater.eof and inflater.unused_data:
                data, inflater = inflater.unused_data, zlib.decompressobj(zlib.MAX_WBITS | 32)
    if inflater is not None and not inflater.eof:
        raise RetryableError(f"{name} sent a {encoding} body that ends too early.")


@contextmanager
def wire_errors(name: str) -> Iterator[None]:
    """Turn what goes wrong on the wire into an error that is tried again, or not."""
    import httpcore2

    from selloff.sources.wire import LengthError

    try:
        yield
    except httpcore2.TimeoutException:
        raise RetryableError(f"{name} did not answer in time.") from None
    except LengthError:
        raise RetryableError(f"{name} sent more bytes than it announced, so the body is cut.") from None
    except httpcore2.UnsupportedProtocol as error:
        raise FetchError(f"{name} can't be asked: {error}.", "The proxy settings of this machine are wrong.") from None
    except httpcore2.ProtocolError:
        raise RetryableError(f"{name} cut its answer short, or broke the protocol.") from None
    except httpcore2.NetworkError as error:
        if "CERTIFICATE" in str(error).upper():
            what = f"The certificate of {name} can't be verified."
            raise FetchError(what, "Nothing was sent; check this machine's clock and proxy.") from None
        raise RetryableError(f"{name} can't be reached, or dropped the connection.") from None
    except (httpcore2.ProxyError, OSError):
        raise RetryableError(f"{name} can't be reached through this machine's network or proxy.") from None
