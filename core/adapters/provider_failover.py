"""Tries the providers of one channel in order: SMTP relays, or SMS gateways.

A permanent refusal is final. A temporary one, or no connection, leads to the next provider. A message that was handed over whole
without an answer goes to nobody else: another provider would make a second message of it.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from core.delivery.retry_backoff import RetryBackoff
from core.ports import SendAccepted, SendPostponed, SendRefused, SendResult

LONGEST_PAUSE_SECONDS = 60.0
M = TypeVar("M")


class PermanentProviderRefusal(Exception):
    """The provider refused this message, and any other would refuse it too."""


class TemporaryProviderRefusal(Exception):
    """The message cannot be taken by this provider now, and may be by another one."""


class MessagePostponedByProvider(TemporaryProviderRefusal):
    """The provider postponed this very message."""


class ProviderConnectionLost(TemporaryProviderRefusal):
    """The provider cannot be spoken with, and its connection is closed."""


class SendOutcomeUnknown(Exception):
    """The whole message was handed over and no answer came: perhaps it was taken."""


class ProviderConnection(ABC, Generic[M]):
    """One relay or gateway: its connection, if there is one, and the pause it is given while it fails."""

    def __init__(self, name: str, clock: Callable[[], float]) -> None:
        """`name` is shown in timelines and logs. `clock` counts seconds."""
        self.name = name
        self._cool_down = RetryBackoff(LONGEST_PAUSE_SECONDS, clock)

    def send(self, message: M) -> None:
        """Hand the message over. Raises PermanentProviderRefusal, TemporaryProviderRefusal, SendOutcomeUnknown."""
        if self._cool_down.active:
            raise TemporaryProviderRefusal("resting after a failure")
        try:
            self._deliver(message)
        except (ProviderConnectionLost, SendOutcomeUnknown):
            self._cool_down.failed()
            raise
        self._cool_down.succeeded()

    def reachable(self) -> bool:
        """Return whether the provider can be spoken with, on the connection kept or on a new one."""
        if self._cool_down.active:
            return False
        try:
            self._check_connection()
        except ProviderConnectionLost:
            self._cool_down.failed()
            return False
        return True

    @abstractmethod
    def close(self) -> None:
        """Close the connection."""

    @abstractmethod
    def redact(self, words: str, message: M) -> str:
        """Remove from an answer what it may quote of the message."""

    @abstractmethod
    def _deliver(self, message: M) -> None:
        """Hand the message over. Raises PermanentProviderRefusal, TemporaryProviderRefusal, SendOutcomeUnknown."""

    @abstractmethod
    def _check_connection(self) -> None:
        """Make sure that there is a working connection. Raises ProviderConnectionLost."""


class FailoverTransport(Generic[M]):
    """The port MailTransport or SmsTransport over several providers, for one thread at a time."""

    def __init__(self, providers: Sequence[ProviderConnection[M]], without_providers: str) -> None:
        """`without_providers` is the reason told when there are none."""
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
                return SendPostponed(
                    reason=f"{provider.name}: no answer after the end of the message", perhaps_taken=True
                )
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
