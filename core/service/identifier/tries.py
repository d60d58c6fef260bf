"""Wrong tries of one voter, counted exactly whichever way they come; the last one begins a pause."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core import purposes
from core.ports import Transaction, Vault, Verdict


class Paused(Exception):
    """There were too many: `until` is when the pause ends."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until.isoformat())
        self.until = until


@dataclass(frozen=True, slots=True)
class Tries:
    """`limit` wrong ones of a `kind` within `window`, then as long a pause."""

    vault: Vault
    kind: str
    limit: int
    window: timedelta

    def take(self, transaction: Transaction, voter: int, now: datetime) -> int:
        """Counts a try before it is known whether it is right; how many wrong ones are left after it. Raises Paused.

        The counter comes first: its row makes tries in parallel wait for one another, so each sees the pause.
        """
        tries = self._bucket("tries", voter)
        verdict = transaction.throttle.take(tries, limit=self.limit, window=self.window, now=now)
        pause = self._pause(transaction, voter, now)
        if not pause.allowed or not verdict.allowed:
            transaction.throttle.give_back(tries)
            raise Paused(verdict.until if pause.allowed else pause.until)
        return verdict.left

    def was_right(self, transaction: Transaction, voter: int) -> None:
        """The try that was taken is not one of those that count."""
        transaction.throttle.give_back(self._bucket("tries", voter))

    def pause(self, transaction: Transaction, voter: int, now: datetime) -> None:
        """The last wrong one begins the pause."""
        transaction.throttle.take(self._bucket("pause", voter), limit=1, window=self.window, now=now)

    def left(self, transaction: Transaction, voter: int, now: datetime) -> int:
        """How many wrong ones there may still be."""
        verdict = transaction.throttle.peek(self._bucket("tries", voter), limit=self.limit, window=self.window, now=now)
        return max(0, verdict.left + 1)

    def paused_until(self, transaction: Transaction, voter: int, now: datetime) -> datetime | None:
        """When the pause ends, if there is one."""
        pause = self._pause(transaction, voter, now)
        return None if pause.allowed else pause.until

    def _pause(self, transaction: Transaction, voter: int, now: datetime) -> Verdict:
        return transaction.throttle.peek(self._bucket("pause", voter), limit=1, window=self.window, now=now)

    def _bucket(self, name: str, voter: int) -> bytes:
        return self.vault.digest(purposes.THROTTLE, f"{self.kind}|{name}|{voter}".encode())
