"""Counts sign-in attempts, and refuses them above a limit.

Wrong attempts by strangers do not lock out a voter who uses a recognised browser (OWASP Authentication: device cookies).
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, ip_address, ip_network
from typing import NamedTuple

import msgspec

from core.flows.dependencies import Dependencies
from core.flows.flow_handler import Visit
from core.forms import errors
from core.ports import Actor, Event, EventType, ThrottleVerdict, Transaction
from core.security import key_purposes, tokens

IPV4_PREFIX = 24
MOST_DOUBLINGS = 16
ALARM_EVERY = timedelta(hours=1)

log = logging.getLogger("retrouve")


class RecognisedBrowserMark(msgspec.Struct, frozen=True, array_like=True):
    """Content of the sealed cookie that proves that a voter has signed in with this browser before."""

    voter: int
    nonce: str
    expires: int
    epoch: int
    """The voter's epoch when the mark was made. In a later epoch the mark is invalid."""


@dataclass(frozen=True, slots=True)
class NetworkSlowdown:
    """Slows down sign-ins from a network that tries wrong passwords for many addresses (password spraying).

    It counts the addresses that a network tries without success. All methods lock rows in the same order as
    `count_address_or_return_wait`, to avoid deadlocks.
    """

    dependencies: Dependencies

    def count_address_or_return_wait(
        self, transaction: Transaction, address: str, network: str, now: datetime
    ) -> datetime | None:
        """Count an address that a network tries, before the password is checked. Each address counts once per window.

        If the network must wait, return the time of its next attempt. Such an attempt is not counted, so that it does
        not make the wait longer. Return None if the network need not wait.
        """
        policy, throttle = self.dependencies.policy, transaction.throttle
        limit, window = policy.sign_in_addresses_per_network, timedelta(minutes=policy.sign_in_network_window_minutes)
        if not limit:
            return None
        of_address, of_network = self._bucket(f"tried|{address}", network), self._bucket("whole", network)
        is_new = throttle.count_or_refuse(of_address, limit=1, window=window, now=now).allowed
        if is_new:
            verdict = throttle.count_or_refuse(of_network, limit=limit, window=window, now=now)
        else:
            verdict = throttle.peek(of_network, limit=limit + 1, window=window, now=now)
        if verdict.allowed:
            return None
        turn = throttle.count_or_refuse(self._bucket("turn", network), limit=1, window=self._gap(verdict), now=now)
        if is_new and not turn.allowed:
            throttle.reset(of_address)
            throttle.give_back(of_network)
        self._raise_alarm(transaction, network, now)
        return None if turn.allowed else turn.until

    def forget_address(self, transaction: Transaction, address: str, network: str) -> None:
        """Remove an address from the count of its network, because the voter has signed in."""
        if self.dependencies.policy.sign_in_addresses_per_network:
            transaction.throttle.reset(self._bucket(f"tried|{address}", network))
            transaction.throttle.give_back(self._bucket("whole", network))

    def _gap(self, verdict: ThrottleVerdict) -> timedelta:
        """Return the pause that a network over its limit must keep between two sign-ins.

        The pause doubles for every `sign_in_gap_doubles_after` addresses above the limit.
        """
        policy = self.dependencies.policy
        longest = timedelta(minutes=policy.sign_in_network_window_minutes)
        doublings = min((-verdict.left - 1) // policy.sign_in_gap_doubles_after, MOST_DOUBLINGS)
        return min(longest, timedelta(seconds=policy.sign_in_gap_seconds << doublings))

    def _raise_alarm(self, transaction: Transaction, network: str, now: datetime) -> None:
        alarm = self._bucket("alarm", network)
        if transaction.throttle.count_or_refuse(alarm, limit=1, window=ALARM_EVERY, now=now).allowed:
            transaction.journal.write(Event(at=now, actor=Actor.VOTER, act=EventType.NETWORK_SLOWED))
            log.warning(EventType.NETWORK_SLOWED.value)

    def _bucket(self, kind: str, network: str) -> bytes:
        name = f"sign-in-network|{_network_block(network)}|{kind}"
        return self.dependencies.vault.digest(key_purposes.THROTTLE, name.encode())


def _network_block(network: str) -> str:
    """Return the /24 network of an IPv4 address. An IPv6 network is returned unchanged, because it is a /64 already."""
    try:
        address = ip_address(network)
    except ValueError:
        return network
    return str(ip_network((address, IPV4_PREFIX), strict=False)) if isinstance(address, IPv4Address) else network


class TryCount(NamedTuple):
    """The result of counting a sign-in attempt. `refusal` is None if the password may be checked."""

    refusal: errors.Refusal | None
    attempts_left: int


class TryCounter(NamedTuple):
    bucket: bytes
    limit: int
    window: timedelta


class SignInTries:
    def __init__(self, dependencies: Dependencies) -> None:
        self.dependencies = dependencies
        self._slowdown = NetworkSlowdown(dependencies)

    def count_try(self, transaction: Transaction, address: str, visit: Visit, now: datetime) -> TryCount:
        """Count a sign-in attempt for its address. If the browser is not recognised, first count it for its network."""
        to_local = self.dependencies.calendar.to_local
        if self.recognised_mark(visit.device, address, now) is None:
            again_at = self._slowdown.count_address_or_return_wait(transaction, address, visit.network, now)
            if again_at is not None:
                return TryCount(errors.NetworkThrottled(until=to_local(again_at)), 0)
        verdict = self._count_own(transaction, address, visit, now)
        refusal = None if verdict.allowed else errors.TooManySignIns(until=to_local(verdict.until))
        return TryCount(refusal, verdict.left)

    def _count_own(self, transaction: Transaction, address: str, visit: Visit, now: datetime) -> ThrottleVerdict:
        """Count an attempt in each counter until one refuses it. Return the verdict with the fewest attempts left."""
        verdicts, count = [], transaction.throttle.count_or_refuse
        for counter in self._counters(address, visit, now):
            verdicts.append(count(counter.bucket, limit=counter.limit, window=counter.window, now=now))
            if not verdicts[-1].allowed:
                break
        return min(verdicts, key=lambda verdict: verdict.left)

    def remaining_tries(self, transaction: Transaction, address: str, visit: Visit, now: datetime) -> int:
        """Return the number of attempts left, without counting an attempt."""
        read = transaction.throttle.peek
        counters = self._counters(address, visit, now)
        left = min(read(bucket, limit=limit, window=window, now=now).left for bucket, limit, window in counters)
        return max(0, left + 1)

    def uncount_try(self, transaction: Transaction, address: str, visit: Visit, now: datetime) -> None:
        """Remove an attempt from the counts because its password could not be checked."""
        for counter in self._counters(address, visit, now):
            transaction.throttle.give_back(counter.bucket)

    def forget_own_tries(self, transaction: Transaction, address: str, visit: Visit, now: datetime) -> None:
        """Reset this browser's count after a successful sign-in, and remove the attempt from the shared counts."""
        own, *shared = (counter.bucket for counter in self._counters(address, visit, now))
        if shared:
            self._slowdown.forget_address(transaction, address, visit.network)
        transaction.throttle.reset(own)
        for bucket in shared:
            transaction.throttle.give_back(bucket)

    def _counters(self, address: str, visit: Visit, now: datetime) -> Iterator[TryCounter]:
        """Yield the counters for an attempt of this visit. A recognised browser has a counter of its own.

        Any other browser has the counter of its network, and a counter that all unrecognised browsers share.
        """
        policy, mark = self.dependencies.policy, self.recognised_mark(visit.device, address, now)
        own = ("network", address, visit.network) if mark is None else ("device", "", mark.nonce)
        pause = timedelta(minutes=policy.sign_in_pause_minutes)
        yield TryCounter(self._bucket(*own), policy.sign_in_tries, pause)
        if mark is None:
            window = timedelta(minutes=policy.sign_in_strangers_window_minutes)
            yield TryCounter(self._bucket("strangers", address, ""), policy.sign_in_tries_from_strangers, window)

    def _bucket(self, kind: str, address: str, who: str) -> bytes:
        return self.dependencies.vault.digest(key_purposes.THROTTLE, f"sign-in|{kind}|{address}|{who}".encode())

    def recognised_mark(self, mark: str | None, address: str, now: datetime) -> RecognisedBrowserMark | None:
        """Return the content of a browser's sealed mark, or None if it is not valid for that address."""
        opened = tokens.unseal(
            self.dependencies.vault, key_purposes.DEVICE, mark, RecognisedBrowserMark, context=address.encode()
        )
        return opened if opened is not None and opened.expires > now.timestamp() else None
