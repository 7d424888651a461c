"""A connection whose last answer was longer than promised is not used again."""

from __future__ import annotations

import socket
import threading

import httpx2
import pytest

from selloff.sources.wire import LengthError, Wire

ANSWERS = (b"Content-Length: 5\r\n\r\nhello and more", b"Content-Length: 5\r\n\r\nhello")


def test_the_next_request_gets_a_connection_of_its_own():
    """The server leaves the first connection open and never answers on it again."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        kept = []

        def serve() -> None:
            for answer in ANSWERS:
                connection, _ = server.accept()
                kept.append(connection)
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\n" + answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        wire = Wire(1 << 20)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"

        def ask() -> bytes:
            extensions = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), 5.0)}
            return wire.handle_request(httpx2.Request("GET", url, extensions=extensions)).read()

        with pytest.raises(LengthError):
            ask()
        assert ask() == b"hello"
        thread.join(5.0)
        wire.close()
        for connection in kept:
            connection.close()
    assert len(kept) == 2
