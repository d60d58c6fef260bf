"""SmtpCarrier against real servers on this machine."""
# ruff: noqa: N802 -- aiosmtpd finds its hooks by these names

import asyncio
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import ClassVar

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Session
from aiosmtpd.smtp import Envelope as Received
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from core.adapters.smtp import Relay, SmtpCarrier, Tls
from core.ports import Envelope, Postponed, Refused, Sent

HOST = "127.0.0.1"
ENVELOPE = Envelope(
    sender="retour+7f3k92qd.aaaa@retours.example",
    recipient="camille.martin@ac-lumiere.example",
    message_id="<key@vote.example>",
    content=b"Subject: a mail\r\n\r\nA line\r\n.a dot\r\n..two\r\n.\r\nthe end\r\n",
)


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        """The time."""
        return self.seconds


class Server:
    """A relay that takes everything; subclasses say what they do not. `met` counts what reached it."""

    extensions: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.met: list[str] = []

    async def handle_EHLO(
        self, _server: SMTP, session: Session, _envelope: Received, hostname: str, responses: list[str]
    ) -> list[str]:
        """Says hello."""
        session.host_name = hostname
        self.met.append("EHLO")
        return [*(f"250-{extension}" for extension in self.extensions), *responses]

    async def handle_RSET(self, _server: SMTP, _session: Session, _envelope: Received) -> str:
        """Is ready for the next mail."""
        self.met.append("RSET")
        return "250 fresh"

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Received, address: str, _options: list[str]
    ) -> str:
        """Knows everybody."""
        self.met.append("RCPT")
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Received) -> str:
        """Keeps the mail."""
        self.met.append("DATA")
        self.mails.append(envelope.original_content)
        return "250 kept"


@pytest.fixture(autouse=True, params=[(), ("PIPELINING",)], ids=["one by one", "at once"])
def commands(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The relays of every test let us say one command at a time, or all at once."""
    monkeypatch.setattr(Server, "extensions", request.param)


class Saying(Server):
    """Gives one reply at one command."""

    def __init__(self, command: str, reply: str) -> None:
        super().__init__()

        async def answer(*_: object) -> str:
            self.met.append(command)
            return reply

        setattr(self, f"handle_{command}", answer)


class NoHello(Server):
    """Refuses whoever calls."""

    async def handle_EHLO(
        self, _server: SMTP, _session: Session, _envelope: Received, _hostname: str, _responses: list[str]
    ) -> list[str]:
        """Says so."""
        return ["550 not for you"]

    async def handle_HELO(self, _server: SMTP, _session: Session, _envelope: Received, _hostname: str) -> str:
        """Says so in the old way too."""
        return "550 not for you"


class HangingUp(Server):
    """Closes the connection a moment after each mail."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Received) -> str:
        """Keeps the mail and goes."""
        asyncio.get_running_loop().call_later(0.02, server.transport.close)
        return await super().handle_DATA(server, session, envelope)


class Falling(Server):
    """Takes the whole message and does not say so in time."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Received) -> str:
        """Keeps the mail and sleeps."""
        await super().handle_DATA(server, session, envelope)
        await asyncio.sleep(1.5)
        return "250 too late"


Start = Callable[..., Relay]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts relays; they stop with the test."""
    with ExitStack() as stack:

        def run(handler: Server, *, tls: Tls = Tls.NONE, **options: object) -> Relay:
            controller = Controller(handler, hostname=HOST, port=free_port(), **options)
            controller.start()
            stack.callback(controller.stop)
            return relay(controller.port, tls=tls)

        yield run


@pytest.fixture
def carry() -> Iterator[Callable[..., SmtpCarrier]]:
    """Makes carriers; they let go with the test."""
    with ExitStack() as stack:

        def make(*relays: Relay, **options: object) -> SmtpCarrier:
            return stack.enter_context(closing(SmtpCarrier(relays, "courier.example", **options)))

        yield make


Carry = Callable[..., SmtpCarrier]


def relay(port: int, *, tls: Tls = Tls.NONE) -> Relay:
    """A relay on this machine that is waited for longer than a busy one takes to greet."""
    return Relay(host=HOST, port=port, tls=tls, timeout_seconds=1)


def free_port() -> int:
    """A port nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def test_the_bytes_arrive_as_they_are(start: Start, carry: Carry) -> None:
    """Leading dots and a lone dot in a mail change nothing."""
    server = Server()
    carrier = carry(start(server))

    result = carrier.send(ENVELOPE)

    assert isinstance(result, Sent)
    assert server.mails == [ENVELOPE.content]


def test_one_connection_serves_many_mails(start: Start, carry: Carry) -> None:
    """The connection is kept, and cleared between two mails."""
    server = Server()
    carrier = carry(start(server))

    results = [carrier.send(ENVELOPE) for _ in range(5)]

    assert all(isinstance(each, Sent) for each in results)
    assert server.met.count("EHLO") == 1
    assert server.met.count("RSET") == 4


def test_a_server_that_hangs_up_after_each_mail(start: Start, carry: Carry) -> None:
    """A kept connection that the server closed is made anew, and no mail is lost or doubled."""
    server = HangingUp()
    carrier = carry(start(server))

    for _ in range(3):
        assert isinstance(carrier.send(ENVELOPE), Sent)
        asyncio.run(asyncio.sleep(0.06))

    assert len(server.mails) == 3


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
def test_case_37_a_permanent_refusal_is_not_retried_elsewhere(command: str, start: Start, carry: Carry) -> None:
    """CASE 37: a mailbox that does not exist here exists at no other relay."""
    refusing, second = Saying(command, "550 5.1.1 no such mailbox"), Server()
    carrier = carry(start(refusing), start(second))

    result = carrier.send(ENVELOPE)

    assert isinstance(result, Refused)
    assert result.reason == "550 5.1.1 no such mailbox"
    assert second.met == []


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_case_37_a_temporary_refusal_goes_to_the_next_relay_once(command: str, start: Start, carry: Carry) -> None:
    """CASE 37: each relay is asked once, in order."""
    busy, second = Saying(command, "451 4.3.0 busy"), Server()
    first = start(busy)
    carrier = carry(first, start(second))

    result = carrier.send(ENVELOPE)

    assert isinstance(result, Sent)
    assert result.relay != first.name
    assert busy.met.count(command) == 1
    assert len(second.mails) == 1


def test_case_37_all_busy_is_postponed_with_the_reasons(start: Start, carry: Carry) -> None:
    """CASE 37: when every relay says later, the message stays, once asked of each."""
    servers = [Saying("RCPT", "450 4.2.2 mailbox full"), Saying("DATA", "452 4.3.1 no space")]
    carrier = carry(*map(start, servers))

    result = carrier.send(ENVELOPE)

    assert isinstance(result, Postponed)
    assert "450 4.2.2 mailbox full" in result.reason
    assert "452 4.3.1 no space" in result.reason
    assert result.answered
    assert [server.met.count("RCPT") for server in servers] == [1, 1]


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("MAIL", "550 5.7.1 this sender may not"),
        ("RCPT", "530 5.7.0 authentication required"),
        ("RCPT", "503 5.5.1 bad sequence"),
    ],
)
def test_a_refusal_of_ourselves_is_not_one_of_the_message(command: str, reply: str, start: Start, carry: Carry) -> None:
    """A relay that is set up wrongly parks no voter's mail: the next one takes it."""
    second = Server()
    carrier = carry(start(Saying(command, reply)), start(second))

    result = carrier.send(ENVELOPE)

    assert isinstance(result, Sent)
    assert len(second.mails) == 1


def test_a_refused_greeting_is_the_relays_own_trouble(start: Start, carry: Carry) -> None:
    """5xx to EHLO is no permanent refusal of a message."""
    second = Server()
    carrier = carry(start(NoHello()), start(second))

    result = carrier.send(ENVELOPE)

    assert isinstance(result, Sent)
    assert len(second.mails) == 1


def test_a_dead_relay_rests_for_a_growing_while(carry: Carry) -> None:
    """A relay that cannot be reached is skipped for 5, 10, 20, 40, 60 seconds and tried again after each."""
    clock = Clock()
    carrier = carry(relay(free_port()), clock=clock)

    for pause in (5, 10, 20, 40, 60, 60):
        tried = carrier.send(ENVELOPE)
        clock.seconds += pause - 0.1
        skipped = carrier.send(ENVELOPE)
        clock.seconds += 0.1

        assert isinstance(tried, Postponed)
        assert not tried.answered
        assert "ConnectionRefused" in tried.reason
        assert "resting" in str(skipped)


def test_a_dead_first_relay_costs_no_mail(start: Start, carry: Carry) -> None:
    """The next relay takes what a dead one cannot."""
    second = Server()
    carrier = carry(relay(free_port()), start(second))

    results = [carrier.send(ENVELOPE) for _ in range(3)]

    assert all(isinstance(each, Sent) for each in results)
    assert len(second.mails) == 3


def test_a_relay_is_used_again_when_it_is_back(start: Start, carry: Carry) -> None:
    """After its pause the first relay is the first again."""
    clock, port = Clock(), free_port()
    first, second = Server(), Server()
    carrier = carry(relay(port), start(second), clock=clock)
    carrier.send(ENVELOPE)
    controller = Controller(first, hostname=HOST, port=port)
    controller.start()

    carrier.send(ENVELOPE)
    clock.seconds += 6
    carrier.send(ENVELOPE)
    carrier.close()
    controller.stop()

    assert (len(first.mails), len(second.mails)) == (1, 2)


def test_a_relay_that_never_greets_costs_one_timeout(start: Start, carry: Carry) -> None:
    """A silent relay is left after its timeout, and then rests."""
    second = Server()
    with closing(socket.create_server((HOST, 0))) as silent:
        carrier = carry(relay(silent.getsockname()[1]), start(second), clock=Clock())

        results = [carrier.send(ENVELOPE) for _ in range(20)]

    assert all(isinstance(each, Sent) for each in results)
    assert len(second.mails) == 20


def test_silence_after_the_last_byte_is_not_sent_twice_at_once(start: Start, carry: Carry) -> None:
    """Nobody knows whether it was taken: no other relay gets it now, the same bytes go again later."""
    falling, second = Falling(), Server()
    carrier = carry(start(falling), start(second))

    result = carrier.send(ENVELOPE)

    assert isinstance(result, Postponed)
    assert "no answer" in result.reason
    assert result.answered
    assert second.met == []


def test_reasons_name_nobody_and_quote_nothing(start: Start, carry: Carry) -> None:
    """A reply that repeats the address, a name or a link leaves none of them in the reason."""
    reply = "550 5.1.1 <camille.martin@ac-lumiere.example> Martin unknown, see https://vote.example/lien/Ab3x in mail"
    carrier = carry(start(Saying("RCPT", reply)))

    result = carrier.send(ENVELOPE)

    assert isinstance(result, Refused)
    assert result.reason == "550 5.1.1 unknown, see in mail"


@pytest.mark.parametrize(
    "recipient", ["a@b.example\r\nRCPT TO:<c@d.example>", "é@b.example", "a@b.example> NOTIFY=NEVER"]
)
def test_an_address_that_is_no_command_word_is_refused(recipient: str, start: Start, carry: Carry) -> None:
    """What would begin another command, or end the address in this one, reaches no relay."""
    server = Server()
    carrier = carry(start(server))

    result = carrier.send(Envelope(sender="a@b.example", recipient=recipient, message_id="<x@y>", content=b"x"))

    assert isinstance(result, Refused)
    assert server.met == []


def test_no_relay_is_postponed(carry: Carry) -> None:
    """Without a relay nothing is lost."""
    assert isinstance(carry().send(ENVELOPE), Postponed)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of our own for this machine, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "relay")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(HOST))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "relay.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


def server_side(certificate: Path) -> ssl.SSLContext:
    """What a server shows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
def test_a_certificate_that_is_trusted(tls: Tls, certificate: Path, start: Start, carry: Carry) -> None:
    """A mail goes over TLS to a relay whose certificate is known."""
    server = Server()
    option = "tls_context" if tls is Tls.STARTTLS else "ssl_context"
    carrier = carry(
        start(server, tls=tls, **{option: server_side(certificate)}),
        trust=ssl.create_default_context(cafile=certificate),
    )

    result = carrier.send(ENVELOPE)

    assert isinstance(result, Sent)
    assert server.mails == [ENVELOPE.content]


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the server's half-made connection
def test_a_certificate_that_is_not_trusted(tls: Tls, certificate: Path, start: Start, carry: Carry) -> None:
    """A stranger's certificate gets no mail."""
    server = Server()
    option = "tls_context" if tls is Tls.STARTTLS else "ssl_context"
    carrier = carry(start(server, tls=tls, **{option: server_side(certificate)}))

    result = carrier.send(ENVELOPE)

    assert isinstance(result, Postponed)
    assert "CERTIFICATE_VERIFY_FAILED" in result.reason
    assert server.mails == []


def test_starttls_that_is_not_offered(start: Start, carry: Carry) -> None:
    """Nothing is sent in clear where TLS was asked for: somebody may have removed the offer."""
    server = Server()
    carrier = carry(start(server, tls=Tls.STARTTLS))

    result = carrier.send(ENVELOPE)

    assert isinstance(result, Postponed)
    assert server.mails == []


@pytest.mark.parametrize(("password", "expected"), [("right", Sent), ("wrong", Postponed)])
def test_a_relay_that_wants_a_password(
    password: str, expected: type[object], certificate: Path, start: Start, carry: Carry
) -> None:
    """The right password sends; a wrong one is the relay's trouble, not the message's, and is not in the reason."""
    server = Server()
    known = start(
        server,
        tls=Tls.STARTTLS,
        tls_context=server_side(certificate),
        auth_required=True,
        authenticator=lambda *parts: AuthResult(success=parts[-1].password == b"right", handled=False),
    )
    signed = replace(known, username="courier", password=password)
    carrier = carry(signed, trust=ssl.create_default_context(cafile=certificate))

    result = carrier.send(ENVELOPE)

    assert isinstance(result, expected)
    assert password not in str(result)
    assert password not in repr(signed)


class Lax(socketserver.StreamRequestHandler):
    """Refuses every recipient and would hear the message all the same."""

    heard: ClassVar[list[bytes]] = []

    def handle(self) -> None:
        """Says its lines."""
        self.wfile.write(b"220 lax\r\n")
        replies = {b"EHLO": b"250-lax\r\n250 PIPELINING", b"RCPT": b"550 nobody", b"DATA": b"354 go on"}
        while line := self.rfile.readline():
            self.wfile.write(replies.get(line[:4].upper(), b"250 ok") + b"\r\n")
            self.heard.append(line)


def test_a_relay_that_refused_the_recipient_is_not_given_the_message(carry: Carry) -> None:
    """Though it says "go on": it hears the end at once, and the connection serves the next mail."""
    Lax.heard.clear()
    with socketserver.ThreadingTCPServer((HOST, 0), Lax) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        carrier = carry(relay(server.server_address[1]))

        answers = [carrier.send(ENVELOPE) for _ in range(2)]
        carrier.close()
        server.shutdown()

    assert [type(answer) for answer in answers] == [Refused] * 2
    commands = [line[:4] for line in Lax.heard]
    assert commands.count(b".\r\n") == commands.count(b"DATA") == 2
    assert b"A line\r\n" not in Lax.heard
