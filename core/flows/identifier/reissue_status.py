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
    last: RecoveryCase | None
    case: RecoveryCase | None
    """The voter's last case, unless a new password or a freeze has ended it."""
    reissues: Sequence[ReissueRecord]
    max_reissues: int
    attempts: AttemptsLeft
    """The number of attempts that the voter has left."""

    @property
    def free_slot(self) -> int | None:
        """Lowest free slot between 1 and `max_reissues`, or None if the limit is reached."""
        return first_free_slot(self.reissues, self.max_reissues)

    @property
    def allowance(self) -> Allowance:
        """How many identifiers and how many code attempts the voter has left."""
        used = sum(record.slot is not None for record in self.reissues)
        paused = self.attempts.paused_until is not None
        return Allowance(reissues_left=max(0, self.max_reissues - used), codes_left=self.attempts.left, paused=paused)

    @property
    def reservation_refusal(self) -> errors.Refusal | None:
        """Reason why the voter cannot have another identifier now, or None."""
        if any(record.ended is None for record in self.reissues):
            return errors.ReissueUnderWay()
        return errors.NoReissueLeft(most=self.max_reissues) if self.free_slot is None else None


def read_status(
    dependencies: Dependencies, transaction: Transaction, voter: int, now: datetime, limit: AttemptLimit | None = None
) -> VoterReissueStatus:
    """Read a voter's re-issues and remaining attempts. `limit` defaults to the limit on security codes."""
    policy = dependencies.policy
    limit = limit or code_attempt_limit(dependencies.vault, policy)
    snapshot = transaction.reissues.read_reissue_snapshot(voter, SLUG, limit.buckets(voter))
    return VoterReissueStatus(
        last=snapshot.last,
        case=_valid_case(snapshot.last, snapshot.voter),
        reissues=snapshot.reissues,
        max_reissues=policy.reissues,
        attempts=limit.attempts_left(snapshot.counts, now),
    )


def open_case(
    dependencies: Dependencies,
    transaction: Transaction,
    state: ReissueOpened | IdentifierFromPlatform,
    former: RecoveryCase | None,
    now: datetime,
) -> str:
    # The last case is found by `began`, so it must be later than the former one, even in the same instant.
    began = now if former is None else max(now, former.began + timedelta(microseconds=1))
    handle = new_case_handle(dependencies.entropy)
    return dependencies.add_case(transaction, state, flow=SLUG, handle=handle, voter=state.voter, began=began).number


def run_if_open(dependencies: Dependencies, attempt: Callable[[datetime], Refused | None]) -> None:
    """Call `attempt` if the service is open. Raises NotYetOpen, VoteClosed, or the refusal that `attempt` returns."""
    now = dependencies.clock.now()
    dependencies.require_open(CalendarOperation.REISSUE_IDENTIFIER, now)
    try:
        refused = retry_on_conflict(lambda: attempt(now))
    except FormRepeated as repeated:
        refused = repeated.problems
    if refused is not None:
        raise refused


def is_epoch_valid(voter: Voter, epoch: int) -> bool:
    return voter.epoch == epoch and voter.frozen is None and voter.removed is None


def _valid_case(last: RecoveryCase | None, voter: Voter) -> RecoveryCase | None:
    if last is None or not isinstance(last.state, HalfDone):
        return last
    return last if last.state.voter == voter.id and is_epoch_valid(voter, last.state.epoch) else None


def first_free_slot(records: Sequence[ReissueRecord], most: int) -> int | None:
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
