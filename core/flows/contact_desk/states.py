"""States of a request to the helpdesk. All states show the same page, which hides who is on the electoral roll."""

from datetime import datetime

import msgspec

from core.ports import AnswerWay
from core.text.faces.call_sentences import ContactReason
from core.text.text import Language


class ContactRequestContent(msgspec.Struct, frozen=True, kw_only=True):
    """What a voter asks the helpdesk, and when the desk must answer. The case number may be wrong."""

    reason: ContactReason
    way: AnswerWay
    asked: datetime
    due: datetime
    until: datetime
    language: Language
    case: str | None = None
    replaces: datetime | None = None
    """When the same browser last sent a request for the same address, or None."""


class ContactRequestPending(msgspec.Struct, frozen=True, tag="asked"):
    """A request to the helpdesk, before the courier looks up the voter's address."""

    typed: str
    address: str
    terms: ContactRequestContent
    confirm: bool = True
    """False if no confirmation may be sent, because too many emails were requested for the address."""

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
