import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from core.forms.field_parsers import ADDRESS_MAXIMUM
from core.roll import sentences as words
from core.roll.cell_parsers import (
    LOCAL_PART_MAXIMUM,
    NAME_MAXIMUM,
    NAMED_LANGUAGES,
    OLDEST,
    PHONE_DIGITS,
    YOUNGEST,
    CellRefused,
    address_parser,
    birth_date_parser,
    parse_first_verifier,
    parse_language,
    parse_numen_cell,
    parse_phone_cell,
    parse_plain_text,
)
from core.text.text import N_, Text

CellParser = Callable[[str], object]

SHARED_MAXIMUM = 50_000


class RollColumn(StrEnum):
    """A column of a roll file."""

    EMAIL = "email"
    LAST_NAME = "last_name"
    FIRST_NAME = "first_name"
    BIRTH_DATE = "birth_date"
    NUMEN = "numen"
    PHONE = "phone"
    ACADEMIE = "academie"
    LANGUAGE = "language"
    FIRST_VERIFIER = "first_verifier"


@dataclass(frozen=True)
class ColumnDefinition:
    name: Text
    headings: str
    """Recognised headings, normalised by `fold_heading` and separated by spaces."""
    content: Text
    parser: Callable[[date], CellParser]
    required: bool = False
    shared: bool = False


_NAME = N_("Au plus {maximum} caractères.", maximum=NAME_MAXIMUM)
COLUMNS: Mapping[RollColumn, ColumnDefinition] = {
    RollColumn.EMAIL: ColumnDefinition(
        name=N_("courriel"),
        headings="courriel email mail mel adresse adressemail adresseemail adressecourriel adresseelectronique "
        "adressemel adressedemessagerie adresseprofessionnelle courrielprofessionnel mailprofessionnel "
        "address emailaddress professionaladdress",
        content=N_(
            "L'adresse professionnelle, une par personne : au plus {maximum} caractères, dont {local} avant le @, sans accent.",
            maximum=ADDRESS_MAXIMUM,
            local=LOCAL_PART_MAXIMUM,
        ),
        parser=lambda _today: address_parser(),
        required=True,
    ),
    RollColumn.LAST_NAME: ColumnDefinition(
        name=N_("nom"),
        headings="nom nomdefamille nomdusage nomusage nomusuel lastname surname familyname",
        content=_NAME,
        parser=lambda _today: parse_plain_text,
        required=True,
        shared=True,
    ),
    RollColumn.FIRST_NAME: ColumnDefinition(
        name=N_("prénom"),
        headings="prenom prenoms prenomusuel prenomdusage firstname givenname",
        content=_NAME,
        parser=lambda _today: parse_plain_text,
        required=True,
        shared=True,
    ),
    RollColumn.BIRTH_DATE: ColumnDefinition(
        name=N_("date de naissance"),
        headings="datedenaissance datenaissance naissance neele nele birthdate dateofbirth",
        content=N_(
            "31/12/1970 ou 1970-12-31, qui donne de {youngest} à {oldest} ans.", youngest=YOUNGEST, oldest=OLDEST
        ),
        parser=birth_date_parser,
        required=True,
        shared=True,
    ),
    RollColumn.NUMEN: ColumnDefinition(
        name=N_("NUMEN"),
        headings="numen",
        content=N_("Deux chiffres, une lettre, sept chiffres, trois lettres ; un par personne."),
        parser=lambda _today: parse_numen_cell,
        required=True,
    ),
    RollColumn.PHONE: ColumnDefinition(
        name=N_("téléphone"),
        headings="telephone tel telephonemobile telephoneportable portable mobile phone mobilephone phonenumber",
        content=N_(
            "De {fewest} à {most} chiffres, avec ou sans + au début.", fewest=PHONE_DIGITS[0], most=PHONE_DIGITS[1]
        ),
        parser=lambda _today: parse_phone_cell,
    ),
    RollColumn.ACADEMIE: ColumnDefinition(
        name=N_("académie"),
        headings="academie academy",
        content=_NAME,
        parser=lambda _today: lambda cell: parse_plain_text(cell) or None,
        shared=True,
    ),
    RollColumn.LANGUAGE: ColumnDefinition(
        name=N_("langue"),
        headings="langue language",
        content=N_(
            "La langue des messages : {names}. Vide : le français.", names=", ".join(filter(None, NAMED_LANGUAGES))
        ),
        parser=lambda _today: parse_language,
        shared=True,
    ),
    RollColumn.FIRST_VERIFIER: ColumnDefinition(
        name=N_("vérificateur"),
        headings="verificateur premierverificateur verifier firstverifier",
        content=N_("Le vérificateur du premier identifiant : un sel, deux-points, 32 octets, en base64."),
        parser=lambda _today: parse_first_verifier,
    ),
}
HEADER = (N_("Colonne"), N_("Obligatoire"), N_("Ce qu'elle contient"), N_("Titres reconnus"))
YES, NO = N_("oui"), N_("non")
_BY_HEADING = {heading: column for column, each in COLUMNS.items() for heading in each.headings.split()}


def find_column_by_heading(heading: str) -> RollColumn | None:
    return _BY_HEADING.get(fold_heading(heading))


def fold_heading(heading: str) -> str:
    """Convert a heading such as "Né(e) le" to plain letters and digits ("neele")."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", heading.casefold())))


def cell_parser(column: RollColumn, today: date) -> CellParser:
    definition = COLUMNS[column]
    parse = definition.parser(today)
    missing = words.MISSING.fill({"column": definition.name})

    def parse_required(cell: str) -> object:
        if not cell.strip():
            raise CellRefused(missing)
        return parse(cell)

    parser = parse_required if definition.required else parse
    return lru_cache(maxsize=SHARED_MAXIMUM)(parser) if definition.shared else parser


def columns_as_markdown(say: Callable[[Text], str]) -> str:
    rows = [[say(title) for title in HEADER], ["---"] * len(HEADER)]
    for each in COLUMNS.values():
        required = say(YES if each.required else NO)
        rows.append([say(each.name), required, say(each.content), ", ".join(each.headings.split())])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
