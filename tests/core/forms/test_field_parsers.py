"""Tests that mail addresses, NUMENs, dates and names are parsed as people type them."""

import unicodedata
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.forms import errors
from core.forms.field_parsers import (
    clean_numen,
    mask_address,
    parse_address,
    parse_birth_date,
    parse_calendar_date,
    without_accents,
)
from core.forms.flow_model import FieldRejected
from core.forms.phone_number_parser import parse_phone
from core.security.security_codes import parse_six_digits
from tests.support.election import CAMILLE

HOSTILE = st.one_of(
    st.text(max_size=80),
    st.text("aé@.-_ \r\n\t\0\u2028ＡK𝐚ﬁ＠。xn", max_size=40),
    st.from_regex(r"\A[a-zA-Z.é\"' -]{0,12}@[a-z.-]{0,12}\Z"),
)


def rejected(typed: str) -> type[FieldRejected] | None:
    """Return the error for an invalid address, or None."""
    try:
        parse_address(typed, example=CAMILLE)
    except FieldRejected as told:
        return type(told)
    return None


def test_what_a_copy_leaves_around_a_value_is_no_part_of_it() -> None:
    """A value copied from a mail, a file or an address book is read as if it had been typed."""
    for before, after in (("\u202a", "\u202c"), ("\ufeff", "\u200b"), ("\xa0\u2066", "\u2069\xa0"), ("", "\u200e\n")):
        born = {
            f"birth_date-{part}": before + each + after
            for part, each in zip(("day", "month", "year"), ("7", "1", "1970"), strict=True)
        }
        around = ascii((before, after))
        assert parse_birth_date(born, "birth_date") == date(1970, 1, 7), around
        assert parse_phone(f"{before}06 12 34 56 78{after}", (33,)).e164 == "+33612345678", around
        assert clean_numen(f"{before}01e 0123456 abc{after}") == "01E0123456ABC", around
        assert parse_six_digits(f"{before}012 345{after}") == "012345", around
        assert parse_address(before + CAMILLE + after, example=CAMILLE).key == CAMILLE, around
    for copied in ("<{}>", "MAILTO:{}", "<mailto:{}>,", "{}.", "{} ;", "{},"):
        assert parse_address(copied.format(CAMILLE), example=CAMILLE).key == CAMILLE, copied


def test_inside_an_address_nothing_is_dropped() -> None:
    """A stray character, a name or a second address is refused. It is not silently removed."""
    for inside in (CAMILLE.replace("@", "\u200b@"), f"{CAMILLE}, {CAMILLE}", f"Camille <{CAMILLE}>", f"{CAMILLE}\0"):
        assert rejected(inside), ascii(inside)


# ── The address ──────────────────────────────────────────────────────────────────────────────────────────


@given(HOSTILE)
@example(f"mailto:{CAMILLE}")
@example("a" * 10_000)
@example("a@" + "b." * 126 + "fr")
@example('"a b"@ac-lumiere.example')
@example("a@[127.0.0.1]")
def test_an_address_is_read_or_refused_and_nothing_else(typed: str) -> None:
    """Any text is refused or gives a printable key. Parsing the key gives the same key."""
    try:
        address = parse_address(typed, example=CAMILLE)
    except FieldRejected:
        return

    assert address.key.count("@") == 1
    assert address.key.isprintable()
    assert parse_address(address.key, example=CAMILLE).key == address.key
    assert parse_address(f"  {address.typed} ", example=CAMILLE) == address


def test_one_address_written_in_many_ways_is_one_key() -> None:
    """Case, surrounding spaces and full-width letters do not change the key. The typed form is kept for display."""
    for typed in (
        CAMILLE,
        CAMILLE.upper(),
        f"  {CAMILLE}\n",
        f"mailto:{CAMILLE}",
        "camille.martin@AC-Lumiere.Example",
        "ｃａｍｉｌｌｅ．ｍａｒｔｉｎ＠ａｃ-ｌｕｍｉｅｒｅ．ｅｘａｍｐｌｅ",
    ):
        assert parse_address(typed, example=CAMILLE).key == CAMILLE, typed
    shown = "Camille.Martin@ac-lumiere.example"
    assert parse_address(f" {shown} ", example=CAMILLE).typed == shown


def test_each_refusal_says_what_is_wrong() -> None:
    """An address that is empty, too long, doubled, on two lines or incomplete is refused with its own sentence."""
    for typed, why in (
        ("", errors.AddressMissing),
        (" \t\r\n", errors.AddressMissing),
        ("x" * 10_240, errors.AddressTooLong),
        (f"{'x' * 250}@a.fr", errors.AddressTooLong),
        (f"{CAMILLE}\r\nBcc: other@ac-lumiere.example", errors.SeveralAddresses),
        (f"{CAMILLE}\u2028x", errors.SeveralAddresses),
        (f"{CAMILLE}\0", errors.SeveralAddresses),
        (f"{CAMILLE},other@ac-lumiere.example", errors.SeveralAddresses),
        (f"{CAMILLE} other@ac-lumiere.example", errors.SeveralAddresses),
        ("camille.martin", errors.AddressUnreadable),
        ("camille martin@ac-lumiere.example", errors.AddressUnreadable),
        ("@ac-lumiere.example", errors.AddressUnreadable),
        ("camille@", errors.AddressUnreadable),
        ("['camille@ac-lumiere.example']", errors.AddressUnreadable),
        ("Camille Martin <camille@ac-lumiere.example>", errors.AddressUnreadable),
    ):
        assert rejected(typed) is why, ascii(typed[:60])


def test_a_look_alike_is_refused_and_never_folded() -> None:
    """The error names the look-alike letter, or marks it if it is invisible."""
    for typed, odd in (
        ("cаmille@ac-lumiere.example", "а"),  # Cyrillic
        ("camille@ac-lumıere.example", "ı"),
        ("camille@ac‐lumiere.example", "‐"),
        ("camille@ac-lumière.example", "è"),
        ("cam\u200bille@ac-lumiere.example", "�"),
    ):
        with pytest.raises(errors.AddressOddCharacter) as caught:
            parse_address(typed, example=CAMILLE)
        assert caught.value.reason.params == {"character": odd}, ascii(typed)


def test_punycode_stays_in_ascii() -> None:
    """A domain that is typed in Punycode is not decoded."""
    assert parse_address("a@xn--80ak6aa92e.example", example=CAMILLE).key == "a@xn--80ak6aa92e.example"


# ── Other things ─────────────────────────────────────────────────────────────────────────────────────────


@given(st.text(max_size=40))
def test_a_numen_or_a_date_is_read_or_is_none(typed: str) -> None:
    numen, day = clean_numen(typed), parse_calendar_date(typed)

    assert numen is None or clean_numen(numen) == numen
    assert day is None or parse_calendar_date(day.isoformat()) == day


def test_a_numen_is_read_as_people_write_it() -> None:
    """Spaces, dashes, dots, lower case and full-width characters are accepted. A missing digit is not."""
    assert clean_numen(" 12a 1234-567.abc ") == "12A1234567ABC"
    assert clean_numen("１２Ａ１２３４５６７ＡＢＣ") == "12A1234567ABC"
    assert clean_numen("12A123456ABC") is None


def test_a_date_is_read_in_the_french_or_the_iso_order() -> None:
    """A date is never read in the American order."""
    for typed in ("31/12/1970", "31-12-1970", "31.12.1970", "1970-12-31", " 31/12/1970 "):
        assert parse_calendar_date(typed) == date(1970, 12, 31), typed
    assert parse_calendar_date("12/31/1970") is None
    assert parse_calendar_date("29/02/2018") is None


@given(st.text(max_size=30))
def test_a_simplified_word_has_neither_accents_nor_capitals(text: str) -> None:
    assert not any(unicodedata.combining(character) for character in without_accents(text).replace("\u0345", ""))
    assert without_accents("Éloïse DUPRÉ") == "eloise dupre"


def test_a_masked_address_keeps_its_first_letter_and_its_domain() -> None:
    assert mask_address(CAMILLE) == "c•••@ac-lumiere.example"
