"""Limits wrong attempts, security codes and phone numbers. Callers must lock the voter first."""

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
    """Attempts that a voter has left. `until` is the time at which the count restarts."""

    left: int
    until: datetime
    paused_until: datetime | None

    @property
    def refused_until(self) -> datetime | None:
        return self.paused_until or (self.until if self.left == 0 else None)


@dataclass(frozen=True, slots=True)
class AttemptLimit:
    """Allows a voter `limit` wrong attempts per `window`. A pause also lasts one `window`."""

    vault: Vault
    kind: str
    limit: int
    window: timedelta

    def buckets(self, voter: int) -> tuple[bytes, bytes]:
        """Return the keys of the counters for attempts and for pauses."""
        return self._bucket("tries", voter), self._bucket("pause", voter)

    def attempts_left(self, counts: Sequence[ThrottleCounterValue | None], now: datetime) -> AttemptsLeft:
        attempts, pauses = counts
        next_attempt = next_verdict(attempts, limit=self.limit, window=self.window, now=now)
        next_pause = next_verdict(pauses, limit=1, window=self.window, now=now)
        paused_until = None if next_pause.allowed else next_pause.until
        return AttemptsLeft(left=max(0, next_attempt.left + 1), until=next_attempt.until, paused_until=paused_until)

    def count_attempt(self, transaction: Transaction, voter: int, before: AttemptsLeft, now: datetime) -> int:
        """Count an attempt and return how many are left. The caller must lock the voter before reading `before`."""
        transaction.throttle.count_or_raise(self._bucket("tries", voter), limit=self.limit, window=self.window, now=now)
        return before.left - 1

    def uncount_attempt(self, transaction: Transaction, voter: int) -> None:
        transaction.throttle.give_back(self._bucket("tries", voter))

    def pause(self, transaction: Transaction, voter: int, now: datetime) -> datetime:
        return transaction.throttle.count_or_refuse(
            self._bucket("pause", voter), limit=1, window=self.window, now=now
        ).until

    def _bucket(self, name: str, voter: int) -> bytes:
        return self.vault.digest(key_purposes.THROTTLE, f"{self.kind}|{name}|{voter}".encode())


def identity_attempt_limit(vault: Vault, policy: Policy) -> AttemptLimit:
    return AttemptLimit(vault, "matching", policy.matching_tries, timedelta(minutes=policy.matching_pause_minutes))


def code_attempt_limit(vault: Vault, policy: Policy) -> AttemptLimit:
    return AttemptLimit(vault, "code", policy.code_tries, timedelta(minutes=policy.code_pause_minutes))


@dataclass(frozen=True, slots=True)
class NextSending:
    at: datetime
    number: int


@dataclass(frozen=True, slots=True)
class SendingLimits:
    policy: Policy
    calendar: Calendar

    def recent_sendings(self, transaction: Transaction, voter: int, now: datetime) -> list[CodeSending]:
        """Return the voter's codes from the last day. Older codes are deleted."""
        transaction.code_sendings.forget(voter, now - DAY)
        return transaction.code_sendings.of_voter(voter, now - DAY)

    def refusal(self, sendings: Sequence[CodeSending], phone: bytes, now: datetime) -> errors.Refusal | None:
        """Return the refusal with the longest wait, or None if a code may be sent."""
        return max(self._refusals(sendings, phone, now), key=lambda refusal: refusal.until or now, default=None)

    def _refusals(self, sendings: Sequence[CodeSending], phone: bytes, now: datetime) -> Iterator[errors.Refusal]:
        policy = self.policy
        counting = [sending for sending in sendings if sending.outcome is not CodeRequestOutcome.WITHDRAWN]
        times = [sending.at for sending in counting]
        to_phone = [sending.at for sending in counting if sending.phone == phone]
        other_numbers = sorted(_other_unproven_numbers(sendings, phone).values())
        last_to_phone = [sending.at for sending in sendings if sending.phone == phone][-1:]
        for refusal, counted, most, window in (
            (errors.VoterSmsLimitReached, times, policy.sms_per_voter_per_hour, HOUR),
            (errors.VoterSmsLimitReached, times, policy.sms_per_voter_per_day, DAY),
            (errors.VoterSmsLimitReached, to_phone, policy.sms_per_phone_per_day, DAY),
            (errors.TooManyPhoneNumbers, other_numbers, policy.numbers_per_voter_per_hour, HOUR),
            (errors.TooManyPhoneNumbers, other_numbers, policy.numbers_per_voter_per_day, DAY),
        ):
            if counted is other_numbers and last_to_phone and last_to_phone[0] + window > now:
                continue  # this number was already used in the window
            if len(counted) >= most and counted[-most] + window > now:
                until = self.calendar.to_local(counted[-most] + window)
                yield refusal(until=until, resumes_at=Moment(round_up_to_minute(until)))

    def next_sending(self, sendings: Sequence[CodeSending], now: datetime) -> NextSending:
        terms, number, earliest, expiry = ResendLimits.of_code(self.policy), 0, now, now
        for sending in sendings:
            if sending.outcome is not CodeRequestOutcome.SENT:
                continue
            if number == 0 or sending.at >= expiry:
                number, expiry = 0, sending.at + terms.valid
            number, earliest = number + 1, max(earliest, sending.at + terms.pause)
        if number >= terms.sendings:
            earliest = max(earliest, expiry)
        return NextSending(earliest, number + 1 if earliest < expiry else 1)

    def cancel_waiting(self, transaction: Transaction, voter: int, now: datetime) -> None:
        """Record that a waiting code will not be sent."""
        waiting = last_queued_sending(self.recent_sendings(transaction, voter, now))
        if waiting is not None:
            transaction.code_sendings.change(waiting.id, min(waiting.at, now), CodeRequestOutcome.NOT_SENT)

    def record_code_not_sent(
        self, transaction: Transaction, voter: int, phone: bytes, sent: datetime, now: datetime
    ) -> None:
        """Stop counting an unsent code. Does so at most `sms_per_voter_per_hour` times an hour."""
        sendings = self.recent_sendings(transaction, voter, now)
        unsent = next(
            (it for it in sendings if (it.phone, it.at, it.outcome) == (phone, sent, CodeRequestOutcome.SENT)), None
        )
        if unsent is None:
            return
        withdrawn = [sending for sending in sendings if sending.outcome is CodeRequestOutcome.WITHDRAWN]
        in_last_hour = sum(sending.at + HOUR > now for sending in withdrawn)
        may_withdraw = in_last_hour < self.policy.sms_per_voter_per_hour
        outcome = CodeRequestOutcome.WITHDRAWN if may_withdraw else CodeRequestOutcome.NOT_SENT
        transaction.code_sendings.change(unsent.id, unsent.at, outcome)

    def record_code_returned(self, transaction: Transaction, voter: int, phone: bytes, now: datetime) -> None:
        for sending in self.recent_sendings(transaction, voter, now):
            if sending.phone == phone and sending.outcome is CodeRequestOutcome.SENT:
                transaction.code_sendings.change(sending.id, sending.at, CodeRequestOutcome.ANSWERED)


def last_queued_sending(sendings: Sequence[CodeSending]) -> CodeSending | None:
    return next((sending for sending in reversed(sendings) if sending.outcome is CodeRequestOutcome.SENT), None)


def _other_unproven_numbers(sendings: Sequence[CodeSending], phone: bytes) -> dict[bytes, datetime]:
    proven = {sending.phone for sending in sendings if sending.outcome is CodeRequestOutcome.ANSWERED}
    if phone in proven:
        return {}
    return {sending.phone: sending.at for sending in sendings if sending.phone not in {*proven, phone}}


def round_up_to_minute(moment: datetime) -> datetime:
    return moment if not moment.second and not moment.microsecond else moment.replace(second=0, microsecond=0) + MINUTE
