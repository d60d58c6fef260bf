"""Errors of the address and the password at sign-in."""

from core.forms.errors.error_families import LEFT_EMPTY
from core.forms.flow_model import FieldRejected
from core.text.text import N_, NN_, Text


class AddressMissing(FieldRejected):
    id = "address-missing"
    cause = LEFT_EMPTY
    sentence = N_("Saisissez votre adresse professionnelle.")


class AddressTooLong(FieldRejected):
    id = "address-too-long"
    cause = N_("Plusieurs adresses ont peut-être été collées à la suite.")
    sentence = N_("Cette adresse est trop longue : saisissez une seule adresse, de {maximum} caractères au plus.")


class SeveralAddresses(FieldRejected):
    id = "address-not-one"
    cause = N_("La case contient deux adresses, ou un passage à la ligne.")
    sentence = N_("Saisissez une seule adresse, sur une seule ligne.")


class AddressUnreadable(FieldRejected):
    id = "address-unreadable"
    cause = N_("Il manque le @, ou ce qui le suit.")
    sentence = N_("Saisissez une adresse complète, avec un seul @, comme dans cet exemple : {example}.")


class AddressOddCharacter(FieldRejected):
    id = "address-odd-character"
    cause = N_("Une lettre accentuée ou d'un autre alphabet est venue avec la saisie ou avec un copier-coller.")
    sentence = N_("Le caractère « {character} » ne peut pas figurer dans cette adresse. Retapez-la au clavier.")


# ── The password at sign-in ──────────────────────────────────────────────────────────────────────────────


class PasswordMissing(FieldRejected):
    id = "password-missing"
    cause = LEFT_EMPTY
    sentence = N_("Saisissez votre mot de passe, ou choisissez « Mot de passe oublié ».")


class WrongPassword(FieldRejected):
    id = "wrong-password"
    cause = N_("Souvent, une majuscule manque, ou ce mot de passe est celui d'un autre site.")
    sentence = N_("Adresse ou mot de passe incorrect. Vérifiez les majuscules, ou choisissez « Mot de passe oublié ».")


def sign_in_tries_left_sentence(count: int, *, pause_minutes: int) -> Text:
    """State how many more wrong passwords there may be before a pause, counted alike for every address."""
    if count == 0:
        return N_("C'était le dernier essai avant une pause de {minutes} min au plus.", minutes=pause_minutes)
    return NN_(
        "Il reste {count} essai avant une pause de {minutes} min au plus.",
        "Il reste {count} essais avant une pause de {minutes} min au plus.",
        count=count,
        minutes=pause_minutes,
    )
