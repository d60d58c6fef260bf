"""Names the countries whose mobile numbers get SMS."""

from functools import cache

from babel import Locale
from babel.lists import format_list
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

from core.text.text import BilingualText, Language

OVERSEAS = (262, 508, 590, 594, 596, 681, 687, 689)
COUNTRIES_TOGETHER = {1: ("US", "CA"), 7: ("RU", "KZ"), 262: ("RE", "YT"), 590: ("GP", "BL", "MF")}
"""Calling codes that several countries or territories share; elsewhere the first of a code is named."""
ALL_OVERSEAS = BilingualText("outre-mer français", "French overseas territories")


@cache
def names_of_phone_countries(codes: tuple[int, ...]) -> BilingualText:
    """Return the names of the countries with those calling codes; France's overseas territories have one name together."""
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
