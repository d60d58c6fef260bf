"""Tests that mobile numbers are parsed as people type them."""

import re
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.flows.help_situations import voter_situations
from core.flows.identifier.definition import IdentifierFlow
from core.forms import errors
from core.forms.flow_model import FieldRejected
from core.forms.phone_number_parser import parse_phone
from core.policy.policy import Policy
from core.text.text import Language
from core.text.translation import translate
from demo.fictional_voters import fictional_people

CODES = Policy().phone_codes


def rejected(typed: str) -> type[FieldRejected] | None:
    """Return the error for an invalid number, or None."""
    try:
        parse_phone(typed, CODES)
    except FieldRejected as told:
        return type(told)
    return None


def test_a_number_is_read_in_each_of_its_forms() -> None:
    """A number has one stored form, however it is typed, so that no two voters can use the same number."""
    for typed, e164, region in (
        ("06 12 34 56 78", "+33612345678", "FR"),
        ("0612345678", "+33612345678", "FR"),
        ("06.12.34.56.78", "+33612345678", "FR"),
        ("+33 6 12 34 56 78", "+33612345678", "FR"),
        ("+33 (0)6 12 34 56 78", "+33612345678", "FR"),
        ("0033 6 12 34 56 78", "+33612345678", "FR"),
        ("０６ 12 34 56 78", "+33612345678", "FR"),
        (" 06-12-34-56-78 ", "+33612345678", "FR"),
        ("0692 12 34 56", "+262692123456", "RE"),
        ("+33 692 12 34 56", "+262692123456", "RE"),
        ("+262 692 12 34 56", "+262692123456", "RE"),
        ("+262 0692 12 34 56", "+262692123456", "RE"),
        ("0639 60 12 34", "+262639601234", "YT"),
        ("0690 12 34 56", "+590690123456", "GP"),
        ("0696 12 34 56", "+596696123456", "MQ"),
        ("0694 12 34 56", "+594694123456", "GF"),
        ("+508 55 12 34", "+508551234", "PM"),
        ("+687 75 12 34", "+687751234", "NC"),
        ("+689 87 12 34 56", "+68987123456", "PF"),
        ("+681 82 12 34", "+681821234", "WF"),
    ):
        phone = parse_phone(typed, CODES)

        assert (typed, phone.e164, phone.region, phone.ending) == (typed, e164, region, e164[-2:])


def test_a_number_that_gets_no_sms_is_refused() -> None:
    """Landlines, premium numbers, other countries and malformed numbers are refused, each with its own sentence."""
    for typed, refused in (
        ("", errors.PhoneMissing),
        ("   ", errors.PhoneMissing),
        ("06 12 34 56", errors.PhoneUnreadable),
        ("06 12 34 56 78 9", errors.PhoneUnreadable),
        ("bonjour", errors.PhoneUnreadable),
        ("0612345678\n0612345679", errors.PhoneUnreadable),
        ("0" * 10_000, errors.PhoneUnreadable),
        ("+", errors.PhoneUnreadable),
        ("000", errors.PhoneUnreadable),
        ("+33 00", errors.PhoneUnreadable),
        ("０００", errors.PhoneUnreadable),
        ("01 23 45 67 89", errors.PhoneNotMobile),
        ("0899 12 34 56", errors.PhoneNotMobile),
        ("0262 12 34 56", errors.PhoneNotMobile),
        ("+32 470 12 34 56", errors.PhoneOfAnotherCountry),
        ("+44 7400 123456", errors.PhoneOfAnotherCountry),
        ("+1 212 555 0123", errors.PhoneOfAnotherCountry),
        ("+882 16 55 55 55", errors.PhoneOfAnotherCountry),
    ):
        assert rejected(typed) is refused, typed[:40]


@given(st.text("0123456789+ ()-./;=#*extpwX０１２３４５６７８９＋\u3000\u0660٣²", max_size=45) | st.text(max_size=45))
@example("000")
@example("+33 00")
def test_whatever_is_typed_is_a_mobile_number_or_refused(typed: str) -> None:
    """Any text is refused or gives an E.164 number of an allowed country."""
    try:
        phone = parse_phone(typed, CODES)
    except FieldRejected:
        return
    assert re.fullmatch(rf"\+({'|'.join(map(str, CODES))})\d{{6,9}}", phone.e164)


def test_an_election_may_allow_another_country() -> None:
    assert parse_phone("+32 470 12 34 56", (*CODES, 32)).region == "BE"


def test_every_fictional_voter_has_a_mobile_of_their_own() -> None:
    """The numbers differ, so that every voter of the demo can use each flow."""
    read = {parse_phone(person.phone, CODES).e164 for person in fictional_people(500, 2018)}

    assert len(read) == 500


def test_the_countries_named_are_those_of_the_settings() -> None:
    """The error, the agents' advice and the help name the accepted countries, and the help's examples are correct."""
    for codes, french, english in (
        (CODES, "France (+33) et outre-mer français", "France (+33) and French overseas territories"),
        ((33,), "France (+33)", "France (+33)"),
        ((33, 262, 32), "France (+33), La Réunion et Mayotte (+262) et Belgique (+32)", "Belgium (+32)"),
        ((33, 999), "France (+33) et (+999)", "(+999)"),
    ):
        policy = replace(Policy(), phone_codes=codes)
        identity = IdentifierFlow(policy).identity
        (phone, *_) = identity.actions[0].fields
        advice = next(each.agent for each in identity.copy.common_problems if "{countries}" in each.agent.msgid)
        situation = next(each for each in voter_situations(policy) if each.id == "foreign-number")
        said = [advice, situation.steps[0]]
        for mistake in (each for each in phone.mistakes if each.error is errors.PhoneOfAnotherCountry):
            with pytest.raises(errors.PhoneOfAnotherCountry) as caught:
                phone.parse(mistake.typed)
            said.append(caught.value.reason)

        assert len(said) == 3, codes
        for text in said:
            assert french in translate(text, Language.FRENCH).replace("\u00a0", " "), codes
            assert english in translate(text, Language.ENGLISH), codes
