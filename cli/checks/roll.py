"""The electoral roll: imported under the key that we share with the voting platform now."""

from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from cli.checks import Check, fault, ok
from core import bootstrap
from core.adapters.keys import KeysRefused
from core.adapters.sql.pseudonyms import of_another_key
from core.words import doctor as words


def check_roll(folder: Path) -> tuple[Check, ...]:
    """Whether the platform knows every voter. Nothing to say where keys or database are not ready: others do."""
    try:
        house = bootstrap.open_house(folder)
    except (KeysRefused, ImportError):
        return ()
    assert house.engine is not None  # noqa: S101  # one opened in a folder has it
    try:
        with house.engine.connect() as connection:
            others = of_another_key(connection, house.pseudonyms)
    except SQLAlchemyError:
        return ()
    finally:
        house.close()
    if others:
        return (fault(words.ROLL, words.roll_of_another_key(others), words.IMPORT_ROLL_AGAIN),)
    return (ok(words.ROLL, words.ROLL_FINE),)
