"""Check that another PostgreSQL server confirms each commit, and that one alone takes writes."""

from collections.abc import Iterator, Mapping
from contextlib import suppress

from cli.checks import NOT_READY, DoctorCheckResult, fault, passed, warning
from core.adapters.sql.engine import temporary_engine
from core.adapters.sql.postgresql_cluster import StandbyConfirmationState, count_writable_servers, read_standbys
from core.app import doctor_sentences as words
from core.text.text import Text

SAID: Mapping[StandbyConfirmationState, tuple[Text, Text]] = {
    StandbyConfirmationState.NONE: (words.STANDBY_NONE, words.NAME_STANDBY),
    StandbyConfirmationState.ASYNCHRONOUS: (words.STANDBY_ASYNCHRONOUS, words.NAME_STANDBY),
    StandbyConfirmationState.NOT_WAITED_FOR: (words.STANDBY_NOT_WAITED_FOR, words.WAIT_FOR_STANDBY),
    StandbyConfirmationState.MISSING: (words.STANDBY_MISSING, words.START_STANDBY),
    StandbyConfirmationState.UNSEEN: (words.STANDBY_UNSEEN, words.LET_SEE_STANDBY),
}


def check_standbys(database_url: str) -> Iterator[DoctorCheckResult]:
    """Check the standbys of a PostgreSQL server. Reports nothing of an embedded database, or of one that is not ready."""
    with suppress(*NOT_READY), temporary_engine(database_url) as engine:
        found = read_standbys(engine)
        if found is not None and found.state is StandbyConfirmationState.CONFIRMED:
            yield passed(words.STANDBY, words.STANDBYS_CONFIRM.for_count(found.confirming_standby_count))
        elif found is not None:
            yield warning(words.STANDBY, *SAID[found.state])


def check_writable_servers(database_url: str) -> Iterator[DoctorCheckResult]:
    """Check that one of the servers named takes writes. Reports nothing of a URL that names one, or if none takes any."""
    count = count_writable_servers(database_url) or 0
    if count == 1:
        yield passed(words.PRIMARY, words.ONE_PRIMARY)
    elif count:
        yield fault(words.PRIMARY, words.SEVERAL_PRIMARIES.fill({"count": count}), words.STOP_BEFORE_CHOOSING)
