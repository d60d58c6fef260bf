"""Errors of the telephone number and the security code."""

from core.forms.errors.error_families import LEFT_EMPTY
from core.forms.flow_model import FieldRejected
from core.text.text import N_


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
