"""The code that comes back, typed on the page or answered by SMS: one count, one winner (rules 5, 6 and 8)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core import errors
from core.codes import code_in, is_code
from core.digests import phone_digest
from core.policy import Deed
from core.ports import Act, Budgets, Moved, ParcelKind, Recovery, Reply, Transaction, Voter
from core.reissue import CodeSent
from core.service.identifier.office import Office, Standing, in_force, note
from core.service.identifier.tries import Paused
from core.service.tools import until_unmoved
from core.steps import Problems, Rejected

Refused = Problems | errors.Refusal
ON_THE_PAGE, BY_SMS = "page", "sms"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A code that somebody gave, and the case it is tried on."""

    case: Recovery
    state: CodeSent
    voter: Voter
    typed: str
    how: str
    now: datetime


@dataclass(frozen=True, slots=True)
class CodeAnswers:
    """The answering half of a re-issue."""

    office: Office
    budgets: Budgets

    def type(self, voter: Voter, code: str) -> None:
        """Takes the code of the voter's case; on a case that is elsewhere, nothing happens.

        Raises Problems, TooManyCodes, PhoneTaken, NoReissueLeft, ReissueUnderWay, NotYetOpen, VoteClosed.
        """
        now = self.office.tools.clock.now()
        self.office.require_open(now)
        refused = until_unmoved(lambda: self._typed(voter, code, now))
        if refused is not None:
            raise refused

    def _typed(self, voter: Voter, code: str, now: datetime) -> Refused | None:
        with self.office.tools.store.write() as transaction:
            transaction.voters.lock(voter.id)
            standing = self.office.standing(transaction, voter.id, self.office.codes, now)
            case = standing.case
            if case is None or not isinstance(case.state, CodeSent):
                return None
            return self._try(transaction, Attempt(case, case.state, voter, code, ON_THE_PAGE, now), standing)

    def answer(self, e164: str, text: str) -> Reply:
        """Takes a code that came by SMS; nothing in the text is trusted."""
        code, now = code_in(text), self.office.tools.clock.now()
        if code is None:
            return Reply.UNREAD
        if not self.office.tools.calendar.allows(Deed.REISSUE_IDENTIFIER, now):
            return Reply.REFUSED
        phone = phone_digest(self.office.tools.vault, e164)
        return until_unmoved(lambda: self._answered(phone, code, now))

    def _answered(self, phone: bytes, code: str, now: datetime) -> Reply:
        with self.office.tools.store.write() as transaction:
            attempts = self._attempts(transaction, phone, code, now)
            if not attempts:
                return Reply.UNREAD
            # Two voters may await a code from one number: the one whose code it is answers, else the latest is wrong.
            refused = self._try_found(transaction, next(filter(self._right, attempts), attempts[0]))
        if refused is None:
            return Reply.ACCEPTED
        return Reply.WRONG if isinstance(refused, Problems) else Reply.REFUSED

    def _attempts(self, transaction: Transaction, phone: bytes, code: str, now: datetime) -> list[Attempt]:
        found = []
        for number in transaction.awaited_codes.of_phone(phone, now):
            case = transaction.recoveries.by_number(number)
            state = None if case is None else case.state
            if case is None or not isinstance(state, CodeSent):
                continue
            voter = transaction.voters.by_id(state.voter)
            if voter is not None and in_force(voter, state.epoch):
                found.append(Attempt(case, state, voter, code, BY_SMS, now))
        return found

    def _right(self, attempt: Attempt) -> bool:
        ordinal = attempt.state.code.ordinal
        return is_code(self.office.tools.vault, attempt.case.number, ordinal, attempt.typed)

    def _try_found(self, transaction: Transaction, attempt: Attempt) -> Refused | None:
        """It was found before the voter was locked: whoever waited for another looks again at where the case stands."""
        transaction.voters.lock(attempt.voter.id)
        present = transaction.recoveries.by_number(attempt.case.number)
        if present is None or present.version != attempt.case.version:
            raise Moved
        return self._try(
            transaction, attempt, self.office.standing(transaction, attempt.voter.id, self.office.codes, attempt.now)
        )

    def _try(self, transaction: Transaction, attempt: Attempt, standing: Standing) -> Refused | None:
        """One try at a time for each voter, who is locked."""
        if attempt.now >= attempt.state.code.valid_until:
            return self._rejected(transaction, attempt, errors.CodeExpired(), None)
        try:
            left = self.office.codes.take(transaction, attempt.voter.id, standing.tried, attempt.now)
        except Paused as paused:
            return self._refused(transaction, attempt, errors.TooManyCodes(until=self.office.until(paused.until)))
        if not self._right(attempt):
            return self._wrong(transaction, attempt, left)
        self.office.codes.was_right(transaction, attempt.voter.id)
        return self._accept(transaction, attempt, standing)

    def _wrong(self, transaction: Transaction, attempt: Attempt, left: int) -> Refused:
        if left > 0:
            return self._rejected(transaction, attempt, errors.WrongCode(), left)
        transaction.recoveries.move(attempt.case, attempt.state.close(attempt.now))
        transaction.awaited_codes.forget(attempt.case.number)
        until = self.office.codes.pause(transaction, attempt.voter.id, attempt.now)
        return self._refused(transaction, attempt, errors.TooManyCodes(until=self.office.until(until)))

    def _rejected(self, transaction: Transaction, attempt: Attempt, rejected: Rejected, left: int | None) -> Problems:
        self._note(transaction, attempt, Act.CODE_REFUSED, rejected.id)
        pause = self.office.tools.policy.code_pause_minutes
        tries = None if left is None else errors.tries_left(left, pause_minutes=pause)
        return Problems({"code": rejected}, tries=tries)

    def _refused(self, transaction: Transaction, attempt: Attempt, refusal: errors.Refusal) -> errors.Refusal:
        self._note(transaction, attempt, Act.CODE_REFUSED, refusal.id)
        return refusal

    def _accept(self, transaction: Transaction, attempt: Attempt, standing: Standing) -> errors.Refusal | None:
        """Reserves a re-issue and claims the number, both or neither; the courier does the rest."""
        voter, now = attempt.voter.id, attempt.now
        refusal = self.office.refusal(standing)
        if refusal is not None:
            return self._refused(transaction, attempt, refusal)
        if not transaction.phone_claims.claim(attempt.state.number.digest, voter, now):
            transaction.recoveries.move(attempt.case, attempt.state.change_number())
            transaction.awaited_codes.forget(attempt.case.number)
            return self._refused(transaction, attempt, errors.PhoneTaken())
        self._reserve(transaction, attempt, self.office.free_slot(standing))
        return None

    def _reserve(self, transaction: Transaction, attempt: Attempt, slot: int | None) -> None:
        voter, number, now = attempt.voter.id, attempt.case.number, attempt.now
        transaction.recoveries.move(attempt.case, attempt.state.accept(now))
        transaction.reissues.reserve(number, voter, slot=slot or 0, at=now)
        transaction.awaited_codes.forget(number)
        self._put(transaction, attempt, ParcelKind.IDENTIFIER, self._useful_until(now))
        notice = timedelta(minutes=self.office.tools.policy.notice_useful_minutes)
        self._put(transaction, attempt, ParcelKind.REISSUED, now + notice)
        self._note(transaction, attempt, Act.CODE_ACCEPTED, attempt.how)
        # Last: its rows are everybody's, and held until the end.
        self.budgets.verified(transaction, attempt.state.number.digest, attempt.state.number.region, now)

    def _useful_until(self, now: datetime) -> datetime:
        useful = now + timedelta(minutes=self.office.tools.policy.identifier_useful_minutes)
        return min(useful, self.office.tools.calendar.vote_closes)

    def _put(self, transaction: Transaction, attempt: Attempt, kind: ParcelKind, until: datetime) -> None:
        transaction.outbox.post(
            kind=kind, case=attempt.case.number, at=attempt.now, useful_until=until, voter=attempt.voter.id
        )

    def _note(self, transaction: Transaction, attempt: Attempt, act: Act, reason: str) -> None:
        note(transaction, attempt.now, act, attempt.case.number, attempt.voter.id, reason=reason)
