"""What the use cases of a re-issue share: the voter's case, their counts, and the lines of the journal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core import errors
from core.policy import Deed
from core.ports import Act, Actor, Event, Recovery, ReissueRecord, Transaction, Voter
from core.reissue import CodeSent, Opened
from core.reissue_journey import Account
from core.service.identifier.tries import Tried, Tries
from core.service.tools import Tools


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a voter stands with re-issues, of one instant; with the voter locked, until the end of the transaction."""

    last: Recovery | None
    """Their last case."""
    case: Recovery | None
    """It too, unless it is dead."""
    reissues: Sequence[ReissueRecord]
    tried: Tried
    """Wrong codes, or wrong pairs: what was asked about."""


@dataclass(frozen=True, slots=True)
class Office:
    """The re-issues of this election. `flow` is the slug under which their cases are kept."""

    tools: Tools
    flow: str

    @property
    def matchings(self) -> Tries:
        """Wrong pairs of birth date and NUMEN (rule 7)."""
        policy = self.tools.policy
        window = timedelta(minutes=policy.matching_pause_minutes)
        return Tries(self.tools.vault, "matching", policy.matching_tries, window)

    @property
    def codes(self) -> Tries:
        """Wrong codes (rule 5)."""
        policy = self.tools.policy
        return Tries(self.tools.vault, "code", policy.code_tries, timedelta(minutes=policy.code_pause_minutes))

    def standing(self, transaction: Transaction, voter: int, tries: Tries, now: datetime) -> Standing:
        """How that voter stands, and with which tries."""
        holder = transaction.reissues.holder(voter, self.flow, tries.buckets(voter))
        return Standing(
            last=holder.last,
            case=_alive(holder.last, holder.voter),
            reissues=holder.reissues,
            tried=tries.standing(holder.counts, now),
        )

    def account(self, standing: Standing) -> Account:
        """What the voter may still do; `standing` tells of their codes."""
        used = sum(record.slot is not None for record in standing.reissues)
        return Account(reissues_left=max(0, self.tools.policy.reissues - used), codes_left=standing.tried.left)

    def refusal(self, standing: Standing) -> errors.Refusal | None:
        """Why no re-issue can be reserved, if it cannot (rule 8)."""
        if any(record.ended is None for record in standing.reissues):
            return errors.ReissueUnderWay()
        if self.free_slot(standing) is None:
            return errors.NoReissueLeft(most=self.tools.policy.reissues)
        return None

    def free_slot(self, standing: Standing) -> int | None:
        """The first that the voter may still use."""
        return free_slot(standing.reissues, self.tools.policy.reissues)

    def until(self, moment: datetime) -> datetime:
        """That moment on the election's clock, as refusals print it."""
        return self.tools.calendar.local(moment)

    def require_open(self, now: datetime) -> None:
        """Raises NotYetOpen, VoteClosed (rule 10)."""
        self.tools.require(Deed.REISSUE_IDENTIFIER, now)


def in_force(voter: Voter, epoch: int) -> bool:
    """Whether what was begun in that epoch may go on."""
    return voter.epoch == epoch and voter.frozen is None and voter.removed is None


def _alive(last: Recovery | None, voter: Voter) -> Recovery | None:
    """A half-done case is dead once its voter's access has changed (rule 3)."""
    if last is None or not isinstance(last.state, Opened | CodeSent):
        return last
    return last if in_force(voter, last.state.epoch) else None


def free_slot(records: Sequence[ReissueRecord], most: int) -> int | None:
    """The first slot that no re-issue has, of `most`."""
    taken = {record.slot for record in records}
    return next((slot for slot in range(1, most + 1) if slot not in taken), None)


def note(
    transaction: Transaction,
    at: datetime,
    act: Act,
    case: str,
    voter: int,
    *,
    reason: str | None = None,
    actor: Actor = Actor.VOTER,
) -> None:
    """Writes a line of the journal."""
    transaction.journal.write(Event(at=at, actor=actor, act=act, case=case, voter=voter, reason=reason))
