"""A real relay that takes long over each mail, spoken with on several connections at once."""
# ruff: noqa: N802 -- aiosmtpd finds its hooks by these names

import asyncio
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial

import msgspec
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Session
from aiosmtpd.smtp import Envelope as Received

from core.adapters.smtp import Relay, SmtpCarrier, Tls
from core.courier.hand import Answer
from core.courier.hands import PROMPT_SECONDS, Hands
from core.ports import Envelope, Sent
from tests.support.product import free_port

HOST, MOST, MAILS = "127.0.0.1", 4, 30
TOO_MANY = "421 4.7.0 too many connections from you"
ENVELOPE = Envelope(
    sender="retour@retours.example",
    recipient="camille@ac-lumiere.example",
    message_id="<key@vote.example>",
    content=b"",
)


@dataclass
class Slow:
    """A relay where so many of our connections are welcome."""

    welcome: int = 100
    greeted: int = 0
    turned_away: int = 0
    in_hand: int = 0
    most_in_hand: int = 0
    mails: list[bytes] = field(default_factory=list)

    async def handle_EHLO(
        self, _server: SMTP, session: Session, _envelope: Received, hostname: str, responses: list[str]
    ) -> list[str]:
        """Answers one too many as Postfix does."""
        if self.greeted >= self.welcome:
            return [TOO_MANY]
        self.greeted += 1
        session.host_name = hostname
        return responses

    async def handle_HELO(self, _server: SMTP, _session: Session, _envelope: Received, _hostname: str) -> str:
        """Nor is it less of one when it greets in the old way (RFC 5321 §3.2)."""
        self.turned_away += 1
        return TOO_MANY

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Received) -> str:
        """Takes longer than a prompt one."""
        self.in_hand += 1
        self.most_in_hand = max(self.most_in_hand, self.in_hand)
        await asyncio.sleep(PROMPT_SECONDS * 2)
        self.in_hand -= 1
        self.mails.append(envelope.original_content)
        return "250 kept"


def _carried(server: Slow) -> list[Answer]:
    """What it says to so many mails."""
    controller = Controller(server, hostname=HOST, port=free_port())
    controller.start()
    relay = Relay(host=HOST, port=controller.port, tls=Tls.NONE)
    another = partial(SmtpCarrier, [relay], "courier.example")
    answers: list[Answer] = []
    try:
        with closing(Hands[Envelope](another(), another, most=MOST)) as hands:
            for number in range(MAILS):
                envelope = msgspec.structs.replace(ENVELOPE, content=b"Subject: %d\r\n\r\n" % number)
                hands.carry(envelope, lambda answer: answers.append(answer()))
            while hands.busy:
                hands.hear()
    finally:
        controller.stop()
    return answers


def test_a_slow_relay_is_spoken_with_on_several_connections() -> None:
    """Each mail is taken once, whole, and never more at once than are allowed."""
    server = Slow()

    answers = _carried(server)

    assert [type(answer) for answer in answers] == [Sent] * MAILS
    assert sorted(server.mails) == sorted(b"Subject: %d\r\n\r\n" % number for number in range(MAILS))
    assert 1 < server.most_in_hand <= MOST


def test_a_relay_that_wants_fewer_connections_gets_every_mail() -> None:
    """It refuses one too many in the words of Postfix, once: that is no trouble, and what it was to carry goes on another."""
    server = Slow(welcome=3)

    answers = _carried(server)

    assert [type(answer) for answer in answers] == [Sent] * MAILS
    assert len(set(server.mails)) == len(server.mails) == MAILS
    assert 0 < server.turned_away < MOST
    assert server.most_in_hand <= server.welcome
