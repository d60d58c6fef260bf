"""Announces and ends incidents, and proposes incidents to supervisors."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import cache
from threading import Lock

from core.desk.authorisation import AgentSession, Authorisation, write_agent_event
from core.desk.incident_form import USUAL_LENGTH, NewIncident, parse_mail_domain
from core.flows.dependencies import Dependencies
from core.flows.incident_catalogue import BY_NAME, LONGEST, MOST_MINUTES, IncidentInLocalTime, incident_in_local_time
from core.flows.known_incidents import IncidentReaderAttributes, mail_domain, read_incidents
from core.forms.errors.supervisor_incident_input import (
    IncidentAnnounced,
    IncidentImpossible,
    IncidentOver,
    TooManyIncidents,
)
from core.forms.flow_model import Channel, FieldRejected
from core.ports import AgentRole, EventType, Incident, IncidentScope, StuckMessage, Transaction, Voter, channel_of
from core.text.faces.bounce_sentences import BounceReason
from core.text.text import N_, NN_, Text

MANY_LATE = 20
"""If this many messages are late, a relay or gateway is assumed to have failed."""
READ_BOUNCES = 200
RECENT = timedelta(hours=1)
MANY_RETURNED = 5
"""An incident is proposed after bounces from this many voters at one email domain."""
INCIDENT_FOR_BOUNCE: dict[str, str] = {
    BounceReason.DELAYED: "mail-late",
    BounceReason.REFUSED_AS_SPAM: "mail-returned",
    BounceReason.OTHER: "mail-returned",
}
"""Incident to propose for each bounce reason."""
WAITING = {
    Channel.MAIL: N_("Les messages attendent trop longtemps."),
    Channel.SMS: N_("Les SMS attendent trop longtemps."),
}


@dataclass(frozen=True, slots=True)
class LateMessagesOutage:
    since: datetime
    channels: frozenset[Channel | None]


def late_messages(transaction: Transaction, now: datetime, minutes: int) -> list[StuckMessage]:
    """Return up to `MANY_LATE` messages that have waited longer than `minutes`, oldest first."""
    return transaction.outbox.waiting_since(now - timedelta(minutes=minutes), MANY_LATE)


def outage_of(late: list[StuckMessage]) -> LateMessagesOutage | None:
    if len(late) < MANY_LATE:
        return None
    return LateMessagesOutage(late[0].since, frozenset(channel_of(message.kind) for message in late))


@dataclass(frozen=True, slots=True)
class ProposedIncident:
    incident: NewIncident
    why: Text = field(compare=False)
    since: datetime = field(compare=False)


def propose_incidents(
    transaction: Transaction, dependencies: Dependencies, known: list[Incident]
) -> tuple[ProposedIncident, ...]:
    now = dependencies.clock.now()
    late = late_messages(transaction, now, dependencies.policy.desk_late_minutes)
    return (*_incidents_from_outage(outage_of(late), now), *_incidents_from_bounces(transaction, now, known))


def _incidents_from_outage(outage: LateMessagesOutage | None, now: datetime) -> Iterator[ProposedIncident]:
    for channel, sentence, scope in (
        (Channel.MAIL, "mail-late", IncidentScope.EVERYBODY),
        (Channel.SMS, "sms-late", IncidentScope.SMS),
    ):
        if outage is not None and channel in outage.channels:
            new = NewIncident(sentence=sentence, scope=scope, until=now + USUAL_LENGTH)
            yield ProposedIncident(new, WAITING[channel], outage.since)


def _incidents_from_bounces(
    transaction: Transaction, now: datetime, known: list[Incident]
) -> Iterator[ProposedIncident]:
    over = {incident.subject: end for incident in reversed(known) if (end := incident.over_since(now)) is not None}
    voters, since = dict[tuple[str, str], set[int]](), dict[tuple[str, str], datetime]()
    for event in (written.event for written in transaction.journal.bounced_mail_events(READ_BOUNCES)):
        sentence = INCIDENT_FOR_BOUNCE.get(event.reason or "")
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


PROPOSED_EVERY = timedelta(seconds=10)
MOST_CURRENT = 20
MOST_ACADEMIES = 300


@dataclass(frozen=True, slots=True)
class CurrentAndProposedIncidents:
    notices: tuple[IncidentInLocalTime, ...]
    proposals: tuple[ProposedIncident, ...]
    may_announce: bool


@dataclass(eq=False)
class IncidentBoard:
    dependencies: Dependencies
    authorisation: Authorisation
    _proposed: tuple[ProposedIncident, ...] = field(default=(), init=False)
    _proposed_at: datetime | None = field(default=None, init=False)
    _lock: Lock = field(default_factory=Lock, init=False)

    # ── Reading ──────────────────────────────────────────────────────────────────────────────────────────

    def view(self, session: AgentSession) -> CurrentAndProposedIncidents:
        """Return the incidents. A supervisor also gets the proposed incidents. Raises AgentSessionOver."""
        with self.authorisation.read(session) as transaction:
            return self.read(transaction, session)

    def read(self, transaction: Transaction, session: AgentSession) -> CurrentAndProposedIncidents:
        known = read_incidents(transaction, self.dependencies.clock.now())
        notices = sorted(self._notices(known), key=lambda notice: notice.is_over)
        supervises = session.role is AgentRole.SUPERVISOR
        return CurrentAndProposedIncidents(
            tuple(notices), self._proposals(transaction, known) if supervises else (), supervises
        )

    def incidents_of_voter(
        self, transaction: Transaction, voter: Voter, *, waits_for_sms: bool
    ) -> tuple[IncidentInLocalTime, ...]:
        @cache
        def academie() -> str | None:
            listed = transaction.directory.on_roll(voter.id)
            return None if listed is None else listed.academie

        reader = IncidentReaderAttributes(
            domain=mail_domain(voter.email), academie=academie, waits_for_sms=waits_for_sms
        )
        notices = self._notices(read_incidents(transaction, self.dependencies.clock.now()))
        return tuple(notice for notice in notices if not notice.is_over and reader.concerns(notice.incident))

    def academies(self, session: AgentSession) -> tuple[str, ...]:
        with self.authorisation.read(session) as transaction:
            return transaction.directory.academies(MOST_ACADEMIES)

    def _notices(self, known: list[Incident]) -> list[IncidentInLocalTime]:
        now = self.dependencies.clock.now()
        return [incident_in_local_time(incident, self.dependencies.calendar, now) for incident in known]

    def _proposals(self, transaction: Transaction, known: list[Incident]) -> tuple[ProposedIncident, ...]:
        now = self.dependencies.clock.now()
        with self._lock:
            if self._proposed_at is None or abs(now - self._proposed_at) >= PROPOSED_EVERY:
                self._proposed, self._proposed_at = propose_incidents(transaction, self.dependencies, known), now
            proposed = self._proposed
        current = {(incident.scope, incident.subject) for incident in known if incident.over_since(now) is None}
        return tuple(new for new in proposed if (new.incident.scope, new.incident.subject) not in current)

    # ── Announcing and ending ────────────────────────────────────────────────────────────────────────────

    def announce(self, session: AgentSession, new: NewIncident) -> int:
        """Announce an incident and return its number.

        Raises SupervisorNeeded, IncidentImpossible, IncidentAnnounced, TooManyIncidents, AgentSessionOver,
        ActionNotAllowed.
        """
        self.authorisation.require_supervisor(session)
        now, author = self.dependencies.clock.now(), session.name

        def announce(transaction: Transaction) -> int:
            if not _is_possible(transaction, new, now):
                raise IncidentImpossible
            current = [each for each in read_incidents(transaction, now) if each.over_since(now) is None]
            same = (new.scope, new.subject, new.sentence)
            if any((each.scope, each.subject, each.sentence) == same for each in current):
                raise IncidentAnnounced
            if len(current) >= MOST_CURRENT:
                raise TooManyIncidents
            number = transaction.incidents.add(Incident(**asdict(new), began=now, author=author))
            reason = " ".join(filter(None, (str(number), new.sentence, new.scope, new.subject)))
            write_agent_event(transaction, author, EventType.INCIDENT_ANNOUNCED, now, reason=reason)
            return number

        return self.authorisation.write(session, announce)

    def end(self, session: AgentSession, incident: int) -> None:
        """End an incident now. Raises SupervisorNeeded, IncidentOver, AgentSessionOver, ActionNotAllowed."""
        self.authorisation.require_supervisor(session)
        now = self.dependencies.clock.now()

        def end(transaction: Transaction) -> None:
            if not transaction.incidents.end(incident, now):
                raise IncidentOver
            write_agent_event(transaction, session.name, EventType.INCIDENT_ENDED, now, reason=str(incident))

        self.authorisation.write(session, end)


def _is_possible(transaction: Transaction, new: NewIncident, now: datetime) -> bool:
    sentence = BY_NAME.get(new.sentence)
    if sentence is None or new.scope not in sentence.scopes or not now < new.until <= now + LONGEST:
        return False
    if sentence.counts_minutes != (new.minutes is not None) or not 1 <= (new.minutes or 1) <= MOST_MINUTES:
        return False
    if new.scope is IncidentScope.ACADEMIE:
        return new.subject in transaction.directory.academies(MOST_ACADEMIES)
    if new.scope is not IncidentScope.MAIL_DOMAIN:
        return not new.subject
    try:
        return parse_mail_domain(new.subject) == new.subject
    except FieldRejected:
        return False
