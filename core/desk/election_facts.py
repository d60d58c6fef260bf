from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from core.flows.dependencies import Dependencies
from core.policy.calendar import Calendar
from core.policy.policy import Policy
from core.ports import StoreUnavailable
from core.text.contact import ElectionContact


@dataclass(frozen=True, slots=True, kw_only=True)
class ElectionFacts:
    policy: Policy
    calendar: Calendar
    election: ElectionContact
    now: datetime


@dataclass(frozen=True, slots=True)
class ElectionFactsReader:
    dependencies: Dependencies

    def read(self) -> ElectionFacts:
        known = self.dependencies
        return ElectionFacts(
            policy=known.policy, calendar=known.calendar, election=known.election, now=known.clock.now()
        )

    def is_database_readable(self) -> bool:
        with suppress(StoreUnavailable), self.dependencies.store.read() as transaction:
            transaction.outbox.oldest_request_delay(self.dependencies.clock.now())
            return True
        return False
