"""One HTTP client for every source: polite, bounded, and unable to leak a key or store half a body."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from selloff.catalog import Source
from selloff.errors import FetchError, OfflineError, PayloadError
from selloff.sources.answers import RefusedError, RetryableError, decompressed, refusal, wire_errors
from selloff.sources.contract import Ask
from selloff.sources.domains import Mirrors, check_url, redirected
from selloff.sources.keys import find_key, scrub, variable
from selloff.sources.limits import PROCESS, Limiter

if TYPE_CHECKING:
    import httpx2
    from hishel import SqliteStorage

_MEGABYTE = 1 << 20
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5

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
        place = f"`selloff data keys set {entry.account}` or set {variable(entry.account)}"
        super().__init__(f"{entry.name} needs a key.", f"Get one at {entry.contact}, then {place}.")


@dataclass
class Client:
    """Fetches what sources ask for.

    Parameters
    ----------
    cache : folder of the on-disk cache; None keeps nothing.
    offline : every fetch is an `OfflineError`, before any socket.
    mirrors : host → base address, for mirrors and tests; `*` stands for every host.
    keys : the user's key by the id of the source that it is kept for (`Source.account`), or None.
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
        FetchError : not reached, gone, cut short, or redirected elsewhere.
        RefusedError : restricted, a key that is not accepted, or a wait longer than `Patience.retry_after`.
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
            kind = FetchError if isinstance(error, RetryableError) else type(error)
            if kind not in {FetchError, RefusedError, PayloadError}:
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
        key = self.keys(entry.account)
        if key is None and entry.key == "required":
            raise MissingKeyError(entry)
        return key

    def _patiently(self, ask: Ask, entry: Source, key: str | None) -> Body:
        import stamina

        def again(error: Exception) -> bool | float:
            if not isinstance(error, RetryableError):
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
        origin, limit = urlsplit(url).hostname, entry.limit
        assert limit is not None
        for _ in range(_MOST_REDIRECTS + 1):
            with self.limiter.turn(entry.account, limit):
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
            "user-agent": f"selloff/{_version()} (research client for public data)",
            "accept": "*/*",
            "accept-encoding": "gzip, deflate",
            **{name.lower(): value for name, value in ask.headers.items()},
        }
        request = httpx2.Request("GET", self._mirrors.resolve(url), headers=headers, extensions=extensions)
        transport = self._plain if key is not None or self._cached is None else self._cached
        with wire_errors(entry.name):
            return transport.handle_request(request)

    def _received(self, response: httpx2.Response, ask: Ask, entry: Source, key: str | None) -> Body:
        status = response.status_code
        deadline = time.monotonic() + self.patience.total

        def parts() -> Iterator[bytes]:
            with wire_errors(entry.name):
                for part in response.iter_raw():
                    if time.monotonic() > deadline:
                        raise RetryableError(f"{entry.name} sent its body too slowly ({self.patience.total:g} s).")
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
            raise refusal(
                entry, ask.name, status, response.headers, content,
                now=self.clock(), longest=self.patience.retry_after,
            )  # fmt: skip
        caching = response.extensions.get("caching", {})
        kept = {name: value for name, value in response.headers.items() if name not in {"set-cookie", "set-cookie2"}}
        return Body(content, kept, status, self.clock(), bool(caching.get("from_cache", False)))


def _version() -> str:
    try:
        return version("selloff")
    except PackageNotFoundError:
        return "unknown"


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
