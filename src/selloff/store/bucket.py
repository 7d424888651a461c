"""A place in a bucket of S3, or of a service that speaks its protocol.

Every object is written whole by one request, and created by a conditional one (`If-None-Match`), so nothing is ever
half there and of several writers one wins. A bucket has no lock: see `Bucket.lock`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from selloff.errors import SettingsError, StoreError
from selloff.store.place import S3, Entry, first_line

if TYPE_CHECKING:
    from obstore.store import S3Store

CONNECT_TIMEOUT, TIMEOUT, RETRY_TIMEOUT = timedelta(seconds=5), timedelta(seconds=30), timedelta(seconds=20)
"""Where nobody answers, that is an error within half a minute; where somebody accepts and says nothing, within one."""

MAX_RETRIES = 3

_AWS = "https://s3.amazonaws.com"
_KEYS = "Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and that they may list, read, write and delete there."
_CAUSES = (
    ("NoSuchBucket", "there is no bucket {bucket!r} at {endpoint}", "Make the bucket, or correct SELLOFF_STORE."),
    ("/latest/api/token", "no credentials were found", "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."),
    ("401 Unauthorized", "{endpoint} refuses the credentials", _KEYS),
    ("403 Forbidden", "{endpoint} refuses the credentials", _KEYS),
    ("BadScheme", "{endpoint} is not encrypted", "Set AWS_ALLOW_HTTP=true if that is meant."),
    ("error sending request", "{endpoint} does not answer", "Check the network, AWS_ENDPOINT_URL and AWS_REGION."),
    ("301 Moved", "the bucket is in another region", "Set AWS_REGION to the bucket's region."),
)
"""What an error's text holds, what that means, and the next step; the first that fits counts."""


class Bucket:
    """A prefix of a bucket.

    Parameters
    ----------
    address : `s3://bucket/prefix`.
    environment : the `AWS_*` variables: keys, region, endpoint.

    Raises
    ------
    SettingsError : the address names no bucket.
    StoreError : the extra `s3` is not installed, or an AWS_* variable can't be used.
    """

    restore = "Restore the prefix from a backup, or remove it and pull again."

    def __init__(self, address: str, environment: Mapping[str, str]) -> None:
        self._address = address.rstrip("/")
        self._bucket = address.removeprefix(S3).split("/", 1)[0]
        if not self._bucket:
            raise SettingsError(f"{address!r} names no bucket.", "SELLOFF_STORE takes a folder, or s3://bucket/prefix.")
        self._endpoint = environment.get("AWS_ENDPOINT_URL") or environment.get("AWS_ENDPOINT") or _AWS
        self._store = self._open(environment)

    def _open(self, environment: Mapping[str, str]) -> S3Store:
        try:
            from obstore.exceptions import BaseError
            from obstore.store import S3Store
        except ImportError:
            what = f"The store is in {self}, and what reaches a bucket is not installed."
            raise StoreError(what, "Install it with `pip install 'selloff[s3]'`.") from None
        try:
            return S3Store.from_url(
                self._address,
                client_options={
                    "allow_http": environment.get("AWS_ALLOW_HTTP", "").lower() in ("true", "1"),
                    "connect_timeout": CONNECT_TIMEOUT,
                    "timeout": TIMEOUT,
                },
                retry_config={"max_retries": MAX_RETRIES, "retry_timeout": RETRY_TIMEOUT},
            )
        except (BaseError, ValueError) as error:
            raise self.failure(error) from error

    def __str__(self) -> str:
        return self._address

    @property
    def options(self) -> dict[str, str]:
        """See `Place`. Keys, region and endpoint come from the environment there as well."""
        return {
            "retry_timeout": f"{RETRY_TIMEOUT.seconds}s",
            "connect_timeout": f"{CONNECT_TIMEOUT.seconds}s",
            "timeout": f"{TIMEOUT.seconds}s",
        }

    def address(self, name: str) -> str:
        """See `Place`."""
        return f"{self._address}/{name}".removesuffix("/.").replace("/./", "/")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        from obstore.exceptions import AlreadyExistsError, BaseError

        try:
            yield
        except AlreadyExistsError:
            raise
        except FileNotFoundError as error:
            if "NoSuchBucket" in str(error):
                raise self.failure(error) from error
            raise
        except (BaseError, OSError) as error:
            raise self.failure(error) from error

    def read(self, name: str) -> bytes:
        """See `Place`."""
        with self._errors():
            return bytes(self._store.get(name).bytes())

    def write(self, name: str, content: bytes) -> None:
        """See `Place`."""
        with self._errors():
            self._store.put(name, content)

    def create(self, name: str, content: bytes) -> bool:
        """See `Place`."""
        from obstore.exceptions import AlreadyExistsError

        try:
            with self._errors():
                self._store.put(name, content, mode="create")
        except AlreadyExistsError:
            return False
        return True

    def entries(self, folder: str = "") -> Iterator[Entry]:
        """See `Place`."""
        with self._errors():
            for batch in self._store.list(folder or None):
                for found in batch:
                    yield Entry(found["path"], found["size"], found["last_modified"].timestamp())

    def sizes(self, folder: str, names: Iterable[str]) -> dict[str, int]:
        """See `Place`. One listing: asking for each name would take a request each."""
        prefix = folder.removeprefix("./")
        found = {e.name.removeprefix(f"{prefix}/"): e.size for e in self.entries(prefix)}
        wanted = list(names)
        for name in wanted:
            if name not in found:
                raise FileNotFoundError(f"{self.address(prefix)}/{name} is gone")
        return {name: found[name] for name in wanted}

    def remove(self, name: str) -> None:
        """See `Place`."""
        with self._errors():
            self._store.delete(name)

    def remove_folder(self, folder: str) -> None:
        """See `Place`."""
        names = [e.name for e in self.entries(folder)]
        if names:
            with self._errors():
                self._store.delete(names)

    @contextmanager
    def lock(self, *, exclusive: bool) -> Iterator[None]:
        """Nothing: a bucket has no lock. Appends need none; a migration has to run while nothing else writes."""
        del exclusive
        yield

    def failure(self, error: BaseException) -> StoreError:
        """See `Place`."""
        text = str(error)
        for sign, reason, hint in _CAUSES:
            if sign in text:
                why = reason.format(bucket=self._bucket, endpoint=self._endpoint)
                return StoreError(f"The store in {self} can't be used: {why}.", hint)
        return StoreError(
            f"The store in {self} can't be used: {first_line(error)}.",
            "Check the bucket and the network, restore the prefix from a backup, or correct SELLOFF_STORE.",
        )
