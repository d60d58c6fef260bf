"""The known incidents, cached in each process and filtered for a reader."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, partial
from threading import Lock

from core.flows.dependencies import Dependencies
from core.flows.incident_catalogue import BY_NAME, TOLD_AFTER, IncidentInLocalTime, incident_in_local_time
from core.forms.flow_model import Flow
from core.ports import Incident, IncidentScope, StoreUnavailable, Transaction, Voter

READ_EVERY = timedelta(seconds=2)
MOST = 50
"""Maximum number of incidents shown; if there are more, the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentReaderAttributes:
    """Facts about a reader that decide which incidents concern them."""

    domain: str | None = None
    """The mail domain of the typed address, or of the voter's own address after sign-in."""
    academie: Callable[[], str | None] = lambda: None
    """Looks up the reader's académie, None for strangers. Called only if an incident of an académie exists."""
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
    """Return the domain of an address in lower case."""
    return address.strip().rpartition("@")[2].lower()


def read_incidents(transaction: Transaction, now: datetime) -> list[Incident]:
    """Return present and just ended incidents, newest first, except those with unknown sentences."""
    return [
        each
        for each in transaction.incidents.unended_or_ended_since(now - TOLD_AFTER, MOST)
        if each.sentence in BY_NAME
    ]


@dataclass
class KnownIncidentsCache:
    """Caches the incidents. One thread reads them, at most every two seconds; other threads do not wait."""

    dependencies: Dependencies
    _read: datetime | None = field(default=None, init=False)
    _known: list[Incident] = field(default_factory=list, init=False)
    _reading: Lock = field(default_factory=Lock, init=False)

    def incidents_in_local_time(self) -> tuple[IncidentInLocalTime, ...]:
        """Return all incidents, newest first. If the database is unavailable, return those last known."""
        now, calendar = self.dependencies.clock.now(), self.dependencies.calendar
        known = self._refreshed(now)
        return tuple(incident_in_local_time(each, calendar, now) for each in known) if known else ()

    def incidents_of_reader(
        self, *, typed: str | None, voter: Voter | None, flow: Flow | None
    ) -> tuple[IncidentInLocalTime, ...]:
        """Return the incidents that concern a reader, by typed address, entry on the roll, and flow."""
        notices = self.incidents_in_local_time()
        if not notices:
            return ()
        address = typed if voter is None else voter.email
        reader = IncidentReaderAttributes(
            domain=None if address is None else mail_domain(address),
            academie=cache(partial(self._academie, voter)),
            waits_for_sms=flow is not None and flow.sends_sms,
        )
        return tuple(each for each in notices if reader.concerns(each.incident))

    def listed_on_public_page(self, voter: Voter | None = None) -> tuple[IncidentInLocalTime, ...]:
        """Return the incidents for the public page. Those of an académie appear only for its signed-in voters."""
        notices = self.incidents_in_local_time()
        reader = IncidentReaderAttributes(academie=cache(partial(self._academie, voter)))
        return tuple(
            each
            for each in notices
            if each.incident.scope is not IncidentScope.ACADEMIE or reader.concerns(each.incident)
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
        return [each for each in self._known if (over := each.over_since(now)) is None or over > now - TOLD_AFTER]
