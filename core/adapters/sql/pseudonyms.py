"""Whom the voting platform knows by a name made with another key: asked by `retrouve doctor`."""

from sqlalchemy import Connection, LargeBinary, func, select

from core.adapters.sql.tables import PRESENT, voters
from core.pseudonyms import MARK_BYTES, Pseudonyms


def of_another_key(connection: Connection, pseudonyms: Pseudonyms) -> int:
    """How many of the present roll. Reads all of it."""
    mark = func.substr(voters.c.pseudonym, 1, MARK_BYTES, type_=LargeBinary)
    others = select(func.count()).select_from(voters).where(PRESENT, mark != pseudonyms.mark)
    count: int = connection.execute(others).scalar_one()
    return count
