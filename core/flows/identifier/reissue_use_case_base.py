"""Base of the use cases of a re-issue: the voter's case, their counts, and journal events."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.flows.dependencies import Dependencies, retry_on_conflict
from core.flows.identifier.current_step import ReissuesAndTriesLeft
from core.flows.identifier.definition import SLUG
from core.flows.identifier.states import HalfDone, IdentifierFromPlatform, ReissueOpened
from core.flows.identifier.voter_limits import AttemptLimit, AttemptsLeft, SendingLimits
from core.flows.repeated_forms import FormRepeated, count_form
from core.forms import errors
from core.forms.flow_model import FormErrors
from core.policy.calendar import CalendarOperation
from core.ports import Actor, Event, EventType, RecoveryCase, ReissueRecord, Transaction, Voter
from core.security.tokens import new_case_handle

Refused = FormErrors | errors.Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class VoterReissueStatus:
    """A voter's re-issues at one instant, or until the end of the transaction if the voter is locked."""

    last: RecoveryCase | None
    """The voter's last case."""
    case: RecoveryCase | None
    """The last case, unless a change of the voter's access has ended it."""
    reissues: Sequence[ReissueRecord]
    free_slot: int | None
    """The first slot that the voter may still use."""
    tried: AttemptsLeft
    """The wrong codes or the wrong matchings, whichever was asked for."""


@dataclass(frozen=True, slots=True)
class ReissueUseCaseBase:
    """Use cases of a part of a re-issue."""

    dependencies: Dependencies

    @property
    def identity_attempts(self) -> AttemptLimit:
        """Wrong pairs of birth date and NUMEN (rule 7)."""
        policy = self.dependencies.policy
        window = timedelta(minutes=policy.matching_pause_minutes)
        return AttemptLimit(self.dependencies.vault, "matching", policy.matching_tries, window)

    @property
    def code_attempts(self) -> AttemptLimit:
        """Wrong codes (rule 5)."""
        policy = self.dependencies.policy
        return AttemptLimit(
            self.dependencies.vault, "code", policy.code_tries, timedelta(minutes=policy.code_pause_minutes)
        )

    @property
    def sending_limits(self) -> SendingLimits:
        """The codes and numbers of one voter (rule 5)."""
        return SendingLimits(self.dependencies.policy, self.dependencies.calendar)

    def refuse_repeated_form(self, transaction: Transaction, form: bytes | None, now: datetime, act: EventType) -> None:
        """Count a form that does `act`. Raises FormRepeated if it did so before."""
        if count_form(self.dependencies, transaction, form, now, act) > 1:
            raise FormRepeated

    def status(
        self, transaction: Transaction, voter: int, now: datetime, tries: AttemptLimit | None = None
    ) -> VoterReissueStatus:
        """Read a voter's re-issues and their codes, or their tries of another kind."""
        tries = tries or self.code_attempts
        holder = transaction.reissues.read_reissue_snapshot(voter, SLUG, tries.buckets(voter))
        return VoterReissueStatus(
            last=holder.last,
            case=_alive(holder.last, holder.voter),
            reissues=holder.reissues,
            free_slot=first_free_slot(holder.reissues, self.dependencies.policy.reissues),
            tried=tries.attempts_left(holder.counts, now),
        )

    def open_case(
        self,
        transaction: Transaction,
        state: ReissueOpened | IdentifierFromPlatform,
        former: RecoveryCase | None,
        now: datetime,
    ) -> str:
        """Store a case under a number of its own; return the number. No browser holds it: it is found by its voter."""
        # Later than the former one even in the same instant: it is by its beginning that the last one is known.
        began = now if former is None else max(now, former.began + timedelta(microseconds=1))
        handle = new_case_handle(self.dependencies.entropy)
        return self.dependencies.add_case(
            transaction, state, flow=SLUG, handle=handle, voter=state.voter, began=began
        ).number

    def remaining_allowance(self, status: VoterReissueStatus) -> ReissuesAndTriesLeft:
        """Return what the voter may still do; `status` was read with their codes."""
        used = sum(record.slot is not None for record in status.reissues)
        return ReissuesAndTriesLeft(
            reissues_left=max(0, self.dependencies.policy.reissues - used), codes_left=status.tried.left
        )

    def reservation_refusal(self, status: VoterReissueStatus) -> errors.Refusal | None:
        """Return why no re-issue can be reserved, or None if one can (rule 8)."""
        if any(record.ended is None for record in status.reissues):
            return errors.ReissueUnderWay()
        if status.free_slot is None:
            return errors.NoReissueLeft(most=self.dependencies.policy.reissues)
        return None

    def run_if_open(self, attempt: Callable[[datetime], Refused | None]) -> None:
        """Do what the calendar allows, again after a conflict, and raise the refusal that it returns: its events are stored then.

        A form that was refused and is repeated is refused alike. Raises FormErrors, Refusal, and NotYetOpen, VoteClosed (rule 10).
        """
        now = self.dependencies.clock.now()
        self.dependencies.require_open(CalendarOperation.REISSUE_IDENTIFIER, now)
        try:
            refused = retry_on_conflict(lambda: attempt(now))
        except FormRepeated as repeated:
            refused = repeated.problems
        if refused is not None:
            raise refused


def is_epoch_valid(voter: Voter, epoch: int) -> bool:
    """Tell whether what was begun in that epoch may go on."""
    return voter.epoch == epoch and voter.frozen is None and voter.removed is None


def _alive(last: RecoveryCase | None, voter: Voter) -> RecoveryCase | None:
    """Tell whether a half-done case is still alive: a change of the voter's access ends it (rule 3), and so does another's name in it."""
    if last is None or not isinstance(last.state, HalfDone):
        return last
    return last if last.state.voter == voter.id and is_epoch_valid(voter, last.state.epoch) else None


def first_free_slot(records: Sequence[ReissueRecord], most: int) -> int | None:
    """Return the first slot, of `most`, that no re-issue has."""
    taken = {record.slot for record in records}
    return next((slot for slot in range(1, most + 1) if slot not in taken), None)


def record_event(
    transaction: Transaction,
    at: datetime,
    act: EventType,
    case: str,
    voter: int,
    *,
    reason: str | None = None,
    actor: Actor = Actor.VOTER,
    credential: str | None = None,
) -> None:
    """Write an event into the journal."""
    event = Event(at=at, actor=actor, act=act, case=case, voter=voter, reason=reason, credential=credential)
    transaction.journal.write(event)
