"""Errors of the birth date and the NUMEN."""

from core.forms.errors.error_families import LEFT_EMPTY
from core.forms.flow_model import FieldRejected
from core.text.text import N_


class BirthDateMissing(FieldRejected):
    id = "birth-date-missing"
    cause = N_("Une des trois cases est restée vide.")
    sentence = N_("Saisissez le jour, le mois et l'année de naissance.")


class BirthDateNotNumbers(FieldRejected):
    id = "birth-date-not-numbers"
    cause = N_("Une case contient des lettres ou des signes.")
    sentence = N_("Saisissez la date de naissance en chiffres : le jour, le mois, l'année.")


class BirthYearTooShort(FieldRejected):
    id = "birth-date-year"
    cause = N_("L'année a été saisie avec deux chiffres seulement.")
    sentence = N_("Saisissez l'année de naissance en quatre chiffres.")


class BirthDateImpossible(FieldRejected):
    id = "birth-date-impossible"
    cause = N_("Le jour et le mois sont peut-être inversés.")
    sentence = N_("Cette date n'existe pas. Vérifiez le jour et le mois de naissance.")


class NumenMissing(FieldRejected):
    id = "numen-missing"
    cause = LEFT_EMPTY
    sentence = N_("Saisissez le NUMEN.")


class NumenUnreadable(FieldRejected):
    id = "numen-unreadable"
    cause = N_("Un caractère manque, ou une lettre O a été saisie pour un zéro.")
    sentence = N_(
        "Un NUMEN compte treize caractères : deux chiffres, une lettre, sept chiffres, trois lettres. Vérifiez la lettre O et le chiffre zéro."
    )


class IdentityNotMatched(FieldRejected):
    """The one refusal of a wrong birth date, a wrong NUMEN, or both (CASE 31)."""

    id = "identity-unmatched"
    cause = N_("Souvent, un chiffre ou une lettre du NUMEN est faux, ou le jour et le mois sont inversés.")
    sentence = N_(
        "Cette date de naissance et ce NUMEN ne vont pas ensemble sur la liste électorale. Vérifiez l'une et l'autre."
    )
