"""The sentences of the desk's overview: what an agent is doing, and why something failed."""

from collections.abc import Callable, Mapping

from core.forms import errors
from core.forms.errors import Refusal
from core.ports import EventType
from core.text.faces.timeline import TimelineText
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
    EventType.COUNTERSIGNED: N_("signe à côté d'un agent"),
    EventType.INCIDENT_ANNOUNCED: N_("annonce un incident"),
    EventType.INCIDENT_ENDED: N_("termine un incident"),
}
"""The work of an agent, by the event that was written last."""
AT_WORK = N_("au travail")


def failure_sentence(act: str, reason: str | None, line: Callable[[str, str | None, str | None], TimelineText]) -> Text:
    """Return what failed, as a timeline says it, or as the refused person was told."""
    try:
        return line(act, reason, None).sentence
    except KeyError:
        title = _titles().get(reason or "")
        return title or Text(f"{act} {reason or ''}".strip())


def _titles() -> dict[str, Text]:
    modules = (vars(module).values() for module in errors.SUBJECTS)
    classes = (each for values in modules for each in values if isinstance(each, type) and issubclass(each, Refusal))
    return {each.id: each.title for each in classes if "id" in vars(each)}
