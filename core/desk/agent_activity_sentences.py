"""The sentences of the desk's overview about the work of an agent."""

from collections.abc import Mapping

from core.ports import EventType
from core.text.text import N_, Text

ACTIVITIES: Mapping[str, Text] = {
    EventType.AGENT_SESSION_OPENED: N_("à l'accueil"),
    EventType.AGENT_PASSWORD_CHOSEN: N_("à l'accueil"),
    EventType.AGENT_SESSION_UNLOCKED: N_("de retour"),
    EventType.AGENT_SESSION_LOCKED: N_("écran verrouillé"),
    EventType.FILE_OPENED: N_("lit une fiche"),
    EventType.CALLER_VERIFIED: N_("agit pour un appelant vérifié"),
    EventType.CALLER_REFUSED: N_("vérifie un appelant"),
    EventType.ASKED: N_("fait envoyer un message"),
    EventType.FROZEN: N_("bloque un compte"),
    EventType.UNFROZEN: N_("rouvre un compte"),
    EventType.COUNTERSIGNED: N_("signe pour un agent"),
    EventType.SIGNATURE_REQUESTED: N_("attend une signature"),
    EventType.SIGNATURE_ACCEPTED: N_("signe pour un agent"),
    EventType.SIGNATURE_DECLINED: N_("refuse de signer"),
    EventType.SIGNATURE_WITHDRAWN: N_("retire une demande de signature"),
    EventType.INCIDENT_ANNOUNCED: N_("annonce un incident"),
    EventType.INCIDENT_ENDED: N_("termine un incident"),
}
"""The work of an agent, by the event that was written last."""
AT_WORK = N_("au travail")
