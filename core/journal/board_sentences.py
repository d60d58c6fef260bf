import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from core.journal.declared_losses import declarations_in
from core.journal.loss_sentences import NOT_KNOWN, sentences_of_declared_loss
from core.journal.sentences import MORE_REPORTS, REPEATED, REPORTS_BEGIN
from core.journal.verification_findings import Local
from core.ports import ALARM_EVENTS, EventType, JournalLine
from core.text.faces.agent_cli_sentences import ROLES
from core.text.faces.purge_cli_sentences import ERASED, WHAT
from core.text.faces.timeline_sentences import TimelineTexts
from core.text.text import N_, NN_, Language, Moment, Text
from core.text.translation import translate

COUNTED = re.compile(r"([\w-]+) (\d+)")
ROLE = N_("Son rôle : {role}.")
ROLL = N_("Personnes ajoutées : {added} ; corrigées : {corrected} ; retirées : {removed} ; revenues : {returned}.")
REPAIRED = N_("Différences réparées : {differences} ; personnes à rappeler : {calls}.")
KEYS = N_("Numéro de la clé : {keys}.")
VERSION = N_("Version des tables : {version}.")
UNEXPLAINED = N_("Motif noté : {reason}.")
ALARMS: Mapping[str, Text] = {
    "ipv6-48-sign-ins": N_(
        "Un même bloc d'adresses IPv6 (/48) essaie beaucoup d'adresses avec des mots de passe faux."
    ),
    "ipv6-48-desk-requests": N_("Un même bloc d'adresses IPv6 (/48) envoie beaucoup de demandes à l'assistance."),
    "unusual-reading": N_(
        "L'agent « {about} » a fait afficher beaucoup de personnes en une heure. Demandez pourquoi à l'assistance."
    ),
    "rows-altered": N_("Des lignes de la base ont été changées sans la clé : table « {about} »."),
    "sms-budget-half-spent *": N_("La moitié du budget de SMS du jour est dépensée."),
    "sms-budget-half-spent": N_("La moitié du budget de SMS du jour est dépensée pour : {about}."),
}


def sentences_of_reported_reason(event: object, reason: str) -> tuple[Text, ...]:
    counts = {name: int(count) for name, count in COUNTED.findall(reason)}
    sentences = (*_sentences_of_counts(event, counts), *_sentences_of_words(event, reason))
    if sentences or not reason or event == EventType.LOSS_DECLARED:  # a declared loss has its own sentences
        return sentences
    return (UNEXPLAINED.fill({"reason": reason}),)


def _sentences_of_counts(event: object, counts: Mapping[str, int]) -> Iterator[Text]:
    match event:
        case EventType.ROLL_IMPORTED if counts:
            yield ROLL.fill({"added": 0, "corrected": 0, "removed": 0, "returned": 0, **counts})
        case EventType.PURGED:
            yield from (ERASED.fill({"what": WHAT.get(kind, kind), "count": count}) for kind, count in counts.items())
        case EventType.PLATFORM_RECONCILED if counts:
            yield REPAIRED.fill({"differences": 0, "calls": 0, **counts})


def _sentences_of_words(event: object, reason: str) -> Iterator[Text]:
    word, _, about = reason.partition(" ")
    match event:
        case EventType.AGENT_ADDED | EventType.AGENT_RENEWED | EventType.AGENT_REMOVED if reason in ROLES:
            yield ROLE.fill({"role": ROLES[reason]})
        case EventType.KEYS_ROTATED | EventType.KEYS_RETIRED:
            yield KEYS.fill({"keys": ", ".join(reason.split())})
        case EventType.DATABASE_UPGRADED:
            yield VERSION.fill({"version": reason})
        case EventType.ALARM if word in ALARMS:
            yield ALARMS.get(reason, ALARMS[word]).fill({"about": about})


MOST_SHOWN = 50
NOT_GENUINE = N_(
    "Ligne {line} : aucun programme de cette élection ne l'a signée. Demandez à l'exploitant de vérifier le journal."
)
MORE_UNSIGNED = NN_("… et {count} autre ligne sans signature.", "… et {count} autres lignes sans signature.")
REPORT = N_("{at} : {sentence}")
REPORT_EXPLAINED = N_("{at} : {sentence} {explained}")


def sentences_of_reported_events(lines: Sequence[JournalLine], timeline: TimelineTexts, local: Local) -> Iterator[Text]:
    """Yield sentences about interventions, and then about alarms. Identical alarms are grouped."""
    if not lines:
        return
    yield REPORTS_BEGIN
    genuine, unsigned = [line for line in lines if line.genuine], [line for line in lines if not line.genuine]
    for line in genuine:
        if line.columns.get("act") not in ALARM_EVENTS:
            yield from _report(line, timeline, local)
            for declaration in declarations_in([line]):
                yield from sentences_of_declared_loss(declaration, local)
                yield from NOT_KNOWN
    for line in unsigned[:MOST_SHOWN]:
        yield from _report(line, timeline, local)
    if len(unsigned) > MOST_SHOWN:
        yield MORE_UNSIGNED.for_count(len(unsigned) - MOST_SHOWN)
    groups = _equal_alarms(genuine, timeline, local)
    for first, *others in groups[:MOST_SHOWN]:
        yield from _report(first, timeline, local)
        if others:
            last = others[-1].columns.get("at")
            at = Moment(local(last)) if isinstance(last, datetime) else "–"
            yield REPEATED.fill({"at": at}).for_count(len(others))
    left = sum(map(len, groups[MOST_SHOWN:]))
    if left:
        yield MORE_REPORTS.for_count(left)


def _equal_alarms(lines: Sequence[JournalLine], timeline: TimelineTexts, local: Local) -> list[list[JournalLine]]:
    groups: dict[tuple[str, ...], list[JournalLine]] = {}
    for line in lines:
        if line.columns.get("act") in ALARM_EVENTS:
            timeless = msgspec.structs.replace(line, columns={**line.columns, "at": None})
            sentences = tuple(translate(text, Language.FRENCH) for text in _report(timeless, timeline, local))
            groups.setdefault(sentences, []).append(line)
    return list(groups.values())


def _report(line: JournalLine, timeline: TimelineTexts, local: Local) -> Iterator[Text]:
    if not line.genuine:  # its text may be anybody's
        yield NOT_GENUINE.fill({"line": str(line.number)})
        return
    act, reason, agent, at = (line.columns.get(name) for name in ("act", "reason", "agent", "at"))
    word = reason if isinstance(reason, str) else ""
    event = timeline.line(str(act), word, agent if isinstance(agent, str) else None)
    explained_by_timeline = word in timeline.reasons.get(str(act), {})
    explanations = [] if explained_by_timeline else [*sentences_of_reported_reason(act, word)]
    values = {"at": Moment(local(at)) if isinstance(at, datetime) else "–", "sentence": event.sentence}
    yield REPORT_EXPLAINED.fill({**values, "explained": explanations[0]}) if explanations else REPORT.fill(values)
    yield from explanations[1:]
