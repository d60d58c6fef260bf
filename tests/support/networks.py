"""Hosts that are network namespaces of this machine: each has its own addresses and ports, and reaches us over a bridge."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from random import SystemRandom

import pytest

from tests.support.product import Place


@dataclass(frozen=True)
class Network:
    """Where the hosts are, and our own address among them."""

    ours: str
    places: list[Place]


@contextmanager
def network(count: int) -> Iterator[Network]:
    """That many hosts. Needs root: elsewhere the test is skipped, and in CI it fails."""
    number = SystemRandom().randrange(1, 250)
    name, subnet = f"rt{number}", f"10.213.{number}"
    with ExitStack() as stack:
        _first("link", "add", name, "type", "bridge")
        stack.callback(_ip, "link", "del", name)
        _ip("address", "add", f"{subnet}.1/24", "dev", name)
        _ip("link", "set", name, "up")
        places = [stack.enter_context(_host(f"{name}h{each}", name, f"{subnet}.{10 + each}")) for each in range(count)]
        yield Network(f"{subnet}.1", places)


@contextmanager
def _host(name: str, bridge: str, address: str) -> Iterator[Place]:
    inside = ("ip", "netns", "exec", name)
    _ip("netns", "add", name)
    try:
        _ip("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
        _ip("link", "set", name, "master", bridge, "up")
        for command in (
            ("link", "set", "lo", "up"),
            ("address", "add", f"{address}/24", "dev", "eth0"),
            ("link", "set", "eth0", "up"),
        ):
            _ip("-n", name, *command)
        yield Place(address, inside)
    finally:
        _ip("netns", "del", name)


def _first(*words: str) -> None:
    """The one that shows whether this machine lets us."""
    try:
        _ip(*words)
    except (subprocess.CalledProcessError, FileNotFoundError) as refused:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"networks are not permitted here: {refused}")


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
