"""Short sentences for the status line, each understandable on its own."""

from core.text.text import N_, NN_, SentenceEnum

AT_TIME = N_("à {at}")
ON_DAY = N_("le {at}")

REMOVED = N_("Plus sur la liste électorale")
FROZEN = N_("Compte bloqué")
CALLER_PAUSE = N_("Vérification de l'appelant : pause, reprise {until}")
CODE_PAUSE = N_("Saisie du code par SMS : pause, reprise {until}")
IDENTITY_PAUSE = N_("Date de naissance et NUMEN : pause, reprise {until}")
SMS_PAUSE = N_("Envoi du code par SMS : pause, reprise {until}")
REISSUES_LEFT = NN_(
    "Identifiant de vote : {count} demande restante sur {most}",
    "Identifiant de vote : {count} demandes restantes sur {most}",
)
INCIDENT = N_("Incident : {title}")
ALSO_OPEN = N_("{agent} a aussi ouvert cette fiche")
VERIFIED = N_("Appelant vérifié jusqu'à {until}")
NOT_VERIFIED = N_("Appelant non vérifié")
CODES_LEFT = NN_("Code par SMS : {count} essai", "Code par SMS : {count} essais")


class LinkState(SentenceEnum):
    VALID = "valid", N_("Lien valable, expire {at}")
    USED = "used", N_("Lien utilisé {at}")
    EXPIRED = "expired", N_("Lien expiré {at}")
    CANCELLED = "cancelled", N_("Lien annulé")
