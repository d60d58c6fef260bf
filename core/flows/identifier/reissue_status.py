"""A voter's re-issues and tries at one instant, and what the use cases of a re-issue share."""

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
    """A voter's re-issues at one instant, or until the end of the transaction if the voter is locked."""

    last: RecoveryCase | None
    """The voter's last case."""
    case: RecoveryCase | None
    """The last case, unless a change of the voter's access has ended it."""
    reissues: Sequence[ReissueRecord]
    most: int
    """The number of re-issues that each voter may have."""
    tried: AttemptsLeft
    """The wrong codes or the wrong matchings, whichever was asked for."""

    @property
    def free_slot(self) -> int | None:
        """The first slot that the voter may still use."""
        return first_free_slot(self.reissues, self.most)

    @property
    def allowance(self) -> Allowance:
        """What the voter may still do, if the status was read with the wrong codes."""
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
    """Read a voter's re-issues and their wrong codes, or their wrong tries of another kind."""
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
    """Store a case under a number of its own; return the number. No browser holds it: it is found by its voter."""
    # Later than the former one even in the same instant: it is by its beginning that the last one is known.
    began = now if former is None else max(now, former.began + timedelta(microseconds=1))
    handle = new_case_handle(dependencies.entropy)
    return dependencies.add_case(transaction, state, flow=SLUG, handle=handle, voter=state.voter, began=began).number


def run_if_open(dependencies: Dependencies, attempt: Callable[[datetime], Refused | None]) -> None:
    """Do what the calendar allows, again after a conflict, and raise the refusal that it returns: its events are stored then.

    A form that was refused and is repeated is refused alike. Raises FormErrors, Refusal, and NotYetOpen, VoteClosed (rule 10).
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
    """Return whether what was begun in that epoch may go on."""
    return voter.epoch == epoch and voter.frozen is None and voter.removed is None


def _alive(last: RecoveryCase | None, voter: Voter) -> RecoveryCase | None:
    """Return the case, unless it is half done and a change of the voter's access (rule 3) or another voter's name ends it."""
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
