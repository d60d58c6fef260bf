"""The columns of a roll's file, and the headings by which each is recognised."""

import unicodedata
from collections.abc import Mapping
from enum import StrEnum

from core.text.text import N_, Text


class RollColumn(StrEnum):
    """A column; its value is the name of the field in `core.roll.line_parser.RollPerson`."""

    EMAIL = "email"
    LAST_NAME = "last_name"
    FIRST_NAME = "first_name"
    BIRTH_DATE = "birth_date"
    NUMEN = "numen"
    PHONE = "phone"
    ACADEMIE = "academie"
    LANGUAGE = "language"
    FIRST_VERIFIER = "first_verifier"


REQUIRED = (RollColumn.EMAIL, RollColumn.LAST_NAME, RollColumn.FIRST_NAME, RollColumn.BIRTH_DATE, RollColumn.NUMEN)
OPTIONAL = (RollColumn.PHONE, RollColumn.ACADEMIE, RollColumn.LANGUAGE, RollColumn.FIRST_VERIFIER)

NAMES: Mapping[RollColumn, Text] = {
    RollColumn.EMAIL: N_("courriel"),
    RollColumn.LAST_NAME: N_("nom"),
    RollColumn.FIRST_NAME: N_("prénom"),
    RollColumn.BIRTH_DATE: N_("date de naissance"),
    RollColumn.NUMEN: N_("NUMEN"),
    RollColumn.PHONE: N_("téléphone"),
    RollColumn.ACADEMIE: N_("académie"),
    RollColumn.LANGUAGE: N_("langue"),
    RollColumn.FIRST_VERIFIER: N_("vérificateur"),
}

# Written as `folded` leaves them: no accent, capital, space or sign.
HEADINGS: Mapping[RollColumn, str] = {
    RollColumn.EMAIL: (
        "courriel email mail mel adresse adressemail adresseemail adressecourriel adresseelectronique "
        "adresseprofessionnelle courrielprofessionnel address emailaddress professionaladdress"
    ),
    RollColumn.LAST_NAME: "nom nomdefamille nomdusage lastname surname familyname",
    RollColumn.FIRST_NAME: "prenom prenoms firstname givenname",
    RollColumn.BIRTH_DATE: "datedenaissance naissance neele birthdate dateofbirth",
    RollColumn.NUMEN: "numen",
    RollColumn.PHONE: "telephone tel telephonemobile telephoneportable portable mobile phone mobilephone phonenumber",
    RollColumn.ACADEMIE: "academie academy",
    RollColumn.LANGUAGE: "langue language",
    RollColumn.FIRST_VERIFIER: "verificateur premierverificateur verifier firstverifier",
}
_BY_HEADING = {heading: column for column, headings in HEADINGS.items() for heading in headings.split()}


def column_named(heading: str) -> RollColumn | None:
    """Return the column of a heading in French or English; accents, capitals, spaces and hyphens do not matter."""
    return _BY_HEADING.get(fold_heading(heading))


def fold_heading(heading: str) -> str:
    """Return the letters and digits of a heading without accents and capitals: "Né(e) le" becomes "neele"."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", heading.casefold())))
