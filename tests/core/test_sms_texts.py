"""Every SMS is GSM-7 and one segment, in both languages, with the longest host and the largest numbers."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from core import gsm7
from core.flows.identifier import identifier_flow
from core.identifiers import new_identifier
from core.policy import Policy
from core.service.identifier.texting import written
from core.settings.values import LONGEST_SITE_HOST
from core.text import Language, TimeOfDay
from tests.support.election import SeededEntropy

LARGEST = Policy(code_valid_minutes=7 * 24 * 60, code_sendings=10_000)
HOST = "v" * (LONGEST_SITE_HOST - len(".example")) + ".example"
FACTS = {
    "code": "012345",
    "sending": "10000",
    "sendings": "10000",
    "sent_at": TimeOfDay(datetime(2018, 11, 30, 14, 2, tzinfo=ZoneInfo("Europe/Paris"))),
    "host": HOST,
    "identifier": new_identifier(SeededEntropy()),
    "case": "7F3K-92QD",
}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", ["code_sms", "identifier_sms"])
def test_an_sms_is_one_segment_of_gsm_7(name: str, language: Language) -> None:
    """A second segment costs twice and may arrive apart; another alphabet holds seventy characters."""
    text = written(getattr(identifier_flow(LARGEST), name), FACTS, language)

    assert gsm7.outside(text) == ""
    assert gsm7.septets(text) <= gsm7.SEGMENT_SEPTETS


@pytest.mark.parametrize("language", Language)
def test_the_last_line_binds_the_code_to_the_site(language: Language) -> None:
    """Browsers fill it in there and nowhere else (WICG, Origin-bound one-time codes delivered via SMS)."""
    text = written(identifier_flow(Policy()).code_sms, FACTS, language)

    assert text.split("\n")[-1] == f"@{HOST} #012345"
    assert "012345" in text.split("\n")[0]


@pytest.mark.parametrize("language", Language)
def test_an_identifier_stands_whole_at_the_end_of_a_line(language: Language) -> None:
    """So that it is copied whole."""
    text = written(identifier_flow(Policy()).identifier_sms, FACTS, language)

    assert text.split("\n")[0].endswith(f" {FACTS['identifier']}")
