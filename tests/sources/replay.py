"""A server on 127.0.0.1 that answers with recorded bodies, and does to them what the world does.

A recording is a folder with bodies and `requests.toml`: `[[answer]]` with `url`, `params` (those that tell the
request from others; more may be sent; a list is a repeated one), `file`, `status`, `headers`, and `codes` where no
plan asks for it. The answer with the most matching params wins. Above them, if requests carry dates: `today` and
`stored`, the day of the plan and the last stored day that it starts from. An answer with `error = true`, another
status than 200, or a file whose name has error, note, information, invalid, limit, no_data, html or javascript in it
is an error of the service.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import socket
import threading
import time
import tomllib
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

TRANSPORT_FAULTS = (
    "slow", "cut", "too_long", "429", "429_far", "500", "gzip_bomb", "gzip_cut", "redirect_elsewhere", "drop", "403",
    "404", "451",
)  # fmt: skip
CONTENT_FAULTS = ("non_utf8", "invalid_json", "captcha", "empty")
FAULTS = (*TRANSPORT_FAULTS, *CONTENT_FAULTS)
BOMB_BYTES = 64 << 20
CAPTCHA = b"""<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><form id="challenge-form"
action="/?__cf_chl_f_tk=x"><p>Verify you are human, 1 of 2.</p></form><script>window._cf_chl_opt={}</script></body>
</html>
"""


_NUMBERS = count()
_ERROR = re.compile("error|note|information|invalid|limit|no_data|html|javascript")


@lru_cache(maxsize=1)
def bomb() -> bytes:
    """64 MiB of zeros in 64 kB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(BOMB_BYTES >> 20)) + packer.flush()


@dataclass(frozen=True)
class Answer:
    url: str
    content: bytes
    params: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    file: str = ""
    codes: tuple[str, ...] = ()
    error: bool = False

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Query parameters, repeated ones each by itself."""
        return [(k, str(v)) for k, vs in self.params.items() for v in ([vs] if isinstance(vs, str) else vs)]

    @property
    def is_error(self) -> bool:
        """It is an error of the service's own."""
        return self.error or self.status != 200 or _ERROR.search(self.file) is not None


def recording(folder: Path) -> list[Answer]:
    """The answers of a recording."""
    return [
        Answer(
            a["url"],
            (folder / a["file"]).read_bytes(),
            a.get("params", {}),
            a.get("status", 200),
            a.get("headers", {}),
            a["file"],
            tuple(a.get("codes", ())),
            a.get("error", False),
        )
        for a in _toml(folder)["answer"]
    ]


def plan_dates(folder: Path) -> tuple[date | None, date | None]:
    """`today` and `stored` of a recording."""
    known = _toml(folder)
    return known.get("today"), known.get("stored")


def _toml(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "requests.toml").read_text(encoding="utf-8"))


def matching(answers: Sequence[Answer], url: str, params: Sequence[tuple[str, str]]) -> Answer | None:
    """The most specific answer to a request, or None."""
    sent = set(params)
    fits = [a for a in answers if a.url == url and set(a.pairs) <= sent]
    return max(fits, key=lambda a: len(a.pairs), default=None)


@dataclass
class Seen:
    url: str
    params: list[tuple[str, str]]
    headers: Mapping[str, str]


class Replay:
    """The server's state: what it answers, which fault it injects (`times` requests, None is always), what it saw."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        self.answers = list(answers)
        self.fault: str | None = None
        self.times: int | None = None
        self.delay = 0.0
        self.validators = True
        self.seen: list[Seen] = []
        self.not_modified = 0
        self.base = ""

    @property
    def mirrors(self) -> dict[str, str]:
        hosts = {urlsplit(a.url).hostname or "" for a in self.answers}
        return {"*": f"{self.base}/elsewhere", **{h: f"{self.base}/{h}" for h in hosts}}

    def next_fault(self) -> str | None:
        if self.fault is None or self.times == 0:
            return None
        if self.times is not None:
            self.times -= 1
        return self.fault


def _handler(playing: Mapping[str, Replay]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Headers and body are two writes: Nagle's algorithm would hold the second one for 40 ms, as no server does.
        disable_nagle_algorithm = True

        def log_message(self, *_: object) -> None:
            return None

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            number, _, rest = parts.path.lstrip("/").partition("/")
            self.state = state = playing[number]
            host, _, path = rest.partition("/")
            params = parse_qsl(parts.query, keep_blank_values=True)
            url = f"https://{host}/{path}"
            state.seen.append(Seen(url, params, dict(self.headers.items())))
            time.sleep(state.delay)
            answer = matching(state.answers, url, params)
            if answer is None:
                self._send(404, b"<html>Not Found</html>", {"content-type": "text/html"})
                return
            fault = state.next_fault()
            if fault is None or (fault == "redirect_within" and ("moved", "1") in params):
                self._good(answer)
            else:
                self._bad(fault, answer, url, parts.query)

        def _good(self, answer: Answer) -> None:
            state = self.state
            tag = f'"{hashlib.sha256(answer.content).hexdigest()[:16]}"'
            if state.validators and self.headers.get("if-none-match") == tag:
                state.not_modified += 1
                self._send(304, b"", {"etag": tag})
                return
            extra = {"etag": tag} if state.validators else {}
            self._send(answer.status, answer.content, {**answer.headers, **extra})

        def _send(self, status: int, content: bytes, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in {"content-length", "content-encoding", "transfer-encoding"}:
                    self.send_header(name, value)
            if status != 304:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _raw(self, headers: Mapping[str, str], content: bytes) -> None:
            """Any headers, any bytes, then the end of the connection."""
            self.send_response(200)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)
            self.close_connection = True

        def _bad(self, fault: str, answer: Answer, url: str, query: str) -> None:
            content, kind = answer.content, {"content-type": answer.headers.get("content-type", "text/plain")}
            half = max(1, len(content) // 2)
            if fault == "slow":
                time.sleep(1.0)
                self.close_connection = True
            elif fault == "drop":
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
            elif fault == "cut":
                self._raw({**kind, "Content-Length": str(len(content))}, content[:half])
            elif fault == "too_long":
                self._raw({**kind, "Content-Length": str(half)}, content)
            elif fault == "gzip_bomb":
                packed = bomb()
                self._raw({**kind, "Content-Encoding": "gzip", "Content-Length": str(len(packed))}, packed)
            elif fault == "gzip_cut":
                packed = gzip.compress(content)[: -max(9, len(content) // 20)]
                # Whole by its length: without the announcement a client may use the connection again while it ends.
                packing = {"Content-Encoding": "gzip", "Content-Length": str(len(packed)), "Connection": "close"}
                self._raw({**kind, **packing}, packed)
            elif fault == "429":
                self._send(429, b"slow down", {"retry-after": "0"})
            elif fault == "429_far":
                self._send(429, b"slow down", {"retry-after": "86400"})
            elif fault == "redirect_elsewhere":
                self._send(302, b"", {"location": "https://elsewhere.example.net/data.csv"})
            elif fault == "redirect_within":
                self._send(302, b"", {"location": f"{url}?{query}&moved=1"})
            elif fault in {"500", "403", "404", "451"}:
                self._send(int(fault), b"<html>error</html>", {"content-type": "text/html"})
            elif fault == "non_utf8":
                self._send(200, b"\xff\xfe\x00\x80" + bytes(reversed(content)) + b"\xc3\x28", kind)
            elif fault == "invalid_json":
                self._send(200, b'{"data": [1, 2,', {"content-type": "application/json"})
            elif fault == "captcha":
                self._send(200, CAPTCHA, {"content-type": "text/html; charset=UTF-8"})
            elif fault == "empty":
                self._send(200, b"", kind)
            else:
                raise AssertionError(fault)

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up, or was killed, is part of the play."""


@lru_cache(maxsize=1)
def _running() -> tuple[str, dict[str, Replay]]:
    """Address of the one server of this process, and what is played at which first part of the path."""
    playing: dict[str, Replay] = {}
    server = _Server(("127.0.0.1", 0), _handler(playing))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}", playing


@contextmanager
def serving(answers: Sequence[Answer]) -> Iterator[Replay]:
    """A server that plays these answers, beside what others play on it."""
    state = Replay(answers)
    address, playing = _running()
    number = str(next(_NUMBERS))
    state.base = f"{address}/{number}"
    playing[number] = state
    try:
        yield state
    finally:
        del playing[number]
