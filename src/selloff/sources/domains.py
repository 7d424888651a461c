"""Where a request may go: https anywhere, plain http on this machine only, redirects within one registrable domain."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit, urlunsplit

from selloff.errors import FetchError

SECOND_LEVEL = frozenset({
    "ac.uk", "co.uk", "gov.uk", "org.uk", "com.au", "gov.au", "org.au", "net.au", "co.jp", "go.jp", "or.jp", "ne.jp",
    "co.kr", "go.kr", "or.kr", "com.cn", "gov.cn", "org.cn", "com.hk", "gov.hk", "com.tw", "gov.tw", "co.in", "gov.in",
    "nic.in", "com.br", "gov.br", "co.za", "gov.za", "co.nz", "govt.nz", "com.mx", "gob.mx", "com.sg", "gov.sg",
    "com.tr", "gov.tr", "co.il", "gov.il", "github.io", "amazonaws.com", "cloudfront.net", "azureedge.net",
    "windows.net", "herokuapp.com", "pages.dev", "workers.dev", "web.app", "appspot.com", "netlify.app", "vercel.app",
})  # fmt: skip
"""Suffixes below which names belong to different owners. Not the public suffix list: a name missing here makes the rule
too generous within that suffix, so it is extended when a source needs one."""

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
ANY_HOST = "*"


def registrable(host: str) -> str:
    """The part of a host name that was registered: its last two labels, or three below a known suffix."""
    name = host.rstrip(".").lower()
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        labels = name.split(".")
    count = 3 if ".".join(labels[-2:]) in SECOND_LEVEL else 2
    return ".".join(labels[-count:])


def check_url(url: str) -> None:
    """
    Raises
    ------
    FetchError : neither https nor loopback http, or a URL with a user name in it.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.username is not None or parts.password is not None:
        raise FetchError(f"The address of {host} carries a user name.", "Put keys into the environment or the keyring.")
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)):
        raise FetchError(f"{url} is neither https nor on this machine.", "Nothing was sent.")


@dataclass(frozen=True)
class Mirrors:
    """Hosts that are reached at another base address: a mirror, or a test's server.

    `*` stands for every host. Addresses are https, or http on this machine.
    """

    bases: Mapping[str, str]

    def __post_init__(self) -> None:
        for base in self.bases.values():
            check_url(base)

    def resolve(self, url: str) -> str:
        """The address to connect to for a URL."""
        parts = urlsplit(url)
        base = self.bases.get(parts.hostname or "", self.bases.get(ANY_HOST))
        if base is None or parts.hostname in _LOOPBACK:
            return url
        to = urlsplit(base)
        return urlunsplit((to.scheme, to.netloc, to.path.rstrip("/") + parts.path, parts.query, ""))


def redirected(url: str, reached: str, location: str) -> str:
    """The URL that a redirect leads to.

    Parameters
    ----------
    url : what was asked for.
    reached : the address that answered (differs from `url` under a mirror).
    location : the Location header.

    Raises
    ------
    FetchError : the redirect leaves the registrable domain, https, or the host and port of this machine.
    """
    if not location:
        raise FetchError(f"{url} redirects to nowhere.", "Nothing was stored.")
    if urlsplit(location).netloc == "":
        target = urljoin(url, location)
    else:
        target = urljoin(reached, location)
        here, there = urlsplit(reached), urlsplit(target)
        if (here.scheme, here.netloc) == (there.scheme, there.netloc):
            asked = urlsplit(url)
            path = there.path.removeprefix(here.path.removesuffix(asked.path))
            target = urlunsplit((asked.scheme, asked.netloc, path, there.query, ""))
    check_url(target)
    before, after = urlsplit(url), urlsplit(target)
    a, b = before.hostname or "", after.hostname or ""
    if a in _LOOPBACK or b in _LOOPBACK:
        allowed = (before.scheme, before.netloc) == (after.scheme, after.netloc)
    else:
        allowed = registrable(a) == registrable(b)
    if not allowed:
        raise FetchError(
            f"{a} redirects to {b}, another domain.", "Nothing was sent there; the source needs its new address."
        )
    return target
