"""Opens a re-issue, checks the voter's identity, and sends a code (ID-1 to ID-3)."""

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
    """Handles a voter's requests up to the security code."""

    dependencies: Dependencies
    sender: CodeSender

    def open_or_resume_case(self, voter: Voter, now: datetime) -> errors.Refusal | None:
        """Open a case, or resume one just opened. Return NoReissueLeft, ReissueUnderWay, TooManyWrongCodes or None."""
        with self.dependencies.store.write() as transaction:
            transaction.voters.lock(voter.id)
            standing = read_status(self.dependencies, transaction, voter.id, now)
            case, pause = standing.case, standing.tried.paused_until
            if pause is None:
                refusal = standing.reservation_refusal
            else:
                refusal = errors.TooManyWrongCodes(until=self.dependencies.calendar.to_local(pause))
            if refusal is not None:
                number = "" if case is None else case.number
                record_event(transaction, now, EventType.REISSUE_REFUSED, number, voter.id, reason=refusal.id)
            elif case is None or not isinstance(case.state, ReissueOpened):
                if case is not None:
                    transaction.awaited_codes.forget(case.number)  # only the code of the newest request counts
                    if isinstance(case.state, CodeQueued):
                        self.sender.cancel_waiting_code(transaction, case.state, voter.id, now)
                opened = ReissueOpened(voter=voter.id, epoch=voter.epoch)
                number = open_case(self.dependencies, transaction, opened, standing.last, now)
                record_event(transaction, now, EventType.REISSUE_OPENED, number, voter.id)
        return refusal

    def check_identity(self, voter: Voter, given: IdentityAnswer, visit: Visit, now: datetime) -> Refused | None:
        """Compare birth date and NUMEN with the roll, and send a code. Does nothing if the case is at another step.

        Return FormErrors, TooManyIdentityAttempts, TooManyPhoneNumbers or VoterSmsLimitReached if refused.
        Raises FormRepeated: a wrong form that is sent again gets the same answer and counts once.
        """
        vault = self.dependencies.vault
        born, numen = birth_date_digest(vault, given.birth_date, given.numen), numen_digest(vault, given.numen)
        phone = phone_digest(vault, given.phone.e164)
        limit = identity_attempt_limit(vault, self.dependencies.policy)
        with self.dependencies.store.write() as transaction:
            transaction.voters.lock(voter.id)
            standing = read_status(self.dependencies, transaction, voter.id, now, limit)
            case = standing.case
            if case is None or not isinstance(case.state, ReissueOpened):
                return None
            if (until := standing.tried.refused_until) is not None:
                refusal = errors.TooManyIdentityAttempts(until=self.dependencies.calendar.to_local(until))
                record_event(transaction, now, EventType.MATCHING_REFUSED, case.number, voter.id, reason=refusal.id)
                return refusal
            left = limit.count_attempt(transaction, voter.id, standing.tried, now)
            wanted = self._wanted(transaction, case, voter, now)
            if (spent := self._over_budget(transaction, wanted, phone)) is not None:
                limit.uncount_attempt(transaction, voter.id)
                return spent
            if not transaction.voters.matches(voter.id, birth_date_digest=born, numen_digest=numen):
                if count_form(self.dependencies, transaction, visit.form, now, EventType.MATCHING_REFUSED) > 1:
                    raise FormRepeated(self._problems(left + 1))
                # A failed match counts as a sending, so that the limits reveal nothing about the identity.
                transaction.code_sendings.add(voter.id, phone, now, CodeRequestOutcome.NOT_SENT)
                if left == 0:
                    limit.pause(transaction, voter.id, now)
                return self._unmatched(transaction, case, voter, left, now)
            limit.uncount_attempt(transaction, voter.id)
            record_event(transaction, now, EventType.MATCHED, case.number, voter.id)
            number = self._number(phone_number_sealing_context(case.number, voter.id), given.phone, visit.language)
            self.sender.send_or_queue_code(transaction, wanted, number, visit.network)
        return None

    def _wanted(self, transaction: Transaction, case: RecoveryCase, voter: Voter, now: datetime) -> CodeSendingContext:
        return CodeSendingContext(
            case, voter, self.sender.sending_limits.recent_sendings(transaction, voter.id, now), now
        )

    def _over_budget(self, transaction: Transaction, wanted: CodeSendingContext, phone: bytes) -> errors.Refusal | None:
        """Return the refusal if this voter may not get a code now."""
        refusal = self.sender.sending_limits.refusal(wanted.sendings, phone, wanted.now)
        if refusal is not None:
            case, voter = wanted.case.number, wanted.voter.id
            record_event(transaction, wanted.now, EventType.REISSUE_REFUSED, case, voter, reason=refusal.id)
        return refusal

    def _unmatched(
        self, transaction: Transaction, case: RecoveryCase, voter: Voter, left: int, now: datetime
    ) -> FormErrors:
        reason = errors.IdentityNotMatched.id
        record_event(transaction, now, EventType.MATCHING_REFUSED, case.number, voter.id, reason=reason)
        return self._problems(left)

    def _problems(self, left: int) -> FormErrors:
        rejected = errors.IdentityNotMatched()
        tries = errors.sign_in_tries_left_sentence(left, pause_minutes=self.dependencies.policy.matching_pause_minutes)
        return FormErrors({"birth_date": rejected, "numen": rejected}, tries=tries)

    def _number(self, context: bytes, phone: MobileNumber, language: Language) -> SealedPhoneNumber:
        dependencies = self.dependencies
        return SealedPhoneNumber(
            sealed=encrypt_phone_number(dependencies, context, phone.e164),
            digest=phone_digest(dependencies.vault, phone.e164),
            ending=phone.ending,
            region=phone.region,
            language=language,
        )

    def send_again(self, voter: Voter, network: str, form: bytes | None, now: datetime) -> errors.Refusal | None:
        """Send the code again, or a new one if it has expired. Does nothing before the pause is over.

        Return VoterSmsLimitReached or TooManyPhoneNumbers if refused. Raises TooManyCodesUnderWay, FormRepeated.
        """
        terms = ResendLimits.of_code(self.dependencies.policy)
        with self.dependencies.store.write() as transaction:
            transaction.voters.lock(voter.id)
            case = read_status(self.dependencies, transaction, voter.id, now).case
            if case is None or not isinstance(case.state, CodeSent):
                return None
            code = case.state.code
            if now < terms.resend_allowed_from(code.sent, code.valid_until, code.sendings):
                return None
            number, wanted = case.state.number, self._wanted(transaction, case, voter, now)
            if (refusal := self._over_budget(transaction, wanted, number.digest)) is not None:
                return refusal
            refuse_repeated_form(self.dependencies, transaction, form, now, EventType.CODE_DECIDED)
            if now < code.valid_until:
                self.sender.send_valid_code_again(transaction, wanted, case.state.send_again(now, terms))
            else:
                self.sender.send_or_queue_code(transaction, wanted, number, network)
        return None

    def change_number(self, voter: Voter, form: bytes | None = None) -> None:
        """Return to the phone number step and invalidate the codes sent before. A repeated form changes nothing."""
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
