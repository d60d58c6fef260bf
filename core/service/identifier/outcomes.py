"""What becomes of an identifier once its code is accepted: the case, its count, and what the voter is told (rule 8).

Each writes within the transaction it is given, as the courier and the operator's reports need it. Each raises Moved.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.ports import Act, Actor, ParcelKind, Recovery, Transaction
from core.reissue import Delivered, GivenUp, InForce, Ordered, Sent, Undelivered
from core.service.identifier.office import Office, free_slot, note


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The ends of a re-issue. A case that stands elsewhere is left as it is: reports come in any order."""

    office: Office

    def waiting(self, transaction: Transaction, case: Recovery, reason: str, now: datetime) -> None:
        """The voting platform does not answer; the page says since when."""
        if isinstance(case.state, Ordered) and case.state.late is None:
            transaction.recoveries.move(case, case.state.wait(now))
            self._note(transaction, case, (case.state.voter, Act.PLATFORM_AWAY, reason), now)

    def in_force(self, transaction: Transaction, case: Recovery, generation: int, now: datetime) -> None:
        """The platform has it."""
        if isinstance(case.state, Ordered):
            transaction.recoveries.move(case, case.state.put_in_force(generation, now))
            transaction.reissues.put_in_force(case.number, generation)
            self._note(transaction, case, (case.state.voter, Act.IDENTIFIER_IN_FORCE, str(generation)), now)

    def left(self, transaction: Transaction, case: Recovery, now: datetime) -> None:
        """A gateway has the SMS; perhaps the operator has reported it already."""
        transaction.reissues.end(case.number, now)
        if isinstance(case.state, InForce):
            transaction.recoveries.move(case, case.state.leave(now))

    def arrived(self, transaction: Transaction, case: Recovery, now: datetime) -> None:
        """The operator has delivered it, perhaps after saying that it could not: then it counts again."""
        if not isinstance(case.state, InForce | Sent | Undelivered):
            return
        transaction.voters.lock(case.state.voter)
        records = transaction.reissues.of_voter(case.state.voter)
        if any(record.case == case.number and record.slot is None for record in records):
            transaction.reissues.recount(case.number, free_slot(records, len(records)))
        transaction.reissues.end(case.number, now)
        transaction.recoveries.move(case, case.state.arrive(now))

    def failed(self, transaction: Transaction, case: Recovery, now: datetime) -> None:
        """It cannot reach the voter: they are told, and the re-issue is free again, so many times.

        When nobody knows whether the platform took it, it is free in any case.
        """
        match case.state:
            case Ordered():
                transaction.reissues.recount(case.number, None)
                self._lost(transaction, case, case.state.lose(now), now)
            case InForce() | Sent():
                given_back = self._may_give_back(transaction, case.state.voter)
                if given_back:
                    transaction.reissues.recount(case.number, None)
                self._lost(transaction, case, case.state.fail(now, given_back=given_back), now)
            case _:
                return

    def given_up(self, transaction: Transaction, case: Recovery, reason: str, now: datetime) -> None:
        """Nothing was changed: nothing counts."""
        if not isinstance(case.state, Ordered):
            return
        transaction.reissues.recount(case.number, None)
        self._end(transaction, case, case.state.give_up(reason, now), now)
        self._note(transaction, case, (case.state.voter, Act.REISSUE_GIVEN_UP, reason), now)

    def _may_give_back(self, transaction: Transaction, voter: int) -> bool:
        transaction.voters.lock(voter)
        records = transaction.reissues.of_voter(voter)
        given_back = sum(record.slot is None and record.generation is not None for record in records)
        return given_back < self.office.tools.policy.reissues_given_back

    def _lost(self, transaction: Transaction, case: Recovery, state: Undelivered, now: datetime) -> None:
        self._end(transaction, case, state, now)
        counted = "given-back" if state.given_back else "counted"
        self._note(transaction, case, (state.voter, Act.IDENTIFIER_LOST, counted), now)

    def _end(self, transaction: Transaction, case: Recovery, state: Undelivered | GivenUp, now: datetime) -> None:
        transaction.reissues.end(case.number, now)
        transaction.recoveries.move(case, state)
        transaction.outbox.post(
            kind=ParcelKind.UNDELIVERED,
            case=case.number,
            at=now,
            useful_until=now + timedelta(minutes=self.office.tools.policy.notice_useful_minutes),
            voter=state.voter,
        )

    def _note(self, transaction: Transaction, case: Recovery, told: tuple[int, Act, str], now: datetime) -> None:
        voter, act, reason = told
        note(transaction, now, act, case.number, voter, reason=reason, actor=Actor.COURIER)


def ending_of(state: object) -> str | None:
    """The last digits of the number that a state's identifier goes to."""
    match state:
        case Ordered() | InForce() | Sent():
            return state.number.ending
        case Delivered() | Undelivered():
            return state.ending
        case _:
            return None
