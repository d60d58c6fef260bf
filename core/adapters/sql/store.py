"""The port Store on SQL: one transaction, with every port looking at its connection."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import msgspec
from sqlalchemy import Dialect, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.adapters.sql.agents import SqlAgents
from core.adapters.sql.chain import SqlChain
from core.adapters.sql.connections import READ, Connections, Open
from core.adapters.sql.directory import SqlDirectory
from core.adapters.sql.journal import SqlJournal
from core.adapters.sql.leftovers import SqlLeftovers
from core.adapters.sql.links import SqlLinks
from core.adapters.sql.outbox import SqlOutbox
from core.adapters.sql.recoveries import SqlRecoveries
from core.adapters.sql.registry import SqlRegistry
from core.adapters.sql.reissues import SqlAwaitedCodes, SqlPhoneClaims, SqlReissues
from core.adapters.sql.reports import SqlReports
from core.adapters.sql.roll import SqlRoll
from core.adapters.sql.sessions import SqlSessions
from core.adapters.sql.spending import SqlSpending
from core.adapters.sql.throttle import SqlThrottle
from core.adapters.sql.turns import turn, turns_of
from core.adapters.sql.voters import SqlVoters
from core.platform import Registry
from core.ports import (
    Agents,
    AwaitedCodes,
    Chain,
    Directory,
    Durability,
    Journal,
    Leftovers,
    Links,
    Outbox,
    PhoneClaims,
    Recoveries,
    Reissues,
    Reports,
    Roll,
    Sessions,
    Spending,
    Throttle,
    Transaction,
    Unready,
    Voters,
)


class SqlTransaction:
    """The ports as one transaction sees them."""

    def __init__(self, begun: Open, states: Mapping[str, "msgspec.json.Decoder[object]"]) -> None:
        self._begun = begun
        run = begun.run
        self.voters: Voters = SqlVoters(run)
        self.directory: Directory = SqlDirectory(run)
        self.recoveries: Recoveries = SqlRecoveries(run, states)
        self.phone_claims: PhoneClaims = SqlPhoneClaims(run)
        self.reissues: Reissues = SqlReissues(run)
        self.awaited_codes: AwaitedCodes = SqlAwaitedCodes(run)
        self.registry: Registry = SqlRegistry(run)
        self.links: Links = SqlLinks(run, states)
        self.sessions: Sessions = SqlSessions(run)
        self.outbox: Outbox = SqlOutbox(begun.connection, run)
        self.reports: Reports = SqlReports(run)
        self.spending: Spending = SqlSpending(run)
        self.journal: Journal = SqlJournal(begun.connection, run)
        self.throttle: Throttle = SqlThrottle(run)
        self.agents: Agents = SqlAgents(run)

    # These speak to the driver themselves, and so after whatever waits.

    @cached_property
    def roll(self) -> Roll:
        """The roll as a whole."""
        return SqlRoll(self._begun.shared())

    @cached_property
    def chain(self) -> Chain:
        """The journal's chain."""
        return SqlChain(self._begun.shared())

    @cached_property
    def leftovers(self) -> Leftovers:
        """What the law no longer lets us keep."""
        return SqlLeftovers(self._begun.shared())


class SqlStore:
    """Opens transactions on an engine. `states` gives each flow's union of states, by its slug."""

    def __init__(self, engine: Engine, states: Mapping[str, Any]) -> None:
        self._engine = engine
        self._connections = Connections(engine)
        self._turns = turns_of(engine)
        self._states = {slug: msgspec.json.Decoder(union) for slug, union in states.items()}

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        with _told_as_unready(self._engine.dialect), self._connections.begun(READ) as begun:
            yield SqlTransaction(begun, self._states)

    @contextmanager
    def look(self) -> Iterator[Transaction]:
        with _told_as_unready(self._engine.dialect), self._connections.lent() as lent:
            yield SqlTransaction(lent, self._states)

    @contextmanager
    def write(self, durability: Durability = Durability.FULL) -> Iterator[Transaction]:
        with (
            _told_as_unready(self._engine.dialect),
            turn(self._turns),
            self._connections.begun(durability) as begun,
        ):
            yield SqlTransaction(begun, self._states)

    def close(self) -> None:
        """Lets the connections go."""
        self._connections.close()
        self._engine.dispose()
        if self._turns is not None:
            self._turns.close()


@contextmanager
def _told_as_unready(dialect: Dialect) -> Iterator[None]:
    """Of what fails in SQLAlchemy and of what fails in the driver below it."""
    driver = dialect.loaded_dbapi
    try:
        yield
    except (IntegrityError, driver.IntegrityError):
        raise
    except (DBAPIError, PoolTimeout) as error:
        raise Unready(type(error.__cause__ or error).__name__) from error
    except driver.Error as error:
        raise Unready(type(error).__name__) from error
