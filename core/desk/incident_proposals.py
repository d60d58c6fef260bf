"""Incidents that the desk proposes by itself: mails of one domain that come back, and messages that wait too long."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.desk.announce_incident_form import USUAL_LENGTH, NewIncident
from core.flows.dependencies import Dependencies
from core.flows.known_incidents_cache import mail_domain
from core.forms.flow_model import Channel
from core.ports import Incident, IncidentScope, StuckMessage, Transaction, channel_of
from core.text.faces.bounce_sentences import BounceReason
from core.text.text import N_, NN_, Text

MANY_LATE = 20
"""From this number on, the relays need attention and not the cases."""
READ_BOUNCES = 200
RECENT = timedelta(hours=1)
MANY_RETURNED = 5
"""From this number of voters on, whose mails come back within the hour, their mail server has failed and not their mailboxes."""
MEANS: dict[str, str] = {
    BounceReason.DELAYED: "mail-late",
    BounceReason.REFUSED_AS_SPAM: "mail-returned",
    BounceReason.OTHER: "mail-returned",
}
"""The sentence for each reason of a bounce; a full or unknown mailbox is its owner's trouble alone."""
WAITING = {
    Channel.MAIL: N_("Les courriels attendent trop longtemps."),
    Channel.SMS: N_("Les SMS attendent trop longtemps."),
}


@dataclass(frozen=True, slots=True)
class LateMessagesOutage:
    """An outage of these channels; `since` is when the oldest waiting message was put in."""

    since: datetime
    channels: frozenset[Channel | None]


def late_messages(transaction: Transaction, now: datetime, minutes: int) -> list[StuckMessage]:
    """Return the messages that wait for longer than that, the oldest first, `MANY_LATE` at most."""
    return transaction.outbox.waiting_since(now - timedelta(minutes=minutes), MANY_LATE)


def outage_of(late: list[StuckMessage]) -> LateMessagesOutage | None:
    """Return the outage that so many late messages mean."""
    if len(late) < MANY_LATE:
        return None
    return LateMessagesOutage(late[0].since, frozenset(channel_of(each.kind) for each in late))


@dataclass(frozen=True, slots=True)
class ProposedIncident:
    """An incident that a supervisor may announce with one key, and why."""

    incident: NewIncident
    why: Text = field(compare=False)
    since: datetime = field(compare=False)


def propose_incidents(
    transaction: Transaction, dependencies: Dependencies, known: list[Incident]
) -> tuple[ProposedIncident, ...]:
    """Return what may have to be announced, by the figures of now; a bounded number of rows is read."""
    now = dependencies.clock.now()
    late = late_messages(transaction, now, dependencies.policy.desk_late_minutes)
    return (*_delays(outage_of(late), now), *_returned(transaction, now, known))


def _delays(outage: LateMessagesOutage | None, now: datetime) -> Iterator[ProposedIncident]:
    for channel, sentence, scope in (
        (Channel.MAIL, "mail-late", IncidentScope.EVERYBODY),
        (Channel.SMS, "sms-late", IncidentScope.SMS),
    ):
        if outage is not None and channel in outage.channels:
            new = NewIncident(sentence=sentence, scope=scope, until=now + USUAL_LENGTH)
            yield ProposedIncident(new, WAITING[channel], outage.since)


def _returned(transaction: Transaction, now: datetime, known: list[Incident]) -> Iterator[ProposedIncident]:
    """Propose an incident for each domain; where one is over, what came back before its end counts no more."""
    over = {each.subject: end for each in reversed(known) if (end := each.over_since(now)) is not None}
    voters, since = dict[tuple[str, str], set[int]](), dict[tuple[str, str], datetime]()
    for event in (written.event for written in transaction.journal.bounced_mail_events(READ_BOUNCES)):
        sentence = MEANS.get(event.reason or "")
        if event.at < now - RECENT or sentence is None or event.voter is None:
            continue
        voter = transaction.voters.by_id(event.voter)
        domain = "" if voter is None else mail_domain(voter.email)
        if domain and (domain not in over or event.at > over[domain]):
            voters.setdefault((domain, sentence), set()).add(event.voter)
            since[domain, sentence] = event.at
    for (domain, sentence), returned in voters.items():
        if len(returned) >= MANY_RETURNED:
            scope, until = IncidentScope.MAIL_DOMAIN, now + USUAL_LENGTH
            new = NewIncident(sentence=sentence, scope=scope, subject=domain, until=until)
            why = NN_(
                "En une heure, le message de {count} personne de @{domain} est revenu ou retardé.",
                "En une heure, les messages de {count} personnes de @{domain} sont revenus ou retardés.",
                count=len(returned),
                domain=domain,
            )
            yield ProposedIncident(new, why, since[domain, sentence])
