"""The port Store on SQL: one transaction, with every port looking at its connection."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import Dialect, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.adapters.sql.agents import SqlAgents
from core.adapters.sql.chain import SqlChain
from core.adapters.sql.connections import READ, Connections, Open
from core.adapters.sql.directory import SqlDirectory
from core.adapters.sql.journal import SqlJournal
from core.adapters.sql.lasting import lasting_on
from core.adapters.sql.leftovers import SqlLeftovers
from core.adapters.sql.links import SqlLinks
from core.adapters.sql.outbox import SqlOutbox
from core.adapters.sql.recoveries import SqlRecoveries, States
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

T = TypeVar("T")


class Made(Generic[T]):
    """A port of a transaction, made whenever it is asked for: there are many, and a transaction needs two or three."""

    def __init__(self, make: "Callable[[SqlTransaction], T]") -> None:
        self._make = make

    def __get__(self, transaction: "SqlTransaction", _owner: object = None) -> T:
        return self._make(transaction)


class SqlTransaction:
    """The ports as one transaction sees them."""

    def __init__(self, begun: Open, states: States) -> None:
        self.begun = begun
        self.run = begun.run
        self.states = states

    voters = Made[Voters](lambda its: SqlVoters(its.run))
    directory = Made[Directory](lambda its: SqlDirectory(its.run))
    recoveries = Made[Recoveries](lambda its: SqlRecoveries(its.run, its.states))
    phone_claims = Made[PhoneClaims](lambda its: SqlPhoneClaims(its.run))
    reissues = Made[Reissues](lambda its: SqlReissues(its.run, its.states))
    awaited_codes = Made[AwaitedCodes](lambda its: SqlAwaitedCodes(its.run))
    registry = Made[Registry](lambda its: SqlRegistry(its.run))
    links = Made[Links](lambda its: SqlLinks(its.run, its.states))
    sessions = Made[Sessions](lambda its: SqlSessions(its.run))
    outbox = Made[Outbox](lambda its: SqlOutbox(its.begun.connection, its.run))
    reports = Made[Reports](lambda its: SqlReports(its.run))
    spending = Made[Spending](lambda its: SqlSpending(its.run))
    journal = Made[Journal](lambda its: SqlJournal(its.begun.connection, its.run))
    throttle = Made[Throttle](lambda its: SqlThrottle(its.run))
    agents = Made[Agents](lambda its: SqlAgents(its.run))

    def meanwhile(self, act: Callable[[], None]) -> None:
        self.begun.meanwhile = act

    # These speak to the driver themselves, and so after whatever waits.
    roll = Made[Roll](lambda its: SqlRoll(its.begun.shared()))
    chain = Made[Chain](lambda its: SqlChain(its.begun.shared()))
    leftovers = Made[Leftovers](lambda its: SqlLeftovers(its.begun.shared()))


class SqlStore:
    """Opens transactions on an engine. `states` gives each flow's union of states, by its slug."""

    def __init__(self, engine: Engine, states: Mapping[str, Any]) -> None:
        self._engine = engine
        self._told_as_unready = _ToldAsUnready(engine.dialect)
        self._connections = Connections(engine)
        self._turns = turns_of(engine)
        self._make_last = lasting_on(engine)
        self._states = {slug: msgspec.json.Decoder(union) for slug, union in states.items()}

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        with self._told_as_unready, self._connections.begun(READ) as begun:
            yield SqlTransaction(begun, self._states)

    @contextmanager
    def look(self) -> Iterator[Transaction]:
        with self._told_as_unready, self._connections.lent() as lent:
            yield SqlTransaction(lent, self._states)

    @contextmanager
    def write(self, durability: Durability = Durability.FULL) -> Iterator[Transaction]:
        with self._told_as_unready:
            with turn(self._turns), self._connections.begun(durability) as begun:
                yield SqlTransaction(begun, self._states)
            if durability is Durability.FULL:
                self._make_last()

    def close(self) -> None:
        """Lets the connections go."""
        self._connections.close()
        self._engine.dispose()
        if self._turns is not None:
            self._turns.close()


class _ToldAsUnready:
    """What fails in SQLAlchemy, or in the driver below it; a constraint that does not hold is the caller's to hear of."""

    def __init__(self, dialect: Dialect) -> None:
        self._driver = dialect.loaded_dbapi

    def __enter__(self) -> None:
        """There is nothing to begin: one serves all transactions."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, IntegrityError | self._driver.IntegrityError):
            return
        if isinstance(error, DBAPIError | PoolTimeout):
            raise Unready(type(error.__cause__ or error).__name__) from error
        if isinstance(error, self._driver.Error):
            raise Unready(type(error).__name__) from error
