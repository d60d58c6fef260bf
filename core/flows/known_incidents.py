"""Caches the known incidents, and selects those that concern a visitor."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, partial
from threading import Lock

from core.flows.dependencies import Dependencies
from core.flows.incident_catalogue import BY_NAME, VISIBLE_AFTER_END, IncidentInLocalTime, incident_in_local_time
from core.forms.flow_model import Flow
from core.ports import Incident, IncidentScope, StoreUnavailable, Transaction, Voter

READ_EVERY = timedelta(seconds=2)
MOST_SHOWN = 50
"""Maximum number of incidents to show. Older incidents are left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentReaderAttributes:
    domain: str | None = None
    """Domain of the visitor's email address."""
    academie: Callable[[], str | None] = lambda: None
    """Function that looks up the signed-in voter's académie. It is called only when needed."""
    waits_for_sms: bool = False

    def concerns(self, incident: Incident) -> bool:
        match incident.scope:
            case IncidentScope.EVERYBODY:
                return True
            case IncidentScope.SMS:
                return self.waits_for_sms
            case IncidentScope.MAIL_DOMAIN:
                return self.domain == incident.subject
            case IncidentScope.ACADEMIE:
                return self.academie() == incident.subject


def mail_domain(address: str) -> str:
    return address.strip().rpartition("@")[2].lower()


def read_incidents(transaction: Transaction, now: datetime) -> list[Incident]:
    incidents = transaction.incidents.unended_or_ended_since(now - VISIBLE_AFTER_END, MOST_SHOWN)
    return [incident for incident in incidents if incident.sentence in BY_NAME]


@dataclass
class KnownIncidentsCache:
    dependencies: Dependencies
    _read: datetime | None = field(default=None, init=False)
    _known: list[Incident] = field(default_factory=list, init=False)
    _reading: Lock = field(default_factory=Lock, init=False)

    def incidents_in_local_time(self) -> tuple[IncidentInLocalTime, ...]:
        """Return all incidents, newest first. Returns cached incidents if the database is unavailable."""
        now, calendar = self.dependencies.clock.now(), self.dependencies.calendar
        return tuple(incident_in_local_time(incident, calendar, now) for incident in self._refreshed(now))

    def incidents_of_reader(
        self, *, typed: str | None, voter: Voter | None, flow: Flow | None
    ) -> tuple[IncidentInLocalTime, ...]:
        notices = self.incidents_in_local_time()
        if not notices:
            return ()
        address = typed if voter is None else voter.email
        reader = IncidentReaderAttributes(
            domain=None if address is None else mail_domain(address),
            academie=cache(partial(self._academie, voter)),
            waits_for_sms=flow is not None and flow.sends_sms,
        )
        return tuple(notice for notice in notices if reader.concerns(notice.incident))

    def listed_on_public_page(self, voter: Voter | None = None) -> tuple[IncidentInLocalTime, ...]:
        """Return the incidents for the public status page, including those of the voter's académie."""
        notices = self.incidents_in_local_time()
        reader = IncidentReaderAttributes(academie=cache(partial(self._academie, voter)))
        return tuple(
            notice
            for notice in notices
            if notice.incident.scope is not IncidentScope.ACADEMIE or reader.concerns(notice.incident)
        )

    def _academie(self, voter: Voter | None) -> str | None:
        if voter is None:
            return None
        with suppress(StoreUnavailable), self.dependencies.store.read() as transaction:
            listed = transaction.directory.on_roll(voter.id)
            return None if listed is None else listed.academie
        return None

    def _refreshed(self, now: datetime) -> list[Incident]:
        fresh = self._read is not None and abs(now - self._read) < READ_EVERY
        if not fresh and self._reading.acquire(blocking=False):
            try:
                with self.dependencies.store.read() as transaction:
                    self._known = read_incidents(transaction, now)
            except StoreUnavailable:
                pass  # keep the last known incidents
            finally:
                self._read = self.dependencies.clock.now()  # wait before the next read, also after a failure
                self._reading.release()
        oldest_end = now - VISIBLE_AFTER_END
        return [each for each in self._known if (ended := each.over_since(now)) is None or ended > oldest_end]
