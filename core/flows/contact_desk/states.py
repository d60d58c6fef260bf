"""The states of a request to the desk. It says the same to whoever made it, before and after its address is looked up."""

from datetime import datetime

import msgspec

from core.ports import AnswerWay
from core.text.faces.call_sentences import ContactReason
from core.text.text import Language


class ContactRequestContent(msgspec.Struct, frozen=True, kw_only=True):
    """The content of a request. `case` is a case number as its sender typed it; it may be nobody's."""

    reason: ContactReason
    way: AnswerWay
    asked: datetime
    due: datetime
    until: datetime
    language: Language
    case: str | None = None


class ContactRequestPending(msgspec.Struct, frozen=True, tag="asked"):
    """A request waits for the courier, who alone looks the address up."""

    typed: str
    address: str
    terms: ContactRequestContent

    def end(self) -> "ContactRequestEnded":
        """The desk has the request, or nobody of the roll has made it."""
        return ContactRequestEnded(typed=self.typed, address=self.address, terms=self.terms)


class ContactRequestEnded(msgspec.Struct, frozen=True, tag="ended"):
    """A request that the courier is done with, or that came in excess of a limit."""

    typed: str
    address: str
    terms: ContactRequestContent
    answer: str | None = None
    """The answer that the desk has sent last, by its id in `written_answers`."""

    def with_written_answer(self, answer: str) -> "ContactRequestEnded":
        """The desk answers in writing."""
        return msgspec.structs.replace(self, answer=answer)


State = ContactRequestPending | ContactRequestEnded
