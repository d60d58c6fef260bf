"""Count the wrong tries of a voter exactly, however they come; the last one starts a pause."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.ports import ThrottleCounterValue, Transaction, Vault, next_verdict
from core.security import key_purposes


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptsLeft:
    """The wrong tries left, when they begin to count anew, and when a pause ends, if there is one."""

    left: int
    until: datetime
    paused_until: datetime | None

    @property
    def refused_until(self) -> datetime | None:
        """The time until which no further try is looked at; None if one is."""
        return self.paused_until or (self.until if self.left == 0 else None)


@dataclass(frozen=True, slots=True)
class AttemptLimit:
    """Allow `limit` wrong tries of a `kind` within `window`, then require a pause of that length."""

    vault: Vault
    kind: str
    limit: int
    window: timedelta

    def buckets(self, voter: int) -> tuple[bytes, bytes]:
        """Return the counters of a voter: the wrong tries and the pauses."""
        return self._bucket("tries", voter), self._bucket("pause", voter)

    def attempts_left(self, counts: Sequence[ThrottleCounterValue | None], now: datetime) -> AttemptsLeft:
        """Return the tries that are left, from the values of those counters."""
        tries, pause = counts
        foreseen_try = next_verdict(tries, limit=self.limit, window=self.window, now=now)
        foreseen_pause = next_verdict(pause, limit=1, window=self.window, now=now)
        paused_until = None if foreseen_pause.allowed else foreseen_pause.until
        return AttemptsLeft(left=max(0, foreseen_try.left + 1), until=foreseen_try.until, paused_until=paused_until)

    def count_attempt(self, transaction: Transaction, voter: int, tried: AttemptsLeft, now: datetime) -> int:
        """Count a try that is not refused before it is known to be right; return the wrong ones left after it.

        The voter is locked, and `tried` was read since: tries in parallel wait for one another, so each sees the others.
        """
        transaction.throttle.count_or_raise(self._bucket("tries", voter), limit=self.limit, window=self.window, now=now)
        return tried.left - 1

    def uncount_attempt(self, transaction: Transaction, voter: int) -> None:
        """Give back a try that was counted in advance."""
        transaction.throttle.give_back(self._bucket("tries", voter))

    def pause(self, transaction: Transaction, voter: int, now: datetime) -> datetime:
        """Start the pause after the last wrong try and return when it ends."""
        return transaction.throttle.count_or_refuse(
            self._bucket("pause", voter), limit=1, window=self.window, now=now
        ).until

    def _bucket(self, name: str, voter: int) -> bytes:
        return self.vault.digest(key_purposes.THROTTLE, f"{self.kind}|{name}|{voter}".encode())
