"""Check that every row that decides was written by this product."""

from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from cli.checks import CheckResult, fault, passed
from core.adapters.key_vault import KeyFileRefused
from core.adapters.sql.copy_database import open_snapshot_transaction
from core.adapters.sql.protected_row_examination import RowExamination
from core.adapters.sql.row_authentication import RowAuthenticator
from core.app import doctor_sentences as words
from core.app.services import open_services


def check_row_tags(folder: Path) -> tuple[CheckResult, ...]:
    """Check the tags of all rows. Reports nothing when keys or database are not ready."""
    try:
        services = open_services(folder)
    except (KeyFileRefused, ImportError):
        return ()
    assert services.engine is not None  # noqa: S101  # one opened in a folder has it
    try:
        with open_snapshot_transaction(services.engine) as connection:
            rows = RowAuthenticator(services.vault, services.measures)
            altered = sum(1 for _ in RowExamination(connection, rows, journal=False).findings())
    except SQLAlchemyError:
        return ()
    finally:
        services.close()
    return (
        fault(words.ROWS, words.ROWS_ALTERED.for_count(altered), words.VERIFY_ROWS)
        if altered
        else passed(words.ROWS, words.ROWS_FINE),
    )
