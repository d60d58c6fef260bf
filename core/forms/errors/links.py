from core.forms.errors.error_families import (
    ASK_AGAIN,
    BLOCK_BY_NOTICE,
    CALL_THE_DESK,
    CALL_TO_BLOCK,
    FREEZE_ACCOUNT,
    NEW_MESSAGE,
    SEND_NEW_LINK,
    Refusal,
    RefusalKind,
)
from core.text.text import N_

COPY_WHOLE_LINK = N_("Faites copier le lien en entier, depuis le message le plus récent.")
COPY_WHOLE_LINK_YOURSELF = N_(
    "Votre messagerie a peut-être coupé le lien. Copiez-le en entier, du début « {site} » jusqu'au dernier caractère, sans point ni signe « > » à la fin."
)
LINK_IS_DEAD = N_("Dites que ce lien ne fonctionne plus et que le mot de passe n'a pas changé avec lui.")


class LinkDamaged(Refusal):
    id = "link-damaged"
    cause = N_("Certaines messageries coupent un lien à la fin de la ligne.")
    kind = RefusalKind.NOT_FOUND
    title = N_("Ce lien est incomplet ou abîmé")
    remedy = (
        COPY_WHOLE_LINK_YOURSELF,
        ASK_AGAIN,
    )
    agent = (
        COPY_WHOLE_LINK,
        SEND_NEW_LINK,
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
    agent = (
        COPY_WHOLE_LINK,
        SEND_NEW_LINK,
    )


class LinkExpired(Refusal):
    id = "link-expired"
    cause = N_("Pour votre sécurité, un lien n'est valable que quelques heures.")
    kind = RefusalKind.GONE
    title = N_("Ce lien a expiré")
    onward = NEW_MESSAGE
    remedy = (
        N_("Il était valable jusqu'au {expired_at} (heure de Paris). Votre mot de passe n'a pas changé."),
        N_("Si vous avez reçu un message plus récent, son lien fonctionne encore."),
        ASK_AGAIN,
    )
    agent = (
        N_("Demandez si un message plus récent est arrivé : son lien fonctionne encore."),
        LINK_IS_DEAD,
        SEND_NEW_LINK,
    )


class LinkUsed(Refusal):
    id = "link-used"
    cause = N_("Un lien ne fonctionne qu'une fois.")
    kind = RefusalKind.GONE
    title = N_("Ce lien a déjà servi")
    onward = N_("Se connecter")
    remedy = (
        N_(
            "Un mot de passe a été choisi le {chosen_at} (heure de Paris). C'était vous ? Connectez-vous avec ce mot de passe."
        ),
        N_("Vous l'avez perdu depuis ? Saisissez votre adresse professionnelle, puis « Mot de passe oublié »."),
        BLOCK_BY_NOTICE,
    )
    agent = (
        N_("Demandez si la personne a choisi ce mot de passe. Si oui, faites-la se connecter avec lui."),
        N_(
            "Si elle l'a perdu depuis, une fois l'appelant vérifié ({verify_key}) : {mail_key} envoie un nouveau message."
        ),
        N_("Si ce n'était pas elle : {freeze_key} bloque le compte."),
    )


class LinkReplaced(Refusal):
    id = "link-replaced"
    cause = N_("Un mot de passe a été choisi avec un autre lien, ou votre fiche a été corrigée.")
    kind = RefusalKind.GONE
    title = N_("Ce lien ne fonctionne plus")
    onward = NEW_MESSAGE
    remedy = (
        N_(
            "Votre mot de passe ou votre fiche a changé après l'envoi de ce lien. Par précaution, les liens plus anciens sont annulés."
        ),
        ASK_AGAIN,
        CALL_THE_DESK,
    )
    agent = (
        LINK_IS_DEAD,
        SEND_NEW_LINK,
    )


class StopLinkUnknown(Refusal):
    id = "stop-link-unknown"
    cause = N_("Certaines messageries coupent un lien à la fin de la ligne.")
    kind = RefusalKind.NOT_FOUND
    title = N_("Ce lien pour bloquer votre compte est incomplet")
    remedy = (COPY_WHOLE_LINK_YOURSELF, CALL_TO_BLOCK)
    agent = (FREEZE_ACCOUNT,)


class StopLinkExpired(Refusal):
    id = "stop-link-expired"
    cause = N_("Le lien d'un avis de changement n'est valable que quelques semaines.")
    kind = RefusalKind.GONE
    title = N_("Il est trop tard pour bloquer votre compte avec ce lien")
    remedy = (
        N_("Il était valable jusqu'au {expired_at} (heure de Paris). Votre compte n'a pas changé."),
        CALL_TO_BLOCK,
    )
    agent = (FREEZE_ACCOUNT,)


class StopLinkAccountReopened(Refusal):
    id = "stop-link-reopened"
    cause = N_("L'assistance a rouvert le compte après l'envoi de ce lien.")
    kind = RefusalKind.GONE
    title = N_("Votre compte a été rouvert après cet avis")
    remedy = (
        N_(
            "L'assistance a rouvert ce compte le {reopened_at} (heure de Paris). Depuis, ce lien ne permet plus de le bloquer."
        ),
        CALL_TO_BLOCK,
    )
    agent = (FREEZE_ACCOUNT,)


# ── The account ──────────────────────────────────────────────────────────────────────────────────────────


class AccountFrozen(Refusal):
    """Raised for a frozen account, but only after a correct password or link."""

    id = "account-frozen"
    cause = N_("Quelqu'un l'a bloqué avec un message reçu à votre adresse, ou en appelant l'assistance.")
    title = N_("Votre compte est bloqué")
    remedy = (
        N_("Un changement suspect a été signalé sur ce compte : il est bloqué pour vous protéger."),
        N_("Appelez l'assistance au {desk_phone} ({desk_hours}) pour le débloquer."),
    )
    agent = (
        N_(
            "Bloqué à l'instant, à sa demande : dites que plus personne n'entre dans ce compte, et qu'un message le confirme."
        ),
        N_("Bloqué avant cet appel : l'historique dit comment. Demandez ce qui s'est passé."),
        N_(
            "Pour rouvrir, une fois l'appelant vérifié ({verify_key}) : {freeze_key}, avec la signature d'un responsable."
        ),
    )


class TooManySignIns(Refusal):
    id = "too-many-sign-ins"
    cause = N_(
        "Plusieurs mots de passe incorrects ont été saisis avec cette adresse, par vous ou par quelqu'un d'autre."
    )
    kind = RefusalKind.TOO_MANY
    title = N_("Trop d'essais")
    remedy = (
        N_(
            "Pour protéger ce compte, vous pourrez réessayer à {again_at} (heure de Paris). Aucun mot de passe n'a changé."
        ),
        N_("Pour ne pas attendre, choisissez « Mot de passe oublié » : il fonctionne toujours."),
        CALL_THE_DESK,
    )
    agent = (
        N_("Ne faites plus essayer : un lien envoyé par courriel fonctionne toujours."),
        SEND_NEW_LINK,
    )


class NetworkThrottled(Refusal):
    id = "network-slowed"
    cause = N_(
        "Depuis un même réseau, des mots de passe incorrects ont été saisis pour beaucoup d'adresses différentes."
    )
    kind = RefusalKind.TOO_MANY
    title = N_("Les connexions depuis votre réseau sont ralenties")
    remedy = (
        N_("Pour protéger les comptes, ce message s'affiche aussi quand le mot de passe est faux : vérifiez le vôtre."),
        N_("Recommencez à {again_at} (heure de Paris)."),
        N_("Pour ne pas attendre, choisissez « Mot de passe oublié » : il fonctionne toujours."),
        CALL_THE_DESK,
    )
    agent = (
        N_("Ne faites plus essayer : un lien envoyé par courriel fonctionne toujours."),
        SEND_NEW_LINK,
    )


class SignInNeeded(Refusal):
    id = "sign-in-needed"
    cause = N_("La session se ferme automatiquement au bout d'un moment, ou quand le mot de passe change.")
    title = N_("Connectez-vous pour continuer")
    onward = N_("Se connecter")
    remedy = (N_("Votre session est terminée. Rien n'est perdu : saisissez votre adresse et votre mot de passe."),)
