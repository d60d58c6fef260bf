"""The incidents that a process knows: read again every few seconds, and which of them concern a reader."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from core.flows.dependencies import Dependencies
from core.flows.incident_catalogue import BY_NAME, TOLD_AFTER, IncidentNotice, incident_notice
from core.ports import Incident, IncidentScope, StoreUnavailable, Transaction

READ_EVERY = timedelta(seconds=2)
MOST = 50
"""How many incidents are told at once; the newest, where there are more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentReader:
    """What decides which incidents concern a reader."""

    domain: str | None = None
    """The mail domain of the address that they typed, or of their own once they are signed in."""
    academie: Callable[[], str | None] = lambda: None
    """Looks their académie up; asked only where an incident of an académie stands, and None for strangers."""
    waits_for_sms: bool = False

    def concerns(self, incident: Incident) -> bool:
        """Tell whether an incident concerns that reader."""
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
    """Return the domain of an address as incidents name it."""
    return address.strip().rpartition("@")[2].lower()


def read_incidents(transaction: Transaction, now: datetime) -> list[Incident]:
    """Return the incidents that stand and those just over, the newest first; those of a later version are left out."""
    return [each for each in transaction.incidents.unended(now - TOLD_AFTER, MOST) if each.sentence in BY_NAME]


@dataclass
class KnownIncidents:
    """The incidents as one process knows them: one thread reads them at most every two seconds, the others do not wait."""

    dependencies: Dependencies
    _read: datetime | None = field(default=None, init=False)
    _known: list[Incident] = field(default_factory=list, init=False)
    _reading: Lock = field(default_factory=Lock, init=False)

    def notices(self) -> tuple[IncidentNotice, ...]:
        """Return every incident as it stands now, the newest first; while the store is away, as they were last known."""
        now, calendar = self.dependencies.clock.now(), self.dependencies.calendar
        known = self._refreshed(now)
        return tuple(incident_notice(each, calendar, now) for each in known) if known else ()

    def of(self, reader: IncidentReader) -> tuple[IncidentNotice, ...]:
        """Return those that concern a reader."""
        return tuple(each for each in self.notices() if reader.concerns(each.incident))

    def _refreshed(self, now: datetime) -> list[Incident]:
        fresh = self._read is not None and abs(now - self._read) < READ_EVERY
        if not fresh and self._reading.acquire(blocking=False):
            try:
                with self.dependencies.store.read() as transaction:
                    self._known = read_incidents(transaction, now)
            except StoreUnavailable:
                pass  # what was known is still the best that can be told
            finally:
                self._read = now
                self._reading.release()
        return [each for each in self._known if (over := each.over_since(now)) is None or over > now - TOLD_AFTER]
