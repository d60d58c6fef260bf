"""Counts the tries to sign in. A voter is never locked out by the tries of others (OWASP Authentication: device cookies)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from core.flows.dependencies import Dependencies
from core.flows.flow_handler import BrowserTokens
from core.flows.network_slowdown import NetworkSlowdown
from core.forms import errors
from core.ports import ThrottleVerdict, Transaction
from core.security import key_purposes, tokens


class RecognisedBrowserMark(msgspec.Struct, frozen=True, array_like=True):
    """The content of the sealed mark of a recognised browser."""

    voter: int
    nonce: str
    expires: int
    epoch: int = -1
    """The voter's epoch then: in another it serves no more. A former version wrote none."""


@dataclass(frozen=True, slots=True)
class SignInTries:
    """The counts of one election."""

    dependencies: Dependencies

    def count_try(
        self, transaction: Transaction, address: str, visit: BrowserTokens, now: datetime
    ) -> tuple[errors.Refusal | None, int]:
        """Count for the network, which a recognised browser need not wait for, and then for the address."""
        to_local = self.dependencies.calendar.to_local
        if self.recognised_mark(visit.device, address, now) is None:
            again_at = self._slowdown.count_address_or_return_wait(transaction, address, visit.network, now)
            if again_at is not None:
                return errors.NetworkThrottled(until=to_local(again_at)), 0
        verdict = self._count_own(transaction, address, visit, now)
        return None if verdict.allowed else errors.TooManySignIns(until=to_local(verdict.until)), verdict.left

    @property
    def _slowdown(self) -> NetworkSlowdown:
        return NetworkSlowdown(self.dependencies)

    def _count_own(
        self, transaction: Transaction, address: str, visit: BrowserTokens, now: datetime
    ) -> ThrottleVerdict:
        """Count in each counter, until one refuses, and return the verdict that is nearest to its limit."""
        verdicts, count = [], transaction.throttle.count_or_refuse
        for bucket, limit, window in self._counters(address, visit, now):
            verdicts.append(count(bucket, limit=limit, window=window, now=now))
            if not verdicts[-1].allowed:
                break
        return min(verdicts, key=lambda verdict: verdict.left)

    def remaining_tries(self, transaction: Transaction, address: str, visit: BrowserTokens, now: datetime) -> int:
        """Return the tries left without counting one."""
        read = transaction.throttle.verdict_without_counting
        counters = self._counters(address, visit, now)
        left = min(read(bucket, limit=limit, window=window, now=now).left for bucket, limit, window in counters)
        return max(0, left + 1)

    def uncount_try(self, transaction: Transaction, address: str, visit: BrowserTokens, now: datetime) -> None:
        """Take back a try whose password was not looked at."""
        for bucket, *_ in self._counters(address, visit, now):
            transaction.throttle.give_back(bucket)

    def forget_own_tries(self, transaction: Transaction, address: str, visit: BrowserTokens, now: datetime) -> None:
        """Forget this browser's own wrong tries after a success, and take this try back from the counts of strangers."""
        own, *strangers = (bucket for bucket, *_ in self._counters(address, visit, now))
        if strangers:
            self._slowdown.forget_address(transaction, address, visit.network)
        transaction.throttle.reset(own)
        for bucket in strangers:
            transaction.throttle.give_back(bucket)

    def _counters(self, address: str, visit: BrowserTokens, now: datetime) -> Iterator[tuple[bytes, int, timedelta]]:
        """Yield each counter of a try, its limit and its window: this browser's own, and that of strangers unless it is recognised."""
        policy, mark = self.dependencies.policy, self.recognised_mark(visit.device, address, now)
        own = ("network", address, visit.network) if mark is None else ("device", "", mark.nonce)
        yield self._bucket(*own), policy.sign_in_tries, timedelta(minutes=policy.sign_in_pause_minutes)
        if mark is None:
            window = timedelta(minutes=policy.sign_in_strangers_window_minutes)
            yield self._bucket("strangers", address, ""), policy.sign_in_tries_from_strangers, window

    def _bucket(self, kind: str, address: str, who: str) -> bytes:
        return self.dependencies.vault.digest(key_purposes.THROTTLE, f"sign-in|{kind}|{address}|{who}".encode())

    def recognised_mark(self, mark: str | None, address: str, now: datetime) -> RecognisedBrowserMark | None:
        """Return the mark of a browser that is recognised for that address, or None."""
        device = tokens.unseal(
            self.dependencies.vault, key_purposes.DEVICE, mark, RecognisedBrowserMark, context=address.encode()
        )
        return device if device is not None and device.expires > now.timestamp() else None
