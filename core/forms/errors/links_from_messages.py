"""Refusals of links from messages."""

from core.forms.errors.error_families import ASK_AGAIN, CALL_THE_DESK, CALL_TO_BLOCK, Refusal, RefusalKind
from core.text.text import N_


class LinkDamaged(Refusal):
    id = "link-damaged"
    cause = N_("Certaines messageries coupent un lien à la fin de la ligne.")
    kind = RefusalKind.NOT_FOUND
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
    kind = RefusalKind.NOT_FOUND
    title = N_("Nous ne reconnaissons pas ce lien")
    remedy = (
        N_("Ouvrez le lien depuis le message le plus récent, en entier."),
        N_("S'il est entier, autorisez les cookies et ouvrez-le encore une fois."),
        ASK_AGAIN,
    )


class LinkExpired(Refusal):
    id = "link-expired"
    cause = N_("Pour votre sécurité, un lien ne sert que quelques heures.")
    kind = RefusalKind.GONE
    title = N_("Ce lien a expiré")
    remedy = (
        N_("Il était valable jusqu'au {expired_at} (heure de Paris). Votre mot de passe n'a pas changé."),
        N_("Si vous avez reçu un message plus récent, son lien fonctionne encore."),
        ASK_AGAIN,
    )


class LinkUsed(Refusal):
    id = "link-used"
    cause = N_("Un lien ne sert qu'une fois.")
    kind = RefusalKind.GONE
    title = N_("Ce lien a déjà servi")
    remedy = (
        N_("Un mot de passe a été choisi avec ce lien. Connectez-vous avec ce mot de passe."),
        N_("Si ce n'était pas vous, appelez tout de suite l'assistance au {desk_phone}."),
        ASK_AGAIN,
    )


class LinkReplaced(Refusal):
    id = "link-replaced"
    cause = N_("Un mot de passe a été choisi avec un autre lien, ou votre fiche a été corrigée.")
    kind = RefusalKind.GONE
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
    kind = RefusalKind.NOT_FOUND
    title = N_("Ce lien pour bloquer votre compte est incomplet")
    remedy = (CALL_TO_BLOCK,)


class StopLinkExpired(Refusal):
    id = "stop-link-expired"
    cause = N_("Le lien d'un avis de changement ne sert que quelques semaines.")
    kind = RefusalKind.GONE
    title = N_("Il est trop tard pour bloquer votre compte par ce lien")
    remedy = (
        N_("Il était valable jusqu'au {expired_at} (heure de Paris). Votre compte n'a pas changé."),
        CALL_TO_BLOCK,
    )


class StopLinkAccountReopened(Refusal):
    id = "stop-link-reopened"
    cause = N_("L'assistance a rouvert le compte après l'envoi de ce lien.")
    kind = RefusalKind.GONE
    title = N_("Votre compte a été rouvert après cet avis")
    remedy = (
        N_("L'assistance a rouvert ce compte le {reopened_at} (heure de Paris). Depuis, ce lien ne bloque plus rien."),
        CALL_TO_BLOCK,
    )
