"""Sends each message through the first available SMTP relay or SMS gateway."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from math import inf
from threading import local
from time import monotonic
from typing import Any, Generic, TypeVar

from core.delivery.lease import SECONDS_TO_SEND
from core.delivery.retry_backoff import RetryBackoff
from core.ports import ProcessMeasurements, SendAccepted, SendPostponed, SendRefused, SendResult
from core.text.safe_text import safe_text

LONGEST_PAUSE_SECONDS = 60.0
TOO_SLOW = "too slow to send within the courier's claim"
M = TypeVar("M")
C = TypeVar("C")


class PermanentProviderRefusal(Exception):
    """Raised when a provider refuses a message permanently."""


class TemporaryProviderRefusal(Exception):
    """Raised when a provider cannot accept a message now."""


class MessagePostponedByProvider(TemporaryProviderRefusal):
    """Raised when a provider temporarily refuses one message, but would accept other messages."""


class ProviderResting(TemporaryProviderRefusal):
    """Raised when a provider has failed recently and must not be tried again yet."""


class ProviderConnectionLost(TemporaryProviderRefusal):
    pass


class ProviderBusy(TemporaryProviderRefusal):
    """Raised when a provider asks for a pause before the next message."""

    def __init__(self, words: str, seconds: float) -> None:
        super().__init__(words)
        self.seconds = seconds


class SendOutcomeUnknown(Exception):
    """Raised when a provider may have received the message but did not answer."""


class Provider(ABC, Generic[M, C]):
    """An SMTP relay or SMS gateway that several threads can use."""

    def __init__(self, name: str, clock: Callable[[], float]) -> None:
        """`name` is shown in logs and timelines. `clock` returns seconds."""
        self.name = name
        self._clock = clock
        self._cool_down = RetryBackoff(LONGEST_PAUSE_SECONDS, clock)
        self.measures = ProcessMeasurements()
        self._thread = local()
        self._connections: set[C] = set()

    def send(self, message: M, until: float = inf) -> None:
        """Send the message. Gives up if transmission is not complete by `until`."""
        try:
            self._deliver(message, until)
        except ProviderResting:
            raise
        except (PermanentProviderRefusal, TemporaryProviderRefusal, SendOutcomeUnknown) as failure:
            self.measures.count_provider_answer(self.name, accepted=False)
            if isinstance(failure, ProviderConnectionLost | SendOutcomeUnknown):
                self._drop()
                self._cool_down.failed()
            if isinstance(failure, ProviderBusy):
                self._cool_down.failed(failure.seconds)
            raise
        self.measures.count_provider_answer(self.name, accepted=True)
        self._cool_down.succeeded()

    def reachable(self) -> bool:
        try:
            self._open()
        except ProviderConnectionLost:
            self.measures.count_provider_answer(self.name, accepted=False)
            self._cool_down.failed()
            return False
        except TemporaryProviderRefusal:
            return False
        return True

    def close(self) -> None:
        while self._connections:
            self._disconnect(self._connections.pop())

    def takes(self, message: M) -> bool:  # noqa: ARG002  # most providers take every message
        """Return whether this provider can send this kind of message."""
        return True

    @abstractmethod
    def redact(self, words: str, message: M) -> str:
        """Remove the parts of the provider's answer that quote the message."""

    @abstractmethod
    def _deliver(self, message: M, until: float) -> None: ...

    @abstractmethod
    def _connect(self) -> C: ...

    @abstractmethod
    def _is_alive(self, connection: C) -> bool: ...

    @abstractmethod
    def _disconnect(self, connection: C) -> None: ...

    @property
    def _thread_connection(self) -> C | None:
        return getattr(self._thread, "connection", None)

    def _open(self) -> C:
        former = self._thread_connection
        if former is not None and self._is_alive(former):
            return former
        self._drop()
        if self._cool_down.active:
            raise ProviderResting("resting after a failure")
        self._thread.connection = connection = self._connect()
        self._connections.add(connection)
        return connection

    def _drop(self) -> None:
        former = self._thread_connection
        self._thread.connection = None
        if former is not None:
            self._connections.discard(former)
            self._disconnect(former)


class FailoverTransport(Generic[M]):
    def __init__(
        self,
        providers: Sequence[Provider[M, Any]],
        without_providers: str,
        measures: ProcessMeasurements | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._clock = clock
        self._providers = providers
        self._without_providers = without_providers
        for provider in providers:
            provider.measures = measures = measures or ProcessMeasurements()
            for accepted in (True, False):  # Prometheus sees an increase only of a counter that exists
                measures.count_provider_answer(provider.name, accepted=accepted, times=0)

    def send(self, message: M) -> SendResult:
        reasons: list[str] = []
        answered = False
        until = self._clock() + SECONDS_TO_SEND
        for provider in (each for each in self._providers if each.takes(message)):
            if self._clock() >= until:
                break
            try:
                provider.send(message, until)
            except PermanentProviderRefusal as refused:
                return SendRefused(relay=provider.name, reason=safe_text(provider.redact(str(refused), message)))
            except SendOutcomeUnknown:
                return SendPostponed(reason=f"{provider.name}: no answer after the end of the message")
            except TemporaryProviderRefusal as failure:
                answered |= isinstance(failure, MessagePostponedByProvider | ProviderBusy)
                reasons.append(safe_text(f"{provider.name}: {provider.redact(str(failure), message)}"))
            else:
                return SendAccepted(relay=provider.name)
        return SendPostponed(reason="; ".join(reasons) or self._without_providers, answered=answered)

    def reachable(self) -> bool:
        return any(provider.reachable() for provider in self._providers)

    def close(self) -> None:
        for provider in self._providers:
            provider.close()
