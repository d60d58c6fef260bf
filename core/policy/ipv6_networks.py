"""Finds the /56 (one customer) and the /48 (one organisation) of an IPv6 network."""

from collections.abc import Iterator
from ipaddress import IPv6Network
from typing import NamedTuple

from core.policy.policy import Policy

CUSTOMER_PREFIX, ORGANISATION_PREFIX = 56, 48


class CountedNetwork(NamedTuple):
    name: str
    factor: int
    """The normal limits are multiplied by this number for this network."""


def counted_networks(network: str, policy: Policy) -> Iterator[CountedNetwork]:
    """Yield a visitor's network and, for an IPv6 /64, the /56 that contains it."""
    yield CountedNetwork(network, 1)
    customer = ipv6_network(network, CUSTOMER_PREFIX)
    if customer is not None:
        yield CountedNetwork(customer, policy.limits_per_customer_network)


def network_to_report(network: str, policy: Policy) -> CountedNetwork | None:
    """Return the /48 that contains an IPv6 network, or None for IPv4."""
    organisation = ipv6_network(network, ORGANISATION_PREFIX)
    return None if organisation is None else CountedNetwork(organisation, policy.limits_per_organisation_network)


def ipv6_network(network: str, prefix: int) -> str | None:
    """Return the larger IPv6 network that contains `network`, or None for IPv4."""
    return str(IPv6Network(network).supernet(new_prefix=prefix)) if ":" in network else None
