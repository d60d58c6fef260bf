from core.forms.errors.error_families import (
    BLOCK_BY_NOTICE,
    CALL_THE_DESK,
    PROMISE_CALL_BACK,
    REQUESTS_KEPT,
    PolicyDependentStepRefusal,
    Refusal,
    RefusalKind,
)
from core.text.text import N_


class TooManyIdentityAttempts(Refusal):
    id = "too-many-matchings"
    cause = N_("La date de naissance et le NUMEN ont été refusés plusieurs fois.")
    kind = RefusalKind.TOO_MANY
    title = N_("Trop d'essais")
    remedy = (
        N_("Pour protéger ce compte, vous pourrez réessayer à {again_at} (heure de Paris)."),
        REQUESTS_KEPT,
        N_("D'ici là, vérifiez votre NUMEN : le secrétariat de votre établissement le connaît."),
        CALL_THE_DESK,
    )
    agent = (PROMISE_CALL_BACK,)


class TooManyWrongCodes(Refusal):
    id = "too-many-codes"
    cause = N_("Plusieurs codes faux ont été saisis, par vous ou par quelqu'un d'autre.")
    kind = RefusalKind.TOO_MANY
    title = N_("Trop de codes faux : cette demande est annulée")
    remedy = (
        N_("Vous pourrez en faire une autre à {again_at} (heure de Paris)."),
        REQUESTS_KEPT,
        CALL_THE_DESK,
    )
    agent = (PROMISE_CALL_BACK,)


class PhoneTaken(Refusal):
    """Raised when another voter uses the phone number. The message must not reveal who."""

    id = "phone-taken"
    cause = N_("Ce numéro a peut-être déjà servi à une autre personne.")
    title = N_("Ce numéro ne peut pas servir")
    remedy = (
        N_("Pendant toute l'élection, un numéro ne sert qu'à une seule personne."),
        N_("Recommencez avec un autre numéro de mobile, qui vous appartient."),
        REQUESTS_KEPT,
        CALL_THE_DESK,
    )
    agent = (
        N_("Faites donner un autre numéro de mobile, qui est à la personne."),
        N_("Si elle n'en a pas d'autre : {end_call_key}, puis « Un collègue prend la suite »."),
    )


class NoReissueLeft(Refusal):
    id = "no-reissue-left"
    cause = N_("Le nombre de demandes est limité pour toute l'élection.")
    title = N_("Vous n'avez plus de demande possible")
    remedy = (
        N_("Chaque personne peut recevoir au plus {most} nouveaux identifiants, et vous les avez demandés."),
        N_("Si le SMS de votre dernière demande est arrivé, retrouvez-le : son identifiant fonctionne."),
        CALL_THE_DESK,
    )
    agent = (
        N_(
            "Faites retrouver le SMS de la dernière demande, sans le faire lire : s'il est arrivé, son identifiant fonctionne."
        ),
        N_(
            "Aucun agent ne peut ajouter de demande. Sans ce SMS : {end_call_key}, puis « Un collègue prend la suite »."
        ),
    )


class ReissueUnderWay(Refusal):
    id = "reissue-under-way"
    cause = N_("Vous avez déjà fait une demande, sur cet appareil ou sur un autre.")
    title = N_("Vous allez déjà recevoir un nouvel identifiant")
    remedy = (
        N_("Votre demande est en cours : vous recevrez un SMS dès que possible."),
        N_("Attendez ce SMS avant d'en demander un autre."),
        CALL_THE_DESK,
    )
    agent = (N_("Faites attendre le SMS. S'il tarde : {end_call_key} note un rappel promis."),)


RESTART_REISSUE = N_(
    "Pour recommencer, connectez-vous sur {site} et choisissez « Demander un nouvel identifiant de vote »."
)
NOTHING_CONFIRMED = N_("Rien n'a été confirmé avec ce lien.")


class ConfirmationUnknown(PolicyDependentStepRefusal):
    id = "confirmation-unknown"
    cause = N_("Certaines messageries coupent un lien à la fin de la ligne.")
    kind = RefusalKind.NOT_FOUND
    title = N_("Nous ne reconnaissons pas ce lien de confirmation")
    remedy = (N_("Ouvrez le lien depuis le message le plus récent, en entier."), NOTHING_CONFIRMED, CALL_THE_DESK)


class ConfirmationExpired(PolicyDependentStepRefusal):
    id = "confirmation-expired"
    cause = N_("Pour votre sécurité, ce lien n'est valable que quelques minutes.")
    kind = RefusalKind.GONE
    title = N_("Ce lien de confirmation a expiré")
    remedy = (
        N_(
            "Il était valable jusqu'au {expired_at} (heure de Paris). Un message plus récent fonctionne peut-être encore."
        ),
        NOTHING_CONFIRMED,
        RESTART_REISSUE,
    )


class ConfirmationUsed(PolicyDependentStepRefusal):
    id = "confirmation-used"
    cause = N_("Une demande ne se confirme qu'une fois.")
    kind = RefusalKind.GONE
    title = N_("Cette demande est déjà confirmée")
    remedy = (
        N_("Vous n'avez plus rien à faire ici. Vous recevrez un SMS, ou un message en cas de problème."),
        BLOCK_BY_NOTICE,
    )


class ConfirmationReplaced(PolicyDependentStepRefusal):
    id = "confirmation-replaced"
    cause = N_("Une autre demande a été commencée, ou le mot de passe a changé, après l'envoi de ce lien.")
    kind = RefusalKind.GONE
    title = N_("Ce lien de confirmation ne fonctionne plus")
    remedy = (
        N_("Une autre demande, un nouveau mot de passe ou une correction de votre fiche l'a annulé."),
        RESTART_REISSUE,
        CALL_THE_DESK,
    )


# ── Sending another SMS ──────────────────────────────────────────────────────────────────────────────────


class VoterSmsLimitReached(Refusal):
    id = "sms-voter-spent"
    cause = N_("Plusieurs codes ont été demandés en peu de temps, par vous ou par quelqu'un d'autre.")
    kind = RefusalKind.TOO_MANY
    title = N_("Vous avez demandé beaucoup de codes")
    remedy = (
        N_("Par sécurité, vous pourrez demander un autre code le {resumes_at} (heure de Paris)."),
        N_("Si vous venez de recevoir un code, il fonctionne encore."),
        REQUESTS_KEPT,
        CALL_THE_DESK,
    )
    agent = (PROMISE_CALL_BACK,)


class TooManyPhoneNumbers(Refusal):
    id = "too-many-numbers"
    cause = N_("Plusieurs numéros ont été essayés en peu de temps, par vous ou par quelqu'un d'autre.")
    kind = RefusalKind.TOO_MANY
    title = N_("Vous avez essayé beaucoup de numéros")
    remedy = (
        N_("Un autre numéro pourra être essayé le {resumes_at} (heure de Paris)."),
        N_("D'ici là, revenez en arrière et donnez l'un des numéros déjà essayés."),
        REQUESTS_KEPT,
        CALL_THE_DESK,
    )
    agent = (PROMISE_CALL_BACK,)


class TooManyCodesUnderWay(Refusal):
    """Raised when a code cannot be resent yet, because too many codes are being sent."""

    id = "sms-delayed"
    cause = N_("Beaucoup de personnes demandent un code en même temps.")
    kind = RefusalKind.TOO_MANY
    title = N_("Beaucoup de codes partent en ce moment")
    remedy = (
        N_("Votre code pourra être renvoyé le {resumes_at} (heure de Paris)."),
        N_("Celui qui est déjà parti fonctionne encore : revenez en arrière et attendez son SMS."),
        REQUESTS_KEPT,
        CALL_THE_DESK,
    )
    agent = (PROMISE_CALL_BACK,)
