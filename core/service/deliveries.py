"""What gateways tell us: what became of an SMS, and what voters send back. Any order, any repetition, any text.

A report is known by the tag of its address, which only we can make for that SMS; an answer by the secret of the gateway
(the site asks for it) and by the gateway's own id, under which it counts once.
"""

from dataclasses import dataclass
from enum import StrEnum
from hmac import compare_digest

from core import purposes, tokens
from core.phones import parse_phone
from core.ports import Act, Actor, Delivery, Durability, Event, Hearing, ParcelKind, Reply, Unready, Vault
from core.service.tools import Tools
from core.steps import Rejected

TAG_BYTES = 16
LONGEST_TEXT = 160
FINAL = frozenset({Delivery.DELIVERED, Delivery.UNDELIVERED, Delivery.REJECTED})


class Heard(StrEnum):
    """What became of something that a gateway told."""

    NOTED = "noted"
    NOTED_BEFORE = "noted-before"
    UNKNOWN = "unknown"
    """Of an SMS that we do not have."""
    FORGED = "forged"


def report_tag(vault: Vault, message_id: str) -> str:
    """What only we can put into the address of reports about that SMS."""
    return tokens.base64url(vault.digest(purposes.SMS_REPORT, message_id.encode())[:TAG_BYTES])


@dataclass(frozen=True, slots=True)
class Deliveries:
    """`hearing` is who acts on it: the flow that sent the SMS."""

    tools: Tools
    hearing: Hearing

    def report(self, message_id: str, tag: str, delivery: Delivery) -> Heard:
        """What an operator says of that SMS. Raises Unready: it is to be told again.

        Who acts on it hears it before it is noted: told again after a crash in between, nothing is lost, and acting on
        one report twice changes nothing.
        """
        if not compare_digest(tag.encode(), report_tag(self.tools.vault, message_id).encode()):
            return Heard.FORGED
        kind, case, parcel = message_id.split(".")
        acts = kind == ParcelKind.IDENTIFIER and delivery in FINAL
        if acts and not self.hearing.delivered(message_id, delivery):
            return Heard.UNKNOWN
        return self._note(int(parcel), case, delivery)

    def _note(self, number: int, case: str, delivery: Delivery) -> Heard:
        now = self.tools.clock.now()
        with self.tools.store.write(Durability.RELAXED) as transaction:
            parcel = transaction.outbox.find(number)
            if parcel is None or parcel.case != case:
                return Heard.UNKNOWN
            if not transaction.reports.note(number, delivery, now):
                return Heard.NOTED_BEFORE
            reason = f"{parcel.kind} {delivery}"
            told = Event(
                at=now, actor=Actor.NETWORK, act=Act.SMS_REPORTED, case=case, voter=parcel.voter, reason=reason
            )
            transaction.journal.write(told)
        return Heard.NOTED

    def answer(self, gateway_id: str, phone: str, text: str) -> Heard | Reply:
        """What a voter sent from that number, as the gateway writes it. Raises Unready: it is to be told again.

        It is noted first, and forgotten again if nobody could act on it: a wrong code counts once, however often it is
        told and whatever happens meanwhile.
        """
        number = self._e164(phone)
        if number is None:
            return Reply.UNREAD
        digest = self.tools.vault.digest(purposes.SMS_ANSWER, gateway_id.encode())
        with self.tools.store.write(Durability.RELAXED) as transaction:
            if not transaction.reports.hear(digest, self.tools.clock.now()):
                return Heard.NOTED_BEFORE
        try:
            return self.hearing.code_by_sms(number, text[:LONGEST_TEXT])
        except Unready:
            with self.tools.store.write(Durability.RELAXED) as transaction:
                transaction.reports.forget(digest)
            raise

    def _e164(self, phone: str) -> str | None:
        """A number as gateways write it: international, with or without its plus, or as one dials it in France."""
        written = phone if phone.startswith(("+", "0")) else f"+{phone}"
        try:
            return parse_phone(written, self.tools.policy.phone_codes).e164
        except Rejected:
            return None
