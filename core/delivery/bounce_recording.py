"""Records bounced emails. The bounce address identifies the case and cannot be forged."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

import msgspec

from core.flows.dependencies import Dependencies
from core.journal.checkpoints import checkpoint_number_of_case
from core.ports import Actor, Event, EventType, Transaction
from core.security import key_purposes
from core.text.faces.bounce_sentences import BounceReason

REMEMBERED = timedelta(days=400)
MOST_PER_CASE = 20
"""Maximum number of recorded bounces per case."""

log = logging.getLogger("retrouve")


class BounceOutcome(StrEnum):
    NOTED = "noted"
    NOTED_BEFORE = "noted-before"
    NOT_OURS = "not-ours"
    """The bounced email does not belong to an existing case."""
    NO_BOUNCE = "no-bounce"
    TOO_MANY = "too-many"


class BounceNotice(msgspec.Struct, frozen=True):
    """The reason for a bounce. `message` is the bounced email's Message-ID, or empty."""

    reason: BounceReason
    message: str


class ReturnedMailToParse(Protocol):
    def addresses(self) -> Iterable[str]: ...

    def bounce(self) -> BounceNotice | None:
        """Return the details of the bounce, or None if the email is not a bounce."""


@dataclass(frozen=True, slots=True)
class BounceRecorder:
    """Records bounces in the journal. `case_of` returns the case number in a bounce address."""

    dependencies: Dependencies
    case_of: Callable[[str], str | None]

    def record_returned_mail(self, mail: ReturnedMailToParse) -> BounceOutcome:
        """Record a bounce, unless it was recorded before. Raises StoreUnavailable."""
        case = next(filter(None, map(self.case_of, mail.addresses())), None)
        bounce = None if case is None else mail.bounce()
        if case is None:
            outcome = BounceOutcome.NOT_OURS
        elif bounce is None:
            outcome = BounceOutcome.NO_BOUNCE
        else:
            outcome = self._note(case, bounce)
        log.info("mail-came-back", extra={"outcome": outcome, "reason": None if bounce is None else bounce.reason})
        return outcome

    def _note(self, case: str, bounce: BounceNotice) -> BounceOutcome:
        now = self.dependencies.clock.now()
        with self.dependencies.store.write() as transaction:
            if not _case_exists(transaction, case):
                return BounceOutcome.NOT_OURS
            if not self._count_within_limit(transaction, 1, f"{case}|{bounce.reason}|{bounce.message}", now):
                return BounceOutcome.NOTED_BEFORE
            if not self._count_within_limit(transaction, MOST_PER_CASE, case, now):
                return BounceOutcome.TOO_MANY
            voters = (event.voter for event in transaction.journal.of_case(case) if event.voter is not None)
            voter, act = next(voters, None), EventType.MAIL_BOUNCED
            event = Event(at=now, actor=Actor.COURIER, act=act, case=case, voter=voter, reason=bounce.reason)
            transaction.journal.write(event)
        return BounceOutcome.NOTED

    def _count_within_limit(self, transaction: Transaction, limit: int, name: str, now: datetime) -> bool:
        bucket = self.dependencies.vault.digest(
            key_purposes.THROTTLE, b"bounce|" + name.encode(errors="backslashreplace")
        )
        return transaction.throttle.count_or_refuse(bucket, limit=limit, window=REMEMBERED, now=now).allowed


def _case_exists(transaction: Transaction, case: str) -> bool:
    """Return whether the number belongs to a case or to a checkpoint."""
    checkpoint = checkpoint_number_of_case(case)
    if checkpoint is not None:
        return transaction.chain.checkpoint(checkpoint) is not None
    return transaction.recoveries.by_number(case) is not None
