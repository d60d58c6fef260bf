"""States of a request to the desk. The page is the same before and after the address is looked up."""

from datetime import datetime

import msgspec

from core.ports import AnswerWay
from core.text.faces.call_sentences import ContactReason
from core.text.text import Language


class ContactRequestContent(msgspec.Struct, frozen=True, kw_only=True):
    """The content of a request. `case` is the case number that the sender typed; that case may not exist."""

    reason: ContactReason
    way: AnswerWay
    asked: datetime
    due: datetime
    until: datetime
    language: Language
    case: str | None = None


class ContactRequestPending(msgspec.Struct, frozen=True, tag="asked"):
    """A request that waits for the courier, which looks up the address."""

    typed: str
    address: str
    terms: ContactRequestContent

    def end(self) -> "ContactRequestEnded":
        return ContactRequestEnded(typed=self.typed, address=self.address, terms=self.terms)


class ContactRequestEnded(msgspec.Struct, frozen=True, tag="ended"):
    """A request that the courier has processed, or that exceeded a limit."""

    typed: str
    address: str
    terms: ContactRequestContent
    answer: str | None = None
    """The id of the last answer sent, in `written_answers`."""

    def with_written_answer(self, answer: str) -> "ContactRequestEnded":
        return msgspec.structs.replace(self, answer=answer)


State = ContactRequestPending | ContactRequestEnded
