"""The table of a roll's columns, which `retrouve roll columns` prints and docs/roll-columns.md holds."""

from collections.abc import Callable, Mapping

from core.forms.parsers import ADDRESS_MAXIMUM
from core.roll.cell_parsers import LOCAL_PART_MAXIMUM, NAME_MAXIMUM, NAMED_LANGUAGES, OLDEST, PHONE_DIGITS, YOUNGEST
from core.roll.columns import HEADINGS, NAMES, REQUIRED, RollColumn
from core.text.text import N_, Text

HEADER = (N_("Colonne"), N_("Obligatoire"), N_("Ce qu'elle contient"), N_("Titres reconnus"))
YES, NO = N_("oui"), N_("non")
_NAME = N_("Au plus {maximum} caractères.", maximum=NAME_MAXIMUM)
CONTENT: Mapping[RollColumn, Text] = {
    RollColumn.EMAIL: N_(
        "L'adresse professionnelle, une par personne : au plus {maximum} caractères, dont {local} avant le @, sans accent.",
        maximum=ADDRESS_MAXIMUM,
        local=LOCAL_PART_MAXIMUM,
    ),
    RollColumn.LAST_NAME: _NAME,
    RollColumn.FIRST_NAME: _NAME,
    RollColumn.BIRTH_DATE: N_(
        "31/12/1970 ou 1970-12-31, qui donne de {youngest} à {oldest} ans.", youngest=YOUNGEST, oldest=OLDEST
    ),
    RollColumn.NUMEN: N_("Deux chiffres, une lettre, sept chiffres, trois lettres ; un par personne."),
    RollColumn.PHONE: N_(
        "De {fewest} à {most} chiffres, avec ou sans + au début.", fewest=PHONE_DIGITS[0], most=PHONE_DIGITS[1]
    ),
    RollColumn.ACADEMIE: _NAME,
    RollColumn.LANGUAGE: N_(
        "La langue des messages : {names}. Vide : le français.", names=", ".join(filter(None, NAMED_LANGUAGES))
    ),
    RollColumn.FIRST_VERIFIER: N_(
        "Le vérificateur du premier identifiant : un sel, deux-points, 32 octets, en base64."
    ),
}


def column_table(say: Callable[[Text], str]) -> str:
    """Return the table in Markdown, in the language of `say`."""
    rows = [[say(title) for title in HEADER], ["---"] * len(HEADER)]
    for column in RollColumn:
        required = say(YES if column in REQUIRED else NO)
        rows.append([say(NAMES[column]), required, say(CONTENT[column]), ", ".join(HEADINGS[column].split())])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
