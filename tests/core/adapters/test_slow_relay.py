"""A real relay that is slow for each mail is used on several connections at once."""
# ruff: noqa: N802 -- aiosmtpd finds its hooks by these names

import asyncio
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial

import msgspec
from aiosmtpd.smtp import SMTP, Session
from aiosmtpd.smtp import Envelope as Received

from core.adapters.smtp_mail_transport import SmtpRelay, SmtpTlsMode, SmtpTransport
from core.delivery.sender_pool import SLOW_SECONDS, SenderPool
from core.ports import ComposedMail, SendAccepted, SendResult
from tests.support.smtp_server import HOST, SmtpServer

MOST, MAILS = 4, 30
TOO_MANY = "421 4.7.0 too many connections from you"
ENVELOPE = ComposedMail(
    sender="retour@retours.example",
    recipient="camille@ac-lumiere.example",
    message_id="<key@vote.example>",
    content=b"",
)


@dataclass
class SlowRelay:
    """A relay that allows a number of connections."""

    welcome: int = 100
    greeted: int = 0
    turned_away: int = 0
    in_hand: int = 0
    most_in_hand: int = 0
    mails: list[bytes] = field(default_factory=list)

    async def handle_EHLO(
        self, _server: SMTP, session: Session, _envelope: Received, hostname: str, responses: list[str]
    ) -> list[str]:
        """Refuse a connection above the limit, as Postfix does."""
        if self.greeted >= self.welcome:
            return [TOO_MANY]
        self.greeted += 1
        session.host_name = hostname
        return responses

    async def handle_HELO(self, _server: SMTP, _session: Session, _envelope: Received, _hostname: str) -> str:
        """Refuse it for the old greeting too (RFC 5321 §3.2)."""
        self.turned_away += 1
        return TOO_MANY

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Received) -> str:
        """Take longer than a fast relay."""
        self.in_hand += 1
        self.most_in_hand = max(self.most_in_hand, self.in_hand)
        await asyncio.sleep(SLOW_SECONDS * 2)
        self.in_hand -= 1
        self.mails.append(envelope.original_content)
        return "250 kept"


def _send_mails(server: SlowRelay) -> list[SendResult]:
    """Return the results of so many mails."""
    controller = SmtpServer(server)
    controller.start()
    relay = SmtpRelay(host=HOST, port=controller.port, tls=SmtpTlsMode.NONE)
    connect = partial(SmtpTransport, [relay], "courier.example")
    answers: list[SendResult] = []
    try:
        with closing(SenderPool[ComposedMail](connect(), connect, connections=MOST)) as pool:
            for number in range(MAILS):
                envelope = msgspec.structs.replace(ENVELOPE, content=b"Subject: %d\r\n\r\n" % number)
                pool.submit(envelope, lambda result: answers.append(result.result()))
            while pool.busy:
                pool.wait_for_answer()
    finally:
        controller.stop()
    return answers


def test_a_slow_relay_is_used_on_several_connections() -> None:
    """A slow relay gets each mail once and whole, on several connections within the limit."""
    server = SlowRelay()

    answers = _send_mails(server)

    assert [type(answer) for answer in answers] == [SendAccepted] * MAILS
    assert sorted(server.mails) == sorted(b"Subject: %d\r\n\r\n" % number for number in range(MAILS))
    assert 1 < server.most_in_hand <= MOST


def test_a_relay_that_wants_fewer_connections_gets_every_mail() -> None:
    """A relay that refuses one connection too many, once, gets every mail on the others."""
    server = SlowRelay(welcome=3)

    answers = _send_mails(server)

    assert [type(answer) for answer in answers] == [SendAccepted] * MAILS
    assert len(set(server.mails)) == len(server.mails) == MAILS
    assert 0 < server.turned_away < MOST
    assert server.most_in_hand <= server.welcome
