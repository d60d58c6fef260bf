"""Writes the SMS: the words are the flow's, the alphabet is GSM-7, and each is sealed in the outbox at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from core import purposes
from core.codes import code_of
from core.flows.identifier import IdentifierFlow
from core.i18n import say
from core.ports import Parcel, ParcelKind, Recovery, Sms, Transaction, Voter
from core.reissue import CodeSent, Number
from core.sealing import sealed
from core.service.tools import Tools
from core.steps import Message
from core.text import Language, TimeOfDay
from core.tokens import sms_id

NARROW_SPACE, NO_BREAK_SPACE = "\u202f", "\u00a0"


@dataclass(frozen=True, slots=True)
class Texting:
    """Composes SMS under this election's words."""

    tools: Tools
    steps: IdentifierFlow

    def post_code(self, transaction: Transaction, case: Recovery, state: CodeSent, voter: Voter) -> None:
        """Puts the SMS of the present sending into the outbox; after the code's end it would help nobody."""
        parcel = Parcel(
            id=transaction.outbox.put(
                kind=ParcelKind.CODE,
                case=case.number,
                at=state.code.sent,
                useful_until=state.code.valid_until,
                voter=voter.id,
            ),
            kind=ParcelKind.CODE,
            case=case.number,
            voter=voter.id,
            sealed=None,
            created=state.code.sent,
            due=state.code.sent,
            useful_until=state.code.valid_until,
        )
        sms = self._code_sms(parcel, state, voter)
        body = sealed(self.tools.vault, parcel.id, sms)
        transaction.outbox.seal(parcel, kind=ParcelKind.CODE, sealed=body, voter=voter.id)

    def _code_sms(self, parcel: Parcel, state: CodeSent, voter: Voter) -> Sms:
        facts = {
            "code": code_of(self.tools.vault, parcel.case, state.code.ordinal),
            "sending": str(state.code.sendings),  # as it stands: the space in a thousand is not of the alphabet
            "sendings": str(self.tools.policy.code_sendings),
            "sent_at": TimeOfDay(self.tools.calendar.local(state.code.sent)),
            "host": urlsplit(self.tools.election.site).hostname,
        }
        return Sms(
            recipient=open_number(self.tools, parcel.case, state.number),
            text=written(self.steps.code_sms, facts, voter.language),
            message_id=sms_id(parcel.kind, parcel.case, parcel.id),
            useful_until=parcel.useful_until,
        )

    def identifier_sms(self, parcel: Parcel, number: Number, voter: Voter, identifier: str) -> Sms:
        """The new identifier, to the number that sent its code back."""
        facts = {"identifier": identifier, "case": parcel.case}
        return Sms(
            recipient=open_number(self.tools, parcel.case, number),
            text=written(self.steps.identifier_sms, facts, voter.language),
            message_id=sms_id(parcel.kind, parcel.case, parcel.id),
            useful_until=parcel.useful_until,
        )


def written(message: Message, facts: Mapping[str, object], language: Language) -> str:
    """The text of an SMS. A number's own spaces are made plain: GSM-7 has no other."""
    text = "\n".join(say(line.fill(facts), language) for line in message.body)
    return text.replace(NARROW_SPACE, " ").replace(NO_BREAK_SPACE, " ")


def seal_number(tools: Tools, case: str, e164: str) -> bytes:
    """A number as its case keeps it."""
    return tools.vault.seal(purposes.PHONE_NUMBER, e164.encode(), context=case.encode())


class NumberLost(Exception):
    """A sealed number that none of our keys opens."""


def open_number(tools: Tools, case: str, number: Number) -> str:
    """It again, in E.164. Raises NumberLost."""
    clear = tools.vault.open(purposes.PHONE_NUMBER, number.sealed, context=case.encode())
    if clear is None:
        raise NumberLost
    return clear.decode()
