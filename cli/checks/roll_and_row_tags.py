"""Check the voters that the platform knows, and that every row that decides was written by this product."""

from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from sqlalchemy import LargeBinary, func, select

from cli.checks import NOT_READY, DoctorCheckResult, fault, passed, warning
from core.adapters.sql.engine import open_snapshot_transaction
from core.adapters.sql.protected_row_examination import ProtectedRowExaminer
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.tables import PRESENT, voters
from core.app import doctor_sentences as words
from core.app.open_election_folder import open_services
from core.app.services import Services
from core.security.pseudonyms_on_platform import MARK_BYTES
from core.security.roles_holding_keys import ProgramKeyRole


def check_roll_pseudonyms(folder: Path) -> Iterator[DoctorCheckResult]:
    """Check that there are voters, and that the platform knows every one. Reports nothing when keys or database are not ready."""
    with suppress(*NOT_READY), closing(open_services(folder, ProgramKeyRole.OPERATOR)) as services:
        yield _check_roll(services)


def check_row_tags(folder: Path) -> Iterator[DoctorCheckResult]:
    """Check the tags of all rows. Reports nothing when keys or database are not ready."""
    with suppress(*NOT_READY), closing(open_services(folder, ProgramKeyRole.OPERATOR)) as services:
        with open_snapshot_transaction(services.database_engine) as connection:
            rows = RowAuthenticator(services.vault, services.measures)
            altered = sum(1 for _ in ProtectedRowExaminer(connection, rows, journal=False).findings())
        if altered:
            yield fault(words.ROWS, words.ROWS_ALTERED.for_count(altered), words.VERIFY_ROWS)
        else:
            yield passed(words.ROWS, words.ROWS_FINE)


def _check_roll(services: Services) -> DoctorCheckResult:
    with open_snapshot_transaction(services.database_engine) as connection:
        empty = connection.execute(select(voters.c.id).where(PRESENT).limit(1)).first() is None
        mark = func.substr(voters.c.pseudonym, 1, MARK_BYTES, type_=LargeBinary)
        of_another_key = PRESENT, mark != services.platform_pseudonyms.mark
        others = connection.execute(select(func.count()).select_from(voters).where(*of_another_key)).scalar_one()
    if empty:
        return warning(words.ROLL, words.ROLL_EMPTY, words.IMPORT_ROLL)
    if others:
        return fault(words.ROLL, words.ROLL_OF_ANOTHER_KEY.for_count(others), words.IMPORT_ROLL_AGAIN)
    return passed(words.ROLL, words.ROLL_FINE)
