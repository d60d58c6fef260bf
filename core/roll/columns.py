"""The columns of a roll's file, and the headings each is recognised by."""

import unicodedata
from collections.abc import Mapping
from enum import StrEnum

from core.text import N_, Text


class Column(StrEnum):
    """A column; the value names the same thing in `core.roll.check.Person`."""

    EMAIL = "email"
    LAST_NAME = "last_name"
    FIRST_NAME = "first_name"
    BIRTH_DATE = "birth_date"
    NUMEN = "numen"
    PHONE = "phone"
    ACADEMIE = "academie"
    LANGUAGE = "language"
    FIRST_VERIFIER = "first_verifier"


REQUIRED = (Column.EMAIL, Column.LAST_NAME, Column.FIRST_NAME, Column.BIRTH_DATE, Column.NUMEN)
OPTIONAL = (Column.PHONE, Column.ACADEMIE, Column.LANGUAGE, Column.FIRST_VERIFIER)

NAMES: Mapping[Column, Text] = {
    Column.EMAIL: N_("courriel"),
    Column.LAST_NAME: N_("nom"),
    Column.FIRST_NAME: N_("prénom"),
    Column.BIRTH_DATE: N_("date de naissance"),
    Column.NUMEN: N_("NUMEN"),
    Column.PHONE: N_("téléphone"),
    Column.ACADEMIE: N_("académie"),
    Column.LANGUAGE: N_("langue"),
    Column.FIRST_VERIFIER: N_("vérificateur"),
}

# Written as `folded` leaves them: no accent, capital, space or sign.
HEADINGS: Mapping[Column, str] = {
    Column.EMAIL: (
        "courriel email mail mel adresse adressemail adresseemail adressecourriel adresseelectronique "
        "adresseprofessionnelle courrielprofessionnel address emailaddress professionaladdress"
    ),
    Column.LAST_NAME: "nom nomdefamille nomdusage lastname surname familyname",
    Column.FIRST_NAME: "prenom prenoms firstname givenname",
    Column.BIRTH_DATE: "datedenaissance naissance neele birthdate dateofbirth",
    Column.NUMEN: "numen",
    Column.PHONE: "telephone tel telephonemobile telephoneportable portable mobile phone mobilephone phonenumber",
    Column.ACADEMIE: "academie academy",
    Column.LANGUAGE: "langue language",
    Column.FIRST_VERIFIER: "verificateur premierverificateur verifier firstverifier",
}
_BY_HEADING = {heading: column for column, headings in HEADINGS.items() for heading in headings.split()}


def column_named(heading: str) -> Column | None:
    """The column a heading stands for, in French or English, whatever its accents, capitals, spaces and hyphens."""
    return _BY_HEADING.get(folded(heading))


def folded(heading: str) -> str:
    """Only the letters and digits of a heading, without accents or capitals: "Né(e) le" is "neele"."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", heading.casefold())))
