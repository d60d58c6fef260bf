"""Errors of what voters type to prove who they are: the birth date, the NUMEN, the telephone number and the security code."""

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


# ── The telephone number ─────────────────────────────────────────────────────────────────────────────────


class PhoneMissing(FieldRejected):
    id = "phone-missing"
    cause = LEFT_EMPTY
    sentence = N_("Saisissez votre numéro de téléphone mobile.")


class PhoneUnreadable(FieldRejected):
    id = "phone-unreadable"
    cause = N_("Il manque un chiffre, ou il y en a un de trop.")
    sentence = N_(
        "Saisissez un numéro entier, comme dans l'exemple. Hors de métropole, commencez par + et l'indicatif."
    )


class PhoneOfAnotherCountry(FieldRejected):
    id = "phone-elsewhere"
    cause = N_("Ce numéro est celui d'un autre pays.")
    sentence = N_("Les SMS ne partent pas vers ce pays. Portables acceptés : {countries}.")


class PhoneNotMobile(FieldRejected):
    id = "phone-not-mobile"
    cause = N_("Ce numéro est celui d'un téléphone fixe ou d'un numéro spécial.")
    sentence = N_("Ce numéro ne reçoit pas de SMS : saisissez un numéro de mobile.")


# ── The security code ────────────────────────────────────────────────────────────────────────────────────


class CodeMissing(FieldRejected):
    id = "code-missing"
    cause = LEFT_EMPTY
    sentence = N_("Saisissez le code de sécurité reçu par SMS.")


class CodeUnreadable(FieldRejected):
    id = "code-unreadable"
    cause = N_("Il manque un chiffre du code, ou il y en a un de trop.")
    sentence = N_("Le code compte {digits} chiffres : saisissez-les tels que le SMS les donne.")


class WrongCode(FieldRejected):
    id = "wrong-code"
    cause = N_("Souvent, un chiffre est faux, ou le code vient d'un SMS plus ancien.")
    sentence = N_("Ce n'est pas le code attendu. Lisez-le dans le SMS le plus récent.")


class CodeExpired(FieldRejected):
    id = "code-expired"
    cause = N_("Un code de sécurité ne sert que quelques minutes.")
    sentence = N_("Ce code n'est plus valable. Choisissez « Renvoyer le code » pour en recevoir un autre.")
