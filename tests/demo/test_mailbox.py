"""The demo's mailbox is a file that a mail server writes."""

import threading
from contextlib import closing
from pathlib import Path

import pytest

from core.adapters.smtp_mail_transport import SmtpRelay, SmtpTlsMode, SmtpTransport
from core.ports import ComposedMail, SendAccepted
from demo.mailbox import DemoMailFile, start_mail_server
from tests.support.product import free_port

HOST = "127.0.0.1"
MAIL = (
    b"From: =?utf-8?q?=C3=89lections_profession?=\r\n =?utf-8?q?nelles?= <vote@vote.example>\r\n"
    b"Subject: =?utf-8?q?=C3=89t=C3=A9?=\r\nDate: Fri, 30 Nov 2018 14:02:00 +0100\r\n"
    b'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="b"\r\n\r\n'
    b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nBonjour\r\n.\r\n"
    b"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Bonjour</p>\r\n--b--\r\n"
)


@pytest.fixture
def mailbox(tmp_path: Path) -> DemoMailFile:
    """Return an empty mailbox."""
    return DemoMailFile(tmp_path / "mails.db")


def test_a_mail_is_read_as_a_person_reads_it(mailbox: DemoMailFile) -> None:
    """The headers and the parts of a mail are decoded, and its time is the time in its header."""
    mailbox.add(MAIL, "Camille@Ac.example")

    (mail,) = mailbox.messages()

    assert (mail.to, mail.subject) == ("camille@ac.example", "Été")
    assert mail.sender == "Élections professionnelles <vote@vote.example>"
    assert mail.text == "Bonjour\n."
    assert mail.html.strip() == "<p>Bonjour</p>"
    assert mail.at.isoformat() == "2018-11-30T14:02:00+01:00"


def test_the_newest_come_first_up_to_a_limit(mailbox: DemoMailFile) -> None:
    """The newest mails come first, up to a limit."""
    for number in range(5):
        mailbox.add(b"Subject: %d\r\n\r\n" % number, "a@b.example")

    assert [mail.subject for mail in mailbox.messages(limit=3)] == ["4", "3", "2"]


def test_a_search_finds_whole_addresses_only(mailbox: DemoMailFile) -> None:
    """A search finds only complete addresses, in upper or lower case."""
    for to in ("a@b.example", "aa@b.example"):
        mailbox.add(b"Subject: to %s\r\n\r\n" % to.encode(), to)

    assert [mail.to for mail in mailbox.messages("A@B.example")] == ["a@b.example"]
    assert mailbox.messages("%@b.example") == []


def test_an_unknown_number_gives_no_mail(mailbox: DemoMailFile) -> None:
    """For an unknown number there is no mail, however long the number is."""
    mailbox.add(MAIL, "a@b.example")

    assert mailbox.message(1) is not None
    assert mailbox.message(2) is None
    assert mailbox.message(10**30) is None


def test_a_broken_mail_can_be_listed(mailbox: DemoMailFile) -> None:
    """A malformed mail can be listed."""
    for raw in (
        b"",
        b"\xff\xfe",
        b"Date: never\r\nSubject: =?nothing?q?x?=\r\n\r\nx",
        b"Content-Type: text/plain; charset=none\r\n\r\nx",
    ):
        mailbox.add(raw, "a@b.example")

    assert len(mailbox.messages()) == 4


def test_reading_while_mails_are_written_never_fails(tmp_path: Path) -> None:
    """While mails are being written, a reader never fails and never sees an incomplete mail."""
    path = tmp_path / "mails.db"
    failures: list[BaseException] = []

    def read() -> None:
        try:
            for _ in range(20):
                assert all(mail.subject == "Été" for mail in DemoMailFile(path).messages(limit=5))
        except BaseException as failure:  # noqa: BLE001 -- the failure of a thread fails the test
            failures.append(failure)

    readers = [threading.Thread(target=read) for _ in range(3)]
    writer = DemoMailFile(path)
    for reader in readers:
        reader.start()
    for _ in range(100):
        writer.add(MAIL, "a@b.example")
    for reader in readers:
        reader.join()

    assert failures == []
    assert len(DemoMailFile(path).messages(limit=1000)) == 100


def test_what_a_relay_gets_is_in_the_mailbox(mailbox: DemoMailFile) -> None:
    """Mails that were sent over SMTP on one connection can be read."""
    port = free_port()
    server = start_mail_server(mailbox, HOST, port)
    envelope = ComposedMail(sender="a+b@c.example", recipient="Camille@ac.example", message_id="<x@y>", content=MAIL)

    with closing(SmtpTransport([SmtpRelay(host=HOST, port=port, tls=SmtpTlsMode.NONE)], "courier.example")) as carrier:
        results = [carrier.send(envelope) for _ in range(3)]
    server.stop()

    assert all(isinstance(each, SendAccepted) for each in results)
    assert [mail.text for mail in mailbox.messages("camille@ac.example")] == ["Bonjour\n."] * 3
