from core.forms.errors.error_families import DeskRefusal, RefusalKind
from core.text.text import N_


class MalformedDeskRequest(DeskRefusal):
    """Raised when a terminal sends an unknown request or invalid arguments."""

    id = "desk-request-refused"
    kind = RefusalKind.UNREADABLE
    title = N_("Le service de l'assistance ne prend pas cette demande")
    remedy = (N_("Rien n'a été fait. Fermez le terminal, puis rouvrez-le."),)


class DeskRequestTooLong(DeskRefusal):
    id = "desk-request-too-long"
    kind = RefusalKind.TOO_LARGE
    title = N_("Cette demande est trop longue")
    remedy = (N_("Rien n'a été fait. Raccourcissez ce que vous avez saisi."),)


class DeskRequestTooSlow(DeskRefusal):
    id = "desk-request-too-slow"
    kind = RefusalKind.UNREADABLE
    title = N_("Cette demande est arrivée trop lentement")
    remedy = (N_("Rien n'a été fait. Recommencez ; si cela revient, la liaison avec le service est en cause."),)


class DeskAnswerTooLong(DeskRefusal):
    id = "desk-answer-too-long"
    kind = RefusalKind.TOO_LARGE
    title = N_("Cette réponse est trop longue pour le terminal")
    remedy = (N_("Précisez ce que vous cherchez, et prévenez l'exploitant."),)


class DeskServiceBusy(DeskRefusal):
    id = "desk-service-busy"
    kind = RefusalKind.UNAVAILABLE
    title = N_("Le service de l'assistance est trop demandé")
    remedy = (N_("Rien n'a été fait. Recommencez dans quelques secondes."),)


class DeskServiceFailed(DeskRefusal):
    id = "desk-service-failed"
    kind = RefusalKind.UNAVAILABLE
    title = N_("Le service de l'assistance a rencontré une erreur")
    remedy = (N_("Regardez l'historique avant de recommencer, et prévenez l'exploitant."),)


class DeskAccountNotAdmitted(DeskRefusal):
    id = "desk-account-not-admitted"
    title = N_("Votre compte sur cette machine n'a pas accès à l'assistance")
    remedy = (N_("L'exploitant peut l'ajouter au groupe des agents."),)


class DeskVersionDiffers(DeskRefusal):
    id = "desk-version-differs"
    kind = RefusalKind.GONE
    title = N_("Ce terminal n'est pas de la même version que le service de l'assistance")
    remedy = (N_("Rien n'a été fait. Fermez le terminal, puis rouvrez-le."),)
