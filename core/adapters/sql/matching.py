"""The port Matching."""

from hmac import compare_digest

from sqlalchemy import Connection, bindparam, select

from core.adapters.sql.tables import voters

DIGESTS = select(voters.c.birth_date_digest, voters.c.numen_digest).where(voters.c.id == bindparam("voter"))


class SqlMatching:
    """Whether a person knows what the roll knows."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def matches(self, voter: int, *, birth_date_digest: bytes, numen_digest: bytes) -> bool:
        birth_date, numen = self._connection.execute(DIGESTS, {"voter": voter}).one()
        return compare_digest(birth_date, birth_date_digest) & compare_digest(numen, numen_digest)
