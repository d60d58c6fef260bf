"""Tests that every SMS fits into one message, in both languages and with the longest values."""

import dataclasses
from datetime import datetime
from inspect import getmembers

import pytest

from core.app.settings.values import LONGEST_HOST
from core.flows.account.stop_change_definition import STOP_CHANGE
from core.flows.account.voter_space_definition import VOTER_SPACE
from core.flows.identifier.definition import IdentifierFlow
from core.flows.identifier.message_texts import IDENTIFIER_SMS, SECURITY_CODE_SMS
from core.flows.identifier.sms_messages import named_sms_text, sms_text
from core.flows.password.definition import PasswordFlow
from core.forms import gsm7
from core.forms.flow_model import Channel, MailOrSmsText
from core.policy.policy import PRESETS, Policy
from core.text.text import Language, TimeOfDay

SEGMENT_SEPTETS = 160
"""Number of septets that fit into one SMS. A longer text is sent as several SMS, which cost more."""
FACTS = {
    "code": "000000",
    "sending": 10,
    "sendings": 10,
    "code_until": TimeOfDay(datetime(2018, 12, 6, 22, 58)),  # noqa: DTZ001  # printed, not compared
    "host": "w" * LONGEST_HOST,
    "identifier": "WWWW-WWWW-WWWWW",
    "case": "WWWW-WWWW",
}
WIDEST = dataclasses.replace(PRESETS["2018"], code_valid_minutes=1440)
NAME = "Élections de l’Académie de Besançon, 2018"


def sms_of(policy: Policy) -> dict[str, MailOrSmsText]:
    """Return all SMS texts of the flows, by the place of their definition."""
    flows = (PasswordFlow(policy), IdentifierFlow(policy), VOTER_SPACE, STOP_CHANGE)
    return {
        f"{type(flow).__name__}.{name}": message
        for flow in flows
        for name, message in getmembers(flow)
        if isinstance(message, MailOrSmsText) and message.channel is Channel.SMS
    }


@pytest.mark.parametrize("policy", [*PRESETS.values(), WIDEST], ids=[*PRESETS, "widest"])
def test_an_sms_is_one_message_of_its_alphabet(policy: Policy) -> None:
    """Every SMS uses only GSM-7 characters and has at most 160 septets."""
    assert len(sms_of(policy)) == 2
    for message in sms_of(policy).values():
        for language in Language:
            text = sms_text(message, FACTS, language)

            assert set(text) <= gsm7.CODES.keys()
            assert len(gsm7.encode(text)) <= SEGMENT_SEPTETS, text


def test_what_a_text_takes() -> None:
    """GSM-7 encodes some characters as two septets, and does not contain others."""
    for text, septets in (("Code : 012345", 13), ("é{€}à", 8), ("", 0)):
        assert len(gsm7.encode(text)) == septets
        assert gsm7.decode(gsm7.encode(text)) == text
    for text in ("ê", "ça", "œuvre", "l’an", "n° 3", "12\u202fh", "12\u00a0h", "…"):
        assert not set(text) <= gsm7.CODES.keys()
    assert gsm7.decode(b"\x41\x1b\x01\xff\x1b") == "A???", "unknown codes become question marks"


@pytest.mark.parametrize(
    ("name", "host", "first_line"),
    [
        (NAME, "vote.example", "Élections de l'Académie de Besancon, 2018"),
        (f"{NAME} {NAME}", "vote.example", "Élections de l'Académie de Besancon, 2018..."),
        (NAME, "w" * LONGEST_HOST, ""),
    ],
)
@pytest.mark.parametrize("language", Language)
def test_the_codes_sms_begins_with_the_name_that_fits(
    name: str, host: str, first_line: str, language: Language
) -> None:
    """The code's SMS names the election in GSM-7, cut so that the SMS stays one message."""
    text = named_sms_text(SECURITY_CODE_SMS, {**FACTS, "host": host}, name, language)

    assert len(gsm7.encode(text)) <= SEGMENT_SEPTETS
    assert text.startswith(first_line)


@pytest.mark.parametrize("language", Language)
def test_the_identifiers_sms_has_room_for_the_name(language: Language) -> None:
    text = named_sms_text(IDENTIFIER_SMS, FACTS, NAME, language)

    assert len(gsm7.encode(text)) <= SEGMENT_SEPTETS
    assert text.split("\n")[0] == "Élections de l'Académie de Besancon, 2018"


@pytest.mark.parametrize("language", Language)
def test_the_last_line_binds_the_code_to_the_site(language: Language) -> None:
    """The last line of the code's SMS names the site in the WICG format."""
    text = sms_text(IdentifierFlow(WIDEST).code_sms, {**FACTS, "host": "vote.example"}, language)

    assert text.split("\n")[-1] == "@vote.example #000000"

    text = sms_text(IdentifierFlow(WIDEST).identifier_sms, FACTS, language)

    assert text.split("\n")[0].endswith(" WWWW-WWWW-WWWWW")
