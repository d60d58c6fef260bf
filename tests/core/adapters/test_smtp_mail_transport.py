"""Mails are sent to real SMTP servers on this machine."""
# ruff: noqa: N802 -- aiosmtpd finds its hooks by these names

import asyncio
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import ClassVar
from unittest.mock import ANY

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Session
from aiosmtpd.smtp import Envelope as Received

from core.adapters.smtp_mail_transport import SmtpRelay, SmtpTlsMode, SmtpTransport
from core.delivery.lease import LEASE
from core.ports import ComposedMail, SendAccepted, SendPostponed, SendRefused
from tests.support.certificate import server_context, write_certificate
from tests.support.product import eventually, free_port
from tests.support.smtp_server import HOST, MovableSeconds, SmtpServer

ENVELOPE = ComposedMail(
    sender="retour+7f3k92qd.aaaa@retours.example",
    recipient="camille.martin@ac-lumiere.example",
    message_id="<key@vote.example>",
    content=b"Subject: a mail\r\n\r\nA line\r\n.a dot\r\n..two\r\n.\r\nthe end\r\n",
)


class Server:
    """A mail server that accepts everything. `met` contains the commands that it received."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.met: list[str] = []
        self.greeting = ""

    async def handle_EHLO(
        self, _server: SMTP, session: Session, _envelope: Received, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.met.append("EHLO")
        return [self.greeting] if self.greeting else responses

    async def handle_HELO(self, _server: SMTP, _session: Session, _envelope: Received, _hostname: str) -> str:
        """Answer the old greeting, which follows a refused one."""
        return self.greeting

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Received, address: str, _options: list[str]
    ) -> str:
        self.met.append("RCPT")
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Received) -> str:
        self.met.append("DATA")
        self.mails.append(envelope.original_content)
        return "250 kept"


class GivesReply(Server):
    """A mail server that gives a certain reply to one command."""

    def __init__(self, command: str, reply: str) -> None:
        super().__init__()

        async def answer(*_: object) -> str:
            self.met.append(command)
            return reply

        setattr(self, f"handle_{command}", answer)


class NoHello(Server):
    """A mail server that refuses every greeting."""

    async def handle_EHLO(
        self, _server: SMTP, _session: Session, _envelope: Received, _hostname: str, _responses: list[str]
    ) -> list[str]:
        return ["550 not for you"]

    async def handle_HELO(self, _server: SMTP, _session: Session, _envelope: Received, _hostname: str) -> str:
        return "550 not for you"


class HangingUp(Server):
    """A mail server that closes the connection shortly after each mail, and counts this in `closed`."""

    closed = 0

    def __init__(self, last_words: bytes = b"") -> None:
        super().__init__()
        self._last_words = last_words

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Received) -> str:
        asyncio.get_running_loop().call_later(0.02, self._close, server)
        return await super().handle_DATA(server, session, envelope)

    def _close(self, server: SMTP) -> None:
        server.transport.write(self._last_words)
        server.transport.close()
        asyncio.get_running_loop().call_soon(self._count)  # after the socket was closed

    def _count(self) -> None:
        self.closed += 1


class SilentServer(Server):
    """A mail server that accepts a mail and closes the connection without an answer."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Received) -> str:
        server.transport.close()
        return await super().handle_DATA(server, session, envelope)


Start = Callable[..., SmtpRelay]


@pytest.fixture
def start() -> Iterator[Start]:
    """A function that starts mail servers, which stop at the end of the test."""
    with ExitStack() as stack:

        def run(handler: Server, *, tls: SmtpTlsMode = SmtpTlsMode.NONE, **options: object) -> SmtpRelay:
            controller = SmtpServer(handler, **options)
            controller.start()
            stack.callback(controller.stop)
            return relay(controller.port, tls=tls)

        yield run


@pytest.fixture
def make_carrier() -> Iterator[Callable[..., SmtpTransport]]:
    """A function that makes transports, which are closed at the end of the test."""
    with ExitStack() as stack:

        def make(*relays: SmtpRelay, **options: object) -> SmtpTransport:
            return stack.enter_context(closing(SmtpTransport(relays, "courier.example", **options)))

        yield make


Carry = Callable[..., SmtpTransport]


def relay(port: int, *, tls: SmtpTlsMode = SmtpTlsMode.NONE, seconds: float = 180) -> SmtpRelay:
    """Return the settings of a mail server on this machine, with a long timeout."""
    return SmtpRelay(host=HOST, port=port, tls=tls, timeout_seconds=seconds)


def test_one_connection_serves_many_mails(start: Start, make_carrier: Carry) -> None:
    """One connection is used for several mails. Each mail arrives unchanged, including lines that begin with a dot."""
    server = Server()
    carrier = make_carrier(start(server))

    results = [carrier.send(ENVELOPE) for _ in range(5)]

    assert all(isinstance(each, SendAccepted) for each in results)
    assert server.mails == [ENVELOPE.content] * 5
    assert server.met.count("EHLO") == 1


@pytest.mark.parametrize("last_words", [b"", b"421 4.4.2 timeout exceeded\r\n", b"550 5.0.0 goodbye\r\n"])
def test_a_connection_closed_after_each_mail_is_replaced(start: Start, make_carrier: Carry, last_words: bytes) -> None:
    """If the mail server has closed a connection, a new one is opened, and no mail is lost or sent twice."""
    server = HangingUp(last_words)
    carrier = make_carrier(start(server))

    for _ in range(3):
        assert carrier.reachable()
        assert isinstance(carrier.send(ENVELOPE), SendAccepted)
        eventually(lambda: server.closed == len(server.mails), "a closed connection")

    assert len(server.mails) == 3


def test_a_permanent_refusal_is_not_retried_elsewhere(start: Start, make_carrier: Carry) -> None:
    """After a permanent refusal, a mail is not sent to another mail server."""
    for command in ("RCPT", "DATA"):
        refusing, second = GivesReply(command, "550 5.1.1 no such mailbox"), Server()
        carrier = make_carrier(start(refusing), start(second))

        result = carrier.send(ENVELOPE)

        assert isinstance(result, SendRefused)
        assert result.reason == "550 5.1.1 no such mailbox"
        assert second.met == []


def test_a_reply_cannot_control_a_terminal(start: Start, make_carrier: Carry) -> None:
    """Escape sequences in a mail server's reply are stored as visible characters."""
    result = make_carrier(start(GivesReply("RCPT", "550 5.1.1 \x1b]52;c;ZQ==\x07 no"))).send(ENVELOPE)
    assert result == SendRefused(relay=ANY, reason="550 5.1.1 �]52;c;ZQ==� no")

    result = make_carrier(start(GivesReply("RCPT", "450 4.2.2 \x1b[2J later"))).send(ENVELOPE)
    assert isinstance(result, SendPostponed)
    assert result.reason.endswith("450 4.2.2 �[2J later")


def test_a_temporary_refusal_goes_to_the_next_relay_once(start: Start, make_carrier: Carry) -> None:
    """After a temporary refusal, a mail is sent to the next mail server."""
    for command, reply in (
        ("MAIL", "451 4.3.0 busy"),
        ("MAIL", "421 4.3.2 closing"),
        ("RCPT", "451 4.3.0 busy"),
        ("DATA", "451 4.3.0 busy"),
    ):
        busy, second = GivesReply(command, reply), Server()
        first = start(busy)
        carrier = make_carrier(first, start(second))

        result = carrier.send(ENVELOPE)

        assert isinstance(result, SendAccepted)
        assert result.relay != first.name
        assert busy.met.count(command) == 1
        assert len(second.mails) == 1


def test_a_mail_is_not_handed_over_after_the_couriers_claim(start: Start, make_carrier: Carry) -> None:
    """If a mail server is so slow that the courier's claim may expire, the mail is not sent."""
    seconds = MovableSeconds()

    class Slow(Server):
        async def handle_RCPT(
            self, server: SMTP, session: Session, envelope: Received, address: str, options: list[str]
        ) -> str:
            """Accept the recipient after half of the courier's claim."""
            seconds.now += LEASE.total_seconds() / 2
            return await super().handle_RCPT(server, session, envelope, address, options)

    slow, second = Slow(), Server()
    result = make_carrier(start(slow), start(second), clock=seconds).send(ENVELOPE)

    assert isinstance(result, SendPostponed)
    assert (slow.mails, second.met) == ([], [])


def test_temporary_refusals_everywhere_postpone_the_message(start: Start, make_carrier: Carry) -> None:
    """If every mail server refuses temporarily, the mail is postponed after one attempt at each."""
    servers = [GivesReply("RCPT", "450 4.2.2 mailbox full"), GivesReply("DATA", "452 4.3.1 no space")]
    carrier = make_carrier(*map(start, servers))

    result = carrier.send(ENVELOPE)

    assert isinstance(result, SendPostponed)
    assert "450 4.2.2 mailbox full" in result.reason
    assert "452 4.3.1 no space" in result.reason
    assert result.answered
    assert [server.met.count("RCPT") for server in servers] == [1, 1]


def test_a_refusal_of_our_configuration_does_not_fail_the_message(start: Start, make_carrier: Carry) -> None:
    """If a mail server refuses because of the configuration, the mail is sent to the next mail server."""
    for refusing in (
        GivesReply("MAIL", "550 5.7.1 this sender may not"),
        GivesReply("RCPT", "530 5.7.0 authentication required"),
        GivesReply("RCPT", "503 5.5.1 bad sequence"),
        NoHello(),
    ):
        second = Server()
        carrier = make_carrier(start(refusing), start(second))

        assert isinstance(carrier.send(ENVELOPE), SendAccepted)
        assert len(second.mails) == 1


def test_a_relay_out_of_reach_is_skipped_for_growing_pauses(make_carrier: Carry) -> None:
    """A mail server that cannot be reached is skipped for growing pauses of 5 to 60 seconds."""
    clock = MovableSeconds()
    carrier = make_carrier(relay(free_port()), clock=clock)

    for pause in (5, 10, 20, 40, 60, 60):
        tried = carrier.send(ENVELOPE)
        clock.now += pause - 0.1
        skipped = carrier.send(ENVELOPE)
        clock.now += 0.1

        assert isinstance(tried, SendPostponed)
        assert not tried.answered
        assert "ConnectionRefused" in tried.reason
        assert "resting" in str(skipped)


def test_a_relay_is_used_again_when_it_is_back(start: Start, make_carrier: Carry) -> None:
    """The first mail server is used again after its pause, once it is back."""
    clock, port = MovableSeconds(), free_port()
    first, second = Server(), Server()
    carrier = make_carrier(relay(port), start(second), clock=clock)
    carrier.send(ENVELOPE)
    controller = SmtpServer(first, port=port)
    controller.start()

    carrier.send(ENVELOPE)
    clock.now += 6
    carrier.send(ENVELOPE)
    carrier.close()
    controller.stop()

    assert (len(first.mails), len(second.mails)) == (1, 2)


def test_a_relay_that_never_greets_costs_one_timeout(start: Start, make_carrier: Carry) -> None:
    """A mail server that never answers costs one timeout, and is then skipped."""
    second = Server()
    with closing(socket.create_server((HOST, 0))) as silent:
        carrier = make_carrier(relay(silent.getsockname()[1], seconds=0.5), start(second), clock=MovableSeconds())

        results = [carrier.send(ENVELOPE) for _ in range(20)]

    assert all(isinstance(each, SendAccepted) for each in results)
    assert len(second.mails) == 20


def test_a_mail_without_an_answer_goes_to_no_other_relay(start: Start, make_carrier: Carry) -> None:
    """A mail that got no answer at its end is not sent to another mail server, because it may have been accepted."""
    falling, second = SilentServer(), Server()
    carrier = make_carrier(start(falling), start(second))

    result = carrier.send(ENVELOPE)

    assert isinstance(result, SendPostponed)
    assert "no answer" in result.reason
    assert result.answered
    assert second.met == []


def test_reasons_contain_no_personal_data(start: Start, make_carrier: Carry) -> None:
    """The stored reason of a refusal contains no address, name or link from the mail server's reply."""
    reply = "550 5.1.1 <camille.martin@ac-lumiere.example> Martin unknown, see https://vote.example/lien/Ab3x in mail"
    carrier = make_carrier(start(GivesReply("RCPT", reply)))

    result = carrier.send(ENVELOPE)

    assert isinstance(result, SendRefused)
    assert result.reason == "550 5.1.1 unknown, see in mail"
    assert isinstance(make_carrier().send(ENVELOPE), SendPostponed)


def test_an_address_that_breaks_the_command_is_refused(start: Start, make_carrier: Carry) -> None:
    """An address that could inject an SMTP command is refused."""
    server = Server()
    carrier = make_carrier(start(server))
    for recipient in ("a@b.example\r\nRCPT TO:<c@d.example>", "é@b.example", "a@b.example> NOTIFY=NEVER"):
        result = carrier.send(ComposedMail(sender="a@b.example", recipient=recipient, message_id="<x@y>", content=b"x"))

        assert isinstance(result, SendRefused)
        assert server.met == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for this machine with its key."""
    return write_certificate(HOST, tmp_path_factory.mktemp("tls") / "relay.pem")


@pytest.mark.parametrize("tls", [SmtpTlsMode.STARTTLS, SmtpTlsMode.IMPLICIT])
def test_a_trusted_certificate_is_accepted_and_no_other(
    tls: SmtpTlsMode, certificate: Path, start: Start, make_carrier: Carry
) -> None:
    """A mail is sent over TLS only to a mail server with a trusted certificate."""
    server = Server()
    option = "tls_context" if tls is SmtpTlsMode.STARTTLS else "ssl_context"
    started = start(server, tls=tls, **{option: server_context(certificate)})

    refused = make_carrier(started).send(ENVELOPE)
    assert isinstance(refused, SendPostponed)
    assert "CERTIFICATE_VERIFY_FAILED" in refused.reason
    assert server.mails == []

    trusting = make_carrier(started, trust=ssl.create_default_context(cafile=certificate))
    assert isinstance(trusting.send(ENVELOPE), SendAccepted)
    assert server.mails == [ENVELOPE.content]


def test_missing_starttls_is_refused(start: Start, make_carrier: Carry) -> None:
    """If TLS is required and the mail server does not offer it, nothing is sent."""
    server = Server()
    carrier = make_carrier(start(server, tls=SmtpTlsMode.STARTTLS))

    result = carrier.send(ENVELOPE)

    assert isinstance(result, SendPostponed)
    assert server.mails == []


@pytest.mark.parametrize(("password", "expected"), [("right", SendAccepted), ("wrong", SendPostponed)])
def test_only_the_right_password_sends(
    password: str, expected: type[object], certificate: Path, start: Start, make_carrier: Carry
) -> None:
    """A mail is sent with the right password only. A wrong one postpones it and is not shown."""
    server = Server()
    known = start(
        server,
        tls=SmtpTlsMode.STARTTLS,
        tls_context=server_context(certificate),
        auth_required=True,
        authenticator=lambda *parts: AuthResult(success=parts[-1].password == b"right", handled=False),
    )
    signed = replace(known, username="courier", password=password)
    carrier = make_carrier(signed, trust=ssl.create_default_context(cafile=certificate))

    result = carrier.send(ENVELOPE)

    assert isinstance(result, expected)
    assert password not in str(result)
    assert password not in repr(signed)


class RefusesEveryRecipient(socketserver.StreamRequestHandler):
    """A mail server that refuses every recipient, but would accept the mail itself."""

    heard: ClassVar[list[bytes]] = []

    def handle(self) -> None:
        self.wfile.write(b"220 lax\r\n")
        replies = {b"EHLO": b"250 lax", b"RCPT": b"550 nobody", b"DATA": b"354 go on"}
        while line := self.rfile.readline():
            self.wfile.write(replies.get(line[:4].upper(), b"250 ok") + b"\r\n")
            self.heard.append(line[:4].upper())


def test_a_relay_that_refused_the_recipient_is_not_given_the_message(make_carrier: Carry) -> None:
    """A mail whose recipient was refused is not sent, and the connection can be used again."""
    RefusesEveryRecipient.heard.clear()
    with socketserver.ThreadingTCPServer((HOST, 0), RefusesEveryRecipient) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        carrier = make_carrier(relay(server.server_address[1]))

        answers = [carrier.send(ENVELOPE) for _ in range(2)]
        carrier.close()
        server.shutdown()

    assert [type(answer) for answer in answers] == [SendRefused] * 2
    assert (RefusesEveryRecipient.heard.count(b"RCPT"), RefusesEveryRecipient.heard.count(b"EHLO")) == (2, 1)
    assert b"DATA" not in RefusesEveryRecipient.heard


def test_each_thread_has_its_own_connection(start: Start, make_carrier: Carry) -> None:
    """Threads that send at the same time use separate connections."""
    server, together = Server(), threading.Barrier(3)
    carrier = make_carrier(start(server))

    def send(_number: int) -> object:
        together.wait(180)
        return carrier.send(ENVELOPE)

    with ThreadPoolExecutor(3) as threads:
        results = [*threads.map(send, range(3))]

    assert all(isinstance(each, SendAccepted) for each in results)
    assert server.met.count("EHLO") == 3
    assert server.mails == [ENVELOPE.content] * 3


def test_a_connection_that_works_is_used_while_the_relay_rests(start: Start, make_carrier: Carry) -> None:
    """If a mail server refuses further connections, mails are still sent over the open one."""
    server = Server()
    carrier = make_carrier(start(server), clock=MovableSeconds())
    carrier.send(ENVELOPE)
    server.greeting = "421 4.7.0 too many connections from you"

    with ThreadPoolExecutor(1) as threads:
        refused = threads.submit(carrier.send, ENVELOPE).result()

    assert isinstance(refused, SendPostponed)
    assert not refused.answered
    assert isinstance(carrier.send(ENVELOPE), SendAccepted)
