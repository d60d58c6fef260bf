"""Parse a mobile number as people of France and overseas type it (rule 6)."""

import unicodedata
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from core.forms import errors
from core.forms.field_parsers import AROUND_COPIED
from core.forms.flow_model import Form
from core.forms.phone_countries import names_of_phone_countries

TYPED_MAXIMUM = 40
FRANCE = "FR"
ALSO_FRENCH = ("RE", "GP", "MQ", "GF", "YT")
"""Regions where people dial 06 as in metropolitan France: "0692…" is no number there, but one in La Réunion."""
FRENCH_CODE = 33
ENDING_DIGITS = 2


@dataclass(frozen=True, slots=True)
class MobileNumber:
    """A mobile number in E.164, and its ISO 3166 region."""

    e164: str
    region: str

    @property
    def ending(self) -> str:
        """The last two digits, by which its owner recognises it."""
        return self.e164[-ENDING_DIGITS:]


def phone_parser(codes: tuple[int, ...]) -> Callable[[Form], MobileNumber]:
    """Return the parser of `phone`; `codes` are the country calling codes that SMS are sent to."""
    return lambda form: parse_phone(form.get("phone", ""), codes)


def parse_phone(typed: str, codes: tuple[int, ...]) -> MobileNumber:
    """Parse a mobile number in national or international form; an overseas number under +33 gets its own country.

    Raises PhoneMissing, PhoneUnreadable, PhoneOfAnotherCountry, PhoneNotMobile.
    """
    written = unicodedata.normalize("NFKC", typed).strip(AROUND_COPIED)
    if not written:
        raise errors.PhoneMissing
    if len(written) > TYPED_MAXIMUM or not written.isprintable():
        raise errors.PhoneUnreadable
    candidates = [number for number in _readings(written) if phonenumbers.is_valid_number(number)]
    if not candidates:
        raise errors.PhoneUnreadable
    allowed = [number for number in candidates if number.country_code in codes]
    if not allowed:
        raise errors.PhoneOfAnotherCountry(countries=names_of_phone_countries(codes))
    return _mobile(allowed)


def _readings(written: str) -> Iterator[PhoneNumber]:
    """Yield what the digits may mean, the likeliest first."""
    for region in (FRANCE, *ALSO_FRENCH):
        for number in _numbers(written, region):
            yield number
            if number.country_code == FRENCH_CODE and region == FRANCE:
                yield from _overseas(number)


def _overseas(number: PhoneNumber) -> Iterator[PhoneNumber]:
    """Yield a number under +33 in the country that its digits belong to: 692 is La Réunion's."""
    for region in ALSO_FRENCH:
        yield from _numbers(f"0{number.national_number}", region)


def _numbers(written: str, region: str) -> Iterator[PhoneNumber]:
    """Yield the number that is written for readers of that region, if it is one."""
    with suppress(NumberParseException):
        yield phonenumbers.parse(written, region)


def _mobile(numbers: list[PhoneNumber]) -> MobileNumber:
    number = next((each for each in numbers if phonenumbers.number_type(each) == PhoneNumberType.MOBILE), None)
    if number is None:
        raise errors.PhoneNotMobile
    code = number.country_code or 0
    region = phonenumbers.region_code_for_number(number) or phonenumbers.region_code_for_country_code(code)
    return MobileNumber(phonenumbers.format_number(number, PhoneNumberFormat.E164), region)
