"""One HTTP client for every source: polite, bounded, and unable to leak a key or store half a body."""

from __future__ import annotations

import hashlib
import logging
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from selloff.catalog import Source
from selloff.errors import FetchError, OfflineError, PayloadError
from selloff.sources.contract import Ask
from selloff.sources.domains import Mirrors, check_url, redirected
from selloff.sources.keys import find_key, scrub, variable
from selloff.sources.limits import PROCESS, Limiter

if TYPE_CHECKING:
    import httpx2
    from hishel import SqliteStorage

_MEGABYTE = 1 << 20
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
_MOST_REDIRECTS = 5
_AGAIN = "Try again later; the rest of the pull is not affected."

for _library in ("stamina", "hishel"):
    logging.getLogger(_library).addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Patience:
    """How long to wait for a service, in seconds.

    Attributes
    ----------
    attempts : requests before giving up.
    first, longest, jitter : the first pause, the longest one, and the random part of each.
    retry_after : the longest `Retry-After` that is waited for; a longer one is an error that names it.
    connect, read, total : limits of connecting, of a silence within a body, and of one attempt as a whole.
    """

    attempts: int = 4
    first: float = 0.5
    longest: float = 20.0
    jitter: float = 1.0
    retry_after: float = 60.0
    connect: float = 10.0
    read: float = 30.0
    total: float = 180.0


@dataclass(frozen=True)
class Body:
    """A complete body, decompressed.

    `from_cache` : the service said that the stored bytes are unchanged. `fetched_at` : aware moment of its answer.
    """

    content: bytes
    headers: Mapping[str, str]
    status: int
    fetched_at: datetime
    from_cache: bool


class MissingKeyError(FetchError):
    """A source needs a key that the user has not given."""

    def __init__(self, entry: Source) -> None:
        super().__init__(
            f"{entry.name} needs a key.",
            f"Get one at {entry.contact}, then `selloff data keys set {entry.id}` or set {variable(entry.id)}.",
        )


class _RetryableError(FetchError):
    def __init__(self, message: str, hint: str = _AGAIN, *, after: float | None = None) -> None:
        super().__init__(message, hint)
        self.after = after


@dataclass
class Client:
    """Fetches what sources ask for.

    Parameters
    ----------
    cache : folder of the on-disk cache; None keeps nothing.
    offline : every fetch is an `OfflineError`, before any socket.
    mirrors : host → base address, for mirrors and tests; `*` stands for every host.
    keys : the user's key for a source id, or None.
    cap : the most bytes a body may have, before and after decompression.
    """

    cache: Path | None = None
    offline: bool = False
    mirrors: Mapping[str, str] = field(default_factory=dict)
    keys: Callable[[str], str | None] = find_key
    patience: Patience = field(default_factory=Patience)
    limiter: Limiter = PROCESS
    cap: int = 96 * _MEGABYTE
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def __post_init__(self) -> None:
        from selloff.sources.wire import Wire

        self._mirrors = Mirrors(dict(self.mirrors))
        self._plain: httpx2.BaseTransport = Wire(self.cap)
        self._cached: httpx2.BaseTransport | None = None
        self._storage: SqliteStorage | None = None
        if self.cache is not None and not self.offline:
            from hishel import CacheOptions, SqliteStorage
            from hishel.httpx2 import CacheTransport

            self.cache.mkdir(parents=True, exist_ok=True)
            self._storage = SqliteStorage(
                database_path=self.cache / "http-2.db", max_stream_size=self.cap, max_size=512 * _MEGABYTE
            )
            self._cached = CacheTransport(self._plain, storage=self._storage, rfc=CacheOptions(shared=False))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close connections and the cache."""
        (self._cached or self._plain).close()

    # -- fetch ---------------------------------------------------------------------------------------------

    def fetch(self, ask: Ask, entry: Source) -> Body:
        """The body of one request, after retries.

        Keys are read here and go no further than the socket: a request that carries one is never cached, and the key is
        blotted out of the body and of every message.

        Raises
        ------
        OfflineError : network access is forbidden.
        MissingKeyError : the source requires a key.
        FetchError : not reached, refused, gone, restricted, cut short, or redirected elsewhere.
        PayloadError : larger than `cap`, or compressed in a way that can't be read.
        """
        if self.offline:
            raise OfflineError(
                f"{entry.name} needs the network, and SELLOFF_OFFLINE forbids it.", "Unset SELLOFF_OFFLINE."
            )
        check_url(ask.url)
        key = self._key(ask, entry)
        try:
            return self._patiently(ask, entry, key)
        except (FetchError, PayloadError) as error:
            kind = FetchError if isinstance(error, _RetryableError) else type(error)
            if kind not in {FetchError, PayloadError}:
                raise
            raise kind(scrub(error.message, key), scrub(error.hint, key)) from None

    def forget(self, ask: Ask) -> None:
        """Drop the stored body of a request, for one that turned out to be no data."""
        if self._storage is not None:
            for entry in self._storage.get_entries(_cache_key(ask)):
                self._storage.remove_entry(entry.id)

    def _key(self, ask: Ask, entry: Source) -> str | None:
        if ask.key_param is None and ask.key_header is None:
            return None
        key = self.keys(entry.id)
        if key is None and entry.key == "required":
            raise MissingKeyError(entry)
        return key

    def _patiently(self, ask: Ask, entry: Source, key: str | None) -> Body:
        import stamina

        def again(error: Exception) -> bool | float:
            if not isinstance(error, _RetryableError):
                return False
            return error.after if error.after is not None else True

        patience = self.patience
        for attempt in stamina.retry_context(
            on=again,
            attempts=patience.attempts,
            timeout=None,
            wait_initial=patience.first,
            wait_max=patience.longest,
            wait_jitter=patience.jitter,
        ):
            with attempt:
                return self._once(ask, entry, key)
        raise AssertionError("unreachable")

    def _once(self, ask: Ask, entry: Source, key: str | None) -> Body:
        url = f"{ask.url}?{urlencode(ask.params)}" if ask.params else ask.url
        origin = urlsplit(url).hostname
        for _ in range(_MOST_REDIRECTS + 1):
            with self._turn(entry):
                secret = key if urlsplit(url).hostname == origin else None
                response = self._send(url, ask, entry, secret)
                try:
                    if response.status_code in _REDIRECTS:
                        target = redirected(url, self._mirrors.resolve(url), response.headers.get("location", ""))
                        url = _without(target, ask.key_param)
                        continue
                    return self._received(response, ask, entry, key)
                finally:
                    response.close()
        raise FetchError(f"{entry.name} redirects in circles.", "Nothing was stored.")

    def _turn(self, entry: Source):  # type: ignore[no-untyped-def]  # noqa: ANN202
        assert entry.limit is not None
        return self.limiter.turn(entry.id, entry.limit)

    def _send(self, url: str, ask: Ask, entry: Source, key: str | None) -> httpx2.Response:
        import httpx2

        patience = self.patience
        extensions: dict[str, object] = {
            "timeout": {
                "connect": patience.connect, "read": patience.read, "write": patience.read, "pool": patience.total,
            },
            "caching": {"key": _cache_key(ask)},
        }  # fmt: skip
        if key is not None:
            extensions["selloff_key"] = (ask.key_param, ask.key_header, key)
        headers = {
            "User-Agent": f"selloff/{version('selloff')} (+https://pypi.org/project/selloff)",
            "Accept": "*/*",
            "Accept-Encoding": "gzip, deflate",
            **ask.headers,
        }
        request = httpx2.Request("GET", self._mirrors.resolve(url), headers=headers, extensions=extensions)
        transport = self._plain if key is not None or self._cached is None else self._cached
        with _wire_errors(entry):
            return transport.handle_request(request)

    def _received(self, response: httpx2.Response, ask: Ask, entry: Source, key: str | None) -> Body:
        status = response.status_code
        deadline = time.monotonic() + self.patience.total

        def parts() -> Iterator[bytes]:
            with _wire_errors(entry):
                for part in response.iter_raw():
                    if time.monotonic() > deadline:
                        raise _RetryableError(f"{entry.name} sent its body too slowly ({self.patience.total:g} s).")
                    yield part

        encoding = response.headers.get("content-encoding", "")
        try:
            content = b"".join(decompressed(parts(), encoding, self.cap, entry.name))
        except PayloadError:
            self.forget(ask)
            raise
        if key is not None:
            content = content.replace(key.encode(), b"*" * len(key.encode()))
        if not 200 <= status < 300 or status == 206:
            raise self._refusal(status, response.headers, content, ask, entry)
        caching = response.extensions.get("caching", {})
        kept = {name: value for name, value in response.headers.items() if name not in {"set-cookie", "set-cookie2"}}
        return Body(content, kept, status, self.clock(), bool(caching.get("from_cache", False)))

    def _refusal(
        self, status: int, headers: Mapping[str, str], content: bytes, ask: Ask, entry: Source
    ) -> FetchError:
        said = _excerpt(headers, content)
        what = f"{entry.name} answered {status} to {ask.name}{said}."
        if status in _RETRIED:
            after = retry_after(headers.get("retry-after"), self.clock())
            if after is not None and after > self.patience.retry_after:
                return FetchError(f"{entry.name} asks to wait {after:.0f} s before the next request.", _AGAIN)
            return _RetryableError(what, after=after)
        if status in {401, 403}:
            takes_key = entry.key != "none"
            hint = (
                f"Check the key: `selloff data keys set {entry.id}`, or {variable(entry.id)} in the environment."
                if takes_key
                else f"The service refuses this program or this address; see {entry.contact}."
            )
            return FetchError(what, hint)
        if status in {404, 410}:
            return FetchError(what, "The address or the code may have changed: the catalogue entry needs an update.")
        if status == 451:
            return FetchError(
                f"{entry.name} may not be used from where you are, for legal reasons (451){said}.",
                "Leave this source out: `selloff data pull` takes the names of the ones you want.",
            )
        return FetchError(what, "Nothing was stored.")


def _cache_key(ask: Ask) -> str:
    identity = "\n".join((ask.name, *(f"{name}: {value}" for name, value in sorted(ask.headers.items()))))
    return hashlib.sha256(identity.encode()).hexdigest()


def _without(url: str, param: str | None) -> str:
    """The URL without a query parameter: services echo the key in their redirects."""
    if param is None:
        return url
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != param]
    return urlunsplit(parts._replace(query=urlencode(kept), fragment=""))


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
        raise _RetryableError(f"{name} sent a {encoding} body that ends too early.")


class _wire_errors:  # noqa: N801
    """Turn what goes wrong on the wire into an error that is tried again, or not."""

    def __init__(self, entry: Source) -> None:
        self._name = entry.name

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        import httpcore2

        from selloff.sources.wire import LengthError

        name = self._name
        if isinstance(error, httpcore2.TimeoutException):
            raise _RetryableError(f"{name} did not answer in time.") from None
        if isinstance(error, LengthError):
            raise _RetryableError(f"{name} sent more bytes than it announced, so the body is cut.") from None
        if isinstance(error, httpcore2.ProtocolError):
            raise _RetryableError(f"{name} cut its answer short, or broke the protocol.") from None
        if isinstance(error, httpcore2.ConnectError) and "CERTIFICATE" in str(error).upper():
            raise FetchError(
                f"The certificate of {name} can't be verified.", "Nothing was sent; check this machine's clock and proxy."
            ) from None
        if isinstance(error, httpcore2.NetworkError | httpcore2.ProxyError | OSError):
            raise _RetryableError(f"{name} can't be reached, or dropped the connection.") from None
        if isinstance(error, httpcore2.UnsupportedProtocol | RuntimeError):
            raise FetchError(f"{name} can't be asked: {type(error).__name__}.", "Remove the cache folder.") from None
