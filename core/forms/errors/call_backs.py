from core.forms.errors.error_families import DeskRefusal, RefusalKind
from core.text.text import N_


class CallBackTaken(DeskRefusal):
    id = "call-back-taken"
    title = N_("{agent} a pris ce rappel")
    remedy = (N_("Rien n'a été fait. S'il n'a pas de suite, il revient à tous."),)


class WrittenRequestTaken(CallBackTaken):
    id = "written-request-taken"
    title = N_("{agent} a pris cette demande écrite")
    remedy = (N_("Rien n'a été fait. Si elle n'a pas de suite, elle revient à tous."),)


class CallBackAssigned(DeskRefusal):
    id = "call-back-assigned"
    title = N_("Ce rappel est pour {agent}")
    remedy = (N_("Rien n'a été fait. Peu après son heure, il est à tous."),)


class CallBackOver(DeskRefusal):
    id = "call-back-over"
    kind = RefusalKind.GONE
    title = N_("Ce rappel est déjà fait")
    remedy = (N_("Rien n'a été fait. La liste se met à jour d'elle-même."),)


class WrittenRequestOver(CallBackOver):
    id = "written-request-over"
    title = N_("Cette demande écrite est déjà traitée")


class AnswerNotInWriting(DeskRefusal):
    id = "answer-not-in-writing"
    kind = RefusalKind.FORBIDDEN
    title = N_("Cette réponse ne se donne pas par écrit")
    remedy = (N_("Rien n'est parti. La liste n'a pas de demande écrite de cette personne à ce sujet : rappelez-la."),)
    agent = (N_("{end_call_key} termine la demande autrement."),)


class AnswerContradictsCase(DeskRefusal):
    id = "answer-contradicts-case"
    title = N_("Cette réponse contredit le dossier de la personne")
    remedy = (N_("Rien n'est parti."),)
    agent = (N_("{answer_key} en choisit une autre."),)


class TooManyWrittenAnswers(DeskRefusal):
    id = "too-many-written-answers"
    kind = RefusalKind.TOO_MANY
    title = N_("Assez de réponses écrites à cette personne pour aujourd'hui")
    remedy = (N_("Rien n'est parti : au plus {count} en un jour. Appelez la personne, ou rendez la demande."),)
    agent = (N_("{end_call_key}, puis 0, rend la demande."),)


class CallBackTimeOver(DeskRefusal):
    id = "call-back-time-over"
    kind = RefusalKind.GONE
    title = N_("Ce moment du rappel n'est plus possible")
    remedy = (N_("Rien n'a été fait. Recommencez et choisissez un autre moment."),)
    agent = (N_("{end_call_key} propose d'autres moments."),)


class HandOverOver(DeskRefusal):
    id = "hand-over-over"
    kind = RefusalKind.GONE
    title = N_("Cette fiche confiée est déjà reprise")
    remedy = (N_("Rien n'a été fait. La liste se met à jour d'elle-même."),)


class ColleagueUnknown(DeskRefusal):
    id = "colleague-unknown"
    kind = RefusalKind.NOT_FOUND
    title = N_("Cet agent ne peut pas s'en charger")
    remedy = (N_("Son compte est retiré, ou son rôle ne le permet pas. Choisissez quelqu'un d'autre."),)
    agent = (N_("{end_call_key} propose les collègues."),)


class CallWithoutFile(DeskRefusal):
    id = "call-without-file"
    kind = RefusalKind.NOT_FOUND
    title = N_("Il faut une fiche ou un dossier pour un rappel ou pour un collègue")
    remedy = (N_("Rien n'a été fait. Ouvrez la fiche de la personne, puis terminez l'appel."),)
    agent = (N_("{find_key} cherche la personne."),)


class CallOfAnotherAgent(DeskRefusal):
    id = "call-of-another-agent"
    title = N_("Cet appel n'est pas le vôtre")
    remedy = (N_("Chacun corrige l'issue de ses propres appels. Rien n'a été fait."),)


class ApprovalNotUsable(DeskRefusal):
    id = "signature-not-given"
    title = N_("Aucune signature ne vaut pour cet acte")
    remedy = (N_("Une signature sert une fois, à cet agent et pour cette personne. Rien n'a été fait."),)


class ApprovalRequestOver(DeskRefusal):
    id = "signature-over"
    kind = RefusalKind.GONE
    title = N_("Cette demande de signature n'attend plus")
    remedy = (N_("Un autre responsable a répondu, l'agent l'a retirée, ou son temps est passé. Rien n'a été fait."),)


class ApprovalCodeWrong(DeskRefusal):
    id = "signature-code-wrong"
    title = N_("Ce code n'est pas celui de votre application")
    remedy = (N_("Saisissez le code affiché à présent. Rien n'a été fait."),)
