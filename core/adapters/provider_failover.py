"""Tries the providers of a channel (SMTP relays or SMS gateways) in order.

A permanent refusal is final. After a temporary refusal or a connection failure, the next provider is tried. A message
that was handed over completely but not answered is not given to another provider, to avoid duplicates.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from threading import local
from typing import Any, Generic, TypeVar

from core.delivery.retry_backoff import RetryBackoff
from core.ports import SendAccepted, SendPostponed, SendRefused, SendResult

LONGEST_PAUSE_SECONDS = 60.0
M = TypeVar("M")
C = TypeVar("C")


class PermanentProviderRefusal(Exception):
    """The provider refused this message, and others would refuse it too."""


class TemporaryProviderRefusal(Exception):
    """This provider cannot take the message now. Another one may."""


class MessagePostponedByProvider(TemporaryProviderRefusal):
    """The provider postponed this very message."""


class ProviderConnectionLost(TemporaryProviderRefusal):
    """The provider was unreachable, or the connection broke. The connection is closed."""


class SendOutcomeUnknown(Exception):
    """The message was handed over completely but not answered, so it may have been accepted."""


class Provider(ABC, Generic[M, C]):
    """One relay or gateway. Thread-safe; each thread has its own connection.

    After a failure no thread opens a connection for a while.
    """

    def __init__(self, name: str, clock: Callable[[], float]) -> None:
        """`name` is shown in timelines and logs. `clock` counts seconds."""
        self.name = name
        self._cool_down = RetryBackoff(LONGEST_PAUSE_SECONDS, clock)
        self._thread = local()
        self._connections: set[C] = set()

    def send(self, message: M) -> None:
        try:
            self._deliver(message)
        except (ProviderConnectionLost, SendOutcomeUnknown):
            self._drop()
            self._cool_down.failed()
            raise
        self._cool_down.succeeded()

    def reachable(self) -> bool:
        """Return whether the provider can be reached, on the kept connection or on a new one."""
        try:
            self._open()
        except ProviderConnectionLost:
            self._cool_down.failed()
            return False
        except TemporaryProviderRefusal:
            return False
        return True

    def close(self) -> None:
        """Close the connections of all threads. They must not be used afterwards."""
        while self._connections:
            self._disconnect(self._connections.pop())

    @abstractmethod
    def redact(self, words: str, message: M) -> str:
        """Remove quotations of the message from an answer."""

    @abstractmethod
    def _deliver(self, message: M) -> None:
        """Hand the message over. Raises PermanentProviderRefusal, TemporaryProviderRefusal, SendOutcomeUnknown."""

    @abstractmethod
    def _connect(self) -> C:
        """Open a connection. Raises ProviderConnectionLost."""

    @abstractmethod
    def _is_alive(self, connection: C) -> bool:
        """Return whether a kept connection still seems open."""

    @abstractmethod
    def _disconnect(self, connection: C) -> None: ...

    @property
    def _kept(self) -> C | None:
        return getattr(self._thread, "connection", None)

    def _open(self) -> C:
        """Return this thread's connection, opening one if needed.

        Raises TemporaryProviderRefusal, ProviderConnectionLost.
        """
        kept = self._kept
        if kept is not None and self._is_alive(kept):
            return kept
        self._drop()
        if self._cool_down.active:
            raise TemporaryProviderRefusal("resting after a failure")
        self._thread.connection = connection = self._connect()
        self._connections.add(connection)
        return connection

    def _drop(self) -> None:
        kept = self._kept
        self._thread.connection = None
        if kept is not None:
            self._connections.discard(kept)
            self._disconnect(kept)


class FailoverTransport(Generic[M]):
    """Implements `MailTransport` or `SmsTransport` with several providers."""

    def __init__(self, providers: Sequence[Provider[M, Any]], without_providers: str) -> None:
        """`without_providers` is the reason reported if there are no providers."""
        self._providers = providers
        self._without_providers = without_providers

    def send(self, message: M) -> SendResult:
        reasons: list[str] = []
        answered = False
        for provider in self._providers:
            try:
                provider.send(message)
            except PermanentProviderRefusal as refused:
                return SendRefused(relay=provider.name, reason=provider.redact(str(refused), message))
            except SendOutcomeUnknown:
                return SendPostponed(reason=f"{provider.name}: no answer after the end of the message")
            except TemporaryProviderRefusal as failure:
                answered |= isinstance(failure, MessagePostponedByProvider)
                reasons.append(f"{provider.name}: {provider.redact(str(failure), message)}")
            else:
                return SendAccepted(relay=provider.name)
        return SendPostponed(reason="; ".join(reasons) or self._without_providers, answered=answered)

    def reachable(self) -> bool:
        return any(provider.reachable() for provider in self._providers)

    def close(self) -> None:
        for provider in self._providers:
            provider.close()
