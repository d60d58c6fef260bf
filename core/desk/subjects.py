from dataclasses import dataclass, replace

from core.forms import errors
from core.ports import Transaction, Voter


def require_voter_on_roll(transaction: Transaction, voter: int) -> Voter:
    found = transaction.voters.by_id(voter)
    if found is None or found.removed is not None:
        raise errors.VoterNotOnRoll
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSubject:
    voter: int | None = None
    case: str | None = None

    @property
    def has_voter_or_case(self) -> bool:
        return self.voter is not None or self.case is not None


def with_voter_of_case(transaction: Transaction, subject: CallSubject) -> CallSubject:
    """Add the case's voter to this subject. Raises VoterNotOnRoll, CaseUnknown."""
    if subject.voter is not None and transaction.voters.by_id(subject.voter) is None:
        raise errors.VoterNotOnRoll
    if subject.case is None:
        return subject
    if transaction.recoveries.by_number(subject.case) is None:
        raise errors.CaseUnknown
    return replace(subject, voter=subject.voter or transaction.recoveries.voter_of(subject.case))


def name_of(transaction: Transaction, voter: int | None) -> str | None:
    found = None if voter is None else transaction.voters.by_id(voter)
    return None if found is None else f"{found.first_name} {found.last_name}"
