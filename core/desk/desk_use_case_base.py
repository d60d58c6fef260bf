"""Base of the desk's use cases: what is read and done for an agent who is signed in, about a voter or a case."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from core.desk.sessions_callers_and_approvals import AgentSession, Authorisation
from core.flows.dependencies import Dependencies, retry_on_conflict
from core.forms import errors
from core.ports import Transaction, Voter

T = TypeVar("T")


@dataclass(eq=False)
class DeskUseCases:
    """Use cases of one subject."""

    authorisation: Authorisation

    @property
    def dependencies(self) -> Dependencies:
        """The ports and the rules of the election."""
        return self.authorisation.dependencies

    def _now(self) -> datetime:
        return self.dependencies.clock.now()

    @contextmanager
    def _read(self, session: AgentSession) -> Iterator[Transaction]:
        """Read the store for an agent. Raises AgentSessionOver."""
        self.authorisation.require_session(session)
        with self.dependencies.store.read() as transaction:
            yield transaction

    def _write(
        self,
        session: AgentSession,
        act: Callable[[Transaction], T],
        *,
        voter: int | None = None,
        case: str | None = None,
    ) -> T:
        """Do an act of an agent in one transaction, retried after conflicts, and record why it was refused. Raises ServiceUnavailable."""

        def attempt() -> T:
            with self.dependencies.store.write() as transaction:
                return act(transaction)

        with self.authorisation.record_refusals(session, voter=voter, case=case):
            return retry_on_conflict(attempt)


def require_voter_on_roll(transaction: Transaction, voter: int) -> Voter:
    """Return a voter who is still on the roll. Raises VoterNotOnRoll."""
    found = transaction.voters.by_id(voter)
    if found is None or found.removed is not None:
        raise errors.VoterNotOnRoll
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSubject:
    """The voter or the case that a call is about; neither when nobody was found."""

    voter: int | None = None
    case: str | None = None

    @property
    def has_voter_or_case(self) -> bool:
        """True if there is a voter or a case."""
        return self.voter is not None or self.case is not None


def with_voter_of_case(transaction: Transaction, subject: CallSubject) -> CallSubject:
    """Return the subject with the voter of its case. Raises VoterNotOnRoll for an unknown voter, CaseUnknown."""
    if subject.voter is not None and transaction.voters.by_id(subject.voter) is None:
        raise errors.VoterNotOnRoll
    if subject.case is None:
        return subject
    if transaction.recoveries.by_number(subject.case) is None:
        raise errors.CaseUnknown
    return replace(subject, voter=subject.voter or transaction.recoveries.voter_of(subject.case))


def name_of(transaction: Transaction, voter: int | None) -> str | None:
    """Return the name of a voter."""
    found = None if voter is None else transaction.voters.by_id(voter)
    return None if found is None else f"{found.first_name} {found.last_name}"
