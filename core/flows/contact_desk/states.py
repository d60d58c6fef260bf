"""States of a request to the helpdesk. All states must show the same page."""

from datetime import datetime

import msgspec

from core.ports import AnswerWay
from core.text.faces.call_sentences import ContactReason
from core.text.text import Language


class ContactRequestContent(msgspec.Struct, frozen=True, kw_only=True):
    """What a voter asks the helpdesk. The typed case number may be wrong."""

    reason: ContactReason
    way: AnswerWay
    asked: datetime
    due: datetime
    until: datetime
    language: Language
    case: str | None = None
    replaces: datetime | None = None
    """Time of the request that this one replaces. Both requests have the same browser and address."""


class ContactRequestPending(msgspec.Struct, frozen=True, tag="asked"):
    """A request to the helpdesk. The courier has not looked up the voter yet."""

    typed: str
    address: str
    terms: ContactRequestContent
    confirm: bool = True
    """Whether to send a confirmation email."""

    def end(self) -> "ContactRequestEnded":
        return ContactRequestEnded(typed=self.typed, address=self.address, terms=self.terms)


class ContactRequestEnded(msgspec.Struct, frozen=True, tag="ended"):
    typed: str
    address: str
    terms: ContactRequestContent
    answer: str | None = None

    def with_written_answer(self, answer: str) -> "ContactRequestEnded":
        return msgspec.structs.replace(self, answer=answer)


State = ContactRequestPending | ContactRequestEnded
