"""Where a request comes from: which network, which page, which host. Headers are believed only where that is safe."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from werkzeug.wrappers import Request

IPV6_PREFIX = 64
"""One household or school: counting single IPv6 addresses would count nothing (rule 13)."""
OWN = frozenset({"same-origin", "none"})


def network_of(request: Request, trusted_proxies: Sequence[IPv4Network | IPv6Network]) -> str:
    """The visitor's IPv4 address or IPv6 /64. X-Forwarded-For is read only as far as declared proxies wrote it."""
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    address = _address(request.remote_addr or "")
    while address is not None and hops and any(address in proxy for proxy in trusted_proxies):
        address = _address(hops.pop())
    return "unknown" if address is None else _network(address)


def comes_directly_from(request: Request, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    """Whether it comes from one of these networks and no proxy passed it on: what a proxy passes on is anybody's."""
    address = _address(request.remote_addr or "")
    forwarded = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "Via"))
    return not forwarded and address is not None and any(address in network for network in networks)


@lru_cache(maxsize=1024)
def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _network(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    return str(ip_network((address, IPV6_PREFIX), strict=False))


def from_our_own_page(request: Request) -> bool:
    """Whether a request that acts was made by a page of this site (OWASP CSRF Prevention: Fetch Metadata, then Origin).

    Every browser of the last years sends one of the three; what sends none is no browser, and carries no one's cookies
    against their will.
    """
    fetch_site = request.headers.get("Sec-Fetch-Site")
    if fetch_site is not None:
        return fetch_site in OWN
    source = request.headers.get("Origin") or request.headers.get("Referer")
    return source is None or _place(source) == request.host


def _place(address: str) -> str | None:
    try:
        return urlsplit(address).netloc
    except ValueError:
        return None


def host_allowed(request: Request, allowed_hosts: Sequence[str]) -> bool:
    """Whether the host asked for is one of ours; the port does not matter."""
    try:
        host = urlsplit(f"//{request.host}").hostname
    except ValueError:
        return False
    return host is not None and host in allowed_hosts
