"""Simulates hosts with network namespaces. They have their own addresses and ports, and a bridge connects them.

The test also runs in a namespace, so that the machine's own addresses do not change.
"""

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import forkserver
from pathlib import Path
from random import SystemRandom

import pytest

from tests.support.product import Place

PREFIX = "rt"
"""Prefix of the namespaces' names. It is followed by a number, which is also part of the addresses."""


class NameTaken(Exception):
    """Raised when another test run already uses a namespace with the same name."""


@dataclass(frozen=True)
class Network:
    """The address of the test (`ours`), and the hosts (`places`)."""

    ours: str
    places: list[Place]


@contextmanager
def network(count: int) -> Iterator[Network]:
    """Make the given number of hosts. Needs root.

    Without root, the test is skipped. In CI it fails instead.
    """
    name = _new_namespace()
    number = int(name.removeprefix(PREFIX))
    subnet = f"10.213.{number}"
    with ExitStack() as stack:
        stack.callback(ip, "netns", "del", name)
        stack.enter_context(_inside(name))
        ip("link", "set", "lo", "up")
        _ip_or_skip("link", "add", name, "type", "bridge")
        ip("address", "add", f"{subnet}.1/24", "dev", name)
        ip("link", "set", name, "up")
        places = [stack.enter_context(_host(f"{name}h{each}", name, f"{subnet}.{10 + each}")) for each in range(count)]
        yield Network(f"{subnet}.1", places)


@contextmanager
def _inside(name: str) -> Iterator[None]:
    """Move this thread into a namespace while the block runs. Threads and processes that it starts are also there."""
    forkserver.ensure_running()  # started before, so that processes of later tests do not start inside the namespace
    with Path("/proc/thread-self/ns/net").open() as machine, Path("/run/netns", name).open() as ours:
        setns = ctypes.CDLL(None).setns
        assert setns(ours.fileno(), 0) == 0
        try:
            yield
        finally:
            assert setns(machine.fileno(), 0) == 0


@contextmanager
def _host(name: str, bridge: str, address: str) -> Iterator[Place]:
    inside = ("ip", "netns", "exec", name)
    ip("netns", "add", name)
    try:
        ip("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
        ip("link", "set", name, "master", bridge, "up")
        for command in (
            ("link", "set", "lo", "up"),
            ("address", "add", f"{address}/24", "dev", "eth0"),
            ("link", "set", "eth0", "up"),
        ):
            ip("-n", name, *command)
        yield Place(address, inside)
    finally:
        ip("netns", "del", name)


def _new_namespace() -> str:
    """Make a namespace with an unused name, and return its name."""
    while True:
        name = f"{PREFIX}{SystemRandom().randrange(1, 250)}"
        if Path("/run/netns", name).exists():
            continue
        with suppress(NameTaken):
            _ip_or_skip("netns", "add", name)
            return name


def _ip_or_skip(*words: str) -> None:
    """Run the command `ip`. If this machine does not permit it, skip the test."""
    try:
        ip(*words)
    except (subprocess.CalledProcessError, FileNotFoundError) as refused:
        if isinstance(refused, subprocess.CalledProcessError) and b"File exists" in refused.stderr:
            raise NameTaken from refused
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"networks are not permitted here: {refused}")


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
