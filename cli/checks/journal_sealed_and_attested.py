"""Check that the journal's chain is sealed and known outside this machine."""

from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from cli.checks import CheckResult, passed, warning
from core.adapters.sql.engine import temporary_engine
from core.adapters.sql.journal_chain import SqlChain
from core.app import doctor_sentences as words
from core.app.settings import Settings
from core.ports import Checkpoint, WaitingLinesCount
from core.text.text import Moment

LATE = timedelta(minutes=5)
"""A courier seals every two seconds."""


def check_unsealed_lines_and_board(settings: Settings, now: datetime) -> tuple[CheckResult, ...]:
    """Check for lines that wait too long and for a missing board. Reports nothing when the database is not ready."""
    try:
        with temporary_engine(settings.database_url) as engine, engine.begin() as connection:
            chain = SqlChain(connection)
            tail, last = chain.count_unsealed(), chain.checkpoint()
    except (SQLAlchemyError, ImportError):
        return ()  # `check_database` says so
    sealed = _check_seals(tail, last, now, settings)
    if settings.board.email is None and not settings.demo:
        return (sealed, warning(words.JOURNAL, words.JOURNAL_KEPT_HERE, words.GIVE_BOARD))
    return (sealed,)


def _check_seals(tail: WaitingLinesCount, last: Checkpoint | None, now: datetime, settings: Settings) -> CheckResult:
    if tail.oldest is not None and now - tail.oldest > LATE:
        oldest = Moment(tail.oldest.astimezone(settings.election.zone))
        return warning(words.JOURNAL, words.JOURNAL_UNSEALED.fill({"oldest": oldest}), words.START_COURIER)
    if last is None:
        return passed(words.JOURNAL, words.JOURNAL_NEW)
    return passed(words.JOURNAL, words.JOURNAL_FINE.fill({"checkpoint": str(last.number)}))
