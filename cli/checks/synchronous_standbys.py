"""Check that another PostgreSQL server confirms each commit."""

from collections.abc import Mapping

from sqlalchemy.exc import SQLAlchemyError

from cli.checks import CheckResult, passed, warning
from core.adapters.sql.engine import temporary_engine
from core.adapters.sql.synchronous_standbys import StandbyConfirmation, read_standbys
from core.app import doctor_sentences as words
from core.text.text import Text

SAID: Mapping[StandbyConfirmation, tuple[Text, Text]] = {
    StandbyConfirmation.NONE: (words.STANDBY_NONE, words.NAME_STANDBY),
    StandbyConfirmation.ASYNCHRONOUS: (words.STANDBY_ASYNCHRONOUS, words.NAME_STANDBY),
    StandbyConfirmation.NOT_WAITED_FOR: (words.STANDBY_NOT_WAITED_FOR, words.WAIT_FOR_STANDBY),
    StandbyConfirmation.MISSING: (words.STANDBY_MISSING, words.START_STANDBY),
    StandbyConfirmation.UNSEEN: (words.STANDBY_UNSEEN, words.LET_SEE_STANDBY),
}


def check_standbys(database_url: str) -> tuple[CheckResult, ...]:
    """Check the standbys of a PostgreSQL server. Reports nothing of an embedded database, or of one that is not ready."""
    try:
        with temporary_engine(database_url) as engine:
            found = read_standbys(engine)
    except (SQLAlchemyError, ImportError):
        return ()  # `check_database` says so
    if found is None:
        return ()
    if found.state is StandbyConfirmation.CONFIRMED:
        return (passed(words.STANDBY, words.STANDBYS_CONFIRM.for_count(found.count)),)
    finding, remedy = SAID[found.state]
    return (warning(words.STANDBY, finding, remedy),)
