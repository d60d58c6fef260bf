"""Examines and records the accounts of the embedded platform: whether the journal tells of each as it is.

A former version put identifiers in force without a digest in the journal.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection, Engine, bindparam, exists, func, select

from core.adapters.sql.engine import open_snapshot_transaction
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.row_history_in_journal import voter_histories
from core.adapters.sql.store import SqlStore
from core.adapters.sql.tables import events, registry, voters
from core.adapters.sql.voter_state_from_journal import VoterStateFromJournal
from core.journal.protected_row_findings import RowFinding, RowFindingKind
from core.ports import Actor, Durability, Event, EventType
from core.security.personal_data_digests import MARK_BYTES

ACCOUNTS = select(registry.c.voter, registry.c.generation, registry.c.salt, registry.c.verifier).where(
    registry.c.voter.in_(bindparam("whose", expanding=True))
)


def embedded_account_findings(
    connection: Connection,
    rows: RowAuthenticator,
    whose: Mapping[int, str],
    histories: Mapping[int, VoterStateFromJournal],
) -> Iterator[RowFinding]:
    """Yield the accounts of the embedded platform that are not as the journal tells; one without a row has its first identifier."""
    found = connection.execute(ACCOUNTS, {"whose": list(whose.values())}).all()
    kept = {row.voter: row for row in found}
    for voter, pseudonym in whose.items():
        row, history = kept.get(pseudonym), histories.get(voter, VoterStateFromJournal())
        if row is None:
            agrees = history.agrees_with_platform_account(0, "")
        else:
            account = row.generation, bytes(row.salt), bytes(row.verifier)
            agrees = history.agrees_with_platform_account(row.generation, rows.account_digest(pseudonym, *account))
        if not agrees:
            kind = RowFindingKind.MISSING if row is None else RowFindingKind.DISAGREES
            yield RowFinding(kind=kind, table=registry.name, voter=voter)


def pseudonym_as_platform_writes_it(pseudonym: object) -> str:
    """Return the pseudonym as the platform knows it; empty for what is none."""
    return bytes(pseudonym)[MARK_BYTES:].hex() if isinstance(pseudonym, bytes | memoryview) else ""


AT_ONCE = 500
REASON = "accounts {count}"
"""The reason of the reported line (`core.journal.board_report_sentences`)."""
later = events.alias("later")
TELLS_DIGEST = (EventType.IDENTIFIER_IN_FORCE.value, EventType.ACCOUNT_RECORDED.value)
WITHOUT_DIGEST = (
    select(events.c.voter, voters.c.pseudonym)
    .join(voters, voters.c.id == events.c.voter)
    .where(
        events.c.act == EventType.IDENTIFIER_IN_FORCE.value,
        events.c.credential.is_(None),
        ~exists().where(
            later.c.voter == events.c.voter,
            later.c.id > events.c.id,
            later.c.act.in_(TELLS_DIGEST),
            later.c.credential.is_not(None),
        ),
    )
    .distinct()
    .order_by(events.c.voter)
)
ANY_ACCOUNT = select(registry.c.voter).limit(1)
LAST_COUNT = select(func.coalesce(func.max(later.c.id), 0)).where(
    later.c.act == EventType.ROWS_AUTHENTICATED.value, later.c.reason.like(REASON.format(count="%"))
)
NOT_COUNTED = select(func.count()).where(
    events.c.act == EventType.ACCOUNT_RECORDED.value, events.c.id > LAST_COUNT.scalar_subquery()
)


def record_account_digests(engine: Engine, rows: RowAuthenticator, at: datetime) -> None:
    """Write an event of each such account as it is now, some hundreds at a time, then one that counts them for the electoral board.

    Interrupted, it goes on with the rest when it is called again, and counts those before too.
    """
    with open_snapshot_transaction(engine) as connection:
        if connection.execute(ANY_ACCOUNT).first() is None:
            return
        missing = list(_events(connection, rows, at))
    store = SqlStore(engine, {}, rows)
    for first in range(0, len(missing), AT_ONCE):
        with store.write(Durability.FULL) as transaction:
            for event in missing[first : first + AT_ONCE]:
                transaction.journal.write(event)
    with open_snapshot_transaction(engine) as connection:
        count = connection.execute(NOT_COUNTED).scalar_one()
    if count:
        reason = REASON.format(count=count)
        with store.write(Durability.FULL) as transaction:
            transaction.journal.write(
                Event(at=at, actor=Actor.OPERATOR, act=EventType.ROWS_AUTHENTICATED, reason=reason)
            )


def _events(connection: Connection, rows: RowAuthenticator, at: datetime) -> Iterator[Event]:
    found = connection.execute(WITHOUT_DIGEST).all()
    for part in (found[first : first + AT_ONCE] for first in range(0, len(found), AT_ONCE)):
        histories = voter_histories(connection, part[0].voter - 1, part[-1].voter)
        whose = {pseudonym_as_platform_writes_it(pseudonym): voter for voter, pseudonym in part}
        for account in connection.execute(ACCOUNTS, {"whose": list(whose)}):
            voter = whose[account.voter]
            generation, known = histories[voter].in_force
            if known is None and account.generation == generation > 0:
                digest = rows.account_digest(account.voter, generation, bytes(account.salt), bytes(account.verifier))
                yield Event(
                    at=at,
                    actor=Actor.OPERATOR,
                    act=EventType.ACCOUNT_RECORDED,
                    voter=voter,
                    reason=str(generation),
                    credential=digest,
                )
