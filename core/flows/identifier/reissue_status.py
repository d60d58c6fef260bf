"""A voter's re-issues and attempts at one instant, and functions that the use cases of a re-issue share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.flows.dependencies import Dependencies, retry_on_conflict
from core.flows.identifier.current_step import Allowance
from core.flows.identifier.definition import SLUG
from core.flows.identifier.states import HalfDone, IdentifierFromPlatform, ReissueOpened
from core.flows.identifier.voter_limits import AttemptLimit, AttemptsLeft, code_attempt_limit
from core.flows.repeated_forms import FormRepeated
from core.forms import errors
from core.forms.flow_model import FormErrors
from core.policy.calendar import CalendarOperation
from core.ports import Actor, Event, EventType, RecoveryCase, ReissueRecord, Transaction, Voter
from core.security.tokens import new_case_handle

Refused = FormErrors | errors.Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class VoterReissueStatus:
    """A voter's re-issues at one instant. If the voter is locked, they stay the same until the transaction ends."""

    last: RecoveryCase | None
    """The voter's last case."""
    case: RecoveryCase | None
    """The last case, or None if a change of the voter's access has ended it."""
    reissues: Sequence[ReissueRecord]
    most: int
    """The number of re-issues that each voter may have."""
    tried: AttemptsLeft
    """The attempts of the kind that was read, by default at the code."""

    @property
    def free_slot(self) -> int | None:
        """The first slot that the voter may still use."""
        return first_free_slot(self.reissues, self.most)

    @property
    def allowance(self) -> Allowance:
        """The remaining allowance. Valid only if the attempts at the code were read."""
        used = sum(record.slot is not None for record in self.reissues)
        return Allowance(reissues_left=max(0, self.most - used), codes_left=self.tried.left)

    @property
    def reservation_refusal(self) -> errors.Refusal | None:
        """The reason why no re-issue can be reserved, or None if one can (rule 8)."""
        if any(record.ended is None for record in self.reissues):
            return errors.ReissueUnderWay()
        return errors.NoReissueLeft(most=self.most) if self.free_slot is None else None


def read_status(
    dependencies: Dependencies, transaction: Transaction, voter: int, now: datetime, tries: AttemptLimit | None = None
) -> VoterReissueStatus:
    """Read a voter's re-issues, and their attempts at the code or of the kind `tries`."""
    policy = dependencies.policy
    tries = tries or code_attempt_limit(dependencies.vault, policy)
    holder = transaction.reissues.read_reissue_snapshot(voter, SLUG, tries.buckets(voter))
    return VoterReissueStatus(
        last=holder.last,
        case=_alive(holder.last, holder.voter),
        reissues=holder.reissues,
        most=policy.reissues,
        tried=tries.attempts_left(holder.counts, now),
    )


def open_case(
    dependencies: Dependencies,
    transaction: Transaction,
    state: ReissueOpened | IdentifierFromPlatform,
    former: RecoveryCase | None,
    now: datetime,
) -> str:
    """Store a new case and return its number. The case is found by its voter; no browser has its handle."""
    # The last case is found by `began`, so it must be later than the former one, even in the same instant.
    began = now if former is None else max(now, former.began + timedelta(microseconds=1))
    handle = new_case_handle(dependencies.entropy)
    return dependencies.add_case(transaction, state, flow=SLUG, handle=handle, voter=state.voter, began=began).number


def run_if_open(dependencies: Dependencies, attempt: Callable[[datetime], Refused | None]) -> None:
    """Run `attempt` if the calendar allows it, retry it on conflicts, and raise the refusal that it returns.

    Refusals are returned so that their events are committed first. A repeated form that was refused is refused again.
    Raises FormErrors, Refusal, NotYetOpen, VoteClosed (rule 10).
    """
    now = dependencies.clock.now()
    dependencies.require_open(CalendarOperation.REISSUE_IDENTIFIER, now)
    try:
        refused = retry_on_conflict(lambda: attempt(now))
    except FormRepeated as repeated:
        refused = repeated.problems
    if refused is not None:
        raise refused


def is_epoch_valid(voter: Voter, epoch: int) -> bool:
    """Return whether a case that began in that epoch can continue."""
    return voter.epoch == epoch and voter.frozen is None and voter.removed is None


def _alive(last: RecoveryCase | None, voter: Voter) -> RecoveryCase | None:
    """Return the case, or None if it is half done and another voter's, or its voter's access has changed (rule 3)."""
    if last is None or not isinstance(last.state, HalfDone):
        return last
    return last if last.state.voter == voter.id and is_epoch_valid(voter, last.state.epoch) else None


def first_free_slot(records: Sequence[ReissueRecord], most: int) -> int | None:
    """Return the first slot from 1 to `most` that no re-issue uses."""
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
    event = Event(at=at, actor=actor, act=act, case=case, voter=voter, reason=reason, credential=credential)
    transaction.journal.write(event)
