"""aiosmtpd's server in a thread of its own, for tests of what speaks SMTP."""

import asyncio
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from tests.support.product.ports import free_port

HOST = "127.0.0.1"
SECONDS_TO_START = 180.0
TURNS = 5
"""Turns of the event loop after which each accepted connection has a transport, and each aborted one is closed."""


class SmtpServer(Controller):
    """A server that leaves no connection open at its end, as aiosmtpd's does when a client has not been heard out.

    An open one is told of as an unclosed transport, by the garbage collection of any later test.
    """

    def __init__(self, handler: object, *, port: int = 0, **options: Any) -> None:  # noqa: ANN401  # those of aiosmtpd
        super().__init__(handler, hostname=HOST, port=port or free_port(), ready_timeout=SECONDS_TO_START, **options)
        self._connections: list[SMTP] = []

    def factory(self) -> SMTP:
        """Return what speaks on one connection."""
        self._connections.append(super().factory())
        return self._connections[-1]

    def stop(self, no_assert: bool = False) -> None:  # noqa: FBT001, FBT002  # as in aiosmtpd
        """Close every connection, and end the thread."""
        asyncio.run_coroutine_threadsafe(self._close_connections(), self.loop).result(SECONDS_TO_START)
        super().stop(no_assert)

    async def _close_connections(self) -> None:
        assert self.server is not None
        for listening in self.server.sockets:  # once closed, it gives no transport to those that it has accepted
            self.loop.remove_reader(listening.fileno())
        for _ in range(TURNS):
            await asyncio.sleep(0)
            for each in self._connections:
                if each.transport is not None:
                    each.transport.abort()


class MovableSeconds:
    """A clock of seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now
