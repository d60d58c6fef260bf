"""One class for each thing a caller can be told, all on one page.

Two families. `Rejected` (core.steps): one field, to be typed again. `Refusal`: the act as a whole is not possible;
it says what happened and what to do now. Ids are stable: a help page, a log line and a test may name one.
"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from core.steps import Rejected
from core.text import N_, NN_, Text, TimeOfDay


class Kind(StrEnum):
    """What sort of refusal it is; a face chooses its way of showing (a status code, a colour) from this."""

    NOT_FOUND = "not-found"
    GONE = "gone"
    FORBIDDEN = "forbidden"
    TOO_MANY = "too-many"
    TOO_LARGE = "too-large"
    UNREADABLE = "unreadable"
    UNAVAILABLE = "unavailable"


class Refusal(Exception):
    """An act that is not possible now. `title` says what happened, `remedy` what to do."""

    id: ClassVar[str]
    kind: ClassVar[Kind]
    title: ClassVar[Text]
    remedy: ClassVar[tuple[Text, ...]]
    cause: ClassVar[Text | None] = None
    """Why that happens, for the help."""

    def __init__(self, *, until: datetime | None = None, **facts: object) -> None:
        """`until`, in the election's zone, is when trying again makes sense."""
        super().__init__(self.id)
        self.until = until
        self.facts: dict[str, object] = facts if until is None else {**facts, "again_at": TimeOfDay(until)}


CALL_THE_DESK = N_("Si vous n'y arrivez pas, appelez l'assistance au {desk_phone} ({desk_hours}).")


class DeskRejected(Rejected):
    """Told to an agent, never to a voter: the voters' help has no entry for it."""


class DeskRefusal(Refusal):
    """Likewise."""


LEFT_EMPTY = N_("La case est restée vide.")
ASK_AGAIN = N_("Demandez un nouveau message : saisissez votre adresse professionnelle, puis « Mot de passe oublié ».")


# ── The address ──────────────────────────────────────────────────────────────────────────────────────────


class AddressMissing(Rejected):
    id = "address-missing"
    cause = LEFT_EMPTY
    sentence = N_("Saisissez votre adresse professionnelle.")


class AddressTooLong(Rejected):
    id = "address-too-long"
    cause = N_("Plusieurs adresses ont peut-être été collées à la suite.")
    sentence = N_("Cette adresse est trop longue : saisissez une seule adresse, de {maximum} caractères au plus.")


class AddressNotOne(Rejected):
    id = "address-not-one"
    cause = N_("La case contient deux adresses, ou un passage à la ligne.")
    sentence = N_("Saisissez une seule adresse, sur une seule ligne.")


class AddressUnreadable(Rejected):
    id = "address-unreadable"
    cause = N_("Il manque le @, ou ce qui le suit.")
    sentence = N_("Saisissez une adresse complète, avec un seul @, comme dans cet exemple : {example}.")


class AddressOddCharacter(Rejected):
    id = "address-odd-character"
    cause = N_("Une lettre accentuée ou d'un autre alphabet est venue avec la saisie ou avec un copier-coller.")
    sentence = N_("Le caractère « {character} » ne peut pas figurer dans cette adresse. Retapez-la au clavier.")


# ── The password at sign-in ──────────────────────────────────────────────────────────────────────────────


class PasswordMissing(Rejected):
    id = "password-missing"
    cause = LEFT_EMPTY
    sentence = N_("Saisissez votre mot de passe, ou choisissez « Mot de passe oublié ».")


class WrongPassword(Rejected):
    id = "wrong-password"
    cause = N_("Souvent, une majuscule manque, ou ce mot de passe est celui d'un autre site.")
    sentence = N_("Adresse ou mot de passe incorrect. Vérifiez les majuscules, ou choisissez « Mot de passe oublié ».")


def tries_left(count: int, *, pause_minutes: int) -> Text:
    """How many more wrong passwords before a pause, counted alike for every address."""
    if count == 0:
        return N_("C'était le dernier essai avant une pause de {minutes} min au plus.", minutes=pause_minutes)
    return NN_(
        "Il reste {count} essai avant une pause de {minutes} min au plus.",
        "Il reste {count} essais avant une pause de {minutes} min au plus.",
        count=count,
        minutes=pause_minutes,
    )


# ── The new password ─────────────────────────────────────────────────────────────────────────────────────


class NewPasswordMissing(Rejected):
    id = "new-password-missing"
    cause = LEFT_EMPTY
    sentence = N_("Saisissez un nouveau mot de passe.")


class NewPasswordTooShort(Rejected):
    id = "new-password-too-short"
    cause = N_("Un mot de passe court se devine vite.")
    sentence = N_("Ce mot de passe est trop court : il doit compter au moins {minimum} caractères.")


class NewPasswordTooLong(Rejected):
    id = "new-password-too-long"
    cause = N_("Un texte plus long a peut-être été collé dans la case.")
    sentence = N_("Ce mot de passe est trop long : il doit compter au plus {maximum} caractères.")


class NewPasswordWithoutLower(Rejected):
    id = "new-password-without-lower"
    cause = N_("La touche qui verrouille les majuscules est peut-être enfoncée.")
    sentence = N_("Ajoutez au moins une lettre minuscule.")


class NewPasswordWithoutUpper(Rejected):
    id = "new-password-without-upper"
    cause = N_("Aucune des lettres saisies n'est une majuscule.")
    sentence = N_("Ajoutez au moins une lettre majuscule.")


class NewPasswordWithoutDigit(Rejected):
    id = "new-password-without-digit"
    cause = N_("Il ne contient que des lettres, des espaces ou des signes.")
    sentence = N_("Ajoutez au moins un chiffre.")


class NewPasswordControlCharacter(Rejected):
    id = "new-password-control-character"
    cause = N_("Un caractère caché est venu avec un copier-coller.")
    sentence = N_("Ce mot de passe contient un caractère qui ne se voit pas. Saisissez-le au clavier.")


class NewPasswordDiffers(Rejected):
    id = "new-password-differs"
    cause = N_("Une faute de frappe est dans l'une des deux cases.")
    sentence = N_("Les deux saisies sont différentes : tapez deux fois le même mot de passe.")


class NewPasswordPersonal(Rejected):
    id = "new-password-personal"
    cause = N_("Les fraudeurs essaient en premier votre nom et votre adresse.")
    sentence = N_("Ce mot de passe contient votre nom ou votre adresse : choisissez-en un autre.")


class NewPasswordCommon(Rejected):
    id = "new-password-common"
    cause = N_("Les fraudeurs essaient en premier les mots de passe les plus répandus.")
    sentence = N_("Ce mot de passe est parmi les plus utilisés au monde : choisissez-en un autre.")


class NewPasswordWeak(Rejected):
    id = "new-password-weak"
    cause = N_("Il suit l'ordre du clavier, une date, ou un mot du dictionnaire.")
    sentence = N_(
        "Ce mot de passe est facile à deviner : allongez-le, par exemple avec plusieurs mots qui n'ont rien à voir entre eux."
    )


# ── The birth date and the NUMEN ─────────────────────────────────────────────────────────────────────────


class BirthDateMissing(Rejected):
    id = "birth-date-missing"
    cause = N_("Une des trois cases est restée vide.")
    sentence = N_("Saisissez le jour, le mois et l'année de naissance.")


class BirthDateNotNumbers(Rejected):
    id = "birth-date-not-numbers"
    cause = N_("Une case contient des lettres ou des signes.")
    sentence = N_("Saisissez la date de naissance en chiffres : le jour, le mois, l'année.")


class BirthDateYear(Rejected):
    id = "birth-date-year"
    cause = N_("L'année a été saisie avec deux chiffres seulement.")
    sentence = N_("Saisissez l'année de naissance en quatre chiffres.")


class BirthDateImpossible(Rejected):
    id = "birth-date-impossible"
    cause = N_("Le jour et le mois sont peut-être inversés.")
    sentence = N_("Cette date n'existe pas. Vérifiez le jour et le mois de naissance.")


class NumenMissing(Rejected):
    id = "numen-missing"
    cause = LEFT_EMPTY
    sentence = N_("Saisissez le NUMEN.")


class NumenUnreadable(Rejected):
    id = "numen-unreadable"
    cause = N_("Un caractère manque, ou une lettre O a été saisie pour un zéro.")
    sentence = N_(
        "Un NUMEN compte treize caractères : deux chiffres, une lettre, sept chiffres, trois lettres. Vérifiez la lettre O et le chiffre zéro."
    )


class IdentityUnmatched(Rejected):
    """Whichever is wrong, or both: one sentence (CASE 31)."""

    id = "identity-unmatched"
    cause = N_("Souvent, un chiffre ou une lettre du NUMEN est faux, ou le jour et le mois sont inversés.")
    sentence = N_(
        "Cette date de naissance et ce NUMEN ne vont pas ensemble sur la liste électorale. Vérifiez l'une et l'autre."
    )


# ── The telephone ────────────────────────────────────────────────────────────────────────────────────────


class PhoneMissing(Rejected):
    id = "phone-missing"
    cause = LEFT_EMPTY
    sentence = N_("Saisissez votre numéro de téléphone mobile.")


class PhoneUnreadable(Rejected):
    id = "phone-unreadable"
    cause = N_("Il manque un chiffre, ou il y en a un de trop.")
    sentence = N_("Saisissez un numéro entier, comme dans l'exemple. Outre-mer, commencez par + et l'indicatif.")


class PhoneElsewhere(Rejected):
    id = "phone-elsewhere"
    cause = N_("Ce numéro est celui d'un autre pays.")
    sentence = N_("Les SMS partent vers la France et l'outre-mer seulement. Saisissez un numéro de mobile français.")


class PhoneNotMobile(Rejected):
    id = "phone-not-mobile"
    cause = N_("Ce numéro est celui d'un téléphone fixe ou d'un numéro spécial.")
    sentence = N_("Ce numéro ne reçoit pas de SMS : saisissez un numéro de mobile.")


# ── The security code ────────────────────────────────────────────────────────────────────────────────────


class CodeMissing(Rejected):
    id = "code-missing"
    cause = LEFT_EMPTY
    sentence = N_("Saisissez le code de sécurité reçu par SMS.")


class CodeUnreadable(Rejected):
    id = "code-unreadable"
    cause = N_("Il manque un chiffre du code, ou il y en a un de trop.")
    sentence = N_("Le code compte {digits} chiffres : saisissez-les tels que le SMS les donne.")


class WrongCode(Rejected):
    id = "wrong-code"
    cause = N_("Souvent, un chiffre est faux, ou le code vient d'un SMS plus ancien.")
    sentence = N_("Ce n'est pas le code attendu. Lisez-le dans le SMS le plus récent.")


class CodeExpired(Rejected):
    id = "code-expired"
    cause = N_("Un code de sécurité ne sert que quelques minutes.")
    sentence = N_("Ce code n'est plus valable. Choisissez « Renvoyer le code » pour en recevoir un autre.")


# ── The link ─────────────────────────────────────────────────────────────────────────────────────────────


class LinkDamaged(Refusal):
    id = "link-damaged"
    cause = N_("Certaines messageries coupent un lien à la fin de la ligne.")
    kind = Kind.NOT_FOUND
    title = N_("Ce lien est incomplet ou abîmé")
    remedy = (
        N_(
            "Votre messagerie a peut-être coupé le lien. Copiez-le en entier, du début « {site} » jusqu'au dernier caractère, sans point ni signe « > » à la fin."
        ),
        ASK_AGAIN,
    )


class LinkUnknown(Refusal):
    id = "link-unknown"
    cause = N_("Une lettre du lien a changé, ou le lien vient d'un autre site.")
    kind = Kind.NOT_FOUND
    title = N_("Nous ne reconnaissons pas ce lien")
    remedy = (
        N_("Ouvrez le lien depuis le message le plus récent, en entier."),
        ASK_AGAIN,
    )


class LinkExpired(Refusal):
    id = "link-expired"
    cause = N_("Pour votre sécurité, un lien ne sert que quelques heures.")
    kind = Kind.GONE
    title = N_("Ce lien a expiré")
    remedy = (
        N_("Il était valable jusqu'au {expired_at} (heure de Paris). Votre mot de passe n'a pas changé."),
        N_("Si vous avez reçu un message plus récent, son lien fonctionne encore."),
        ASK_AGAIN,
    )


class LinkUsed(Refusal):
    id = "link-used"
    cause = N_("Un lien ne sert qu'une fois.")
    kind = Kind.GONE
    title = N_("Ce lien a déjà servi")
    remedy = (
        N_("Un mot de passe a été choisi avec ce lien. Connectez-vous avec ce mot de passe."),
        N_("Si ce n'était pas vous, appelez tout de suite l'assistance au {desk_phone}."),
        ASK_AGAIN,
    )


class LinkReplaced(Refusal):
    id = "link-replaced"
    cause = N_("Un mot de passe a été choisi avec un autre lien, ou votre fiche a été corrigée.")
    kind = Kind.GONE
    title = N_("Ce lien ne fonctionne plus")
    remedy = (
        N_(
            "Votre mot de passe ou votre fiche a changé après l'envoi de ce lien. Par précaution, les liens plus anciens sont annulés."
        ),
        ASK_AGAIN,
        CALL_THE_DESK,
    )


class StopLinkUnknown(Refusal):
    id = "stop-link-unknown"
    cause = N_("Certaines messageries coupent un lien à la fin de la ligne.")
    kind = Kind.NOT_FOUND
    title = N_("Ce lien pour bloquer votre compte est incomplet")
    remedy = (N_("Pour bloquer votre compte, appelez tout de suite l'assistance au {desk_phone} ({desk_hours})."),)


# ── The account ──────────────────────────────────────────────────────────────────────────────────────────


class AccountFrozen(Refusal):
    """Only ever told to someone who has just given the right password or holds a link: no oracle."""

    id = "account-frozen"
    cause = N_("Quelqu'un a choisi « Bloquer mon compte » depuis un message reçu à votre adresse.")
    kind = Kind.FORBIDDEN
    title = N_("Votre compte est bloqué")
    remedy = (
        N_("Quelqu'un a signalé un changement qui n'était pas de vous : ce compte est bloqué pour vous protéger."),
        N_("Appelez l'assistance au {desk_phone} ({desk_hours}) pour le débloquer."),
    )


class TooManySignIns(Refusal):
    id = "too-many-sign-ins"
    cause = N_("Plusieurs mots de passe faux ont été saisis avec cette adresse, par vous ou par quelqu'un d'autre.")
    kind = Kind.TOO_MANY
    title = N_("Trop d'essais")
    remedy = (
        N_(
            "Pour protéger ce compte, les essais reprennent à {again_at} (heure de Paris). Aucun mot de passe n'a changé."
        ),
        N_("Pour ne pas attendre, choisissez « Mot de passe oublié » : il fonctionne toujours."),
        CALL_THE_DESK,
    )


class SignInNeeded(Refusal):
    id = "sign-in-needed"
    cause = N_("Une session se ferme d'elle-même au bout d'un moment, ou quand le mot de passe change.")
    kind = Kind.FORBIDDEN
    title = N_("Connectez-vous pour continuer")
    remedy = (N_("Votre session est terminée. Rien n'est perdu : saisissez votre adresse et votre mot de passe."),)


# ── The new identifier ───────────────────────────────────────────────────────────────────────────────────


NOTHING_IS_COUNTED = N_("Rien n'est décompté de vos demandes.")


class TooManyMatchings(Refusal):
    id = "too-many-matchings"
    cause = N_("La date de naissance et le NUMEN ont été refusés plusieurs fois.")
    kind = Kind.TOO_MANY
    title = N_("Trop d'essais")
    remedy = (
        N_("Pour protéger ce compte, les essais reprennent à {again_at} (heure de Paris)."),
        NOTHING_IS_COUNTED,
        N_("D'ici là, vérifiez votre NUMEN : le secrétariat de votre établissement le connaît."),
        CALL_THE_DESK,
    )


class TooManyCodes(Refusal):
    id = "too-many-codes"
    cause = N_("Plusieurs codes faux ont été saisis, par vous ou par quelqu'un d'autre.")
    kind = Kind.TOO_MANY
    title = N_("Trop de codes faux")
    remedy = (
        N_("Par précaution, cette demande est fermée : aucun code ne l'ouvre plus."),
        N_("Vous pourrez en faire une autre à {again_at} (heure de Paris)."),
        NOTHING_IS_COUNTED,
        CALL_THE_DESK,
    )


class PhoneTaken(Refusal):
    """Does not tell whose it is (CASE 30)."""

    id = "phone-taken"
    cause = N_("Ce numéro ne peut pas recevoir votre identifiant.")
    kind = Kind.FORBIDDEN
    title = N_("Ce numéro ne peut pas servir")
    remedy = (
        N_("Pendant toute l'élection, un numéro ne sert qu'à une seule personne."),
        N_("Recommencez avec un autre numéro de mobile, qui est à vous."),
        NOTHING_IS_COUNTED,
        CALL_THE_DESK,
    )


class NoReissueLeft(Refusal):
    id = "no-reissue-left"
    cause = N_("Le nombre de demandes est limité pour toute l'élection.")
    kind = Kind.FORBIDDEN
    title = N_("Vous n'avez plus de demande possible")
    remedy = (
        N_("Chaque personne peut recevoir au plus {most} nouveaux identifiants, et vous les avez demandés."),
        N_("Retrouvez le dernier SMS reçu : son identifiant fonctionne."),
        CALL_THE_DESK,
    )


class ReissueUnderWay(Refusal):
    id = "reissue-under-way"
    cause = N_("Vous avez déjà fait une demande, sur cet appareil ou sur un autre.")
    kind = Kind.FORBIDDEN
    title = N_("Un nouvel identifiant est déjà en route")
    remedy = (
        N_("Une demande est en cours : son SMS part dès que possible."),
        N_("Attendez ce SMS avant d'en demander un autre."),
        CALL_THE_DESK,
    )


# ── The desk: what an agent types ────────────────────────────────────────────────────────────────────────


class AgentNameMissing(DeskRejected):
    id = "agent-name-missing"
    sentence = N_("Saisissez votre nom d'agent.")


class AgentNameUnreadable(DeskRejected):
    id = "agent-name-unreadable"
    sentence = N_(
        "Un nom d'agent se compose de lettres sans accent, de chiffres, de points ou de tirets, comme « camille »."
    )


class AgentPasswordMissing(DeskRejected):
    id = "agent-password-missing"
    sentence = N_("Saisissez votre mot de passe d'agent.")


class AgentCodeMissing(DeskRejected):
    id = "agent-code-missing"
    sentence = N_("Saisissez le code à six chiffres de votre application.")


class AgentCodeUnreadable(DeskRejected):
    id = "agent-code-unreadable"
    sentence = N_("Ce code doit compter six chiffres, tels que votre application les montre.")


class UnlockMissing(DeskRejected):
    id = "unlock-missing"
    sentence = N_("Saisissez votre mot de passe, ou le code de votre application.")


# ── The desk: what is not possible ───────────────────────────────────────────────────────────────────────


class AgentUnknown(DeskRefusal):
    """One answer for a wrong name, a wrong password, a wrong code and a removed agent."""

    id = "agent-unknown"
    kind = Kind.FORBIDDEN
    title = N_("Ce nom, ce mot de passe et ce code ne vont pas ensemble")
    remedy = (
        N_("Vérifiez chacun d'eux, les majuscules du mot de passe aussi, puis saisissez le code affiché à présent."),
        N_("Si l'heure de votre téléphone n'est pas réglée automatiquement, le code est faux."),
    )


class AgentCodeUsed(DeskRefusal):
    """Only ever told with the right password and a right code."""

    id = "agent-code-used"
    kind = Kind.FORBIDDEN
    title = N_("Ce code a déjà servi")
    remedy = (N_("Un code ne sert qu'une fois. Attendez que votre application en montre un autre."),)


class TooManyAgentTries(DeskRefusal):
    id = "too-many-agent-tries"
    kind = Kind.TOO_MANY
    title = N_("Trop d'essais pour ce nom d'agent")
    remedy = (
        N_("Les essais reprennent à {again_at} (heure de Paris)."),
        N_(
            "Si vous avez perdu le mot de passe ou le téléphone, un nouveau départ se donne par « retrouve agent reset »."
        ),
    )


class DutyOver(DeskRefusal):
    id = "duty-over"
    kind = Kind.FORBIDDEN
    title = N_("Votre session est terminée")
    remedy = (N_("Votre compte d'agent a changé depuis. Ouvrez une nouvelle session."),)


class NotAllowed(DeskRefusal):
    id = "not-allowed"
    kind = Kind.FORBIDDEN
    title = N_("Votre rôle permet de lire, pas d'agir")
    remedy = (N_("Cet acte revient à l'assistance : rien n'a été fait."),)


class CallerNotVerified(DeskRefusal):
    """One answer for a wrong birth date and a wrong NUMEN (rule 11)."""

    id = "caller-not-verified"
    kind = Kind.FORBIDDEN
    title = N_("L'appelant n'est pas vérifié : n'allez pas plus loin")
    remedy = (
        N_("Ne dites pas ce qui ne va pas : rien ici ne le dit."),
        N_("Faites répéter la date de naissance et le NUMEN, puis recommencez, ou arrêtez l'appel avec politesse."),
    )


class TooManyCallerTries(DeskRefusal):
    id = "too-many-caller-tries"
    kind = Kind.TOO_MANY
    title = N_("Trop de vérifications manquées pour cette personne")
    remedy = (
        N_("L'assistance pourra recommencer à {again_at} (heure de Paris)."),
        N_("D'ici là, la personne peut continuer seule sur le site : rien n'y est bloqué."),
    )


class CallerForgotten(DeskRefusal):
    id = "caller-forgotten"
    kind = Kind.FORBIDDEN
    title = N_("Vérifiez de nouveau l'appelant")
    remedy = (N_("Une vérification vaut pour une personne, un agent et un appel. Rien n'a été fait."),)


class SignatureRefused(DeskRefusal):
    id = "signature-refused"
    kind = Kind.FORBIDDEN
    title = N_("Il faut la signature d'un responsable")
    remedy = (
        N_("Un responsable autre que vous signe à vos côtés, avec son nom, son mot de passe et son code."),
        N_("Sa signature sert quelques minutes, pour cette personne seulement. Rien n'a été fait."),
    )


class CaseUnknown(DeskRefusal):
    id = "case-unknown"
    kind = Kind.NOT_FOUND
    title = N_("Aucun dossier ne porte ce numéro")
    remedy = (N_("Faites relire le numéro affiché : huit lettres ou chiffres, jamais O, I, L, zéro ni un."),)


class VoterGone(DeskRefusal):
    id = "voter-gone"
    kind = Kind.GONE
    title = N_("Cette personne n'est plus sur la liste électorale")
    remedy = (N_("Sa fiche peut encore être lue ; plus aucun acte n'y est possible."),)


class AskedTooSoon(DeskRefusal):
    """Someone else, the voter perhaps, asked in the meantime."""

    id = "asked-too-soon"
    kind = Kind.TOO_MANY
    title = N_("Un message vient d'être demandé")
    remedy = (
        N_("Un autre pourra l'être à {again_at} (heure de Paris). Regardez l'historique : il a peut-être abouti."),
    )


class EnoughLinks(DeskRefusal):
    id = "enough-links"
    kind = Kind.TOO_MANY
    title = N_("Assez de liens fonctionnent déjà")
    remedy = (
        N_("Un message de plus ne partirait pas : faites ouvrir l'un de ceux qui sont partis."),
        N_("Cherchez avec la personne dans les courriers indésirables et les autres dossiers."),
    )


class FrozenForDesk(DeskRefusal):
    id = "frozen-for-desk"
    kind = Kind.FORBIDDEN
    title = N_("Ce compte est bloqué")
    remedy = (N_("Aucun lien ne part tant qu'il l'est. Pour le rouvrir, un responsable signe avec vous."),)


class NotFrozen(DeskRefusal):
    id = "not-frozen"
    kind = Kind.FORBIDDEN
    title = N_("Ce compte n'est pas bloqué")
    remedy = (N_("Il n'y a rien à rouvrir : quelqu'un l'a peut-être fait dans l'intervalle."),)


class NothingToSendAgain(DeskRefusal):
    id = "nothing-to-send-again"
    kind = Kind.GONE
    title = N_("Il n'y a pas de message à renvoyer")
    remedy = (N_("Ce dossier n'en a pas demandé. Commencez par « Envoyer le message »."),)


# ── What SMS may cost ────────────────────────────────────────────────────────────────────────────────────


class SmsPhoneSpent(Refusal):
    id = "sms-phone-spent"
    cause = N_("Un même numéro ne reçoit que peu de SMS par jour.")
    kind = Kind.TOO_MANY
    title = N_("Ce numéro a déjà reçu beaucoup de SMS")
    remedy = (
        N_("Pour le protéger, nous ne lui envoyons plus de code jusqu'au {resumes_at} (heure de Paris)."),
        N_("Si un code est arrivé il y a moins de quelques minutes, il fonctionne encore."),
        CALL_THE_DESK,
    )


class SmsDaySpent(Refusal):
    id = "sms-day-spent"
    cause = N_("Le nombre de SMS par jour est limité, pour arrêter les fraudeurs.")
    kind = Kind.TOO_MANY
    title = N_("L'envoi de codes par SMS est suspendu")
    remedy = (
        N_("Trop de SMS sont partis aujourd'hui. Les envois reprennent le {resumes_at} (heure de Paris)."),
        N_("Aucun de vos essais n'a été décompté, et votre identifiant de vote n'a pas changé."),
        CALL_THE_DESK,
    )


class SmsCountrySpent(SmsDaySpent):
    """To the voter as when the whole day's budget is spent; the journal and the desk know which it was."""

    id = "sms-country-spent"


# ── The calendar ─────────────────────────────────────────────────────────────────────────────────────────


class NotYetOpen(Refusal):
    id = "not-yet-open"
    cause = N_("Le service ouvre à la date choisie pour cette élection.")
    kind = Kind.FORBIDDEN
    title = N_("Le service n'est pas encore ouvert")
    remedy = (
        N_("Il ouvrira le {opens_at} (heure de Paris)."),
        CALL_THE_DESK,
    )


class VoteClosed(Refusal):
    id = "vote-closed"
    cause = N_("La période de vote est terminée.")
    kind = Kind.FORBIDDEN
    title = N_("Le vote est clos")
    remedy = (
        N_(
            "Il s'est terminé le {closed_at} (heure de Paris). Les mots de passe et les identifiants de vote ne sont plus utiles."
        ),
        N_("Pour toute question, appelez l'assistance au {desk_phone} ({desk_hours})."),
    )


# ── The site ─────────────────────────────────────────────────────────────────────────────────────────────


class PageNotFound(Refusal):
    id = "page-not-found"
    cause = N_("L'adresse contient une faute, ou elle est incomplète.")
    kind = Kind.NOT_FOUND
    title = N_("Cette page n'existe pas")
    remedy = (
        N_("Vérifiez l'adresse : le site est {site}."),
        N_("Pour retrouver votre mot de passe, repartez de l'accueil."),
        CALL_THE_DESK,
    )


class CameFromElsewhere(Refusal):
    id = "came-from-elsewhere"
    cause = N_("La demande venait d'une page qui n'est pas de ce site.")
    kind = Kind.FORBIDDEN
    title = N_("Cette demande ne vient pas de notre site")
    remedy = (
        N_("Par précaution, rien n'a été fait. Ouvrez vous-même {site} et recommencez."),
        CALL_THE_DESK,
    )


class TooLarge(Refusal):
    id = "too-large"
    cause = N_("Un long texte a été collé dans une case.")
    kind = Kind.TOO_LARGE
    title = N_("Cette demande est trop longue")
    remedy = (N_("Rien n'a été fait. Revenez en arrière et saisissez seulement ce qui est demandé."),)


class Unreadable(Refusal):
    id = "unreadable"
    cause = N_("Le navigateur a envoyé une demande incomplète.")
    kind = Kind.UNREADABLE
    title = N_("Cette demande ne peut pas être lue")
    remedy = (
        N_("Rien n'a été fait. Repartez de l'accueil : {site}."),
        CALL_THE_DESK,
    )


class TooManyRequests(Refusal):
    id = "too-many-requests"
    cause = N_("Beaucoup de personnes de votre établissement utilisent le site en même temps.")
    kind = Kind.TOO_MANY
    title = N_("Le site reçoit trop de demandes de votre réseau")
    remedy = (
        N_("Attendez une minute, puis recommencez. Rien n'est perdu."),
        CALL_THE_DESK,
    )


class Unavailable(Refusal):
    id = "unavailable"
    cause = N_("Le site est en panne, ou on le met à jour.")
    kind = Kind.UNAVAILABLE
    title = N_("Le service ne répond pas pour le moment")
    remedy = (
        N_("Rien n'a été perdu ni changé. Recommencez dans quelques minutes."),
        CALL_THE_DESK,
    )
