"""Gives the rows of a former version's database their tags, and its journal the digests of accounts; renews the tags of a retiring key.

Each is done in short transactions of some thousand rows at most, and goes on where it was interrupted.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Engine, LargeBinary, bindparam, exists, func, select, update

from core.adapters.key_vault import HEADER_BYTES
from core.adapters.sql.engine import open_snapshot_transaction, writing_connection
from core.adapters.sql.protected_row_examination import ACCOUNTS, pseudonym_as_platform_writes_it
from core.adapters.sql.protected_tables import MAC, PROTECTED, VOTERS, ProtectedTable
from core.adapters.sql.roll import SqlRoll
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.row_history_in_journal import agent_history, voter_histories
from core.adapters.sql.store import SqlStore
from core.adapters.sql.tables import events, registry, voters
from core.ports import Actor, ErasableDataKind, Event, EventType
from core.security.voting_identifiers import account_digest

AT_ONCE = 2_000
BEGUN, DONE = "begun", "done"
MARKS = select(events.c.reason).where(events.c.act == EventType.ROWS_AUTHENTICATED.value)
WITH_DIGEST = select(events.c.id).where(events.c.credential.is_not(None)).limit(1)
Progress = Callable[[int], None]
Fresh = Callable[[Connection, ProtectedTable, Sequence[Any]], Iterator[tuple[Any, Mapping[str, Any]]]]
"""Returns the identity and the new covered values, in clear, of those rows that are to be written."""

Rows = Sequence[Sequence[Any]]
"""The identity of each row, then the values to write."""


@dataclass(frozen=True, slots=True)
class RowTagUpgradeState:
    """Progress of a database from rows without tags to authenticated rows."""

    needed: bool
    """True if some rows have no tags yet."""
    begun: bool


def row_upgrade_state(connection: Connection) -> RowTagUpgradeState:
    """Tell whether rows have to be given tags.

    Where the journal says that this is done, or tags or digests are there that no upgrade began, a row without a tag is not an
    old one: somebody else has written it.
    """
    marks = set(connection.execute(MARKS).scalars())
    found = {each: select(each.table.c[each.key]).limit(1) for each in PROTECTED}
    rows = any(connection.execute(one).first() for one in found.values())
    tags = any(connection.execute(one.where(each.table.c[MAC].is_not(None))).first() for each, one in found.items())
    made_with_tags = BEGUN not in marks and (tags or connection.execute(WITH_DIGEST).first() is not None)
    return RowTagUpgradeState(needed=rows and DONE not in marks and not made_with_tags, begun=BEGUN in marks)


def give_tags(engine: Engine, rows: RowAuthenticator, progress: Progress) -> int:
    """Give a tag to every row without one and seal its credential. Return how many voters disagree with the journal.

    These get none, because their rows were changed before there were tags; `retrouve journal verify` names them.
    """
    refused = 0
    with engine.connect() as connection:
        purged = agent_history(connection).purged.get(ErasableDataKind.PASSWORDS)

    def fresh(
        connection: Connection, protected: ProtectedTable, found: Sequence[Any]
    ) -> Iterator[tuple[Any, Mapping[str, Any]]]:
        nonlocal refused
        histories = voter_histories(connection, found[0][0] - 1, found[-1][0]) if protected is VOTERS else {}
        for row in found:
            values = dict(zip(protected.covered, row, strict=False))
            history = histories.get(row[0])
            if history is not None and not history.is_consistent_with(values, None, purged=purged):
                refused += 1
            else:
                yield row[0], values

    for protected in PROTECTED:
        _rewrite(engine, rows, protected, protected.table.c[MAC].is_(None), fresh=fresh, progress=progress)
    return refused


def renew_tags(engine: Engine, rows: RowAuthenticator, retiring_keys: Collection[int]) -> None:
    """Make the tags and seals of those keys again with the present one, after the end of an import under way.

    A row that is not authentic stays so.
    """

    def fresh(
        _connection: Connection, protected: ProtectedTable, found: Sequence[Any]
    ) -> Iterator[tuple[Any, Mapping[str, Any]]]:
        for row in found:
            clear = rows.open_row(protected, row)
            if clear is not None:
                yield row[0], clear

    with writing_connection(engine) as connection:
        SqlRoll(connection, rows).lock()  # PostgreSQL would not show its rows, whose tags may be of those keys
    for protected in PROTECTED:
        made_by = func.substr(protected.table.c[MAC], 2, HEADER_BYTES - 1, type_=LargeBinary)
        _rewrite(
            engine,
            rows,
            protected,
            made_by.in_([bytes((key,)) for key in retiring_keys]),
            fresh=fresh,
            progress=lambda _: None,
        )


def _rewrite(
    engine: Engine,
    rows: RowAuthenticator,
    protected: ProtectedTable,
    where: ColumnElement[bool],
    *,
    fresh: Fresh,
    progress: Progress,
) -> None:
    """Write rows for which `where` holds, in the order of their identity."""
    key = protected.table.c[protected.key]
    written = protected.derived_columns
    change = CHANGE[engine.dialect.name]
    # A condition on the tag in the WHERE clause would let PostgreSQL read the whole table for each batch.
    some = select(*protected.columns, where).order_by(key).limit(AT_ONCE).with_for_update()
    last = None
    while True:
        with writing_connection(engine) as connection:
            examined = connection.execute(some if last is None else some.where(key > last)).all()
            found = [row[:-1] for row in examined if row[-1]]
            stored = [
                (row, *map(rows.seal_row(protected, values).__getitem__, written))
                for row, values in (fresh(connection, protected, found) if found else ())
            ]
            if stored:
                change(connection, key, [protected.table.c[name] for name in written], stored)
        if not examined:
            return
        last = examined[-1][0]
        progress(len(found))


def _change_each(connection: Connection, key: Column[Any], written: Sequence[Column[Any]], rows: Rows) -> None:
    names = ("row", *(column.name for column in written))
    change = update(key.table).where(key == bindparam("row")).values({name: bindparam(name) for name in names[1:]})
    connection.execute(change, [dict(zip(names, row, strict=True)) for row in rows])


def _change_at_once(connection: Connection, key: Column[Any], written: Sequence[Column[Any]], rows: Rows) -> None:
    """Change all in one statement, which takes PostgreSQL a fifth of one a row; as text, its lists would take the driver 16 µs a row."""
    columns = (key, *written)
    lists = ", ".join(f"%b::{column.type.compile(connection.dialect)}[]" for column in columns)
    identity, *others = names = [f'"{column.name}"' for column in columns]
    changes = ", ".join(f"{name} = fresh.{name}" for name in others)
    statement = (
        f"UPDATE {key.table.name} SET {changes} FROM unnest({lists}) AS fresh ({', '.join(names)}) "  # noqa: S608  # our own names
        f"WHERE {key.table.name}.{identity} = fresh.{identity}"
    )
    cursor: Any = connection.connection.cursor()  # each driver has a type of its own
    cursor.execute(statement, [list(values) for values in zip(*rows, strict=True)])


CHANGE: Mapping[str, Callable[[Connection, Column[Any], Sequence[Column[Any]], Rows], None]] = {
    "sqlite": _change_each,
    "postgresql": _change_at_once,
}


ACCOUNTS_AT_ONCE = 500
ACCOUNTS_REASON = "accounts {count}"
"""The reason of the reported line (`core.journal.board_report_sentences`)."""
later_events = events.alias("later")
TELLS_DIGEST = (EventType.IDENTIFIER_IN_FORCE.value, EventType.ACCOUNT_RECORDED.value)
WITHOUT_DIGEST = (
    select(events.c.voter, voters.c.pseudonym)
    .join(voters, voters.c.id == events.c.voter)
    .where(
        events.c.act == EventType.IDENTIFIER_IN_FORCE.value,
        events.c.credential.is_(None),
        ~exists().where(
            later_events.c.voter == events.c.voter,
            later_events.c.id > events.c.id,
            later_events.c.act.in_(TELLS_DIGEST),
            later_events.c.credential.is_not(None),
        ),
    )
    .distinct()
    .order_by(events.c.voter)
)
ANY_ACCOUNT = select(registry.c.voter).limit(1)
LAST_COUNT = select(func.coalesce(func.max(later_events.c.id), 0)).where(
    later_events.c.act == EventType.ROWS_AUTHENTICATED.value,
    later_events.c.reason.like(ACCOUNTS_REASON.format(count="%")),
)
NOT_COUNTED = select(func.count()).where(
    events.c.act == EventType.ACCOUNT_RECORDED.value, events.c.id > LAST_COUNT.scalar_subquery()
)


def record_account_digests(engine: Engine, rows: RowAuthenticator, at: datetime) -> None:
    """Write the digest of each account whose identifier a former version put in force without one in the journal.

    The digests are of the accounts as they are now. A last event counts them for the electoral board, with those that a former
    call wrote before it was interrupted.
    """
    with open_snapshot_transaction(engine) as connection:
        if connection.execute(ANY_ACCOUNT).first() is None:
            return
        missing = list(_missing_digest_events(connection, rows, at))
    store = SqlStore(engine, {}, rows)
    for first in range(0, len(missing), ACCOUNTS_AT_ONCE):
        with store.write() as transaction:
            for event in missing[first : first + ACCOUNTS_AT_ONCE]:
                transaction.journal.write(event)
    with open_snapshot_transaction(engine) as connection:
        count = connection.execute(NOT_COUNTED).scalar_one()
    if count:
        reason = ACCOUNTS_REASON.format(count=count)
        with store.write() as transaction:
            transaction.journal.write(
                Event(at=at, actor=Actor.OPERATOR, act=EventType.ROWS_AUTHENTICATED, reason=reason)
            )


def _missing_digest_events(connection: Connection, rows: RowAuthenticator, at: datetime) -> Iterator[Event]:
    found = connection.execute(WITHOUT_DIGEST).all()
    for part in (found[first : first + ACCOUNTS_AT_ONCE] for first in range(0, len(found), ACCOUNTS_AT_ONCE)):
        histories = voter_histories(connection, part[0].voter - 1, part[-1].voter)
        whose = {pseudonym_as_platform_writes_it(pseudonym): voter for voter, pseudonym in part}
        for account in connection.execute(ACCOUNTS, {"whose": list(whose)}):
            voter = whose[account.voter]
            generation, known = histories[voter].in_force
            if known is None and account.generation == generation > 0:
                kept = generation, bytes(account.salt), bytes(account.verifier)
                yield Event(
                    at=at,
                    actor=Actor.OPERATOR,
                    act=EventType.ACCOUNT_RECORDED,
                    voter=voter,
                    reason=str(generation),
                    credential=account_digest(rows.vault, account.voter, *kept),
                )
