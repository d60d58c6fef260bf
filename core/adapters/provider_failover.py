"""Tries the providers of one channel in order: SMTP relays, or SMS gateways.

A permanent refusal is final. A temporary one, or no connection, leads to the next provider. A message that was handed over whole
without an answer goes to no other provider, because that would make a second message of it.
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
    """The provider refused this message, and any other would refuse it too."""


class TemporaryProviderRefusal(Exception):
    """The message cannot be taken by this provider now, and may be by another one."""


class MessagePostponedByProvider(TemporaryProviderRefusal):
    """The provider postponed this very message."""


class ProviderConnectionLost(TemporaryProviderRefusal):
    """The provider could not be reached, or the connection broke; it is closed."""


class SendOutcomeUnknown(Exception):
    """The whole message was handed over and no answer came: perhaps it was taken."""


class Provider(ABC, Generic[M, C]):
    """One relay or gateway, for any number of threads: each keeps a connection of its own.

    After a failure no thread opens a connection for a while.
    """

    def __init__(self, name: str, clock: Callable[[], float]) -> None:
        """`name` is shown in timelines and logs. `clock` counts seconds."""
        self.name = name
        self._cool_down = RetryBackoff(LONGEST_PAUSE_SECONDS, clock)
        self._thread = local()
        self._connections: set[C] = set()

    def send(self, message: M) -> None:
        """Hand the message over. Raises PermanentProviderRefusal, TemporaryProviderRefusal, SendOutcomeUnknown."""
        try:
            self._deliver(message)
        except (ProviderConnectionLost, SendOutcomeUnknown):
            self._drop()
            self._cool_down.failed()
            raise
        self._cool_down.succeeded()

    def reachable(self) -> bool:
        """Return whether the provider can be reached, on the connection kept or on a new one."""
        try:
            self._open()
        except ProviderConnectionLost:
            self._cool_down.failed()
            return False
        except TemporaryProviderRefusal:
            return False
        return True

    def close(self) -> None:
        """Close the connections of all threads, which must not use them any more."""
        while self._connections:
            self._disconnect(self._connections.pop())

    @abstractmethod
    def redact(self, words: str, message: M) -> str:
        """Remove from an answer what it may quote of the message."""

    @abstractmethod
    def _deliver(self, message: M) -> None:
        """Hand the message over. Raises PermanentProviderRefusal, TemporaryProviderRefusal, SendOutcomeUnknown."""

    @abstractmethod
    def _connect(self) -> C:
        """Open a connection. Raises ProviderConnectionLost."""

    @abstractmethod
    def _is_alive(self, connection: C) -> bool:
        """Return whether the provider still holds a kept connection open, as far as can be seen."""

    @abstractmethod
    def _disconnect(self, connection: C) -> None:
        """Close a connection."""

    @property
    def _kept(self) -> C | None:
        """This thread's connection."""
        return getattr(self._thread, "connection", None)

    def _open(self) -> C:
        """Return this thread's connection, or open one. Raises TemporaryProviderRefusal, ProviderConnectionLost."""
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
        """Close this thread's connection."""
        kept = self._kept
        self._thread.connection = None
        if kept is not None:
            self._connections.discard(kept)
            self._disconnect(kept)


class FailoverTransport(Generic[M]):
    """The port MailTransport or SmsTransport over several providers."""

    def __init__(self, providers: Sequence[Provider[M, Any]], without_providers: str) -> None:
        """`without_providers` is the reason given when there are none."""
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
