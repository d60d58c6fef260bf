"""Refusals of an account, and of signing in to it."""

from core.forms.errors.error_families import CALL_THE_DESK, Refusal, RefusalKind
from core.text.text import N_


class AccountFrozen(Refusal):
    """The refusal of a frozen account. Only someone with the right password or a link sees it, so that it is no oracle."""

    id = "account-frozen"
    cause = N_("Quelqu'un a choisi « Bloquer mon compte » depuis un message reçu à votre adresse.")
    title = N_("Votre compte est bloqué")
    remedy = (
        N_("Quelqu'un a signalé un changement qui n'était pas de vous : ce compte est bloqué pour vous protéger."),
        N_("Appelez l'assistance au {desk_phone} ({desk_hours}) pour le débloquer."),
    )


class TooManySignIns(Refusal):
    id = "too-many-sign-ins"
    cause = N_("Plusieurs mots de passe faux ont été saisis avec cette adresse, par vous ou par quelqu'un d'autre.")
    kind = RefusalKind.TOO_MANY
    title = N_("Trop d'essais")
    remedy = (
        N_(
            "Pour protéger ce compte, les essais reprennent à {again_at} (heure de Paris). Aucun mot de passe n'a changé."
        ),
        N_("Pour ne pas attendre, choisissez « Mot de passe oublié » : il fonctionne toujours."),
        CALL_THE_DESK,
    )


class NetworkThrottled(Refusal):
    id = "network-slowed"
    cause = N_("Depuis un même réseau, des mots de passe faux ont été saisis pour beaucoup d'adresses différentes.")
    kind = RefusalKind.TOO_MANY
    title = N_("Les connexions depuis votre réseau sont ralenties")
    remedy = (
        N_("Pour protéger les comptes, elles passent une à une. Recommencez à {again_at} (heure de Paris)."),
        N_("Pour ne pas attendre, choisissez « Mot de passe oublié » : il fonctionne toujours."),
        CALL_THE_DESK,
    )


class SignInNeeded(Refusal):
    id = "sign-in-needed"
    cause = N_("Une session se ferme d'elle-même au bout d'un moment, ou quand le mot de passe change.")
    title = N_("Connectez-vous pour continuer")
    remedy = (N_("Votre session est terminée. Rien n'est perdu : saisissez votre adresse et votre mot de passe."),)
