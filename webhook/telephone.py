"""The telephones of the demo's page: which there are, what one of them shows, and its owner's answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import phonenumbers

from core.adapters.telephone.store import Status, Telephones, Text
from core.i18n import say, typeset
from core.phones import parse_phone
from core.steps import Rejected
from core.text import Language, TimeOfDay
from core.text import Text as Sentence
from core.words import demo_page as words

LISTED_NUMBERS = 8
SHOWN_TEXTS = 12
LONGEST_ANSWER = 160
FATES: Mapping[Status, Sentence] = {
    Status.ACCEPTED: words.SMS_ACCEPTED,
    Status.BUFFERED: words.SMS_BUFFERED,
    Status.DELIVERED: words.SMS_DELIVERED,
    Status.UNDELIVERED: words.SMS_UNDELIVERED,
    Status.REJECTED: words.SMS_REJECTED,
    Status.REPLY: words.SMS_ANSWERED,
}
ARRIVES = frozenset({Status.DELIVERED, Status.REPLY})
"""What a telephone itself knows of; the rest is shown as what the operator has in hand."""
Local = Callable[[datetime], datetime]


@dataclass(frozen=True, slots=True)
class Handset:
    """A telephone of the list: its number as it is stored, and as people write it."""

    number: str
    written: str


@dataclass(frozen=True, slots=True)
class Bubble:
    """An SMS as it is shown."""

    text: str
    clock: str
    at: str
    fate: str
    answer: bool
    arrived: bool


@dataclass(frozen=True, slots=True)
class Screen:
    """What one telephone shows, the oldest first."""

    handset: Handset
    bubbles: tuple[Bubble, ...]


def handsets(telephones: Telephones) -> list[Handset]:
    """The telephones that have an SMS, the one with the newest first."""
    return [_handset(number) for number in telephones.numbers(LISTED_NUMBERS)]


def screen(telephones: Telephones, number: str, language: Language, local: Local) -> Screen:
    """What that telephone shows now."""
    texts = telephones.texts(number, SHOWN_TEXTS)
    return Screen(_handset(number), tuple(_bubble(text, language, local) for text in reversed(texts)))


def as_json(text: Text, local: Local) -> dict[str, object]:
    """As a check from outside reads it."""
    return {
        "id": f"sms-{text.id}",
        "channel": "sms",
        "to": text.number,
        "subject": "",
        "text": text.text,
        "html": "",
        "at": local(text.at).isoformat(),
        "status": text.status,
    }


def number_of(typed: str, codes: tuple[int, ...]) -> str:
    """A number as voters write it, in E.164; what is none stays as it is, and nobody has it."""
    try:
        return parse_phone(typed, codes).e164
    except Rejected:
        return typed


def _handset(number: str) -> Handset:
    try:
        read = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return Handset(number, number)
    return Handset(number, phonenumbers.format_number(read, phonenumbers.PhoneNumberFormat.INTERNATIONAL))


def _bubble(text: Text, language: Language, local: Local) -> Bubble:
    at = local(text.at)
    return Bubble(
        text=text.text,
        clock=_said(Sentence("{at}", None, {"at": TimeOfDay(at)}), language),
        at=at.isoformat(),
        fate=_said(FATES[text.status], language),
        answer=text.status is Status.REPLY,
        arrived=text.status in ARRIVES,
    )


def _said(sentence: Sentence, language: Language) -> str:
    return typeset(say(sentence, language), language)
