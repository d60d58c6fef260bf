"""Rules for new passwords: required characters and resistance to guessing."""

from collections.abc import Collection
from math import log10

from core.forms import errors
from core.forms.field_parsers import without_accents
from core.forms.flow_model import CharacterClass, FieldRejected, PasswordCriterion
from core.policy.policy import Policy
from core.security.guesses import is_common_password, log10_guesses
from core.text.text import N_

EXAMPLE_PASSWORD = "Lavande bleue 2018"  # shown in the help


def password_criteria(policy: Policy) -> tuple[PasswordCriterion, ...]:
    """Return the password rules that a page can check while the user types."""
    counted = {"unicode_letters": policy.password_unicode_letters}
    if policy.password_unicode_letters:
        lower, upper = N_("au moins une minuscule"), N_("au moins une majuscule")
    else:
        lower, upper = N_("au moins une minuscule sans accent"), N_("au moins une majuscule sans accent")
    return (
        PasswordCriterion(
            name="length",
            sentence=N_(
                "de {minimum} à {maximum} caractères",
                minimum=policy.password_minimum_length,
                maximum=policy.password_maximum_length,
            ),
            counts=CharacterClass.ANY,
            minimum=policy.password_minimum_length,
            maximum=policy.password_maximum_length,
        ),
        PasswordCriterion(name="lower", sentence=lower, counts=CharacterClass.LOWER, minimum=1, **counted),
        PasswordCriterion(name="upper", sentence=upper, counts=CharacterClass.UPPER, minimum=1, **counted),
        PasswordCriterion(name="digit", sentence=N_("au moins un chiffre"), counts=CharacterClass.DIGIT, minimum=1),
    )


def guessable_reason(password: str, owner_words: Collection[str], policy: Policy) -> FieldRejected | None:
    """Return why a password is too easy to guess. `owner_words` must have no accents."""
    if any(word in without_accents(password) for word in owner_words):
        return errors.NewPasswordPersonal()
    if is_common_password(password):
        return errors.NewPasswordCommon()
    if log10_guesses(password, owner_words) < log10(policy.password_guesses):
        return errors.NewPasswordWeak()
    return None
