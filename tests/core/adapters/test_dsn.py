"""What a mail that came back says: real servers' words, and those of people who mean harm."""

from io import BytesIO

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.adapters.dsn import LONGEST, LONGEST_LINE, Returned, read_head
from core.i18n import say
from core.service.bouncing import Bounce
from core.text import Language
from core.words.bounces import SENTENCES, BounceReason
from tests.support.returned import (
    EXCHANGE_ONLINE,
    EXIM,
    HOLIDAY,
    MESSAGE,
    OPENSMTPD,
    QMAIL,
    RETURN,
    SENDMAIL,
    postfix,
)

UNKNOWN, FULL, SPAM, DELAYED, OTHER = BounceReason


def reason(raw: bytes) -> BounceReason | None:
    """What is made of it."""
    found = Returned(raw).bounce()
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
def test_each_server_is_understood(raw: bytes, expected: BounceReason) -> None:
    """Where it was delivered, why the mail did not arrive, and which mail that was."""
    assert set(Returned(raw).addresses()) == {RETURN}
    assert Returned(raw).bounce() == Bounce(expected, MESSAGE)


@pytest.mark.parametrize("raw", [EXIM.replace(b"\n", b"\r\n"), EXIM.replace(b"\n", b"\r")])
def test_line_ends_do_not_matter(raw: bytes) -> None:
    """A pipe gives them bare, a file as they came."""
    assert Returned(raw).bounce() == Bounce(UNKNOWN, MESSAGE)


def test_a_bounce_of_no_standard_form_is_recognised() -> None:
    """The library knows qmail's words; they say neither why nor about which mail."""
    assert Returned(QMAIL).bounce() == Bounce(OTHER, "")


def test_another_automatic_answer_is_no_bounce() -> None:
    """Whatever numbers stand in its text."""
    assert Returned(HOLIDAY).bounce() is None


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
    """RFC 3463: the subject and the detail say it; 5.1.7 and 5.1.8 are about the sender."""
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
def test_a_status_that_says_nothing_gives_way_to_the_reply(diagnostic: str, expected: BounceReason) -> None:
    """Exim writes 5.0.0; what the other server answered stands beside it."""
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
def test_the_action_decides_whether_it_is_bad_news(action: str, status: str, expected: BounceReason | None) -> None:
    """RFC 3464 §2.3.3: a mail that arrived, or went on, did not come back."""
    assert reason(postfix(status, action=action)) is expected


def test_a_failure_outweighs_a_delay() -> None:
    """Where an address stood for several people."""
    late = b"Final-Recipient: rfc822; a@b.example\nAction: delayed\nStatus: 4.4.1\n\n"
    assert reason(postfix().replace(b"Final-Recipient", late + b"Final-Recipient", 1)) is UNKNOWN


@pytest.mark.parametrize("language", Language)
def test_every_reason_has_its_words(language: Language) -> None:
    """Plain ones, for the agents' timeline."""
    said = [say(SENTENCES[each], language) for each in BounceReason]
    assert len(set(said)) == len(BounceReason)
    assert not [sentence for sentence in said if "{" in sentence or "5." in sentence]


# ── Where it was delivered ───────────────────────────────────────────────────────────────────────────────


def test_the_server_s_word_goes_before_the_headers() -> None:
    """A pipe that gives the recipient leaves nothing to what the mail says of itself."""
    assert Returned(postfix(), ("other@vote.example",)).addresses() == ("other@vote.example",)


def test_the_body_and_the_to_line_give_no_address() -> None:
    """Only what the server wrote when it delivered."""
    raw = b"To: retour+a@vote.example\nSubject: x\n\nDelivered-To: retour+b@vote.example\n"
    assert list(Returned(raw).addresses()) == []


def test_several_addresses_on_a_line_are_several() -> None:
    """Exim lists them."""
    raw = b"Envelope-to: a@vote.example,\n <b@vote.example>\n\n"
    assert list(Returned(raw).addresses()) == ["a@vote.example", "b@vote.example"]


# ── Those who mean harm ──────────────────────────────────────────────────────────────────────────────────

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
def test_whatever_comes_is_read_or_left(raw: bytes) -> None:
    """Nothing raises, and what is found has its type."""
    assert all(isinstance(address, str) for address in Returned(raw).addresses())
    found = Returned(raw).bounce()
    assert found is None or (found.reason in SENTENCES and isinstance(found.message, str))


def nested(depth: int) -> bytes:
    """Mails in mails."""
    return b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth))


@pytest.mark.parametrize("raw", [nested(5_000), b"Content-Type: message/rfc822\n\n" * 5_000], ids=["parts", "mails"])
def test_what_is_nested_without_end_is_left(raw: bytes) -> None:
    """The parser would climb down for ever."""
    assert Returned(raw).bounce() is None


def test_a_status_inside_the_returned_mail_is_not_believed() -> None:
    """It would be somebody else's."""
    raw = (
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: message/rfc822\n\n" + postfix() + b"\n--x--\n"
    )
    assert reason(raw) is not UNKNOWN


def test_only_the_beginning_of_a_huge_one_is_looked_at() -> None:
    """What it says stands there; the returned mail is cut off, and the server can write all of it."""
    stream = BytesIO(postfix() + b"x" * (3 * LONGEST))
    head = read_head(stream)
    assert len(head) == LONGEST
    assert stream.read() == b""
    assert Returned(head).bounce() == Bounce(UNKNOWN, MESSAGE)


@pytest.mark.parametrize(("length", "expected"), [(10, OTHER), (LONGEST_LINE, None)])
def test_lines_without_end_are_cut(length: int, expected: BounceReason | None) -> None:
    """Patterns that look for an address at every letter would never be done."""
    line = b"a" * length + b" camille@lumiere.example"
    assert reason(b"From: relay@vote.example\n\nYour message could not be delivered to\n" + line) is expected
