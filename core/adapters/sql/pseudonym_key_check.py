"""Counts voters whose pseudonym was made with another key, for `retrouve doctor`."""

from sqlalchemy import Connection, LargeBinary, func, select

from core.adapters.sql.tables import PRESENT, voters
from core.security.pseudonyms import MARK_BYTES, Pseudonyms


def count_voters_of_another_key(connection: Connection, pseudonyms: Pseudonyms) -> int:
    """Count them on the present roll, all of which is read."""
    mark = func.substr(voters.c.pseudonym, 1, MARK_BYTES, type_=LargeBinary)
    others = select(func.count()).select_from(voters).where(PRESENT, mark != pseudonyms.mark)
    count: int = connection.execute(others).scalar_one()
    return count
