"""Names the countries whose mobile numbers get SMS."""

from functools import cache

from babel import Locale
from babel.lists import format_list
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

from core.text.text import BilingualText, Language

OVERSEAS = (262, 508, 590, 594, 596, 681, 687, 689)
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
    regions = [(code, COUNTRY_CODE_TO_REGION_CODE.get(code, ("",))[0]) for code in codes]
    names = [f"{locale.territories.get(region, '')} (+{code})".strip() for code, region in regions]
    return format_list(names if overseas is None else [*names, overseas], locale=locale)
