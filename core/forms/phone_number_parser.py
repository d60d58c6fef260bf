"""Parses mobile numbers of France and its overseas territories, and names the countries to which an SMS can be sent."""

import unicodedata
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

import phonenumbers
from babel import Locale
from babel.lists import format_list
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
from core.text.text import BilingualText, Language

TYPED_MAXIMUM = 40
FRANCE = "FR"
ALSO_FRENCH = ("RE", "GP", "MQ", "GF", "YT")
"""Overseas regions whose mobile numbers are written as in metropolitan France, such as "0692…" in La Réunion."""
FRENCH_CODE = 33
ENDING_DIGITS = 2
OVERSEAS = (262, 508, 590, 594, 596, 681, 687, 689)
COUNTRIES_TOGETHER = {1: ("US", "CA"), 7: ("RU", "KZ"), 262: ("RE", "YT"), 590: ("GP", "BL", "MF")}
"""Calling codes that several countries share, all of which are named to the voter."""
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
    """Parse a mobile number with or without a country calling code.

    Raises PhoneMissing, PhoneUnreadable, PhoneOfAnotherCountry or PhoneNotMobile. An overseas number typed with +33
    gets the calling code of its own region.
    """
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
        raise errors.PhoneOfAnotherCountry(countries=names_of_phone_countries(codes))
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


@cache
def names_of_phone_countries(codes: tuple[int, ...]) -> BilingualText:
    together = set(OVERSEAS) <= set(codes)
    alone = tuple(code for code in codes if not (together and code in OVERSEAS))
    return BilingualText(
        _listed(alone, Language.FRENCH, ALL_OVERSEAS.french if together else None),
        _listed(alone, Language.ENGLISH, ALL_OVERSEAS.english if together else None),
    )


def _listed(codes: tuple[int, ...], language: Language, overseas: str | None) -> str:
    locale = Locale.parse(language.value)
    names = [f"{_territories(code, locale)} (+{code})".strip() for code in codes]
    return format_list(names if overseas is None else [*names, overseas], locale=locale)


def _territories(code: int, locale: Locale) -> str:
    regions = COUNTRIES_TOGETHER.get(code, COUNTRY_CODE_TO_REGION_CODE.get(code, ("",))[:1])
    return format_list([locale.territories.get(region, "") for region in regions], locale=locale)
