"""Finds out from which network and which site a request comes."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from flask import Request

IPV6_PREFIX = 64
"""Prefix length of one visitor's IPv6 network, in bits."""
SAME_ORIGIN = "same-origin"
OWN_SITE_VALUES = frozenset({SAME_ORIGIN, "none"})
FORWARDED = frozenset({"HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED"})
"""The WSGI names of the headers that a proxy adds."""
Networks = Sequence[IPv4Network | IPv6Network]
log = logging.getLogger("retrouve")


def network_of(request: Request, trusted_proxies: Networks) -> str:
    """Return the visitor's IPv4 address or IPv6 /64 network. Trusts X-Forwarded-For only from declared proxies."""
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    address = _address(request.remote_addr or "")
    while address is not None and hops and any(address in proxy for proxy in trusted_proxies):
        address = _address(hops.pop())
    if address is None:
        return "unknown"
    return str(address if isinstance(address, IPv4Address) else ip_network((address, IPV6_PREFIX), strict=False))


def comes_directly_from(request: Request, networks: Networks) -> bool:
    """Return whether a request comes from one of `networks` and did not pass through a proxy."""
    forwarded = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "Via"))
    return not forwarded and _is_in(request.remote_addr or "", networks)


@dataclass
class UndeclaredProxyWarning:
    """Logs one error if requests come through a proxy that is not declared."""

    trusted_proxies: Networks
    logged: bool = False

    def check(self, request: Request) -> None:
        forwarded = not FORWARDED.isdisjoint(request.environ)
        if self.logged or not forwarded or from_declared_proxy(request, self.trusted_proxies):
            return
        self.logged = True
        peer = _address(request.remote_addr or "")
        # A visitor can send the header too, so a public address may be personal data.
        shown = str(peer) if peer is not None and peer.is_private else "a public address"
        log.error(
            "proxy-not-declared",
            extra={"peer": shown, "setting": "web.trusted_proxies", "effect": "one network for all visitors"},
        )


def from_declared_proxy(request: Request, trusted_proxies: Networks) -> bool:
    return _is_in(request.remote_addr or "", trusted_proxies)


def may_peer_connect(trusted_proxies: Networks, callback_networks: Networks, peer: str) -> bool:
    """Return whether the address `peer` may connect.

    If the settings declare proxies, only proxies, gateways and this machine may connect.
    """
    if not trusted_proxies:
        return True
    address = _address(peer)
    return address is not None and (address.is_loopback or _is_in(peer, (*trusted_proxies, *callback_networks)))


def _is_in(peer: str, networks: Networks) -> bool:
    address = _address(peer)
    return address is not None and any(address in network for network in networks)


@lru_cache(maxsize=1024)
def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def is_from_our_own_page(request: Request) -> bool:
    """Return whether a page of this site sent the request. Prevents cross-site request forgery (OWASP)."""
    fetch_site = request.environ.get("HTTP_SEC_FETCH_SITE")
    if fetch_site is not None:
        return fetch_site in OWN_SITE_VALUES
    source = request.headers.get("Origin") or request.headers.get("Referer")
    # Every browser sends one of these headers. Other clients cannot be tricked into sending a visitor's cookies.
    return source is None or _origin(source) == f"{request.scheme}://{request.host}"


def is_after_form_without_cookies(request: Request) -> bool:
    """Return whether the browser followed our redirect but rejected our cookies."""
    headers = request.environ
    return headers.get("HTTP_SEC_FETCH_SITE") == SAME_ORIGIN and not {"HTTP_COOKIE", "HTTP_REFERER"} & headers.keys()


def _origin(address: str) -> str | None:
    try:
        place = urlsplit(address)
    except ValueError:
        return None
    return f"{place.scheme}://{place.netloc}"


@lru_cache(maxsize=256)
def host_name(host: str) -> str | None:
    """Return the host without its port, or None if the Host header is invalid."""
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None
