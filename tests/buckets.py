"""Buckets of moto's S3 server on this machine."""

from __future__ import annotations

import itertools
import logging
import urllib.request
import warnings
from collections.abc import Callable, Iterator

import pytest

_numbers = itertools.count()
NOBODY = "http://127.0.0.1:9"


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """Address of an S3 server; the environment leads every client of this process and its children there."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("ignore")
        from moto.server import ThreadedMotoServer

        server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        patch.setenv("AWS_METADATA_ENDPOINT", NOBODY)
        patch.setenv("AWS_ACCESS_KEY_ID", "key")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        patch.setenv("AWS_REGION", "us-east-1")
        patch.setenv("AWS_ALLOW_HTTP", "true")
        yield f"http://{host}:{port}"
        server.stop()


@pytest.fixture
def new_bucket(s3: str) -> Callable[[], str]:
    """Makes an empty bucket, and gives the address of a prefix in it."""

    def make() -> str:
        name = f"bucket-{next(_numbers)}"
        with urllib.request.urlopen(urllib.request.Request(f"{s3}/{name}", method="PUT")):
            return f"s3://{name}/some/store"

    return make
