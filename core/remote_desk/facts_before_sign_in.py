"""Facts that a terminal gets before anybody signs in: nothing that the site does not show to everybody."""

from dataclasses import dataclass
from datetime import datetime

from core.desk.terminal_services import TerminalServices
from core.policy.policy_and_calendar import Calendar, ElectionContact, Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class ElectionFacts:
    """The numbers, dates and words of an election, and its clock."""

    policy: Policy
    calendar: Calendar
    election: ElectionContact
    now: datetime


@dataclass(frozen=True, slots=True)
class ElectionFactsReader:
    """Reads them."""

    access: TerminalServices

    def read(self) -> ElectionFacts:
        """Return the facts as they are now."""
        access = self.access
        return ElectionFacts(
            policy=access.policy, calendar=access.calendar, election=access.election, now=access.clock.now()
        )

    def is_database_readable(self) -> bool:
        """Tell whether the database can be read."""
        return self.access.is_database_readable()
