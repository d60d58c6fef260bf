"""The part of an election that a terminal uses: the use cases, and the few public facts that its screens draw."""

from typing import Protocol

from core.desk.desk import Desk
from core.policy.policy_and_calendar import Calendar, ElectionContact, Policy
from core.ports import Clock


class TerminalServices(Protocol):
    """The services of an open election, or a terminal's connection to the daemon that has them."""

    @property
    def desk(self) -> Desk:
        """The agents' use cases."""

    @property
    def clock(self) -> Clock:
        """The election's clock."""

    @property
    def policy(self) -> Policy:
        """The numbers of the rules."""

    @property
    def calendar(self) -> Calendar:
        """The dates of the election."""

    @property
    def election(self) -> ElectionContact:
        """The election's name, site and desk."""

    def is_database_readable(self) -> bool:
        """Tell whether the database can be read."""

    def close(self) -> None:
        """Close the connections."""
