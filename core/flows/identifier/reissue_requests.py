from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from core.flows.dependencies import Dependencies, retry_on_conflict
from core.flows.flow_handler import Visit
from core.flows.identifier.code_sending import CodeSender, CodeSendingContext
from core.flows.identifier.definition import IdentityAnswer
from core.flows.identifier.reissue_status import Refused, open_case, read_status, record_event
from core.flows.identifier.sent_security_code import ResendLimits, SealedPhoneNumber
from core.flows.identifier.sms_messages import encrypt_phone_number, phone_number_sealing_context
from core.flows.identifier.states import CodeQueued, CodeSent, ReissueOpened
from core.flows.identifier.voter_limits import identity_attempt_limit
from core.flows.repeated_forms import FormRepeated, count_form, refuse_repeated_form
from core.forms import errors
from core.forms.flow_model import FormErrors
from core.forms.phone_number_parser import MobileNumber
from core.ports import CodeRequestOutcome, EventType, RecoveryCase, Transaction, Voter
from core.security.digests import birth_date_digest, numen_digest, phone_digest
from core.text.text import Language


@dataclass(frozen=True, slots=True)
class IdentifierReissueRequests:
    dependencies: Dependencies
    sender: CodeSender

    def open_or_resume_case(self, voter: Voter, now: datetime) -> errors.Refusal | None:
        """Open or resume a case. Returns NoReissueLeft, ReissueUnderWay or TooManyWrongCodes if refused."""
        with self.dependencies.store.write() as transaction:
            transaction.voters.lock(voter.id)
            status = read_status(self.dependencies, transaction, voter.id, now)
            case, pause = status.case, status.attempts.paused_until
            if pause is None:
                refusal = status.reservation_refusal
            else:
                refusal = errors.TooManyWrongCodes(until=self.dependencies.calendar.to_local(pause))
            if refusal is not None:
                number = "" if status.last is None else status.last.number
                record_event(transaction, now, EventType.REISSUE_REFUSED, number, voter.id, reason=refusal.id)
            elif case is None or not isinstance(case.state, ReissueOpened):
                if case is not None:
                    transaction.awaited_codes.forget(case.number)  # only the code of the newest request counts
                    if isinstance(case.state, CodeQueued):
                        self.sender.cancel_waiting_code(transaction, case.state, voter.id, now)
                opened = ReissueOpened(voter=voter.id, epoch=voter.epoch)
                number = open_case(self.dependencies, transaction, opened, status.last, now)
                record_event(transaction, now, EventType.REISSUE_OPENED, number, voter.id)
        return refusal

    def check_identity(self, voter: Voter, given: IdentityAnswer, visit: Visit, now: datetime) -> Refused | None:
        """Check the birth date and the NUMEN, then send a security code. Raises FormRepeated."""
        vault = self.dependencies.vault
        born, numen = birth_date_digest(vault, given.birth_date, given.numen), numen_digest(vault, given.numen)
        phone = phone_digest(vault, given.phone.e164)
        limit = identity_attempt_limit(vault, self.dependencies.policy)
        with self.dependencies.store.write() as transaction:
            transaction.voters.lock(voter.id)
            status = read_status(self.dependencies, transaction, voter.id, now, limit)
            case = status.case
            if case is None or not isinstance(case.state, ReissueOpened):
                return None
            if (until := status.attempts.refused_until) is not None:
                refusal = errors.TooManyIdentityAttempts(until=self.dependencies.calendar.to_local(until))
                record_event(transaction, now, EventType.MATCHING_REFUSED, case.number, voter.id, reason=refusal.id)
                return refusal
            left = limit.count_attempt(transaction, voter.id, status.attempts, now)
            request = self._sending_context(transaction, case, voter, now)
            over_limit = self._sending_refusal(transaction, request, phone)
            if over_limit is not None:
                limit.uncount_attempt(transaction, voter.id)
                return over_limit
            if not transaction.voters.matches(voter.id, birth_date_digest=born, numen_digest=numen):
                if count_form(self.dependencies, transaction, visit.form, now, EventType.MATCHING_REFUSED) > 1:
                    raise FormRepeated(self._form_errors(left + 1))
                # Wrong data count as a sent code too, so that the limits do not reveal whether the data were right.
                transaction.code_sendings.add(voter.id, phone, now, CodeRequestOutcome.NOT_SENT)
                if left == 0:
                    limit.pause(transaction, voter.id, now)
                return self._record_mismatch(transaction, case, voter, left, now)
            limit.uncount_attempt(transaction, voter.id)
            record_event(transaction, now, EventType.MATCHED, case.number, voter.id)
            number = self._encrypted_number(
                phone_number_sealing_context(case.number, voter.id), given.phone, visit.language
            )
            self.sender.send_or_queue_code(transaction, request, number, visit.network)
        return None

    def _sending_context(
        self, transaction: Transaction, case: RecoveryCase, voter: Voter, now: datetime
    ) -> CodeSendingContext:
        return CodeSendingContext(
            case, voter, self.sender.sending_limits.recent_sendings(transaction, voter.id, now), now
        )

    def _sending_refusal(
        self, transaction: Transaction, request: CodeSendingContext, phone: bytes
    ) -> errors.Refusal | None:
        refusal = self.sender.sending_limits.refusal(request.sendings, phone, request.now)
        if refusal is not None:
            case, voter = request.case.number, request.voter.id
            record_event(transaction, request.now, EventType.REISSUE_REFUSED, case, voter, reason=refusal.id)
        return refusal

    def _record_mismatch(
        self, transaction: Transaction, case: RecoveryCase, voter: Voter, left: int, now: datetime
    ) -> FormErrors:
        reason = errors.IdentityNotMatched.id
        record_event(transaction, now, EventType.MATCHING_REFUSED, case.number, voter.id, reason=reason)
        return self._form_errors(left)

    def _form_errors(self, left: int) -> FormErrors:
        rejected = errors.IdentityNotMatched()
        tries = errors.tries_left_sentence(left, pause_minutes=self.dependencies.policy.matching_pause_minutes)
        return FormErrors({"birth_date": rejected, "numen": rejected}, tries=tries)

    def _encrypted_number(self, context: bytes, phone: MobileNumber, language: Language) -> SealedPhoneNumber:
        dependencies = self.dependencies
        return SealedPhoneNumber(
            sealed=encrypt_phone_number(dependencies, context, phone.e164),
            digest=phone_digest(dependencies.vault, phone.e164),
            ending=phone.ending,
            region=phone.region,
            language=language,
        )

    def send_again(
        self, voter: Voter, network: str, form: bytes | None, now: datetime, *, by_call: bool = False
    ) -> errors.Refusal | None:
        """Send the valid code again, or send a new code. Raises TooManyCodesUnderWay, FormRepeated."""
        terms = ResendLimits.of_code(self.dependencies.policy)
        with self.dependencies.store.write() as transaction:
            transaction.voters.lock(voter.id)
            case = read_status(self.dependencies, transaction, voter.id, now).case
            if case is None or not isinstance(case.state, CodeSent):
                return None
            code = case.state.code
            if now < terms.resend_allowed_from(code.sent, code.valid_until, code.sendings) or (
                by_call and not code.may_be_called(now, self.dependencies.policy)
            ):
                return None
            number, request = case.state.number, self._sending_context(transaction, case, voter, now)
            if (refusal := self._sending_refusal(transaction, request, number.digest)) is not None:
                return refusal
            refuse_repeated_form(self.dependencies, transaction, form, now, EventType.CODE_DECIDED)
            if now < code.valid_until:
                sent = case.state.send_again(now, terms, by_call=by_call)
                self.sender.send_valid_code_again(transaction, request, sent)
            else:
                self.sender.send_or_queue_code(transaction, request, number, network)
        return None

    def change_number(self, voter: Voter, form: bytes | None = None) -> None:
        """Let the voter enter another phone number. Earlier codes become invalid."""
        now = self.dependencies.clock.now()
        with suppress(FormRepeated):
            retry_on_conflict(lambda: self._change_number(voter, form, now))

    def _change_number(self, voter: Voter, form: bytes | None, now: datetime) -> None:
        with self.dependencies.store.write() as transaction:
            transaction.voters.lock(voter.id)
            case = read_status(self.dependencies, transaction, voter.id, now).case
            if case is None or not isinstance(case.state, CodeSent | CodeQueued):
                return
            refuse_repeated_form(self.dependencies, transaction, form, now, EventType.NUMBER_GIVEN_UP)
            transaction.recoveries.update_state(case, case.state.change_number())
            transaction.awaited_codes.forget(case.number)
            if isinstance(case.state, CodeQueued):
                self.sender.cancel_waiting_code(transaction, case.state, voter.id, now)
            record_event(transaction, now, EventType.NUMBER_GIVEN_UP, case.number, voter.id)
