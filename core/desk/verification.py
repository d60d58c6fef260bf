"""Verifies callers by birth date and NUMEN, without revealing which was wrong."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core.desk import actions as words
from core.desk.authorisation import AgentSession, Authorisation, VerifiedCaller, write_agent_event
from core.desk.subjects import require_voter_on_roll
from core.flows.dependencies import Dependencies
from core.forms import errors
from core.ports import EventType, ThrottleVerdict, Transaction
from core.security import key_purposes
from core.security.digests import birth_date_digest, numen_digest
from core.text.text import Text, TimeOfDay


@dataclass(eq=False)
class CallerVerification:
    dependencies: Dependencies
    authorisation: Authorisation

    def verify(self, session: AgentSession, voter: int, birth_date: date, numen: str) -> VerifiedCaller:
        """Verify that the caller is this voter. The verification is valid for one call.

        Raises CallerNotVerified, TooManyCallerTries, VoterNotOnRoll, AgentSessionOver, ActionNotAllowed.
        """
        self.authorisation.require_session(session, acting=True)
        now = self.dependencies.clock.now()
        verdict = self._count_try(session, voter, now)
        vault = self.dependencies.vault
        hashed_birth_date, hashed_numen = birth_date_digest(vault, birth_date, numen), numen_digest(vault, numen)
        with self.dependencies.store.write() as transaction:
            matches = transaction.voters.matches(voter, birth_date_digest=hashed_birth_date, numen_digest=hashed_numen)
            if matches:
                transaction.throttle.give_back(self._bucket(voter))
            refused = "no-match" if verdict.left else errors.TooManyCallerTries.id
            act, reason = (EventType.CALLER_VERIFIED, None) if matches else (EventType.CALLER_REFUSED, refused)
            write_agent_event(transaction, session.name, act, now, voter=voter, reason=reason)
        if not matches and not verdict.left:
            raise errors.TooManyCallerTries(until=self.dependencies.calendar.to_local(verdict.until))
        if not matches:
            minutes = self.dependencies.policy.caller_window_minutes
            raise errors.CallerAnswersWrong.with_checks_left(verdict.left, minutes=minutes)
        return self.authorisation.verified_caller(session, voter)

    def resume(self, session: AgentSession, caller: VerifiedCaller) -> VerifiedCaller | None:
        return caller if self.authorisation.is_caller_still_verified(session, caller) else None

    def why_not_act(
        self, transaction: Transaction, session: AgentSession, voter: int, caller: VerifiedCaller | None
    ) -> Text | None:
        """Return why this agent cannot act for this voter now, or None if the caller is verified."""
        if not words.may_act(session):
            return words.READ_ONLY
        if caller is not None and caller.voter == voter and self.resume(session, caller) is not None:
            return None
        paused = self.paused_until(transaction, voter, self.dependencies.clock.now())
        if paused is None:
            return words.VERIFY_FIRST
        return words.VERIFY_LATER.fill({"again_at": TimeOfDay(self.dependencies.calendar.to_local(paused))})

    def _count_try(self, session: AgentSession, voter: int, now: datetime) -> ThrottleVerdict:
        policy = self.dependencies.policy
        window = timedelta(minutes=policy.caller_window_minutes)
        with self.dependencies.store.write() as transaction:
            require_voter_on_roll(transaction, voter)
            verdict = transaction.throttle.count_or_refuse(
                self._bucket(voter), limit=policy.caller_tries, window=window, now=now
            )
            if not verdict.allowed:
                act, reason = EventType.CALLER_REFUSED, errors.TooManyCallerTries.id
                write_agent_event(transaction, session.name, act, now, voter=voter, reason=reason)
        if not verdict.allowed:
            raise errors.TooManyCallerTries(until=self.dependencies.calendar.to_local(verdict.until))
        return verdict

    def paused_until(self, transaction: Transaction, voter: int, now: datetime) -> datetime | None:
        """Return the time from which callers can be verified again, or None."""
        policy = self.dependencies.policy
        window = timedelta(minutes=policy.caller_window_minutes)
        verdict = transaction.throttle.peek(self._bucket(voter), limit=policy.caller_tries, window=window, now=now)
        return None if verdict.allowed else verdict.until

    def _bucket(self, voter: int) -> bytes:
        return self.dependencies.vault.digest(key_purposes.THROTTLE, f"caller|{voter}".encode())
