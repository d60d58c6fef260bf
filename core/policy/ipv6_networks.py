"""Finds the larger IPv6 networks in which a visitor's requests are also counted.

A provider often gives a whole IPv6 /56 to one customer, or a /48 to one organisation.
"""

from collections.abc import Iterator
from ipaddress import IPv6Network, ip_network
from typing import NamedTuple

from core.policy.policy import Policy

CUSTOMER_PREFIX, ORGANISATION_PREFIX = 56, 48


class CountedNetwork(NamedTuple):
    name: str
    factor: int
    """The normal limits of a network are multiplied by this number."""


def counted_networks(network: str, policy: Policy) -> Iterator[CountedNetwork]:
    """Yield a visitor's network and, for an IPv6 /64, the /56 that contains it."""
    yield CountedNetwork(network, 1)
    customer = ipv6_network(network, CUSTOMER_PREFIX)
    if customer is not None:
        yield CountedNetwork(customer, policy.limits_per_customer_network)


def network_to_report(network: str, policy: Policy) -> CountedNetwork | None:
    """Return the /48 that contains an IPv6 /64, or None. Too many requests from a /48 only raise an alarm."""
    organisation = ipv6_network(network, ORGANISATION_PREFIX)
    return None if organisation is None else CountedNetwork(organisation, policy.limits_per_organisation_network)


def ipv6_network(network: str, prefix: int) -> str | None:
    """Return the IPv6 network with this prefix length that contains `network`, or None if `network` is not IPv6."""
    try:
        parsed = ip_network(network)
    except ValueError:  # the address of the visitor is unknown
        return None
    return str(parsed.supernet(new_prefix=prefix)) if isinstance(parsed, IPv6Network) else None
