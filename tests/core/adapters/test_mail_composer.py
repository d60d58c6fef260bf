"""Mails are composed with the right parts, headers and encoding."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr
from html import unescape
from inspect import getmembers
from zoneinfo import ZoneInfo

import pytest

from core.adapters.key_vault import KeyVault, MasterKey
from core.adapters.mail_composer import MailComposer
from core.adapters.random_source import SystemRandomSource
from core.flows.account.stop_change_definition import STOP_CHANGE
from core.flows.account.voter_space_definition import VOTER_SPACE
from core.flows.identifier.current_step import undelivered_identifier_facts
from core.flows.identifier.definition import IdentifierFlow
from core.flows.identifier.states import IdentifierSmsUndelivered
from core.flows.password.definition import PasswordFlow
from core.forms.flow_model import Channel, MailOrSmsText
from core.forms.step_position import step_positions_by_code
from core.policy.policy import Policy
from core.ports import ComposedMail, MailToCompose
from core.security import key_purposes
from core.text.contact import ElectionContact
from core.text.text import N_, NN_, BilingualText, Language, TimeOfDay
from core.text.translation import translate

AT = datetime(2018, 11, 30, 14, 2, tzinfo=ZoneInfo("Europe/Paris"))
SITE = "https://vote.ac-lumiere.example"
LINK = f"{SITE}/lien/{'Ab=3_' * 8}xyz?a=1&b=2"
CASE = "7F3K-92QD"
TO = "camille.martin@ac-lumiere.example"
ELECTION = ElectionContact(
    name="Élections professionnelles 2018",
    site=SITE,
    desk_phone="01 99 00 12 34",
    desk_hours=BilingualText("de 8 h à 18 h", "8 am to 6 pm"),
    vote_opens=AT,
    vote_closes=AT,
)
FACTS: dict[str, object] = {
    "first_name": "Camille",
    "last_name": "Martin",
    "asked_at": TimeOfDay(AT),
    "changed_at": TimeOfDay(AT),
    "frozen_at": TimeOfDay(AT),
    "reopened_at": TimeOfDay(AT),
    "until": TimeOfDay(AT.replace(hour=18)),
    "requested_at": TimeOfDay(AT),
    "ending": "78",
    **undelivered_identifier_facts(IdentifierSmsUndelivered(voter=1, ending="78", given_back=True, at=AT)),
}
VAULT = KeyVault([MasterKey(id=1, secret=b"k" * 32, created=datetime(2018, 1, 1, tzinfo=UTC))], SystemRandomSource())


def make_composer(sender: str = "vote@vote.example", election: ElectionContact = ELECTION) -> MailComposer:
    return MailComposer(election, sender, VAULT, "retours.example", "retour", positions=POSITIONS)


def messages_in(flow: object) -> Iterator[MailOrSmsText]:
    """Yield every mail that a flow can send."""
    for _, value in getmembers(flow):
        message = value if isinstance(value, MailOrSmsText) else getattr(value, "message", None)
        if message is not None and message.channel is Channel.MAIL:
            yield message


FLOWS = (PasswordFlow(Policy()), IdentifierFlow(Policy()), STOP_CHANGE, VOTER_SPACE)
MESSAGES = {f"{message.code} {message.subject.msgid}": message for flow in FLOWS for message in messages_in(flow)}
POSITIONS = step_positions_by_code(each.flow for each in FLOWS)
LINK_MAIL = FLOWS[0].mail.message


def compose(
    message: MailOrSmsText = LINK_MAIL,
    *,
    to: str = TO,
    language: Language = Language.FRENCH,
    message_key: bytes = b"parcel 7" * 4,
    composer: MailComposer | None = None,
    **facts: object,
) -> ComposedMail:
    """Compose a mail with the sample data above."""
    mail = MailToCompose(
        message=message,
        to=to,
        facts={**FACTS, **facts},
        language=language,
        link=LINK if message.action else None,
        case=CASE,
        message_key=message_key,
        at=AT,
    )
    return (composer or make_composer()).compose(mail)


def opened(envelope: ComposedMail) -> EmailMessage:
    """Parse a mail as a mail program does."""
    return message_from_bytes(envelope.content, policy=default)


def part(envelope: ComposedMail, kind: str) -> str:
    """Return one of the two parts of a mail, decoded."""
    body = opened(envelope).get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


@pytest.mark.parametrize("language", Language)
def test_every_message_can_be_composed(language: Language) -> None:
    """Each of the eight mails can be composed in both languages, and declares its language."""
    assert len(MESSAGES) == 8, "link, refusal, changed, stopped, frozen, reopened, reissued, undelivered"
    for message in MESSAGES.values():
        envelope, position = compose(message, language=language), POSITIONS.get(message.code)
        assert opened(envelope)["Content-Language"] == language.value
        assert f'<html lang="{language.value}">' in part(envelope, "html")
        assert "{" not in part(envelope, "plain")
        for kind in ("plain", "html"):
            assert CASE in part(envelope, kind)
            assert message.code in part(envelope, kind)
            assert position is None or translate(position, language) in part(envelope, kind)


def test_text_and_html_in_that_order_and_no_secret_in_a_header() -> None:
    """A mail has a text part and then an HTML part, in ASCII, with short lines and without secrets in its headers."""
    mail = opened(compose())
    assert mail.get_content_type() == "multipart/alternative"
    assert [each.get_content_type() for each in mail.iter_parts()] == ["text/plain", "text/html"]
    assert compose().content.isascii()
    assert max(map(len, compose().content.splitlines())) <= 78

    subject = str(opened(compose())["Subject"])
    assert subject == LINK_MAIL.subject.msgid
    assert all(secret not in subject for secret in ("http", "Ab=3", CASE))

    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["Date"] == "Fri, 30 Nov 2018 14:02:00 +0100"


def test_the_text_is_at_most_72_columns_wide_beside_the_link() -> None:
    """Lines of the text part have at most 72 characters, except the link, which is on its own line."""
    text = part(compose(), "plain")
    assert LINK in part(compose(), "html").replace("&amp;", "&")
    assert f"\n\n{LINK}\n\n" in text

    lines = text.split("\n")
    assert all(len(line) <= 72 for line in lines if line != LINK)
    assert not any(line.startswith((":", "»", "!", "?")) for line in lines)


def test_the_html_asks_for_nothing_from_elsewhere() -> None:
    """The HTML part loads nothing, and its only address is the link."""
    html = part(compose(), "html")
    assert not re.search(r"<(img|link|script|iframe|form|object)\b|url\(|@import", html)
    assert {address.replace("&amp;", "&") for address in re.findall(r'(?:href|src)="([^"]*)"', html)} == {LINK}

    envelope = compose(FLOWS[0].refusal_mail)
    assert "href" not in part(envelope, "html")
    assert "01 99 00 12 34" in part(envelope, "plain")


def test_the_web_form_of_the_desk_is_said_to_be_for_who_cannot_telephone() -> None:
    """A mail to a voter says that the contact form is for people who cannot telephone.

    A mail to the helpdesk does not.
    """
    for kind in ("plain", "html"):
        to_voter, to_desk = (part(compose(each), kind) for each in (LINK_MAIL, FLOWS[2].desk_notice))

        assert re.search(
            r"Pour joindre l'assistance sans téléphoner.:(\s|- |<br>)+Par notre formulaire.:", unescape(to_voter)
        )
        assert "joindre" not in to_desk


def test_a_mail_is_the_same_whoever_had_one_before() -> None:
    """A mail depends only on its own data, and not on mails that were composed before."""
    counted = replace(LINK_MAIL, subject=N_("Dossier {case}"), after=(NN_("Un essai reste.", "Des essais restent."),))
    composer = make_composer()
    for message in (*MESSAGES.values(), counted):
        for language in Language:
            for name, count in (("Camille", 1), ("{case} <b>", 2)):
                own: dict[str, object] = {
                    "first_name": name,
                    "count": count,
                    "until": TimeOfDay(AT.replace(hour=count)),
                }
                sent = compose(message, language=language, composer=composer, **own)

                assert sent == compose(message, language=language, composer=make_composer(), **own)
                assert (name in part(sent, "plain")) == any("{first_name}" in each.msgid for each in message.body)
    assert "Des essais restent." in part(compose(counted, composer=composer, count=2), "plain")


def test_another_key_makes_another_message_id() -> None:
    """The Message-ID depends on the message key and has the sender's domain."""
    first, second = compose(message_key=b"1" * 32), compose(message_key=b"2" * 32)

    assert first.message_id != second.message_id
    assert re.fullmatch(r"<[0-9a-f]{40}@vote\.example>", first.message_id)
    assert opened(first)["Message-ID"] == first.message_id


def test_the_sender_has_a_name() -> None:
    """The sender's name is the one in the settings, or else the election's name."""
    for sender, name in (
        ("vote@vote.example", "Élections professionnelles 2018"),
        ("Le vote <vote@vote.example>", "Le vote"),
        ("=?utf-8?q?L=27=C3=A9lection?= <vote@vote.example>", "L'élection"),
    ):
        raw = re.search(rb"^From: (.*(?:\r\n .*)*)", compose(composer=make_composer(sender)).content, re.MULTILINE)

        assert raw is not None
        assert parseaddr(str(make_header(decode_header(raw[1].decode())))) == (name, "vote@vote.example")
    name = "Élections professionnelles de la région"
    mail = opened(compose(composer=make_composer(f"{name} <ne-pas-repondre@vote.example>")))
    assert str(mail["From"]) == f"{name} <ne-pas-repondre@vote.example>"


def test_a_hostile_name_adds_no_header_or_tag() -> None:
    """No voter's name can add a header, a paragraph or an HTML tag to a mail."""
    for name in (
        "Martin\r\nBcc: all@ac-lumiere.example",
        "Martin\n\nAppelez le 08 99",
        "Martin\u2028Bcc: x@y.example",
        "Martin\x00\x1b[31m",
        "Martin\u202etxt.exe",
        "<script>alert(1)</script>",
        "{case.__class__}",
        "=?utf-8?q?Bcc:_x?=",
    ):
        subject = N_("Pour {last_name}")
        envelope = compose(
            MailOrSmsText(code="MP-5", subject=subject, body=(N_("Bonjour {last_name}."),)), last_name=name
        )
        clean = compose(
            MailOrSmsText(code="MP-5", subject=subject, body=(N_("Bonjour {last_name}."),)), last_name="Martin"
        )

        assert opened(envelope).keys() == opened(clean).keys()
        assert opened(envelope)["To"] == TO
        assert part(envelope, "plain").count("\n\n") == part(clean, "plain").count("\n\n")
        assert not re.search(r"[\x00-\x09\x0b-\x1f\u2028\u202e]", part(envelope, "plain"))
        assert "<script" not in part(envelope, "html")


def test_an_invalid_address_is_refused() -> None:
    """A mail to an invalid address is not composed."""
    for to in ("a@b.example\r\nBcc: c@d.example", "a@b.example, c@d.example", "a b", "@b.example", "é@b.example", ""):
        with pytest.raises(ValueError, match="not an address"):
            compose(to=to)


def test_a_message_that_lacks_its_link_or_a_name_is_not_composed() -> None:
    """A mail is not composed if its link or one of its values is missing."""
    mail = MailToCompose(
        message=LINK_MAIL, to=TO, facts=FACTS, language=Language.FRENCH, link=None, case=CASE, message_key=b"1", at=AT
    )

    with pytest.raises(ValueError, match="go together"):
        make_composer().compose(mail)

    with pytest.raises(KeyError):
        compose(MailOrSmsText(code="MP-5", subject=N_("Objet"), body=(N_("Bonjour {nobody}."),)))


def test_the_envelope_sender_gives_the_case_and_a_wrong_tag_none() -> None:
    """The envelope sender of a mail identifies its case, unless its tag is wrong."""
    sender = compose().sender
    assert re.fullmatch(r"retour\+7f3k92qd\.[a-z2-7]{16}@retours\.example", sender)
    assert make_composer().bounces.case_of(sender) == CASE
    assert make_composer().bounces.case_of(f" {sender.upper()} ") == CASE

    sender = compose().sender
    tag = sender.partition(".")[2].partition("@")[0]
    forged = [
        sender.replace("7f3k92qd", "7f3k92qe"),
        sender.replace(tag, "a" * 16),
        sender.replace(tag, ""),
        sender.replace("retours.example", "elsewhere.example"),
        sender.replace("retour+", "autre+"),
        f"retour+{VAULT.digest(key_purposes.MESSAGE_ID, b'7f3k92qd').hex()}@retours.example",
        "retour@retours.example",
        "",
        "@",
    ]
    assert [make_composer().bounces.case_of(address) for address in forged] == [None] * len(forged)
