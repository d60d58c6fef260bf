"""States of a request to the helpdesk. All states show the same page, so the page does not reveal who is on the roll."""

from datetime import datetime

import msgspec

from core.ports import AnswerWay
from core.text.faces.call_sentences import ContactReason
from core.text.text import Language


class ContactRequestContent(msgspec.Struct, frozen=True, kw_only=True):
    """What a voter asks the helpdesk, and when the helpdesk must answer. The typed case number may be wrong."""

    reason: ContactReason
    way: AnswerWay
    asked: datetime
    due: datetime
    until: datetime
    language: Language
    case: str | None = None
    replaces: datetime | None = None
    """The time of the browser's previous request for the same address, which this request replaces.

    None if there is no such request.
    """


class ContactRequestPending(msgspec.Struct, frozen=True, tag="asked"):
    """A request to the helpdesk for which the courier has not looked up the voter yet."""

    typed: str
    address: str
    terms: ContactRequestContent
    confirm: bool = True
    """Whether to send a confirmation email. False if too many emails were requested for the address."""

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
