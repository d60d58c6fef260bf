"""Tells the journal what the embedded platform has of the identifiers that a former version put in force without a digest."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, Engine, select

from core.adapters.sql.embedded_account_examination import ACCOUNTS, told_platform
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.row_history_in_journal import voter_histories
from core.adapters.sql.store import SqlStore
from core.adapters.sql.tables import events, voters
from core.ports import Actor, Durability, Event, EventType

WITHOUT_DIGEST = (
    select(events.c.voter, voters.c.pseudonym)
    .join(voters, voters.c.id == events.c.voter)
    .where(events.c.act == EventType.IDENTIFIER_IN_FORCE.value, events.c.credential.is_(None))
    .distinct()
)


def record_account_digests(engine: Engine, rows: RowAuthenticator, at: datetime) -> None:
    """Write an event of each such account, as it is now. Nothing is left to do after the first time."""
    with engine.connect() as connection:
        told = list(_events(connection, rows, at))
    if told:
        with SqlStore(engine, {}, rows).write(Durability.FULL) as transaction:
            for event in told:
                transaction.journal.write(event)


def _events(connection: Connection, rows: RowAuthenticator, at: datetime) -> Iterator[Event]:
    for voter, pseudonym in connection.execute(WITHOUT_DIGEST).all():
        generation, known = voter_histories(connection, voter - 1, voter)[voter].in_force
        account = connection.execute(ACCOUNTS, {"whose": [told_platform(pseudonym)]}).one_or_none()
        if known is None and account is not None and account.generation == generation > 0:
            digest = rows.account_digest(account.voter, generation, bytes(account.salt), bytes(account.verifier))
            yield Event(
                at=at,
                actor=Actor.OPERATOR,
                act=EventType.ACCOUNT_RECORDED,
                voter=voter,
                reason=str(generation),
                credential=digest,
            )
