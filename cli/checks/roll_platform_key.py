"""Check that there is a roll, and that it was imported under the key shared with the voting platform now."""

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from cli.checks import CheckResult, fault, passed, warning
from core.adapters.key_vault import KeyFileRefused
from core.adapters.sql.pseudonym_key_check import count_voters_of_another_key
from core.adapters.sql.tables import PRESENT, voters
from core.app import doctor_sentences as words
from core.app.services import open_services
from core.security.roles_holding_keys import ProgramKeyRole


def check_roll_pseudonyms(folder: Path) -> tuple[CheckResult, ...]:
    """Check that there are voters, and that the platform knows every one. Reports nothing when keys or database are not ready."""
    try:
        services = open_services(folder, ProgramKeyRole.OPERATOR)
    except (KeyFileRefused, ImportError):
        return ()
    assert services.engine is not None  # noqa: S101  # one opened in a folder has it
    try:
        with services.engine.connect() as connection:
            empty = connection.execute(select(voters.c.id).where(PRESENT).limit(1)).first() is None
            others = count_voters_of_another_key(connection, services.platform_pseudonyms)
    except SQLAlchemyError:
        return ()
    finally:
        services.close()
    if empty:
        return (warning(words.ROLL, words.ROLL_EMPTY, words.IMPORT_ROLL),)
    if others:
        return (fault(words.ROLL, words.ROLL_OF_ANOTHER_KEY.for_count(others), words.IMPORT_ROLL_AGAIN),)
    return (passed(words.ROLL, words.ROLL_FINE),)
