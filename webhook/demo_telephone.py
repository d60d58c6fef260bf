"""The telephones of the demo's page: their list, the screen of one, and its owner's answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import phonenumbers

from core.forms.flow_model import FieldRejected
from core.forms.phone_number_parser import parse_phone
from core.text.faces import demo_page_texts as words
from core.text.text import Language, TimeOfDay
from core.text.text import Text as Sentence
from core.text.translation import NO_BREAK_SPACE, translate, with_no_break_spaces
from demo.telephone.sms_store import DemoSms, DemoSmsStore, SmsStatus

LISTED_NUMBERS = 8
SHOWN_TEXTS = 12
LONGEST_ANSWER = 160
FATES: Mapping[SmsStatus, Sentence] = {
    SmsStatus.ACCEPTED: words.SMS_ACCEPTED,
    SmsStatus.BUFFERED: words.SMS_BUFFERED,
    SmsStatus.DELIVERED: words.SMS_DELIVERED,
    SmsStatus.UNDELIVERED: words.SMS_UNDELIVERED,
    SmsStatus.REJECTED: words.SMS_REJECTED,
    SmsStatus.REPLY: words.SMS_ANSWERED,
}
ARRIVES = frozenset({SmsStatus.DELIVERED, SmsStatus.REPLY})
"""States of an SMS that the telephone itself shows; the others are shown as being with the operator."""
Local = Callable[[datetime], datetime]


@dataclass(frozen=True, slots=True)
class DemoPhone:
    """A telephone of the list: its number as it is stored, and as people write it."""

    number: str
    written: str


@dataclass(frozen=True, slots=True)
class DemoSmsBubble:
    """An SMS as it is shown."""

    text: str
    clock: str
    at: str
    fate: str
    answer: bool
    arrived: bool


@dataclass(frozen=True, slots=True)
class DemoPhoneScreen:
    """The screen of one telephone, the oldest message first."""

    handset: DemoPhone
    title: str
    bubbles: tuple[DemoSmsBubble, ...]


def said(sentence: Sentence, language: Language) -> str:
    """Return a sentence as a page of the demo prints it."""
    return with_no_break_spaces(translate(sentence, language), language)


def demo_phones(telephones: DemoSmsStore) -> list[DemoPhone]:
    """The telephones that have an SMS, the one with the newest first."""
    return [_handset(number) for number in telephones.numbers(LISTED_NUMBERS)]


def demo_phone_screen(telephones: DemoSmsStore, number: str, language: Language, local: Local) -> DemoPhoneScreen:
    """Return what the telephone shows now."""
    texts = telephones.messages(number, SHOWN_TEXTS)
    handset = _handset(number)
    return DemoPhoneScreen(
        handset,
        said(words.RECEIVED_AT.fill({"number": handset.written.replace(" ", NO_BREAK_SPACE)}), language),
        tuple(_bubble(text, language, local) for text in reversed(texts)),
    )


def sms_for_outside_check(sms: DemoSms, local: Local) -> dict[str, object]:
    """Return an SMS as a check from outside reads it."""
    return {
        "id": f"sms-{sms.id}",
        "channel": "sms",
        "to": sms.number,
        "subject": "",
        "text": sms.text,
        "html": "",
        "at": local(sms.at).isoformat(),
        "status": sms.status,
    }


def phone_as_e164(typed: str, codes: tuple[int, ...]) -> str:
    """A number as voters write it, in E.164; what is none stays as it is, and nobody has it."""
    try:
        return parse_phone(typed, codes).e164
    except FieldRejected:
        return typed


def _handset(number: str) -> DemoPhone:
    try:
        read = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return DemoPhone(number, number)
    return DemoPhone(number, phonenumbers.format_number(read, phonenumbers.PhoneNumberFormat.INTERNATIONAL))


def _bubble(text: DemoSms, language: Language, local: Local) -> DemoSmsBubble:
    at = local(text.at)
    return DemoSmsBubble(
        text=text.text,
        clock=said(Sentence("{at}", None, {"at": TimeOfDay(at)}), language),
        at=at.isoformat(),
        fate=said(FATES[text.status], language),
        answer=text.status is SmsStatus.REPLY,
        arrived=text.status in ARRIVES,
    )
