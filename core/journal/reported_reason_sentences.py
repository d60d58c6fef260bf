"""The sentences that tell the electoral board what the reason of a reported line says; the journal keeps a stable word."""

import re
from collections.abc import Iterator, Mapping

from core.ports import EventType
from core.text.faces.agent_cli_sentences import AGENT, AUDITOR, SUPERVISOR
from core.text.faces.purge_cli_sentences import ERASED, WHAT
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
UNEXPLAINED = N_("Motif noté : {reason}.")
ALARMS: Mapping[str, Text] = {
    "rows-altered": N_("Des lignes de la base ont été changées sans la clé : table « {about} »."),
    "sms-budget-half-spent *": N_("La moitié du budget de SMS du jour est dépensée."),
    "sms-budget-half-spent": N_("La moitié du budget de SMS du jour est dépensée pour : {about}."),
}


def sentences_of_reported_reason(event: object, reason: str) -> tuple[Text, ...]:
    """Return what the reason of a reported event says, or the reason itself where no sentence says it."""
    counts = {name: int(count) for name, count in COUNTED.findall(reason)}
    said = (*_counts(event, counts), *_words(event, reason))
    if said or not reason or event == EventType.LOSS_DECLARED:  # which has sentences of its own
        return said
    return (UNEXPLAINED.fill({"reason": reason}),)


def _counts(event: object, counts: Mapping[str, int]) -> Iterator[Text]:
    match event:
        case EventType.ROLL_IMPORTED if counts:
            yield ROLL.fill({"added": 0, "corrected": 0, "removed": 0, "returned": 0, **counts})
        case EventType.PURGED:
            yield from (ERASED.fill({"what": WHAT.get(kind, kind), "count": count}) for kind, count in counts.items())
        case EventType.ROWS_AUTHENTICATED if counts:
            yield ACCOUNTS.fill({"accounts": 0, **counts})
        case EventType.PLATFORM_RECONCILED if counts:
            yield REPAIRED.fill({"differences": 0, "calls": 0, **counts})


def _words(event: object, reason: str) -> Iterator[Text]:
    word, _, about = reason.partition(" ")
    match event:
        case EventType.AGENT_ADDED | EventType.AGENT_RENEWED | EventType.AGENT_REMOVED if reason in ROLES:
            yield ROLE.fill({"role": ROLES[reason]})
        case EventType.KEYS_ROTATED | EventType.KEYS_RETIRED:
            yield KEYS.fill({"keys": ", ".join(reason.split())})
        case EventType.DATABASE_UPGRADED:
            yield VERSION.fill({"version": reason})
        case EventType.ROWS_AUTHENTICATED if reason in PROTECTION:
            yield PROTECTION[reason]
        case EventType.ALARM if word in ALARMS:
            yield ALARMS.get(reason, ALARMS[word]).fill({"about": about})
