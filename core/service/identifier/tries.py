"""Wrong tries of one voter, counted exactly whichever way they come; the last one begins a pause."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core import purposes
from core.ports import Counted, Transaction, Vault, foreseen


class Paused(Exception):
    """There were too many: `until` is when the pause ends."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until.isoformat())
        self.until = until


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """How many wrong ones there may still be, when they begin to count anew, and when the pause ends, if there is one."""

    left: int
    until: datetime
    paused_until: datetime | None


@dataclass(frozen=True, slots=True)
class Tries:
    """`limit` wrong ones of a `kind` within `window`, then as long a pause."""

    vault: Vault
    kind: str
    limit: int
    window: timedelta

    def buckets(self, voter: int) -> tuple[bytes, bytes]:
        """Their counters: of wrong ones, and of pauses."""
        return self._bucket("tries", voter), self._bucket("pause", voter)

    def standing(self, counts: Sequence[Counted | None], now: datetime) -> Tried:
        """How it stands by what those counters hold."""
        tries, pause = counts
        foreseen_try = foreseen(tries, limit=self.limit, window=self.window, now=now)
        foreseen_pause = foreseen(pause, limit=1, window=self.window, now=now)
        paused_until = None if foreseen_pause.allowed else foreseen_pause.until
        return Tried(left=max(0, foreseen_try.left + 1), until=foreseen_try.until, paused_until=paused_until)

    def take(self, transaction: Transaction, voter: int, tried: Tried, now: datetime) -> int:
        """Counts a try before it is known whether it is right; how many wrong ones are left after it. Raises Paused.

        The voter is locked, and `tried` was read since: tries in parallel wait for one another, so each sees the others.
        """
        if tried.paused_until is not None or tried.left == 0:
            raise Paused(tried.paused_until or tried.until)
        transaction.throttle.spend(self._bucket("tries", voter), limit=self.limit, window=self.window, now=now)
        return tried.left - 1

    def was_right(self, transaction: Transaction, voter: int) -> None:
        """The try that was taken is not one of those that count."""
        transaction.throttle.give_back(self._bucket("tries", voter))

    def pause(self, transaction: Transaction, voter: int, now: datetime) -> datetime:
        """The last wrong one begins the pause; when it ends."""
        return transaction.throttle.take(self._bucket("pause", voter), limit=1, window=self.window, now=now).until

    def _bucket(self, name: str, voter: int) -> bytes:
        return self.vault.digest(purposes.THROTTLE, f"{self.kind}|{name}|{voter}".encode())
