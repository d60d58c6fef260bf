"""Verifying the caller: birth date and NUMEN against the roll; go on or stop, never which was wrong (rule 11)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core import errors, purposes
from core.digests import birth_date_digest, numen_digest
from core.ports import Act, Durability
from core.service.desk.journaling import event_of
from core.service.desk.proofs import Caller, Duty, Proofs
from core.service.tools import Tools


@dataclass(frozen=True, slots=True)
class Callers:
    """The check before any act. Its counter is the desk's own: the voter's way on the site never feels it."""

    tools: Tools
    proofs: Proofs

    def verify(self, duty: Duty, voter: int, birth_date: date, numen: str) -> Caller:
        """The caller, verified by that agent to be that voter, for this call.

        Raises CallerNotVerified, TooManyCallerTries, VoterGone, DutyOver, NotAllowed.
        """
        self.proofs.require_duty(duty, acting=True)
        now = self.tools.clock.now()
        self._admit(duty, voter, now)
        digests = {
            "birth_date": birth_date_digest(self.tools.vault, birth_date, numen),
            "numen": numen_digest(self.tools.vault, numen),
        }
        with self.tools.store.write(Durability.RELAXED) as transaction:
            matches = transaction.voters.matches(voter, **digests)
            if matches:
                transaction.throttle.give_back(self._bucket(voter))
            act = Act.CALLER_VERIFIED if matches else Act.CALLER_REFUSED
            transaction.journal.write(event_of(duty, act, now, voter=voter, reason=None if matches else "no-match"))
        if not matches:
            raise errors.CallerNotVerified
        return self.proofs.caller(duty, voter, now)

    def _admit(self, duty: Duty, voter: int, now: datetime) -> None:
        """Counts the try before it is made, so that tries in parallel share the count."""
        policy = self.tools.policy
        window = timedelta(minutes=policy.caller_window_minutes)
        with self.tools.store.write(Durability.RELAXED) as transaction:
            found = transaction.voters.by_id(voter)
            if found is None or found.removed is not None:
                raise errors.VoterGone
            verdict = transaction.throttle.take(self._bucket(voter), limit=policy.caller_tries, window=window, now=now)
            if not verdict.allowed:
                refused = event_of(duty, Act.CALLER_REFUSED, now, voter=voter, reason="too-many-caller-tries")
                transaction.journal.write(refused)
        if not verdict.allowed:
            raise errors.TooManyCallerTries(until=self.tools.calendar.local(verdict.until))

    def _bucket(self, voter: int) -> bytes:
        return self.tools.vault.digest(purposes.THROTTLE, f"caller|{voter}".encode())
