"""The journal's chain: sealed as it grows, and known outside of this machine."""

from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from cli.checks import Check, attention, ok
from cli.checks.database import opened
from core.adapters.sql.chain import SqlChain
from core.ports import Checkpoint, Pending
from core.settings import Settings
from core.text import Moment
from core.words import doctor as words

LATE = timedelta(minutes=5)
"""A courier seals every two seconds."""


def check_journal(settings: Settings, now: datetime) -> tuple[Check, ...]:
    """Whether lines wait too long, and whether the board is told. Nothing to say of a database that is not ready."""
    try:
        with opened(settings.database_url) as engine, engine.begin() as connection:
            chain = SqlChain(connection)
            tail, last = chain.tail(), chain.checkpoint()
    except (SQLAlchemyError, ImportError):
        return ()  # `check_database` says so
    sealed = _check_seals(tail, last, now, settings)
    if settings.board.email is None and not settings.demo:
        return (sealed, attention(words.JOURNAL, words.JOURNAL_KEPT_HERE, words.GIVE_BOARD))
    return (sealed,)


def _check_seals(tail: Pending, last: Checkpoint | None, now: datetime, settings: Settings) -> Check:
    if tail.oldest is not None and now - tail.oldest > LATE:
        oldest = Moment(tail.oldest.astimezone(settings.election.zone))
        return attention(words.JOURNAL, words.JOURNAL_UNSEALED.fill({"oldest": oldest}), words.START_COURIER)
    if last is None:
        return ok(words.JOURNAL, words.JOURNAL_NEW)
    return ok(words.JOURNAL, words.JOURNAL_FINE.fill({"checkpoint": str(last.number)}))
