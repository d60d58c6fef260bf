"""Errors of a new password."""

from core.forms.errors.error_families import LEFT_EMPTY
from core.forms.flow_model import FieldRejected
from core.text.text import N_


class NewPasswordMissing(FieldRejected):
    id = "new-password-missing"
    cause = LEFT_EMPTY
    sentence = N_("Saisissez un nouveau mot de passe.")


class NewPasswordTooShort(FieldRejected):
    id = "new-password-too-short"
    cause = N_("Un mot de passe court se devine vite.")
    sentence = N_("Ce mot de passe est trop court : il doit compter au moins {minimum} caractères.")


class NewPasswordTooLong(FieldRejected):
    id = "new-password-too-long"
    cause = N_("Un texte plus long a peut-être été collé dans la case.")
    sentence = N_("Ce mot de passe est trop long : il doit compter au plus {maximum} caractères.")


class NewPasswordWithoutLower(FieldRejected):
    id = "new-password-without-lower"
    cause = N_("La touche qui verrouille les majuscules est peut-être enfoncée.")
    sentence = N_("Ajoutez au moins une lettre minuscule.")


class NewPasswordWithoutUpper(FieldRejected):
    id = "new-password-without-upper"
    cause = N_("Aucune des lettres saisies n'est une majuscule.")
    sentence = N_("Ajoutez au moins une lettre majuscule.")


class NewPasswordWithoutDigit(FieldRejected):
    id = "new-password-without-digit"
    cause = N_("Il ne contient que des lettres, des espaces ou des signes.")
    sentence = N_("Ajoutez au moins un chiffre.")


class NewPasswordControlCharacter(FieldRejected):
    id = "new-password-control-character"
    cause = N_("Un caractère caché est venu avec un copier-coller.")
    sentence = N_("Ce mot de passe contient un caractère qui ne se voit pas. Saisissez-le au clavier.")


class NewPasswordsDiffer(FieldRejected):
    id = "new-password-differs"
    cause = N_("Une faute de frappe est dans l'une des deux cases.")
    sentence = N_("Les deux saisies sont différentes : tapez deux fois le même mot de passe.")


class NewPasswordPersonal(FieldRejected):
    id = "new-password-personal"
    cause = N_("Les fraudeurs essaient en premier votre nom et votre adresse.")
    sentence = N_("Ce mot de passe contient votre nom ou votre adresse : choisissez-en un autre.")


class NewPasswordCommon(FieldRejected):
    id = "new-password-common"
    cause = N_("Les fraudeurs essaient en premier les mots de passe les plus répandus.")
    sentence = N_("Ce mot de passe est parmi les plus utilisés au monde : choisissez-en un autre.")


class NewPasswordWeak(FieldRejected):
    id = "new-password-weak"
    cause = N_("Un mot courant, un prénom, une ville ou une suite du clavier se devinent, même suivis de chiffres.")
    sentence = N_(
        "Ce mot de passe est facile à deviner : choisissez plutôt trois mots qui n'ont rien à voir entre eux, avec un chiffre."
    )


class NewPasswordTooComplex(FieldRejected):
    id = "new-password-too-complex"
    cause = N_("Il mêle beaucoup de signes qui ressemblent à des lettres.")
    sentence = N_(
        "Ce mot de passe est trop compliqué à évaluer : choisissez-en un autre, par exemple plusieurs mots qui n'ont rien à voir entre eux."
    )
