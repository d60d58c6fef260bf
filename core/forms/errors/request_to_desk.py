from core.forms.errors.error_families import CALL_THE_DESK, Refusal, RefusalKind
from core.forms.flow_model import FieldRejected
from core.text.text import N_


class SubjectMissing(FieldRejected):
    id = "subject-missing"
    cause = N_("Vous n'avez rien choisi dans la liste.")
    sentence = N_("Choisissez le sujet de votre demande.")


class AnswerTimeMissing(FieldRejected):
    id = "answer-time-missing"
    cause = N_("Vous n'avez rien choisi dans la liste.")
    sentence = N_("Choisissez si l'assistance vous écrit, ou quand elle vous appelle.")


class MailboxNotReadable(FieldRejected):
    """Raised when a voter without access to the mailbox asks for a written answer."""

    id = "answer-to-closed-mailbox"
    cause = N_("L'assistance n'écrit qu'à l'adresse de la liste électorale.")
    sentence = N_("Vous ne pourriez pas lire la réponse dans cette messagerie : choisissez un appel.")


class CaseNumberUnreadable(FieldRejected):
    id = "case-number-unreadable"
    cause = N_("Il manque un caractère, ou il y en a un de trop.")
    sentence = N_("Un numéro de dossier compte huit caractères, comme {example}. Sans numéro, laissez le champ vide.")


class TooManyDeskRequestsFromNetwork(Refusal):
    """Raised when too many requests to the helpdesk come from one network."""

    id = "network-asks-too-often"
    cause = N_("Depuis un même réseau, beaucoup de demandes sont parties vers l'assistance en peu de temps.")
    kind = RefusalKind.TOO_MANY
    title = N_("Votre demande n'est pas partie")
    remedy = (
        N_("Beaucoup de demandes sont venues de votre réseau. Recommencez à {again_at} (heure de Paris)."),
        N_("Pour ne pas attendre, passez par un autre réseau : celui d'un téléphone, par exemple."),
        CALL_THE_DESK,
    )
