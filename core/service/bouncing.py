"""A mail that came back: which case it belongs to, and the one line that the journal keeps of it.

The case is known by the address the mail came back to, which only we can make, and by nothing that it says inside.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

import msgspec
import structlog

from core import purposes
from core.journal.checkpoints import number_of
from core.ports import Act, Actor, Event, Transaction
from core.service.tools import Tools
from core.words.bounces import BounceReason

REMEMBERED = timedelta(days=400)
"""How long a bounce is known again when it comes once more: longer than an election."""
MOST_PER_CASE = 20
"""A voter's own server knows the address of their case and may say what it likes there; more than this is not kept."""

log = structlog.get_logger()


class Outcome(StrEnum):
    """What became of a mail that came back."""

    NOTED = "noted"
    NOTED_BEFORE = "noted-before"
    NOT_OURS = "not-ours"
    """To an address that we did not make, or of a case that we do not have."""
    NO_BOUNCE = "no-bounce"
    TOO_MANY = "too-many"


class Bounce(msgspec.Struct, frozen=True):
    """What a bounce says. `message` is the Message-ID of the mail it is about, empty where it does not say."""

    reason: BounceReason
    message: str


class ReturnedMail(Protocol):
    """A mail that came back, still to be read."""

    def addresses(self) -> Iterable[str]:
        """Where it was delivered."""

    def bounce(self) -> Bounce | None:
        """What it says, or None if it is no bounce, or one of a mail that arrived."""


@dataclass(frozen=True, slots=True)
class Bouncing:
    """`case_of` gives the case whose bounces come to an address, or None if we did not make that address."""

    tools: Tools
    case_of: Callable[[str], str | None]

    def receive(self, mail: ReturnedMail) -> Outcome:
        """Notes it, once. Raises Unready: nothing is noted then."""
        case = next(filter(None, map(self.case_of, mail.addresses())), None)
        bounce = None if case is None else mail.bounce()
        if case is None:
            outcome = Outcome.NOT_OURS
        elif bounce is None:
            outcome = Outcome.NO_BOUNCE
        else:
            outcome = self._note(case, bounce)
        log.info("mail-came-back", outcome=outcome, reason=None if bounce is None else bounce.reason)
        return outcome

    def _note(self, case: str, bounce: Bounce) -> Outcome:
        now = self.tools.clock.now()
        with self.tools.store.write() as transaction:
            if not _known(transaction, case):
                return Outcome.NOT_OURS
            if not self._within(transaction, 1, f"{case}|{bounce.reason}|{bounce.message}", now):
                return Outcome.NOTED_BEFORE
            if not self._within(transaction, MOST_PER_CASE, case, now):
                return Outcome.TOO_MANY
            transaction.journal.write(
                Event(
                    at=now,
                    actor=Actor.COURIER,
                    act=Act.MAIL_BOUNCED,
                    case=case,
                    voter=_voter(transaction, case),
                    reason=bounce.reason,
                )
            )
        return Outcome.NOTED

    def _within(self, transaction: Transaction, limit: int, name: str, now: datetime) -> bool:
        """An exact counter: the same bounce read by two processes at once is still noted once."""
        bucket = self.tools.vault.digest(purposes.THROTTLE, b"bounce|" + name.encode(errors="backslashreplace"))
        return transaction.throttle.take(bucket, limit=limit, window=REMEMBERED, now=now).allowed


def _known(transaction: Transaction, case: str) -> bool:
    """Whether mails of that case were sent: a voter's, or that of a checkpoint to the board."""
    checkpoint = number_of(case)
    if checkpoint is not None:
        return transaction.chain.checkpoint(checkpoint) is not None
    return transaction.recoveries.by_number(case) is not None


def _voter(transaction: Transaction, case: str) -> int | None:
    """Whose case it is, as the journal knows it since the mail was decided."""
    return next((event.voter for event in transaction.journal.of_case(case) if event.voter is not None), None)
