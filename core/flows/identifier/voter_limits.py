"""The limits of one voter: wrong attempts, codes and phone numbers per hour and day, pauses, and sendings (rule 5).

The limits belong to the voter, whatever the phone number, case or browser. The caller locks the voter.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.flows.identifier.sent_security_code import ResendLimits
from core.forms import errors
from core.policy.calendar import Calendar
from core.policy.policy import Policy
from core.ports import CodeRequestOutcome, CodeSending, ThrottleCounterValue, Transaction, Vault, next_verdict
from core.security import key_purposes
from core.text.text import Moment

HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptsLeft:
    """The attempts left, the time at which the count restarts, and the end of the pause, if any."""

    left: int
    until: datetime
    paused_until: datetime | None

    @property
    def refused_until(self) -> datetime | None:
        """The time until which attempts are refused, or None."""
        return self.paused_until or (self.until if self.left == 0 else None)


@dataclass(frozen=True, slots=True)
class AttemptLimit:
    """Allows `limit` wrong attempts of a `kind` within `window`, then requires a pause of that length."""

    vault: Vault
    kind: str
    limit: int
    window: timedelta

    def buckets(self, voter: int) -> tuple[bytes, bytes]:
        """Return the throttle keys of a voter: attempts and pauses."""
        return self._bucket("tries", voter), self._bucket("pause", voter)

    def attempts_left(self, counts: Sequence[ThrottleCounterValue | None], now: datetime) -> AttemptsLeft:
        """Return the attempts left, from the values of those two counters."""
        tries, pause = counts
        foreseen_try = next_verdict(tries, limit=self.limit, window=self.window, now=now)
        foreseen_pause = next_verdict(pause, limit=1, window=self.window, now=now)
        paused_until = None if foreseen_pause.allowed else foreseen_pause.until
        return AttemptsLeft(left=max(0, foreseen_try.left + 1), until=foreseen_try.until, paused_until=paused_until)

    def count_attempt(self, transaction: Transaction, voter: int, tried: AttemptsLeft, now: datetime) -> int:
        """Count an attempt before checking it. Return the attempts left after it.

        `tried` was read after the voter was locked, so parallel attempts wait for each other and all are counted.
        """
        transaction.throttle.count_or_raise(self._bucket("tries", voter), limit=self.limit, window=self.window, now=now)
        return tried.left - 1

    def uncount_attempt(self, transaction: Transaction, voter: int) -> None:
        transaction.throttle.give_back(self._bucket("tries", voter))

    def pause(self, transaction: Transaction, voter: int, now: datetime) -> datetime:
        """Start the pause after the last wrong attempt. Return the time at which it ends."""
        return transaction.throttle.count_or_refuse(
            self._bucket("pause", voter), limit=1, window=self.window, now=now
        ).until

    def _bucket(self, name: str, voter: int) -> bytes:
        return self.vault.digest(key_purposes.THROTTLE, f"{self.kind}|{name}|{voter}".encode())


def identity_attempt_limit(vault: Vault, policy: Policy) -> AttemptLimit:
    """Return the limit for wrong pairs of birth date and NUMEN (rule 7)."""
    return AttemptLimit(vault, "matching", policy.matching_tries, timedelta(minutes=policy.matching_pause_minutes))


def code_attempt_limit(vault: Vault, policy: Policy) -> AttemptLimit:
    """Return the limit for wrong codes (rule 5)."""
    return AttemptLimit(vault, "code", policy.code_tries, timedelta(minutes=policy.code_pause_minutes))


@dataclass(frozen=True, slots=True)
class NextSending:
    """When a voter's next code may be sent, and its number among the sendings of the running ten minutes."""

    at: datetime
    number: int


@dataclass(frozen=True, slots=True)
class SendingLimits:
    """Applies the limits to a voter's sendings of the last day."""

    policy: Policy
    calendar: Calendar

    def recent_sendings(self, transaction: Transaction, voter: int, now: datetime) -> list[CodeSending]:
        """Return the sendings that still count, and delete the others."""
        transaction.code_sendings.forget(voter, now - DAY)
        return transaction.code_sendings.of_voter(voter, now - DAY)

    def refusal(self, sendings: Sequence[CodeSending], phone: bytes, now: datetime) -> errors.Refusal | None:
        """Return the refusal with the longest wait if no code may go to that number now."""
        found = list(self._refusals(sendings, phone, now))
        return max(found, key=lambda refusal: refusal.until or now, default=None)

    def _refusals(self, sendings: Sequence[CodeSending], phone: bytes, now: datetime) -> Iterator[errors.Refusal]:
        policy, left = self.policy, [each for each in sendings if each.outcome is not CodeRequestOutcome.WITHDRAWN]
        times, to_phone = [each.at for each in left], [each.at for each in left if each.phone == phone]
        others = sorted(_unproven(sendings, phone).values())
        given = [each.at for each in sendings if each.phone == phone][-1:]
        for refusal, counted, most, window in (
            (errors.VoterSmsLimitReached, times, policy.sms_per_voter_per_hour, HOUR),
            (errors.VoterSmsLimitReached, times, policy.sms_per_voter_per_day, DAY),
            (errors.VoterSmsLimitReached, to_phone, policy.sms_per_phone_per_day, DAY),
            (errors.TooManyPhoneNumbers, others, policy.numbers_per_voter_per_hour, HOUR),
            (errors.TooManyPhoneNumbers, others, policy.numbers_per_voter_per_day, DAY),
        ):
            if counted is others and given and given[0] + window > now:
                continue  # this number was tried in the window already
            if len(counted) >= most and counted[-most] + window > now:
                until = self.calendar.to_local(counted[-most] + window)
                yield refusal(until=until, resumes_at=Moment(round_up_to_minute(until)))

    def next_sending(self, sendings: Sequence[CodeSending], now: datetime) -> NextSending:
        """Return when a code may be sent: after the pause, and at most `sendings` times while the first is valid."""
        terms, number, free, over = ResendLimits.of_code(self.policy), 0, now, now
        for each in (each for each in sendings if each.outcome is CodeRequestOutcome.SENT):
            if number == 0 or each.at >= over:
                number, over = 0, each.at + terms.valid
            number, free = number + 1, max(free, each.at + terms.pause)
        if number >= terms.sendings:
            free = max(free, over)
        return NextSending(free, number + 1 if free < over else 1)

    def cancel_waiting(self, transaction: Transaction, voter: int, now: datetime) -> None:
        """Record that the waiting code will not be sent. It still counts, but no longer delays others."""
        waiting = last_queued_sending(self.recent_sendings(transaction, voter, now))
        if waiting is not None:
            transaction.code_sendings.change(waiting.id, min(waiting.at, now), CodeRequestOutcome.NOT_SENT)

    def record_code_not_sent(
        self, transaction: Transaction, voter: int, phone: bytes, sent: datetime, now: datetime
    ) -> None:
        """Record that a code was not sent: it no longer counts and no longer delays others.

        At most `sms_per_voter_per_hour` codes are given back per hour, so that changing numbers quickly is limited too.
        """
        sendings = self.recent_sendings(transaction, voter, now)
        gone = next(
            (it for it in sendings if (it.phone, it.at, it.outcome) == (phone, sent, CodeRequestOutcome.SENT)), None
        )
        if gone is None:
            return
        lately = sum(each.outcome is CodeRequestOutcome.WITHDRAWN and each.at + HOUR > now for each in sendings)
        few = lately < self.policy.sms_per_voter_per_hour
        outcome = CodeRequestOutcome.WITHDRAWN if few else CodeRequestOutcome.NOT_SENT
        transaction.code_sendings.change(gone.id, gone.at, outcome)

    def record_code_returned(self, transaction: Transaction, voter: int, phone: bytes, now: datetime) -> None:
        for each in self.recent_sendings(transaction, voter, now):
            if each.phone == phone and each.outcome is CodeRequestOutcome.SENT:
                transaction.code_sendings.change(each.id, each.at, CodeRequestOutcome.ANSWERED)


def last_queued_sending(sendings: Sequence[CodeSending]) -> CodeSending | None:
    return next((each for each in reversed(sendings) if each.outcome is CodeRequestOutcome.SENT), None)


def _unproven(sendings: Sequence[CodeSending], phone: bytes) -> dict[bytes, datetime]:
    """Return the other numbers that have not answered, with their last time; none if `phone` has answered."""
    proven = {each.phone for each in sendings if each.outcome is CodeRequestOutcome.ANSWERED}
    numbers = {each.phone: each.at for each in sendings if each.phone not in {*proven, phone}}
    return {} if phone in proven else numbers


def round_up_to_minute(moment: datetime) -> datetime:
    """Return the moment rounded up to a minute: sentences show no seconds and must not show too early a time."""
    return moment if not moment.second and not moment.microsecond else moment.replace(second=0, microsecond=0) + MINUTE
