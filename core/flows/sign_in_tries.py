"""Limits sign-in attempts. Strangers cannot lock out a recognised browser (OWASP device cookies)."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, ip_address, ip_network
from typing import NamedTuple

import msgspec

from core.flows.board_alarms import IPV6_SIGN_INS, raise_board_alarm
from core.flows.dependencies import Dependencies
from core.flows.flow_handler import Visit
from core.forms import errors
from core.policy.ipv6_networks import counted_networks, network_to_report
from core.ports import Actor, Event, EventType, ThrottleVerdict, Transaction
from core.security import key_purposes, tokens

IPV4_PREFIX = 24
MOST_DOUBLINGS = 16
ALARM_EVERY = timedelta(hours=1)
WHOLE = "whole"

log = logging.getLogger("retrouve")


class RecognisedBrowserMark(msgspec.Struct, frozen=True, array_like=True):
    """Content of the cookie that proves an earlier sign-in with this browser."""

    voter: int
    nonce: str
    expires: int
    epoch: int
    """The voter's epoch when the cookie was made. The cookie is invalid in later epochs."""


class NetworkBlock(NamedTuple):
    """A network, and how many email addresses may fail to sign in from this network."""

    name: str
    limit: int


class NetworkVerdict(NamedTuple):
    slowed: bool
    """Whether the network is slowed down. Must not depend on the email address."""
    may_check: bool
    """Whether the password may be checked. Always True for unknown addresses."""


@dataclass(frozen=True, slots=True)
class NetworkSlowdown:
    """Slows down password spraying without revealing who is on the roll. All methods must lock rows in the same order."""

    dependencies: Dependencies

    def count_address(
        self, transaction: Transaction, address: str, network: str, now: datetime, *, known: bool
    ) -> NetworkVerdict:
        """Count an address before the password check. `known` is True if the address is on the roll."""
        for block in self._organisations(network):
            if not self._count_once(transaction, WHOLE, address, block, now).allowed:
                raise_board_alarm(self.dependencies, transaction, IPV6_SIGN_INS)
        slowed, may_check = False, True
        for block in self._blocks(network):
            verdict = self._count_address(transaction, address, block, now, known=known and may_check)
            slowed, may_check = slowed or verdict.slowed, may_check and verdict.may_check
        return NetworkVerdict(slowed=slowed, may_check=may_check)

    def _count_address(
        self, transaction: Transaction, address: str, block: NetworkBlock, now: datetime, *, known: bool
    ) -> NetworkVerdict:
        whole = self._count_once(transaction, WHOLE, address, block, now)
        kind, may_check = self._kind(whole, known=known), True
        if not whole.allowed:
            self._raise_alarm(transaction, block, now)
            bucket, window = self._bucket(kind, block), self._window
            checked = transaction.throttle.peek(bucket, limit=block.limit, window=window, now=now)
            bucket, gap = self._bucket(f"turn|{kind}", block), self._gap(checked)
            turn = transaction.throttle.count_or_refuse(bucket, limit=1, window=gap, now=now)
            may_check = not known or checked.allowed or turn.allowed
        counter = kind if may_check else self._kind(whole, known=False)  # the same work as for an invented address
        self._count_once(transaction, counter, address, block, now)
        return NetworkVerdict(slowed=not whole.allowed, may_check=may_check)

    def is_slowed(self, transaction: Transaction, network: str, now: datetime) -> bool:
        return not all(self._read(transaction, block, now).allowed for block in self._blocks(network))

    def forget_address(self, transaction: Transaction, address: str, network: str, now: datetime) -> None:
        """Stop counting an address against a network after a successful sign-in."""
        for block in (*self._organisations(network), *self._blocks(network)):
            for kind in (WHOLE, self._kind(self._read(transaction, block, now), known=True)):
                transaction.throttle.reset(self._bucket(f"tried|{kind}|{address}", block))
                transaction.throttle.give_back(self._bucket(kind, block))

    def _organisations(self, network: str) -> Iterator[NetworkBlock]:
        """Yield the IPv6 /48 that contains `network`, if any."""
        policy = self.dependencies.policy
        limit, counted = policy.sign_in_addresses_per_network, network_to_report(network, policy)
        if limit and counted is not None:
            yield NetworkBlock(counted.name, limit * counted.factor)

    def _blocks(self, network: str) -> Iterator[NetworkBlock]:
        limit = self.dependencies.policy.sign_in_addresses_per_network
        if limit:
            for counted in counted_networks(_network_block(network), self.dependencies.policy):
                yield NetworkBlock(counted.name, limit * counted.factor)

    @property
    def _window(self) -> timedelta:
        return timedelta(minutes=self.dependencies.policy.sign_in_network_window_minutes)

    def _read(self, transaction: Transaction, block: NetworkBlock, now: datetime) -> ThrottleVerdict:
        bucket = self._bucket(WHOLE, block)
        return transaction.throttle.peek(bucket, limit=block.limit + 1, window=self._window, now=now)

    def _count_once(
        self, transaction: Transaction, kind: str, address: str, block: NetworkBlock, now: datetime
    ) -> ThrottleVerdict:
        throttle, window, counter = transaction.throttle, self._window, self._bucket(kind, block)
        tried = self._bucket(f"tried|{kind}|{address}", block)
        if throttle.count_or_refuse(tried, limit=1, window=window, now=now).allowed:
            return throttle.count_or_refuse(counter, limit=block.limit, window=window, now=now)
        return throttle.peek(counter, limit=block.limit + 1, window=window, now=now)

    @staticmethod
    def _kind(whole: ThrottleVerdict, *, known: bool) -> str:
        return f"{'known' if known else 'unknown'}|{whole.until.isoformat()}"

    def _gap(self, verdict: ThrottleVerdict) -> timedelta:
        """Return the pause between two password checks. The pause doubles as attempts continue."""
        policy = self.dependencies.policy
        doublings = min(max(0, -verdict.left - 1) // policy.sign_in_gap_doubles_after, MOST_DOUBLINGS)
        return min(self._window, timedelta(seconds=policy.sign_in_gap_seconds << doublings))

    def _raise_alarm(self, transaction: Transaction, block: NetworkBlock, now: datetime) -> None:
        alarm = self._bucket("alarm", block)
        if transaction.throttle.count_or_refuse(alarm, limit=1, window=ALARM_EVERY, now=now).allowed:
            transaction.journal.write(Event(at=now, actor=Actor.VOTER, act=EventType.NETWORK_SLOWED))
            log.warning(EventType.NETWORK_SLOWED.value)

    def _bucket(self, kind: str, block: NetworkBlock) -> bytes:
        name = f"sign-in-network|{block.name}|{kind}"
        return self.dependencies.vault.digest(key_purposes.THROTTLE, name.encode())


def _network_block(network: str) -> str:
    try:
        address = ip_address(network)
    except ValueError:
        return network
    return str(ip_network((address, IPV4_PREFIX), strict=False)) if isinstance(address, IPv4Address) else network


class TryCount(NamedTuple):
    """Result of a counted attempt. If `refusal` is None, hash the password even if `may_check` is False."""

    refusal: errors.Refusal | None
    attempts_left: int
    slowed: errors.Refusal | None = None
    """Error to show for a wrong password from a slowed network."""
    may_check: bool = True
    """False if too many attempts were made and the password must not be checked."""


class TryCounter(NamedTuple):
    bucket: bytes
    limit: int
    window: timedelta


class SignInTries:
    def __init__(self, dependencies: Dependencies) -> None:
        self.dependencies = dependencies
        self._slowdown = NetworkSlowdown(dependencies)

    def count_try(
        self, transaction: Transaction, address: str, visit: Visit, now: datetime, *, known: bool
    ) -> TryCount:
        """Count a sign-in attempt. If the browser is not recognised, the attempt also counts for its network."""
        slowed, may_check = None, True
        if self.recognised_mark(visit.device, address, now) is None:
            verdict = self._slowdown.count_address(transaction, address, visit.network, now, known=known)
            slowed, may_check = self._slowed_refusal(now) if verdict.slowed else None, verdict.may_check
        # Counters that nobody reads cause the same work as for an invented address.
        own = self._count_own(transaction, address if may_check else f"unchecked|{address}", visit, now)
        if slowed is not None:
            return TryCount(None, 0, slowed, may_check and own.allowed)
        until = self.dependencies.calendar.to_local(own.until)
        return TryCount(None if own.allowed else errors.TooManySignIns(until=until), own.left)

    def slowed_refusal(self, transaction: Transaction, visit: Visit, now: datetime) -> errors.Refusal | None:
        """Return the error for a slowed network. Do not call this for recognised browsers."""
        return self._slowed_refusal(now) if self._slowdown.is_slowed(transaction, visit.network, now) else None

    def _slowed_refusal(self, now: datetime) -> errors.Refusal:
        gap = timedelta(seconds=self.dependencies.policy.sign_in_gap_seconds)
        return errors.NetworkThrottled(until=self.dependencies.calendar.to_local(now + gap))

    def _count_own(self, transaction: Transaction, address: str, visit: Visit, now: datetime) -> ThrottleVerdict:
        verdicts, count = [], transaction.throttle.count_or_refuse
        for counter in self._counters(address, visit, now):
            verdicts.append(count(counter.bucket, limit=counter.limit, window=counter.window, now=now))
            if not verdicts[-1].allowed:
                break
        return min(verdicts, key=lambda verdict: verdict.left)

    def remaining_tries(self, transaction: Transaction, address: str, visit: Visit, now: datetime) -> int:
        read = transaction.throttle.peek
        counters = self._counters(address, visit, now)
        left = min(read(bucket, limit=limit, window=window, now=now).left for bucket, limit, window in counters)
        return max(0, left + 1)

    def forget_own_tries(self, transaction: Transaction, address: str, visit: Visit, now: datetime) -> None:
        """Forget this browser's attempts after a successful sign-in."""
        own, *shared = (counter.bucket for counter in self._counters(address, visit, now))
        if shared:
            self._slowdown.forget_address(transaction, address, visit.network, now)
        transaction.throttle.reset(own)
        for bucket in shared:
            transaction.throttle.give_back(bucket)

    def _counters(self, address: str, visit: Visit, now: datetime) -> Iterator[TryCounter]:
        policy, mark = self.dependencies.policy, self.recognised_mark(visit.device, address, now)
        pause = timedelta(minutes=policy.sign_in_pause_minutes)
        if mark is not None:
            yield TryCounter(self._bucket("device", "", mark.nonce), policy.sign_in_tries, pause)
        else:
            for counted in counted_networks(visit.network, policy):
                bucket = self._bucket("network", address, counted.name)
                yield TryCounter(bucket, policy.sign_in_tries * counted.factor, pause)
            window = timedelta(minutes=policy.sign_in_strangers_window_minutes)
            yield TryCounter(self._bucket("strangers", address, ""), policy.sign_in_tries_from_strangers, window)

    def _bucket(self, kind: str, address: str, who: str) -> bytes:
        return self.dependencies.vault.digest(key_purposes.THROTTLE, f"sign-in|{kind}|{address}|{who}".encode())

    def recognised_mark(self, mark: str | None, address: str, now: datetime) -> RecognisedBrowserMark | None:
        """Return the browser's mark, or None if it is not valid for `address`."""
        opened = tokens.unseal(
            self.dependencies.vault, key_purposes.DEVICE, mark, RecognisedBrowserMark, context=address.encode()
        )
        return opened if opened is not None and opened.expires > now.timestamp() else None
