"""Check that the journal's chain is sealed and known outside this machine."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from cli.checks import NOT_READY, DoctorCheckResult, passed, warning
from core.adapters.sql.engine import temporary_engine
from core.adapters.sql.journal_chain import SqlJournalChain
from core.app import doctor_sentences as words
from core.app.settings import Settings
from core.ports import Backlog, Checkpoint
from core.text.text import Moment

LATE = timedelta(minutes=5)
"""A courier seals every two seconds."""


def check_unsealed_lines_and_board_address(settings: Settings, now: datetime) -> Iterator[DoctorCheckResult]:
    """Check for lines that wait too long and for a missing board. Reports nothing when the database is not ready."""
    with suppress(*NOT_READY), temporary_engine(settings.database_url) as engine, engine.begin() as connection:
        chain = SqlJournalChain(connection)
        yield _check_seals(chain.count_unsealed(), chain.checkpoint(), now, settings)
        if settings.board.email is None and not settings.demo:
            yield warning(words.JOURNAL, words.JOURNAL_KEPT_HERE, words.GIVE_BOARD)


def _check_seals(tail: Backlog, last: Checkpoint | None, now: datetime, settings: Settings) -> DoctorCheckResult:
    if tail.oldest is not None and now - tail.oldest > LATE:
        oldest = Moment(tail.oldest.astimezone(settings.election.zone))
        return warning(words.JOURNAL, words.JOURNAL_UNSEALED.fill({"oldest": oldest}), words.START_COURIER)
    if last is None:
        return passed(words.JOURNAL, words.JOURNAL_NEW)
    return passed(words.JOURNAL, words.JOURNAL_FINE.fill({"checkpoint": str(last.number)}))
