"""Reads whether another PostgreSQL server confirms each commit, without which a failover loses what pages have told."""

from enum import StrEnum

import msgspec
from sqlalchemy import Engine, text

WEAK = frozenset({"off", "local"})
"""The settings of synchronous_commit with which no commit waits for another server."""
# An account without pg_read_all_stats sees the rows of other accounts, and NULL instead of their states.
READ = text(
    "SELECT current_setting('synchronous_standby_names'), current_setting('synchronous_commit'),"
    " count(*), count(sync_state), count(*) FILTER (WHERE sync_state IN ('sync', 'quorum')) FROM pg_stat_replication"
)


class StandbyConfirmationState(StrEnum):
    """The ways in which commits wait for a standby, or do not."""

    CONFIRMED = "confirmed"
    """A standby confirms each commit."""
    NONE = "none"
    """No standby is connected, and commits wait for none."""
    ASYNCHRONOUS = "asynchronous"
    """Standbys are connected, and commits wait for none of them."""
    NOT_WAITED_FOR = "not-waited-for"
    """A standby would confirm, but synchronous_commit says not to wait."""
    MISSING = "missing"
    """Commits wait for a standby, and none is connected: they hang."""
    UNSEEN = "unseen"
    """The standbys are hidden from this account."""


class StandbyReport(msgspec.Struct, frozen=True):
    """A server's report about its standbys."""

    names: str
    commit: str
    connected: int
    seen: int
    confirming: int

    @property
    def state(self) -> StandbyConfirmationState:
        """The state of the standbys, judged from the report."""
        if not self.names:
            return StandbyConfirmationState.ASYNCHRONOUS if self.connected else StandbyConfirmationState.NONE
        if self.commit in WEAK:
            return StandbyConfirmationState.NOT_WAITED_FOR
        if self.seen < self.connected:
            return StandbyConfirmationState.UNSEEN
        return StandbyConfirmationState.CONFIRMED if self.confirming else StandbyConfirmationState.MISSING

    @property
    def confirming_standby_count(self) -> int:
        """The number of standbys that confirm each commit; 0 unless the state is CONFIRMED."""
        return self.confirming if self.state is StandbyConfirmationState.CONFIRMED else 0


def read_standbys(engine: Engine) -> StandbyReport | None:
    """Ask the server. Return None where the database is embedded. Raises SQLAlchemyError."""
    if engine.dialect.name != "postgresql":
        return None
    with engine.connect() as connection:
        return StandbyReport(*connection.execute(READ).one())
