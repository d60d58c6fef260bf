from core.forms.errors.error_families import DeskFieldRejected, DeskRefusal, RefusalKind
from core.text.text import N_, NN_, Text


class AgentNameMissing(DeskFieldRejected):
    id = "agent-name-missing"
    sentence = N_("Saisissez votre nom d'agent.")


class AgentNameUnreadable(DeskFieldRejected):
    id = "agent-name-unreadable"
    sentence = N_(
        "Un nom d'agent se compose de lettres sans accent, de chiffres, de points ou de tirets, comme « camille »."
    )


class AgentPasswordMissing(DeskFieldRejected):
    id = "agent-password-missing"
    sentence = N_("Saisissez votre mot de passe d'agent.")


class AgentCodeMissing(DeskFieldRejected):
    id = "agent-code-missing"
    sentence = N_("Saisissez le code à six chiffres de votre application.")


class AgentCodeUnreadable(DeskFieldRejected):
    id = "agent-code-unreadable"
    sentence = N_("Ce code doit compter six chiffres, tels que votre application les montre.")


class UnlockSecretMissing(DeskFieldRejected):
    id = "unlock-missing"
    sentence = N_("Saisissez votre mot de passe, ou le code de votre application.")


# ── Actions that are not possible now ────────────────────────────────────────────────────────────────────

RETRY = N_("{enter_key} envoie de nouveau.")


class AgentUnknown(DeskRefusal):
    """Raised when an agent's sign-in fails. The message must not reveal why."""

    id = "agent-unknown"
    title = N_("Ce nom, ce mot de passe et ce code ne vont pas ensemble")
    remedy = (
        N_("Vérifiez chacun d'eux, les majuscules du mot de passe aussi, puis saisissez le code affiché à présent."),
        N_("Si l'heure de votre téléphone n'est pas réglée automatiquement, le code est faux."),
    )
    agent = (RETRY,)


class TerminalUnlockRefused(DeskRefusal):
    id = "unlock-refused"
    title = N_("Ni votre mot de passe ni un code valable")
    remedy = (
        N_("Saisissez votre mot de passe d'agent, majuscules comprises, ou le code affiché à présent. L'appel attend."),
    )
    agent = (RETRY,)


class AgentCodeUsed(DeskRefusal):
    id = "agent-code-used"
    title = N_("Ce code a déjà servi")
    remedy = (N_("Un code ne sert qu'une fois. Attendez que votre application en montre un autre."),)
    agent = (RETRY,)


class TooManyAgentTries(DeskRefusal):
    id = "too-many-agent-tries"
    kind = RefusalKind.TOO_MANY
    title = N_("Trop d'essais pour ce nom d'agent")
    remedy = (
        N_("Les essais reprennent à {again_at}."),
        N_(
            "Si vous avez perdu le mot de passe ou le téléphone, un nouveau départ se donne par « retrouve agent reset »."
        ),
    )
    agent = (N_("Après la pause, {enter_key} envoie de nouveau."),)


class AgentSessionOver(DeskRefusal):
    id = "duty-over"
    title = N_("Votre session est terminée")
    remedy = (N_("Votre compte d'agent a changé depuis. Ouvrez une nouvelle session."),)
    agent = (N_("{enter_key} ouvre une session."),)


class SessionLocked(DeskRefusal):
    id = "session-locked"
    title = N_("Votre session est verrouillée")
    remedy = (N_("Rien n'a été fait. Saisissez votre mot de passe, ou le code de votre application."),)
    agent = (N_("{enter_key} déverrouille."),)


class ActionNotAllowed(DeskRefusal):
    id = "not-allowed"
    title = N_("Votre rôle permet de lire, pas d'agir")
    remedy = (N_("Cet acte revient à l'assistance : rien n'a été fait."),)


class CallerAnswersWrong(DeskRefusal):
    """Raised when a caller fails the identity check. The message must not reveal why."""

    id = "caller-not-verified"
    title = N_("L'appelant n'est pas vérifié")
    remedy = (
        N_("Faites répéter la date de naissance et le NUMEN : rien ne dit ici lequel est faux."),
        Text("{tries}"),
    )
    agent = (
        N_(
            "Retapez tout, puis {enter_key}. Sinon {back_key}, puis {end_call_key} et {enter_key} notent « Identité non vérifiée »."
        ),
    )

    @staticmethod
    def with_checks_left(tries_left: int, *, minutes: int) -> "CallerAnswersWrong":
        tries = NN_(
            "Il reste {count} essai, puis une pause de {minutes} min au plus.",
            "Il reste {count} essais, puis une pause de {minutes} min au plus.",
            count=tries_left,
            minutes=minutes,
        )
        return CallerAnswersWrong(tries=tries)


class TooManyCallerTries(DeskRefusal):
    id = "too-many-caller-tries"
    kind = RefusalKind.TOO_MANY
    title = N_("Trop de vérifications manquées pour cette personne")
    remedy = (
        N_("L'assistance pourra recommencer à {again_at}."),
        N_("D'ici là, la personne peut continuer seule sur le site : rien n'y est bloqué."),
    )
    agent = (N_("{back_key}, puis {end_call_key} : notez un rappel promis ou « Identité non vérifiée »."),)


class CallerNotVerified(DeskRefusal):
    id = "caller-forgotten"
    title = N_("Vérifiez de nouveau l'appelant")
    remedy = (N_("Une vérification vaut pour une personne, un agent et un appel. Rien n'a été fait."),)
    agent = (N_("{verify_key} vérifie l'appelant."),)


class SupervisorApprovalRefused(DeskRefusal):
    id = "signature-refused"
    title = N_("Il faut la signature d'un responsable")
    remedy = (
        N_("Un responsable autre que vous signe à vos côtés, avec son nom, son mot de passe et son code."),
        N_("Sa signature sert quelques minutes, pour cette personne seulement. Rien n'a été fait."),
    )
    agent = (N_("{enter_key} signe de nouveau, {back_key} arrête."),)


class CaseUnknown(DeskRefusal):
    id = "case-unknown"
    kind = RefusalKind.NOT_FOUND
    title = N_("Aucun dossier ne porte ce numéro")
    remedy = (N_("Faites relire le numéro affiché : huit lettres ou chiffres, jamais O, I, L, zéro ni un."),)
    agent = (N_("{find_key} cherche de nouveau."),)


class VoterNotOnRoll(DeskRefusal):
    id = "voter-gone"
    kind = RefusalKind.GONE
    title = N_("Cette personne n'est plus sur la liste électorale")
    remedy = (N_("Sa fiche peut encore être lue ; plus aucun acte n'y est possible."),)
    agent = (N_("{end_call_key} : notez « Pas sur la liste électorale »."),)


class MailRequestedTooSoon(DeskRefusal):
    """Raised when the same email was requested a moment ago."""

    id = "asked-too-soon"
    kind = RefusalKind.TOO_MANY
    title = N_("Un message vient d'être demandé")
    remedy = (N_("Un autre pourra l'être à {again_at}. Regardez l'historique : il a peut-être abouti."),)
    agent = (N_("{guide_key} montre où en est le message."),)


class AccountFrozenForDesk(DeskRefusal):
    id = "frozen-for-desk"
    title = N_("Ce compte est bloqué")
    remedy = (N_("Aucun lien ne part tant qu'il l'est. Pour le rouvrir, un responsable signe avec vous."),)
    agent = (N_("{freeze_key} rouvre le compte."),)


class AccountNotFrozen(DeskRefusal):
    id = "not-frozen"
    title = N_("Ce compte n'est pas bloqué")
    remedy = (N_("Il n'y a rien à rouvrir : quelqu'un l'a peut-être fait dans l'intervalle."),)
    agent = (N_("{guide_key} guide la personne."),)


class NothingToSendAgain(DeskRefusal):
    id = "nothing-to-send-again"
    kind = RefusalKind.GONE
    title = N_("Il n'y a pas de message à renvoyer")
    remedy = (N_("Ce dossier n'en a pas demandé. Commencez par « Envoyer le message »."),)
    agent = (N_("{mail_key} envoie le message."),)
