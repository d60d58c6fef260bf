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
    cause = N_("Le champ contient deux adresses, ou un passage à la ligne.")
    sentence = N_("Saisissez une seule adresse, sur une seule ligne.")


class AddressUnreadable(FieldRejected):
    id = "address-unreadable"
    cause = N_("Il manque le @, ou ce qui le suit.")
    sentence = N_("Saisissez une adresse complète, avec un seul @, comme dans cet exemple : {example}.")


class AddressOddCharacter(FieldRejected):
    id = "address-odd-character"
    cause = N_("L'adresse contient une lettre accentuée ou d'un autre alphabet, peut-être à cause d'un copier-coller.")
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
    remedy = N_(
        "Saisissez le mot de passe choisi sur ce site, pas celui de votre messagerie. Un doute ? Choisissez « Mot de passe oublié »."
    )


def tries_left_sentence(count: int, *, pause_minutes: int) -> Text:
    if count == 0:
        return N_(
            "C'était le dernier essai : il faut maintenant attendre jusqu'à {minutes} minutes.", minutes=pause_minutes
        )
    return NN_(
        "Il vous reste {count} essai, puis il faudra attendre jusqu'à {minutes} minutes.",
        "Il vous reste {count} essais, puis il faudra attendre jusqu'à {minutes} minutes.",
        count=count,
        minutes=pause_minutes,
    )


def code_tries_left_sentence(count: int, *, pause_minutes: int) -> Text:
    """Return the sentence after a wrong security code. The last one also cancels the request."""
    return NN_(
        "Il vous reste {count} essai. Ensuite, il faudra attendre jusqu'à {minutes} minutes et refaire la demande.",
        "Il vous reste {count} essais. Ensuite, il faudra attendre jusqu'à {minutes} minutes et refaire la demande.",
        count=count,
        minutes=pause_minutes,
    )


# ── A new password ───────────────────────────────────────────────────────────────────────────────────────


THREE_WORDS = N_(
    "Prenez trois mots courts sans lien entre eux, comme trois objets autour de vous. Ajoutez une majuscule et un chiffre."
)


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
    cause = N_("Un texte trop long a peut-être été collé dans le champ.")
    sentence = N_("Ce mot de passe est trop long : il doit compter au plus {maximum} caractères.")


class NewPasswordWithoutLower(FieldRejected):
    id = "new-password-without-lower"
    cause = N_("La touche qui verrouille les majuscules est peut-être enfoncée.")
    sentence = N_("Ajoutez au moins une lettre minuscule, sans accent.")
    remedy = N_("Ajoutez une lettre de « a » à « z ». Une lettre accentuée, comme « é », ne suffit pas.")


class NewPasswordWithoutUpper(FieldRejected):
    id = "new-password-without-upper"
    cause = N_("Aucune des lettres saisies n'est une majuscule, ou elle porte un accent.")
    sentence = N_("Ajoutez au moins une lettre majuscule, sans accent.")
    remedy = N_("Ajoutez une lettre de « A » à « Z ». Une lettre accentuée, comme « É », ne suffit pas.")


class NewPasswordWithoutDigit(FieldRejected):
    id = "new-password-without-digit"
    cause = N_("Il ne contient que des lettres, des espaces ou des caractères spéciaux.")
    sentence = N_("Ajoutez au moins un chiffre.")


class NewPasswordControlCharacter(FieldRejected):
    id = "new-password-control-character"
    cause = N_("Un caractère invisible a été copié avec le texte.")
    sentence = N_("Ce mot de passe contient un caractère invisible. Saisissez-le au clavier.")


class NewPasswordsDiffer(FieldRejected):
    id = "new-password-differs"
    cause = N_("L'un des deux champs contient une faute de frappe.")
    sentence = N_("Les deux mots de passe sont différents : saisissez deux fois le même.")


class NewPasswordPersonal(FieldRejected):
    id = "new-password-personal"
    cause = N_("Les fraudeurs essaient en premier votre nom et votre adresse.")
    sentence = N_("Ce mot de passe contient votre nom ou votre adresse : choisissez-en un autre.")
    remedy = THREE_WORDS


class NewPasswordCommon(FieldRejected):
    id = "new-password-common"
    cause = N_("Les fraudeurs essaient en premier les mots de passe les plus répandus.")
    sentence = N_("Ce mot de passe est parmi les plus utilisés au monde : choisissez-en un autre.")
    remedy = THREE_WORDS


class NewPasswordWeak(FieldRejected):
    id = "new-password-weak"
    cause = N_("Un mot courant, un prénom, une ville ou une suite du clavier se devinent, même suivis de chiffres.")
    sentence = N_(
        "Ce mot de passe est facile à deviner : choisissez plutôt trois mots courts sans lien entre eux, avec une majuscule et un chiffre."
    )
    remedy = THREE_WORDS


# ── The birth date and the NUMEN ─────────────────────────────────────────────────────────────────────────


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
    """Raised when a voter fails the identity check. The message must not reveal why."""

    id = "identity-unmatched"
    cause = N_("Souvent, un chiffre ou une lettre du NUMEN est faux, ou le jour et le mois sont inversés.")
    sentence = N_("Cette date de naissance et ce NUMEN ne correspondent pas. Vérifiez les deux.")
    remedy = N_(
        "Relisez la date de naissance, puis chaque caractère du NUMEN : la page ne dit pas lequel des deux est faux. Le secrétariat de votre établissement connaît votre NUMEN."
    )


# ── The telephone number ─────────────────────────────────────────────────────────────────────────────────


BORROW_A_PHONE = N_("Vous pouvez utiliser le téléphone d'un proche qui ne vote pas à cette élection.")


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
    sentence = N_("Nous n'envoyons pas de SMS vers ce pays. Numéros de mobile acceptés : {countries}.")
    remedy = BORROW_A_PHONE


class PhoneNotMobile(FieldRejected):
    id = "phone-not-mobile"
    cause = N_("C'est le numéro d'un téléphone fixe, ou un numéro spécial.")
    sentence = N_("Ce numéro ne reçoit pas de SMS : saisissez un numéro de mobile.")
    remedy = BORROW_A_PHONE


# ── The security code ────────────────────────────────────────────────────────────────────────────────────


class CodeMissing(FieldRejected):
    id = "code-missing"
    cause = LEFT_EMPTY
    sentence = N_("Saisissez le code de sécurité reçu.")


class CodeUnreadable(FieldRejected):
    id = "code-unreadable"
    cause = N_("Il manque un chiffre du code, ou il y en a un de trop.")
    sentence = N_("Le code compte {digits} chiffres : saisissez-le comme dans le SMS.")


class WrongCode(FieldRejected):
    id = "wrong-code"
    cause = N_("Souvent, un chiffre est faux, ou le code vient d'un SMS plus ancien.")
    sentence = N_("Ce code est incorrect. Saisissez le dernier code reçu.")


class CodeExpired(FieldRejected):
    id = "code-expired"
    cause = N_("Un code de sécurité n'est valable que quelques minutes.")
    sentence = N_("Ce code n'est plus valable. Choisissez « Renvoyer le code » pour en recevoir un autre.")
    remedy = N_("Choisissez « Renvoyer le code », puis saisissez le code du nouveau SMS.")
