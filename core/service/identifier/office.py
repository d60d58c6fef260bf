"""What the use cases of a re-issue share: the voter's case, their counts, and the lines of the journal."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core import errors
from core.policy import Deed
from core.ports import Act, Actor, Event, Recovery, ReissueRecord, Transaction, Voter
from core.reissue import CodeSent, Opened
from core.reissue_journey import Account
from core.service.identifier.tries import Tries
from core.service.tools import Tools


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

    def case_of(self, transaction: Transaction, voter: Voter) -> Recovery | None:
        """The voter's last case, unless their access has changed since: a half-done one is dead then (rule 3)."""
        case = transaction.recoveries.latest(voter.id, self.flow)
        if case is None or not isinstance(case.state, Opened | CodeSent):
            return case
        present = transaction.voters.by_id(voter.id)
        return None if present is None or not in_force(present, case.state.epoch) else case

    def account(self, transaction: Transaction, voter: int, now: datetime) -> Account:
        """What the voter may still do."""
        used = sum(record.slot is not None for record in transaction.reissues.of_voter(voter))
        return Account(
            reissues_left=max(0, self.tools.policy.reissues - used),
            codes_left=self.codes.left(transaction, voter, now),
        )

    def refusal(self, transaction: Transaction, voter: int) -> errors.Refusal | None:
        """Why no re-issue can be reserved, if it cannot (rule 8)."""
        records = transaction.reissues.of_voter(voter)
        if any(record.ended is None for record in records):
            return errors.ReissueUnderWay()
        if free_slot(records, self.tools.policy.reissues) is None:
            return errors.NoReissueLeft(most=self.tools.policy.reissues)
        return None

    def until(self, moment: datetime) -> datetime:
        """That moment on the election's clock, as refusals print it."""
        return self.tools.calendar.local(moment)

    def require_open(self, now: datetime) -> None:
        """Raises NotYetOpen, VoteClosed (rule 10)."""
        self.tools.require(Deed.REISSUE_IDENTIFIER, now)


def in_force(voter: Voter, epoch: int) -> bool:
    """Whether what was begun in that epoch may go on."""
    return voter.epoch == epoch and voter.frozen is None and voter.removed is None


def free_slot(records: list[ReissueRecord], most: int) -> int | None:
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
