"""Counts the tries to sign in. A voter is never locked out by the tries of others (OWASP Authentication: device cookies)."""

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
        """Count in both buckets and return the one that is nearer to its limit. A recognised browser has one of its own."""
        policy = self.dependencies.policy
        pause = timedelta(minutes=policy.sign_in_pause_minutes)
        own = self._own_bucket(address, visit, now)
        mine = transaction.throttle.count_or_refuse(own, limit=policy.sign_in_tries, window=pause, now=now)
        if not mine.allowed or self.recognised_mark(visit.device, address, now) is not None:
            return mine
        window = timedelta(minutes=policy.sign_in_strangers_window_minutes)
        limit = policy.sign_in_tries_from_strangers
        strangers = transaction.throttle.count_or_refuse(self._strangers(address), limit=limit, window=window, now=now)
        return min(mine, strangers, key=lambda verdict: verdict.left)

    def remaining_tries(self, transaction: Transaction, address: str, visit: BrowserTokens, now: datetime) -> int:
        """Return the tries left without counting one."""
        policy, read = self.dependencies.policy, transaction.throttle.verdict_without_counting
        pause = timedelta(minutes=policy.sign_in_pause_minutes)
        left = read(self._own_bucket(address, visit, now), limit=policy.sign_in_tries, window=pause, now=now).left
        if self.recognised_mark(visit.device, address, now) is None:
            window = timedelta(minutes=policy.sign_in_strangers_window_minutes)
            limit = policy.sign_in_tries_from_strangers
            left = min(left, read(self._strangers(address), limit=limit, window=window, now=now).left)
        return max(0, left + 1)

    def uncount_try(self, transaction: Transaction, address: str, visit: BrowserTokens, now: datetime) -> None:
        """Take back a try whose password was not looked at."""
        transaction.throttle.give_back(self._own_bucket(address, visit, now))
        if self.recognised_mark(visit.device, address, now) is None:
            transaction.throttle.give_back(self._strangers(address))

    def forget_own_tries(self, transaction: Transaction, address: str, visit: BrowserTokens, now: datetime) -> None:
        """Forget this browser's own wrong tries after a success, and take this try back from the counts of strangers."""
        unrecognised = self.recognised_mark(visit.device, address, now) is None
        if unrecognised:
            self._slowdown.forget_address(transaction, address, visit.network)
        transaction.throttle.reset(self._own_bucket(address, visit, now))
        if unrecognised:
            transaction.throttle.give_back(self._strangers(address))

    def _own_bucket(self, address: str, visit: BrowserTokens, now: datetime) -> bytes:
        device = self.recognised_mark(visit.device, address, now)
        if device is None:
            return self._bucket("network", address, visit.network)
        return self._bucket("device", "", device.nonce)

    def _strangers(self, address: str) -> bytes:
        return self._bucket("strangers", address, "")

    def _bucket(self, kind: str, address: str, who: str) -> bytes:
        return self.dependencies.vault.digest(key_purposes.THROTTLE, f"sign-in|{kind}|{address}|{who}".encode())

    def recognised_mark(self, mark: str | None, address: str, now: datetime) -> RecognisedBrowserMark | None:
        """Return the mark of a browser that is recognised for that address, or None."""
        device = tokens.unseal(
            self.dependencies.vault, key_purposes.DEVICE, mark, RecognisedBrowserMark, context=address.encode()
        )
        return device if device is not None and device.expires > now.timestamp() else None
