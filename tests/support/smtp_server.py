"""Runs aiosmtpd's server in a thread, for tests of SMTP clients."""

import asyncio
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from tests.support.product.ports import free_port

HOST = "127.0.0.1"
SECONDS_TO_START = 180.0
TURNS = 5
"""Turns of the event loop after which every accepted connection has a transport, and aborted connections are closed."""


class SmtpServer(Controller):
    """An SMTP server that closes every connection when it stops.

    The controller of aiosmtpd may leave connections open. A later test would then fail with "unclosed transport".
    """

    def __init__(self, handler: object, *, port: int = 0, **options: Any) -> None:  # noqa: ANN401  # those of aiosmtpd
        super().__init__(handler, hostname=HOST, port=port or free_port(), ready_timeout=SECONDS_TO_START, **options)
        self._connections: list[SMTP] = []

    def factory(self) -> SMTP:
        """Return the handler of a new connection."""
        self._connections.append(super().factory())
        return self._connections[-1]

    def stop(self, no_assert: bool = False) -> None:  # noqa: FBT001, FBT002  # as in aiosmtpd
        """Close every connection and end the thread."""
        asyncio.run_coroutine_threadsafe(self._close_connections(), self.loop).result(SECONDS_TO_START)
        super().stop(no_assert)

    async def _close_connections(self) -> None:
        assert self.server is not None
        for listening in self.server.sockets:  # after closing, accepted connections would get no transport
            self.loop.remove_reader(listening.fileno())
        for _ in range(TURNS):
            await asyncio.sleep(0)
            for each in self._connections:
                if each.transport is not None:
                    each.transport.abort()


class MovableSeconds:
    """A clock in seconds that tests can move."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now
