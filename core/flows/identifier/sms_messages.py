"""Writes the text messages with security codes and voting identifiers, and encrypts phone numbers."""

import unicodedata
from collections.abc import Mapping, Sequence
from textwrap import shorten
from urllib.parse import urlsplit

from core.flows.dependencies import Dependencies
from core.flows.identifier.message_texts import IDENTIFIER_SMS, SECURITY_CODE_SMS, SPOKEN_CODE
from core.flows.identifier.sent_security_code import SealedPhoneNumber
from core.flows.identifier.states import CodeSent
from core.forms.flow_model import MailOrSmsText
from core.forms.gsm7 import BASIC, encode
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
from core.text.text import Language, Text, TimeOfDay
from core.text.translation import translate

SEGMENT = 160
"""Number of characters that fit into one SMS."""
SHORTEST_NAME = 10
"""The election's name is omitted from an SMS if fewer characters than this are left."""
NARROW_SPACE, NO_BREAK_SPACE = "\u202f", "\u00a0"


def queue_code(
    dependencies: Dependencies,
    transaction: Transaction,
    case: RecoveryCase,
    state: CodeSent,
    voter: Voter,
    *,
    places: SmsBudgetReservation | None,
) -> None:
    """Queue the SMS or the call with a security code."""
    kind = MessageKind.CALL if state.code.by_call else MessageKind.CODE
    sent, until = state.code.sent, state.code.valid_until
    language = state.number.language or voter.language
    message = transaction.outbox.put(kind=kind, case=case.number, at=sent, useful_until=until, voter=voter.id)
    code = security_code(dependencies.vault, case.number, voter.email, state.code.ordinal)
    facts = {
        "code": code,
        "sending": str(state.code.sendings),  # str(), because GSM-7 lacks the narrow space of thousands
        "sendings": str(dependencies.policy.code_sendings),
        "code_until": TimeOfDay(dependencies.calendar.to_local(until)),
        "host": urlsplit(dependencies.election.site).hostname,
    }
    sms = Sms(
        recipient="",
        text=spoken_code_text(code, language)
        if state.code.by_call
        else named_sms_text(SECURITY_CODE_SMS, facts, dependencies.election.name, language),
        message_id=sms_id(kind, case.number, message.id),
        useful_until=until,
        call_language=language if state.code.by_call else None,
    )
    to_number = SmsToPhoneOfCase(sms=sms, number=state.number.digest, voter=voter.id, places=places)
    body = seal_message(dependencies.vault, message.id, to_number)
    transaction.outbox.store_composed(message, kind=kind, sealed=body, voter=voter.id)


def spoken_code_text(code: str, language: Language) -> str:
    """Return the text of a call that reads the code aloud twice."""
    return _with_plain_spaces(SPOKEN_CODE, {"digits": ", ".join(code)}, language).replace("\n", " ")


def named_sms_text(message: MailOrSmsText, facts: Mapping[str, object], election: str, language: Language) -> str:
    """Return the text of an SMS, which begins with the election's name if there is room."""
    text = sms_text(message, facts, language)
    room = SEGMENT - len(encode(f"\n{text}"))
    if room < SHORTEST_NAME:
        return text
    composed = unicodedata.normalize("NFKC", election.replace("’", "'"))
    plain = "".join(sign if sign in BASIC else unicodedata.normalize("NFKD", sign)[0] for sign in composed)
    name = shorten("".join(sign for sign in plain if sign in BASIC), room, placeholder="...")
    return f"{name}\n{text}"


def identifier_sms(
    dependencies: Dependencies, message: OutboxMessage, number: SealedPhoneNumber, voter: Voter, identifier: str
) -> Sms:
    facts = {"identifier": identifier, "case": message.case}
    return Sms(
        recipient=decrypt_phone_number(dependencies, phone_number_sealing_context(message.case, voter.id), number),
        text=named_sms_text(IDENTIFIER_SMS, facts, dependencies.election.name, number.language or voter.language),
        message_id=sms_id(message.kind, message.case, message.id),
        useful_until=message.useful_until,
    )


def sms_text(message: MailOrSmsText, facts: Mapping[str, object], language: Language) -> str:
    """Return the text of an SMS. Special spaces are replaced by plain spaces (GSM-7)."""
    return _with_plain_spaces(message.body, facts, language)


def _with_plain_spaces(sentences: Sequence[Text], facts: Mapping[str, object], language: Language) -> str:
    text = "\n".join(translate(line.fill(facts), language, short_times=True) for line in sentences)
    return text.replace(NARROW_SPACE, " ").replace(NO_BREAK_SPACE, " ")


def phone_number_sealing_context(case: str, voter: int) -> bytes:
    """Return an encryption context that binds a phone number to this case and voter."""
    return f"{case} {voter}".encode()


def encrypt_phone_number(dependencies: Dependencies, context: bytes, e164: str) -> bytes:
    return dependencies.vault.seal(key_purposes.PHONE_NUMBER, e164.encode(), context=context)


class PhoneNumberUnreadable(Exception):
    """Raised if no key can decrypt a stored phone number."""


def decrypt_phone_number(dependencies: Dependencies, context: bytes, number: SealedPhoneNumber) -> str:
    """Return a phone number in E.164 format. Raises PhoneNumberUnreadable."""
    clear = dependencies.vault.open(key_purposes.PHONE_NUMBER, number.sealed, context=context)
    if clear is None:
        raise PhoneNumberUnreadable
    return clear.decode()
