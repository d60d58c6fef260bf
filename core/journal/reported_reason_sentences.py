"""The sentences that tell the electoral board what the reason of a reported line says; the journal keeps a stable word."""

import re
from collections.abc import Iterator, Mapping

from core.ports import EventType
from core.text.faces.agent_command_sentences import AGENT, AUDITOR, SUPERVISOR
from core.text.faces.purge_command_sentences import ERASED, WHAT
from core.text.text import N_, Text

COUNTED = re.compile(r"([\w-]+) (\d+)")
ROLE = N_("Son rôle : {role}.")
ROLES: Mapping[str, Text] = {"agent": AGENT, "supervisor": SUPERVISOR, "auditor": AUDITOR}
ROLL = N_("Personnes ajoutées : {added} ; corrigées : {corrected} ; retirées : {removed} ; revenues : {returned}.")
REPAIRED = N_("Différences réparées : {differences} ; personnes à rappeler : {calls}.")
KEYS = N_("Numéro de la clé : {keys}.")
VERSION = N_("Version des tables : {version}.")
PROTECTION: Mapping[str, Text] = {"begun": N_("L'opération commence."), "done": N_("L'opération est finie.")}
ACCOUNTS = N_("Identifiants en vigueur que le journal atteste désormais : {accounts}.")
ENDED = N_("C'est l'incident n° {number}.")
ALARMS: Mapping[str, Text] = {
    "rows-altered": N_("Des lignes de la base ont été changées sans la clé : table « {about} »."),
    "sms-budget-half-spent *": N_("La moitié du budget de SMS du jour est dépensée."),
    "sms-budget-half-spent": N_("La moitié du budget de SMS du jour est dépensée pour : {about}."),
}


def reason_sentences(event: object, reason: str) -> Iterator[Text]:
    """Return what the reason of a reported event says; nothing where the event has no such reason."""
    word, _, about = reason.partition(" ")
    counts = {name: int(count) for name, count in COUNTED.findall(reason)}
    match event:
        case EventType.AGENT_ADDED | EventType.AGENT_RENEWED | EventType.AGENT_REMOVED if reason in ROLES:
            yield ROLE.fill({"role": ROLES[reason]})
        case EventType.ROLL_IMPORTED if counts:
            yield ROLL.fill({"added": 0, "corrected": 0, "removed": 0, "returned": 0, **counts})
        case EventType.PURGED:
            yield from (
                ERASED.fill({"what": WHAT[kind], "count": count}) for kind, count in counts.items() if kind in WHAT
            )
        case EventType.PLATFORM_RECONCILED if counts:
            yield REPAIRED.fill({"differences": 0, "calls": 0, **counts})
        case EventType.KEYS_ROTATED | EventType.KEYS_RETIRED:
            yield KEYS.fill({"keys": ", ".join(reason.split())})
        case EventType.DATABASE_UPGRADED:
            yield VERSION.fill({"version": reason})
        case EventType.ROWS_AUTHENTICATED if counts or reason in PROTECTION:
            yield PROTECTION.get(reason, ACCOUNTS).fill({"accounts": 0, **counts})
        case EventType.INCIDENT_ENDED:
            yield ENDED.fill({"number": reason})
        case EventType.ALARM if word in ALARMS:
            yield ALARMS.get(reason, ALARMS[word]).fill({"about": about})
