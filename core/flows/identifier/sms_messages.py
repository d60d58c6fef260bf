"""Writes the SMS: the words are the flow's, the alphabet is GSM-7, and each is sealed in the outbox at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from core.flows.dependencies import Dependencies
from core.flows.identifier.definition import IdentifierFlow
from core.flows.identifier.sent_security_code import SealedPhoneNumber
from core.flows.identifier.states import CodeSent
from core.forms.flow_model import MailOrSmsText
from core.ports import (
    MessageKind,
    OutboxMessage,
    RecoveryCase,
    Sms,
    SmsBudgetReservation,
    SmsToPhoneOfCase,
    Transaction,
    Voter,
)
from core.security import key_purposes
from core.security.outbox_sealing import seal_message
from core.security.security_codes import security_code
from core.security.tokens import sms_id
from core.text.text import Language, TimeOfDay
from core.text.translation import translate

NARROW_SPACE, NO_BREAK_SPACE = "\u202f", "\u00a0"


@dataclass(frozen=True, slots=True)
class SmsComposer:
    """Composes SMS under this election's words."""

    dependencies: Dependencies
    steps: IdentifierFlow

    def queue_code(
        self,
        transaction: Transaction,
        case: RecoveryCase,
        state: CodeSent,
        voter: Voter,
        reservation: SmsBudgetReservation | None,
    ) -> None:
        """Put the SMS of a code into the outbox; it is dropped once the code has expired."""
        parcel = OutboxMessage(
            id=transaction.outbox.put(
                kind=MessageKind.CODE,
                case=case.number,
                at=state.code.sent,
                useful_until=state.code.valid_until,
                voter=voter.id,
            ),
            kind=MessageKind.CODE,
            case=case.number,
            voter=voter.id,
            sealed=None,
            created=state.code.sent,
            due=state.code.sent,
            useful_until=state.code.valid_until,
        )
        sms = SmsToPhoneOfCase(
            sms=self._code_sms(parcel, state, voter), number=state.number.digest, voter=voter.id, places=reservation
        )
        body = seal_message(self.dependencies.vault, parcel.id, sms)
        transaction.outbox.store_composed(parcel, kind=MessageKind.CODE, sealed=body, voter=voter.id)

    def _code_sms(self, parcel: OutboxMessage, state: CodeSent, voter: Voter) -> Sms:
        facts = {
            "code": security_code(self.dependencies.vault, parcel.case, voter.email, state.code.ordinal),
            "sending": str(state.code.sendings),  # as it stands: the space in a thousand is not of the alphabet
            "sendings": str(self.dependencies.policy.code_sendings),
            "sent_at": TimeOfDay(self.dependencies.calendar.to_local(state.code.sent)),
            "host": urlsplit(self.dependencies.election.site).hostname,
        }
        return Sms(
            recipient="",
            text=sms_text(self.steps.code_sms, facts, state.number.language or voter.language),
            message_id=sms_id(parcel.kind, parcel.case, parcel.id),
            useful_until=parcel.useful_until,
        )

    def identifier_sms(self, message: OutboxMessage, number: SealedPhoneNumber, voter: Voter, identifier: str) -> Sms:
        """Write the SMS of a new identifier, to the number whose code was accepted."""
        facts = {"identifier": identifier, "case": message.case}
        return Sms(
            recipient=self._recipient_of_order(message.case, number, voter),
            text=sms_text(self.steps.identifier_sms, facts, number.language or voter.language),
            message_id=sms_id(message.kind, message.case, message.id),
            useful_until=message.useful_until,
        )

    def _recipient_of_order(self, case: str, number: SealedPhoneNumber, voter: Voter) -> str:
        """Decrypt the number of a reserved re-issue, which a former version may have sealed for its case alone."""
        try:
            return decrypt_phone_number(self.dependencies, phone_number_sealing_context(case, voter.id), number)
        except PhoneNumberUnreadable:
            return decrypt_phone_number(self.dependencies, case.encode(), number)


def sms_text(message: MailOrSmsText, facts: Mapping[str, object], language: Language) -> str:
    """The text of an SMS. A number's own spaces are made plain: GSM-7 has no other."""
    text = "\n".join(translate(line.fill(facts), language) for line in message.body)
    return text.replace(NARROW_SPACE, " ").replace(NO_BREAK_SPACE, " ")


def phone_number_sealing_context(case: str, voter: int) -> bytes:
    """Return what a phone number is sealed for: a case written over to another voter opens it no more."""
    return f"{case} {voter}".encode()


def encrypt_phone_number(dependencies: Dependencies, context: bytes, e164: str) -> bytes:
    """Encrypt a phone number for its case and voter."""
    return dependencies.vault.seal(key_purposes.PHONE_NUMBER, e164.encode(), context=context)


class PhoneNumberUnreadable(Exception):
    """A sealed number that none of our keys opens."""


def decrypt_phone_number(dependencies: Dependencies, context: bytes, number: SealedPhoneNumber) -> str:
    """Decrypt a phone number, in E.164. Raises PhoneNumberUnreadable."""
    clear = dependencies.vault.open(key_purposes.PHONE_NUMBER, number.sealed, context=context)
    if clear is None:
        raise PhoneNumberUnreadable
    return clear.decode()
