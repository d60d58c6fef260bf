"""Checks security codes that voters type on the page or send by SMS."""

from dataclasses import dataclass
from datetime import datetime

from core.flows.dependencies import Dependencies, retry_on_conflict
from core.flows.identifier.reissue_completion import ReissueCompletion
from core.flows.identifier.reissue_status import Refused, VoterReissueStatus, is_epoch_valid, read_status, record_event
from core.flows.identifier.states import CodeSent
from core.flows.identifier.voter_limits import SendingLimits, code_attempt_limit
from core.flows.repeated_forms import FormRepeated, count_form
from core.forms import errors
from core.forms.flow_model import FieldRejected, FormErrors
from core.policy.calendar import CalendarOperation
from core.ports import (
    TO_CONFIRM,
    ConflictError,
    EventType,
    IncomingSmsOutcome,
    RecoveryCase,
    SharedSmsBudgets,
    SmsRoute,
    Transaction,
    Voter,
)
from core.security.digests import phone_claim_digest, phone_digest
from core.security.security_codes import check_code, first_code_in

ON_THE_PAGE, BY_SMS = "page", "sms"


@dataclass(frozen=True, slots=True)
class CodeAttempt:
    case: RecoveryCase
    state: CodeSent
    voter: Voter
    typed: str
    channel: str
    now: datetime
    form: bytes | None = None


class SecurityCodeChecker:
    def __init__(self, dependencies: Dependencies, completion: ReissueCompletion, budgets: SharedSmsBudgets) -> None:
        self.dependencies = dependencies
        self.completion = completion
        self.budgets = budgets
        self.attempt_limit = code_attempt_limit(dependencies.vault, dependencies.policy)
        self.sending_limits = SendingLimits(dependencies.policy, dependencies.calendar)

    def check_typed_code(self, voter: Voter, code: str, form: bytes | None, now: datetime) -> Refused | None:
        """Check a code that the voter typed on the page. Raises FormRepeated."""
        with self.dependencies.store.write() as transaction:
            transaction.voters.lock(voter.id)
            status = read_status(self.dependencies, transaction, voter.id, now)
            case = status.case
            if case is None or not isinstance(case.state, CodeSent):
                return None
            attempt = CodeAttempt(case, case.state, voter, code, ON_THE_PAGE, now, form)
            return self._check(transaction, attempt, status)

    def receive_sms_answer(self, phone: str, text: str) -> IncomingSmsOutcome:
        """Check a code from an SMS. The caller must authenticate the gateway."""
        code, now = first_code_in(text), self.dependencies.clock.now()
        if code is None:
            return IncomingSmsOutcome.UNREAD
        if not self.dependencies.calendar.allows(CalendarOperation.REISSUE_IDENTIFIER, now):
            return IncomingSmsOutcome.REFUSED
        digest = phone_digest(self.dependencies.vault, phone)
        return retry_on_conflict(lambda: self._check_sms_code(digest, code, now))

    def _check_sms_code(self, phone: bytes, code: str, now: datetime) -> IncomingSmsOutcome:
        with self.dependencies.store.write() as transaction:
            attempts = self._attempts_from_phone(transaction, phone, code, now)
            if not attempts:
                return IncomingSmsOutcome.UNREAD
            # Two voters may await a code from one number. Try the case with the right code, or else the latest case.
            refused = self._lock_and_check(transaction, next(filter(self._is_right, attempts), attempts[0]))
        if refused is None:
            return IncomingSmsOutcome.ACCEPTED
        return IncomingSmsOutcome.WRONG if isinstance(refused, FormErrors) else IncomingSmsOutcome.REFUSED

    def _attempts_from_phone(
        self, transaction: Transaction, phone: bytes, code: str, now: datetime
    ) -> list[CodeAttempt]:
        attempts = []
        for number in transaction.awaited_codes.cases_awaiting_code_from(phone, now):
            case = transaction.recoveries.by_number(number)
            state = None if case is None else case.state
            if case is None or not isinstance(state, CodeSent):
                continue
            voter = transaction.voters.by_id(state.voter)
            if voter is not None and is_epoch_valid(voter, state.epoch):
                attempts.append(CodeAttempt(case, state, voter, code, BY_SMS, now))
        return attempts

    def _is_right(self, attempt: CodeAttempt) -> bool:
        vault, ordinal = self.dependencies.vault, attempt.state.code.ordinal
        return check_code(vault, attempt.case.number, attempt.voter.email, ordinal, attempt.typed)

    def _lock_and_check(self, transaction: Transaction, attempt: CodeAttempt) -> Refused | None:
        """Lock the voter and check a code. Raises ConflictError if the case has changed."""
        transaction.voters.lock(attempt.voter.id)
        present = transaction.recoveries.by_number(attempt.case.number)
        if present is None or present.version != attempt.case.version:
            raise ConflictError
        return self._check(
            transaction, attempt, read_status(self.dependencies, transaction, attempt.voter.id, attempt.now)
        )

    def _check(self, transaction: Transaction, attempt: CodeAttempt, status: VoterReissueStatus) -> Refused | None:
        """Check a code. The caller must lock the voter first."""
        if attempt.now >= attempt.state.code.valid_until:
            return self._reject(transaction, attempt, errors.CodeExpired(), None)
        if (until := status.attempts.refused_until) is not None:
            refusal = errors.TooManyWrongCodes(until=self.dependencies.calendar.to_local(until))
            return self._refuse(transaction, attempt, refusal)
        left = self.attempt_limit.count_attempt(transaction, attempt.voter.id, status.attempts, attempt.now)
        if not self._is_right(attempt):
            return self._reject_wrong_code(transaction, attempt, left)
        self.attempt_limit.uncount_attempt(transaction, attempt.voter.id)
        phone = attempt.state.number.digest
        self.sending_limits.record_code_returned(transaction, attempt.voter.id, phone, attempt.now)
        return self._accept(transaction, attempt, status)

    def _reject_wrong_code(self, transaction: Transaction, attempt: CodeAttempt, left: int) -> Refused:
        checked_code, rejected = f"{attempt.case.number} {attempt.state.code.ordinal}", errors.WrongCode()
        if count_form(self.dependencies, transaction, attempt.form, attempt.now, checked_code) > 1:
            raise FormRepeated(self._form_errors(rejected, left + 1))
        if left > 0:
            return self._reject(transaction, attempt, rejected, left)
        transaction.recoveries.update_state(attempt.case, attempt.state.close(attempt.now))
        transaction.awaited_codes.forget(attempt.case.number)
        until = self.attempt_limit.pause(transaction, attempt.voter.id, attempt.now)
        return self._refuse(
            transaction, attempt, errors.TooManyWrongCodes(until=self.dependencies.calendar.to_local(until))
        )

    def _reject(
        self, transaction: Transaction, attempt: CodeAttempt, rejected: FieldRejected, left: int | None
    ) -> FormErrors:
        self._record(transaction, attempt, EventType.CODE_REFUSED, rejected.id)
        return self._form_errors(rejected, left)

    def _form_errors(self, rejected: FieldRejected, left: int | None) -> FormErrors:
        pause = self.dependencies.policy.code_pause_minutes
        tries = None if left is None else errors.code_tries_left_sentence(left, pause_minutes=pause)
        return FormErrors({"code": rejected}, tries=tries)

    def _refuse(self, transaction: Transaction, attempt: CodeAttempt, refusal: errors.Refusal) -> errors.Refusal:
        self._record(transaction, attempt, EventType.CODE_REFUSED, refusal.id)
        return refusal

    def _accept(
        self, transaction: Transaction, attempt: CodeAttempt, status: VoterReissueStatus
    ) -> errors.Refusal | None:
        voter, now = attempt.voter.id, attempt.now
        refusal = status.reservation_refusal
        if refusal is not None:
            return self._refuse(transaction, attempt, refusal)
        if not transaction.reissues.claim_phone(attempt.state.number.digest, voter, now):
            transaction.recoveries.update_state(attempt.case, attempt.state.change_number())
            transaction.awaited_codes.forget(attempt.case.number)
            return self._refuse(transaction, attempt, errors.PhoneTaken())
        self._complete(transaction, attempt, status.free_slot)
        return None

    def _complete(self, transaction: Transaction, attempt: CodeAttempt, slot: int | None) -> None:
        now = attempt.now
        transaction.awaited_codes.forget(attempt.case.number)
        reason = attempt.channel
        if self.dependencies.policy.confirm_in_mailbox:
            reason += TO_CONFIRM
            awaited = attempt.state.await_confirmation(now, self.completion.confirmation_resend_limits(now))
            self.completion.queue_confirmation_mail(transaction, attempt.case, awaited)
        else:
            self.completion.reserve(transaction, attempt.case, attempt.state.accept_code(now), slot)
        claim = phone_claim_digest(self.dependencies.vault, attempt.voter.id, attempt.state.number.digest)
        self._record(transaction, attempt, EventType.CODE_ACCEPTED, reason, claim)
        # Last, because it locks rows that all voters share until the transaction ends.
        self.budgets.grow_budgets_after_verified_code(
            transaction, SmsRoute(attempt.state.number.region, attempt.state.network), now
        )

    def _record(
        self, transaction: Transaction, attempt: CodeAttempt, act: EventType, reason: str, claim: str | None = None
    ) -> None:
        case, voter = attempt.case.number, attempt.voter.id
        record_event(transaction, attempt.now, act, case, voter, reason=reason, credential=claim)
