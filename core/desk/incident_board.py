"""Known incidents at the desk: announced and ended by supervisors, and proposed by the desk itself."""

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import cache
from threading import Lock

from core.desk.announce_incident_form import NewIncident, parse_mail_domain
from core.desk.incident_proposals import ProposedIncident, propose_incidents
from core.desk.sessions_callers_and_approvals import AgentSession, Authorisation, write_agent_event
from core.flows.dependencies import Dependencies
from core.flows.incident_catalogue import BY_NAME, LONGEST, MOST_MINUTES, IncidentInLocalTime, incident_in_local_time
from core.flows.known_incidents_cache import IncidentReaderAttributes, mail_domain, read_incidents
from core.forms.errors.supervisor_incident_input import (
    IncidentAnnounced,
    IncidentImpossible,
    IncidentOver,
    TooManyIncidents,
)
from core.forms.flow_model import FieldRejected
from core.ports import AgentRole, EventType, Incident, IncidentScope, Transaction, Voter

PROPOSED_EVERY = timedelta(seconds=10)
"""Time between two readings of the figures behind proposals, however many terminals ask."""
MOST_STANDING = 20
MOST_ACADEMIES = 300


@dataclass(frozen=True, slots=True)
class CurrentAndProposedIncidents:
    """The incidents as they stand, those just over after the others, and what the desk proposes to a supervisor."""

    notices: tuple[IncidentInLocalTime, ...]
    proposals: tuple[ProposedIncident, ...]
    may_announce: bool


@dataclass(eq=False)
class IncidentBoard:
    """The use cases of known incidents."""

    dependencies: Dependencies
    authorisation: Authorisation
    _proposed: tuple[ProposedIncident, ...] = field(default=(), init=False)
    _proposed_at: datetime | None = field(default=None, init=False)
    _lock: Lock = field(default_factory=Lock, init=False)

    # ── Reading ──────────────────────────────────────────────────────────────────────────────────────────

    def view(self, session: AgentSession) -> CurrentAndProposedIncidents:
        """Return the incidents, and for a supervisor what is proposed. Raises AgentSessionOver."""
        with self.authorisation.read(session) as transaction:
            return self.read(transaction, session)

    def read(self, transaction: Transaction, session: AgentSession) -> CurrentAndProposedIncidents:
        """Return the same in a transaction of somebody who is allowed to."""
        known = read_incidents(transaction, self.dependencies.clock.now())
        notices = sorted(self._notices(known), key=lambda notice: notice.is_over)
        supervises = session.role is AgentRole.SUPERVISOR
        return CurrentAndProposedIncidents(
            tuple(notices), self._proposals(transaction, known) if supervises else (), supervises
        )

    def incidents_of_voter(
        self, transaction: Transaction, voter: Voter, *, waits_for_sms: bool
    ) -> tuple[IncidentInLocalTime, ...]:
        """Return the standing incidents that concern a voter."""

        @cache
        def academie() -> str | None:
            listed = transaction.directory.on_roll(voter.id)
            return None if listed is None else listed.academie

        reader = IncidentReaderAttributes(
            domain=mail_domain(voter.email), academie=academie, waits_for_sms=waits_for_sms
        )
        notices = self._notices(read_incidents(transaction, self.dependencies.clock.now()))
        return tuple(each for each in notices if not each.is_over and reader.concerns(each.incident))

    def academies(self, session: AgentSession) -> tuple[str, ...]:
        """Return the académies that the roll names. Raises AgentSessionOver."""
        with self.authorisation.read(session) as transaction:
            return transaction.directory.academies(MOST_ACADEMIES)

    def _notices(self, known: list[Incident]) -> list[IncidentInLocalTime]:
        now = self.dependencies.clock.now()
        return [incident_in_local_time(each, self.dependencies.calendar, now) for each in known]

    def _proposals(self, transaction: Transaction, known: list[Incident]) -> tuple[ProposedIncident, ...]:
        now = self.dependencies.clock.now()
        with self._lock:
            if self._proposed_at is None or abs(now - self._proposed_at) >= PROPOSED_EVERY:
                self._proposed, self._proposed_at = propose_incidents(transaction, self.dependencies, known), now
            proposed = self._proposed
        standing = {(each.scope, each.subject) for each in known if each.over_since(now) is None}
        return tuple(each for each in proposed if (each.incident.scope, each.incident.subject) not in standing)

    # ── Announcing and ending ────────────────────────────────────────────────────────────────────────────

    def announce(self, session: AgentSession, new: NewIncident) -> int:
        """Announce an incident; return its number.

        Raises SupervisorNeeded, IncidentImpossible, IncidentAnnounced, TooManyIncidents, AgentSessionOver, ActionNotAllowed.
        """
        self.authorisation.require_supervisor(session)
        now, author = self.dependencies.clock.now(), session.name

        def announce(transaction: Transaction) -> int:
            if not _is_possible(transaction, new, now):
                raise IncidentImpossible
            standing = [each for each in read_incidents(transaction, now) if each.over_since(now) is None]
            same = (new.scope, new.subject, new.sentence)
            if any((each.scope, each.subject, each.sentence) == same for each in standing):
                raise IncidentAnnounced
            if len(standing) >= MOST_STANDING:
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
    """Tell whether a terminal's form could have read it so: what is announced stands on public pages and in the journal."""
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
