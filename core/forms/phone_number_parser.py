"""Parses mobile numbers of France and its overseas territories."""

import unicodedata
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import phonenumbers
from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    NumberParseException,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberType,
)

from core.forms import errors
from core.forms.field_parsers import AROUND_COPIED
from core.forms.flow_model import Form
from core.text.text import BilingualText, CallingCode, CallingCodes

TYPED_MAXIMUM = 40
FRANCE = "FR"
ALSO_FRENCH = ("RE", "GP", "MQ", "GF", "YT")
"""Overseas regions whose mobile numbers are written as in metropolitan France."""
FRENCH_CODE = 33
ENDING_DIGITS = 2
OVERSEAS = (262, 508, 590, 594, 596, 681, 687, 689)
COUNTRIES_TOGETHER = {1: ("US", "CA"), 7: ("RU", "KZ"), 262: ("RE", "YT"), 590: ("GP", "BL", "MF")}
"""Countries that share a calling code."""
ALL_OVERSEAS = BilingualText("outre-mer français", "French overseas territories")


@dataclass(frozen=True, slots=True)
class MobileNumber:
    e164: str
    region: str

    @property
    def ending(self) -> str:
        return self.e164[-ENDING_DIGITS:]


def phone_parser(codes: tuple[int, ...]) -> Callable[[Form], MobileNumber]:
    return lambda form: parse_phone(form.get("phone", ""), codes)


def parse_phone(typed: str, codes: tuple[int, ...]) -> MobileNumber:
    """Parse a mobile number. Raises PhoneMissing, PhoneUnreadable, PhoneOfAnotherCountry or PhoneNotMobile."""
    written = unicodedata.normalize("NFKC", typed).strip(AROUND_COPIED)
    if not written:
        raise errors.PhoneMissing
    if len(written) > TYPED_MAXIMUM or not written.isprintable():
        raise errors.PhoneUnreadable
    candidates = [number for number in _possible_numbers(written) if phonenumbers.is_valid_number(number)]
    if not candidates:
        raise errors.PhoneUnreadable
    allowed = [number for number in candidates if number.country_code in codes]
    if not allowed:
        raise errors.PhoneOfAnotherCountry(countries=calling_codes(codes))
    return _mobile(allowed)


def _possible_numbers(written: str) -> Iterator[PhoneNumber]:
    for region in (FRANCE, *ALSO_FRENCH):
        for number in _numbers(written, region):
            yield number
            if number.country_code == FRENCH_CODE and region == FRANCE:
                yield from _overseas(number)


def _overseas(number: PhoneNumber) -> Iterator[PhoneNumber]:
    for region in ALSO_FRENCH:
        yield from _numbers(f"0{number.national_number}", region)


def _numbers(written: str, region: str) -> Iterator[PhoneNumber]:
    with suppress(NumberParseException):
        yield phonenumbers.parse(written, region)


def _mobile(numbers: list[PhoneNumber]) -> MobileNumber:
    number = next((each for each in numbers if phonenumbers.number_type(each) == PhoneNumberType.MOBILE), None)
    if number is None:
        raise errors.PhoneNotMobile
    code = number.country_code or 0
    region = phonenumbers.region_code_for_number(number) or phonenumbers.region_code_for_country_code(code)
    return MobileNumber(phonenumbers.format_number(number, PhoneNumberFormat.E164), region)


def calling_codes(numbers: tuple[int, ...]) -> CallingCodes:
    """Return the calling codes with their countries. All French overseas territories share one name."""
    together = set(OVERSEAS) <= set(numbers)
    alone = (number for number in numbers if not (together and number in OVERSEAS))
    return CallingCodes(tuple(map(_calling_code, alone)), ALL_OVERSEAS if together else None)


def _calling_code(number: int) -> CallingCode:
    return CallingCode(number, COUNTRIES_TOGETHER.get(number, COUNTRY_CODE_TO_REGION_CODE.get(number, ("",))[:1]))
