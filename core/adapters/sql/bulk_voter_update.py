from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, select, update

from core.adapters.sql import name_index
from core.adapters.sql.protected_tables import MAC, VOTERS
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.tables import voters
from core.ports import TamperedRowsError

# `key_share` selects FOR NO KEY UPDATE. During a long import, voters can then still sign in, which inserts a session
# that refers to the locked row.
VOTERS_FOR_CHANGE = select(*VOTERS.columns).order_by(voters.c.id).with_for_update(key_share=True)
BATCH_ROWS = 5_000
CHANGED_COLUMNS = ("email", "epoch", "password", "removed", MAC)
UPDATE_VOTER = (
    update(voters).where(voters.c.id == bindparam("voter")).values({name: bindparam(name) for name in CHANGED_COLUMNS})
)


def read_and_lock_voters(
    connection: Connection, rows: RowAuthenticator, voters: Sequence[int]
) -> Mapping[int, dict[str, Any]]:
    """Lock voters, and return their authenticated and decrypted columns. Raises TamperedRowsError."""
    present, altered = dict[int, dict[str, Any]](), list[int]()
    for row in connection.execute(VOTERS_FOR_CHANGE.where(name_index.voter_ids_condition(connection, voters))):
        values = rows.open_row(VOTERS, row)
        if values is None:
            altered.append(row[0])
        else:
            present[row[0]] = values
    if altered:
        raise TamperedRowsError(altered)
    return present


def change_voters(
    connection: Connection,
    rows: RowAuthenticator,
    changes: Mapping[int, Mapping[str, Any]],
    *,
    new_epoch: bool = False,
) -> None:
    """Change addresses or removal dates of voters. After TamperedRowsError, the caller must roll back."""
    present = read_and_lock_voters(connection, rows, list(changes))
    stored = {
        voter: rows.seal_row(VOTERS, {**values, **changes[voter], "epoch": values["epoch"] + int(new_epoch)})
        for voter, values in present.items()
    }
    connection.execute(
        UPDATE_VOTER,
        [{"voter": voter, **{name: row[name] for name in CHANGED_COLUMNS}} for voter, row in stored.items()],
    )


def blank_columns(
    connection: Connection, rows: RowAuthenticator, voter_condition: ColumnElement[bool], column_names: Sequence[str]
) -> int:
    """Set columns of the matching voters to NULL, and return the number of voters."""
    blank, count, last = dict.fromkeys(column_names), 0, 0
    written: dict[str, Any] = {name: bindparam(name) for name in ("password", MAC)}
    change_voters = update(voters).where(voters.c.id == bindparam("voter")).values({**blank, **written})
    some = (
        select(*VOTERS.columns)
        .where(voter_condition, voters.c.id > bindparam("last"))
        .order_by(voters.c.id)
        .limit(BATCH_ROWS)
    )
    while found := connection.execute(some.with_for_update(), {"last": last}).all():
        connection.execute(change_voters, [{"voter": row[0], **_blanked(rows, row, blank)} for row in found])
        count, last = count + len(found), found[-1][0]
    return count


def _blanked(rows: RowAuthenticator, row: Sequence[Any], blank: Mapping[str, None]) -> dict[str, Any]:
    clear = rows.open_row(VOTERS, row)
    stored = {} if clear is None else rows.seal_row(VOTERS, {**clear, **blank})
    return {name: stored.get(name) for name in ("password", MAC)}
