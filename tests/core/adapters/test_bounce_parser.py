"""Bounces of real mail servers are parsed, and malicious ones do no harm."""

from io import BytesIO

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.adapters.bounce_parser import LONGEST_LINE, MOST_BYTES, BounceMailParser, read_mail_beginning
from core.delivery.bounce_recording import BounceNotice
from core.text.faces.bounce_sentences import BounceReason
from core.text.text import Language
from core.text.translation import translate
from tests.support.returned import EXCHANGE_ONLINE, EXIM, HOLIDAY, MESSAGE, OPENSMTPD, QMAIL, RETURN, SENDMAIL, postfix

UNKNOWN, FULL, SPAM, DELAYED, OTHER = BounceReason


def reason(raw: bytes) -> BounceReason | None:
    """Return the reason of a bounce, or None if the mail is not a bounce."""
    found = BounceMailParser(raw).bounce()
    return None if found is None else found.reason


# ── Real servers ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param(postfix(), UNKNOWN, id="postfix"),
        pytest.param(EXIM, UNKNOWN, id="exim"),
        pytest.param(SENDMAIL, FULL, id="sendmail"),
        pytest.param(EXCHANGE_ONLINE, UNKNOWN, id="exchange-online"),
        pytest.param(OPENSMTPD, SPAM, id="opensmtpd"),
    ],
)
def test_the_bounce_of_each_server_is_parsed(raw: bytes, expected: BounceReason) -> None:
    """The address, the reason and the returned mail are read from the bounces of several mail servers."""
    assert set(BounceMailParser(raw).addresses()) == {RETURN}
    assert BounceMailParser(raw).bounce() == BounceNotice(expected, MESSAGE)


@pytest.mark.parametrize("raw", [EXIM.replace(b"\n", b"\r\n"), EXIM.replace(b"\n", b"\r")])
def test_line_ends_do_not_matter(raw: bytes) -> None:
    """The lines of a bounce mail may end with LF, CR or CRLF."""
    assert BounceMailParser(raw).bounce() == BounceNotice(UNKNOWN, MESSAGE)


def test_a_bounce_of_no_standard_form_is_recognised_and_no_other_answer() -> None:
    """A bounce of qmail is recognised without a reason, and an automatic reply is not a bounce.

    A failure for one recipient counts more than a delay for another.
    """
    assert BounceMailParser(QMAIL).bounce() == BounceNotice(OTHER, "")

    assert BounceMailParser(HOLIDAY).bounce() is None

    late = b"Final-Recipient: rfc822; a@b.example\nAction: delayed\nStatus: 4.4.1\n\n"
    assert reason(postfix().replace(b"Final-Recipient", late + b"Final-Recipient", 1)) is UNKNOWN


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("5.1.1", UNKNOWN),
        ("5.1.2", UNKNOWN),
        ("5.1.10", UNKNOWN),
        ("4.1.1", UNKNOWN),
        ("5.1.7", OTHER),
        ("5.1.8", OTHER),
        ("5.4.1", UNKNOWN),
        ("4.4.1", OTHER),
        ("5.2.2", FULL),
        ("4.2.2", FULL),
        ("5.2.1", OTHER),
        ("5.7.1", SPAM),
        ("5.7.26", SPAM),
        ("4.4.7", OTHER),
        ("5.11.1", OTHER),
        ("5.1.1 (a comment)", UNKNOWN),
        ("", OTHER),
        ("five", OTHER),
        ("5.1.1000", OTHER),
        ("²5.1.1", OTHER),
    ],
)
def test_a_failure_is_classified_by_its_status(status: str, expected: BounceReason) -> None:
    """The status code of a bounce gives its reason (RFC 3463), unless the status is about the sender, as 5.1.7 is."""
    assert reason(postfix(status, diagnostic="550 no")) is expected


@pytest.mark.parametrize(
    ("diagnostic", "expected"),
    [
        ("550 5.1.1 unknown", UNKNOWN),
        ("550-5.2.2 The mailbox\n 550 5.2.2 is full", FULL),
        ("550 #5.7.1 spam", SPAM),
        ("550 User unknown", OTHER),
        ("550 call 5.1.1 first", OTHER),
        ("250 2.0.0 ok", OTHER),
    ],
)
def test_an_unspecific_status_is_replaced_by_the_reply(diagnostic: str, expected: BounceReason) -> None:
    """If the status of a bounce is unspecific, such as Exim's 5.0.0, the status in the diagnostic text is used."""
    assert reason(postfix("5.0.0", diagnostic=diagnostic)) is expected


@pytest.mark.parametrize(
    ("action", "status", "expected"),
    [
        ("delayed", "4.4.1", DELAYED),
        ("delayed", "4.7.1", DELAYED),
        ("delayed", "4.2.2", FULL),
        ("Delayed (will be tried again)", "4.4.1", DELAYED),
        ("FAILED", "5.1.1", UNKNOWN),
        ("delivered", "2.0.0", None),
        ("relayed", "2.0.0", None),
        ("expanded", "2.0.0", None),
        ("surprised", "5.1.1", None),
    ],
)
def test_only_failed_and_delayed_mails_are_bounces(action: str, status: str, expected: BounceReason | None) -> None:
    """A report that a mail was delivered or forwarded is not a bounce (RFC 3464 §2.3.3)."""
    assert reason(postfix(status, action=action)) is expected


@pytest.mark.parametrize("language", Language)
def test_every_reason_has_its_words(language: Language) -> None:
    """Every reason of a bounce has a plain sentence for the timeline."""
    said = [translate(each.sentence, language) for each in BounceReason]
    assert len(set(said)) == len(BounceReason)
    assert not [sentence for sentence in said if "{" in sentence or "5." in sentence]


# ── Recipient addresses ──────────────────────────────────────────────────────────────────────────────────


def test_addresses_are_those_of_the_pipe_or_of_the_servers_own_headers() -> None:
    """The address comes from the pipe or the mail server's own headers, and never from the To line or the body."""
    assert BounceMailParser(postfix(), ("other@vote.example",)).addresses() == ("other@vote.example",)

    raw = b"To: retour+a@vote.example\nSubject: x\n\nDelivered-To: retour+b@vote.example\n"
    assert list(BounceMailParser(raw).addresses()) == []

    raw = b"Envelope-to: a@vote.example,\n <b@vote.example>\n\n"
    assert list(BounceMailParser(raw).addresses()) == ["a@vote.example", "b@vote.example"]


# ── Malicious bounces ────────────────────────────────────────────────────────────────────────────────────

LINES = st.sampled_from(
    [
        *postfix().splitlines(),
        *EXCHANGE_ONLINE.splitlines(),
        *QMAIL.splitlines(),
        b"Content-Type: multipart/mixed; boundary=x",
        b"--x",
        b"--x--",
        b"",
        b"Content-Type: message/rfc822",
        b"Content-Transfer-Encoding: base64",
        b"Action: fa\xffiled",
        b"Status: 5.\xff.1",
        b"Content-Type: \xff/\xfe; boundary*0*=\xff''%",
        b"Message-ID: =?utf-8?q?=FF?=",
    ]
)


@given(raw=st.binary() | st.lists(LINES | st.binary(max_size=40), max_size=60).map(b"\n".join))
@example(raw=postfix().replace(b"Action: failed", b"Action: fa\xffiled"))
@example(raw=postfix().replace(b"message/delivery-status", b"message/delivery-status; charset=\xff"))
def test_any_bytes_are_parsed_or_ignored(raw: bytes) -> None:
    """The bounce parser accepts or ignores any bytes and raises no exception."""
    assert all(isinstance(address, str) for address in BounceMailParser(raw).addresses())
    found = BounceMailParser(raw).bounce()
    assert found is None or isinstance(found.message, str)


def nested(depth: int) -> bytes:
    """Return a mail that contains nested mails, `depth` levels deep."""
    return b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth))


@pytest.mark.parametrize("raw", [nested(5_000), b"Content-Type: message/rfc822\n\n" * 5_000], ids=["parts", "mails"])
def test_endless_nesting_is_ignored(raw: bytes) -> None:
    """The bounce parser ignores a mail with thousands of nested mails."""
    assert BounceMailParser(raw).bounce() is None


def test_what_the_sender_wrote_is_not_believed_nor_a_huge_bounce_read() -> None:
    """A status inside the returned mail is ignored, and only the beginning of a huge bounce is parsed."""
    raw = (
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: message/rfc822\n\n" + postfix() + b"\n--x--\n"
    )
    assert reason(raw) is not UNKNOWN

    stream = BytesIO(postfix() + b"x" * (3 * MOST_BYTES))
    head = read_mail_beginning(stream)
    assert len(head) == MOST_BYTES
    assert stream.read() == b""
    assert BounceMailParser(head).bounce() == BounceNotice(UNKNOWN, MESSAGE)


@pytest.mark.parametrize(("length", "expected"), [(10, OTHER), (LONGEST_LINE, None)])
def test_very_long_lines_are_cut(length: int, expected: BounceReason | None) -> None:
    """The bounce parser cuts very long lines, because searching them for addresses would take too long."""
    line = b"a" * length + b" camille@lumiere.example"
    assert reason(b"From: relay@vote.example\n\nYour message could not be delivered to\n" + line) is expected
