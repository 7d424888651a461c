"""The last step before the socket: TLS verified, keys added, bodies measured against what the service promised.

It sits below the cache, so that neither a key nor a body of the wrong length ever reaches the disk.
"""

from __future__ import annotations

import ssl
import threading
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import httpcore2
import httpx2

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_HEAD_LIMIT = 256 * 1024
_VALIDATORS = frozenset({b"etag", b"last-modified"})


class LengthError(Exception):
    """More bytes arrived than Content-Length promised, so the body was cut."""


class _Counted(httpcore2.NetworkStream):
    """A stream that knows how many bytes of body arrived since the last request was written."""

    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream
        self._head: bytes | None = b""
        self.body_bytes = 0

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._stream.read(max_bytes, timeout)
        if self._head is None:
            self.body_bytes += len(data)
            return data
        self._head += data
        end = self._head.find(b"\r\n\r\n")
        if end >= 0 or len(self._head) > _HEAD_LIMIT:
            self.body_bytes = len(self._head) - (end + 4) if end >= 0 else 0
            self._head = None
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._head, self.body_bytes = b"", 0
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return _Counted(self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore2.SyncBackend):
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        return _Counted(super().connect_tcp(host, port, timeout, local_address, socket_options))


class _Measured(httpx2.SyncByteStream):
    """A body that ends in an error if it is longer than promised; a shorter one is an error of the protocol itself."""

    def __init__(self, response: httpcore2.Response, promised: int | None, cap: int) -> None:
        self._response = response
        self._promised = promised
        self._cap = cap

    def __iter__(self) -> Iterator[bytes]:
        seen = 0
        for part in self._response.iter_stream():
            seen += len(part)
            yield part
            if seen > self._cap:
                return
        stream = self._response.extensions.get("network_stream")
        if self._promised is not None and isinstance(stream, _Counted) and stream.body_bytes > self._promised:
            # the next answer on this connection would begin with what is left of this one
            stream.close()
            raise LengthError

    def close(self) -> None:
        self._response.close()


def _promised_length(headers: list[tuple[bytes, bytes]]) -> int | None:
    names = {name.lower(): value for name, value in headers}
    if b"transfer-encoding" in names or b"content-length" not in names:
        return None
    return int(names[b"content-length"])


def _always_revalidated(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Headers that let the cache keep a body, but use it only after the service said that it is unchanged.

    A service's own max-age would answer an evening pull with the morning's file, and the heuristic of RFC 9111 4.2.2
    would hide a new file for days.
    """
    kept = [(name, value) for name, value in headers if name.lower() not in {b"cache-control", b"expires", b"pragma"}]
    said = b",".join(value.lower() for name, value in headers if name.lower() == b"cache-control")
    validated = any(name.lower() in _VALIDATORS for name, _ in headers)
    rule = b"no-cache" if validated and b"no-store" not in said else b"no-store"
    return [*kept, (b"cache-control", rule)]


def _made_pool(proxy: str | None, *, secure: bool) -> httpcore2.ConnectionPool:
    parts = httpx2.Proxy(proxy) if proxy is not None else None
    return httpcore2.ConnectionPool(
        # Reading the certificates takes 15 ms, which a mirror on this machine has no use for.
        ssl_context=httpx2.create_ssl_context() if secure else None,
        proxy=httpcore2.Proxy(str(parts.url), auth=parts.raw_auth) if parts is not None else None,
        max_connections=64,
        max_keepalive_connections=16,
        keepalive_expiry=5.0,
        http1=True,
        http2=False,
        network_backend=_Backend(),
    )


class Wire(httpx2.BaseTransport):
    """HTTP/1.1 over verified TLS, through the proxy that the environment names.

    Parameters
    ----------
    cap : bytes after which a body is no longer read.
    """

    def __init__(self, cap: int, proxies: Callable[[], dict[str, str]] = urllib.request.getproxies) -> None:
        self._cap = cap
        self._proxies = proxies
        self._pools: dict[tuple[str | None, bool], httpcore2.ConnectionPool] = {}
        self._lock = threading.Lock()

    def _proxy_for(self, request: httpx2.Request) -> str | None:
        host = request.url.host
        if host in LOOPBACK or urllib.request.proxy_bypass(host):
            return None
        found = self._proxies()
        return found.get(request.url.scheme) or found.get("all")

    def _pool(self, proxy: str | None, *, secure: bool) -> httpcore2.ConnectionPool:
        with self._lock:
            if (proxy, secure) not in self._pools:
                self._pools[proxy, secure] = _made_pool(proxy, secure=secure)
            return self._pools[proxy, secure]

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        secret = request.extensions.get("selloff_key")
        url, headers = request.url, list(request.headers.raw)
        if secret is not None:
            param, header, key = secret
            url = url.copy_add_param(param, key) if param else url
            headers = [*headers, (header.encode(), key.encode())] if header else headers
        extensions = {"timeout": request.extensions.get("timeout", {})}
        sent = httpcore2.Request(
            "GET",
            httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=headers,
            extensions=extensions,
        )
        proxy = self._proxy_for(request)
        secure = url.scheme == "https" or (proxy is not None and proxy.startswith("https:"))
        response = self._pool(proxy, secure=secure).handle_request(sent)
        return httpx2.Response(
            response.status,
            headers=_always_revalidated(response.headers),
            stream=_Measured(response, _promised_length(response.headers), self._cap),
        )

    def close(self) -> None:
        for pool in self._pools.values():
            pool.close()
