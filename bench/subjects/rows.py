"""The rows that decide: tags and seals for voters of a former version, new ones for a retired key, and their examination."""

from collections.abc import Iterator

from sqlalchemy import update

from bench.figures import Figure
from bench.measured_system import MeasuredSystem
from bench.yardsticks import beside_argon2id, time_figure, timed
from core.adapters.key_vault import key_id_of
from core.adapters.password_hashing import Argon2PasswordHasher
from core.adapters.sql.engine import open_snapshot_transaction
from core.adapters.sql.protected_row_examination import ProtectedRowExaminer
from core.adapters.sql.protected_tables import MAC, PROTECTED, VOTERS
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.row_tag_upgrade import give_tags, renew_tags
from core.adapters.sql.tables import events

MOST_HASHES = 2_200
"""The goal for a million voters, each with a password, as a multiple of one hash's time."""


def measure(system: MeasuredSystem) -> Iterator[Figure]:
    """The seconds of each, without the other parts of the product."""
    system.stop("serve", "courier")
    rows = RowAuthenticator(system.vault)
    _go_back(system)
    key = key_id_of(rows.compute_tag(VOTERS, tuple(VOTERS.covered)))
    assert key is not None
    given = beside_argon2id(1, lambda: timed(lambda: give_tags(system.database, rows, lambda _: None)))
    yield time_figure("every voter's row given its tag and seal", given, MOST_HASHES)
    renewed = beside_argon2id(1, lambda: timed(lambda: renew_tags(system.database, rows, {key})))
    yield time_figure("tags and seals of a retired key made again", renewed, MOST_HASHES)
    examined = beside_argon2id(1, lambda: timed(lambda: _examine(system, rows)))
    yield time_figure("every row examined", examined, MOST_HASHES)


def _go_back(system: MeasuredSystem) -> None:
    """Make rows as the former version left them, with a password each."""
    hashed = Argon2PasswordHasher().hash("Lavande bleue 2018")
    with system.database.execution_options(writes=True).begin() as connection:
        for protected in PROTECTED:
            values = {MAC: None, "password": hashed} if protected.credential else {MAC: None}
            connection.execute(update(protected.table).values(values))
        connection.execute(update(events).values(credential=None))  # other subjects chose other passwords


def _examine(system: MeasuredSystem, rows: RowAuthenticator) -> None:
    with open_snapshot_transaction(system.database) as connection:
        altered = [finding.table for finding in ProtectedRowExaminer(connection, rows, journal=False).findings()]
    assert not altered, altered[:9]
