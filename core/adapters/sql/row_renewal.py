from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Engine, LargeBinary, bindparam, func, select, update

from core.adapters.key_vault import HEADER_BYTES
from core.adapters.sql.engine import writing_connection
from core.adapters.sql.protected_tables import MAC, PROTECTED, ProtectedTable
from core.adapters.sql.roll import SqlRoll
from core.adapters.sql.row_authentication import RowAuthenticator

BATCH_ROWS = 2_000


def renew_tags(engine: Engine, rows: RowAuthenticator, retiring_keys: Collection[int]) -> None:
    """Renew the tags and encrypted password hashes that use retiring keys. Waits for a running roll import."""
    with writing_connection(engine) as connection:
        SqlRoll(connection, rows).lock()
    for protected in PROTECTED:
        made_by = func.substr(protected.table.c[MAC], 2, HEADER_BYTES - 1, type_=LargeBinary)
        _renew_table(engine, rows, protected, made_by.in_([bytes((key,)) for key in retiring_keys]))


def _renew_table(
    engine: Engine, rows: RowAuthenticator, protected: ProtectedTable, is_old: ColumnElement[bool]
) -> None:
    key = protected.table.c[protected.key]
    written: dict[str, Any] = {name: bindparam(f"new_{name}") for name in protected.derived_columns}
    change = update(protected.table).where(key == bindparam("row")).values(written)
    # With a condition on the tag in WHERE, PostgreSQL would read the whole table for each batch.
    some = (
        select(*protected.columns, is_old).where(protected.examined).order_by(key).limit(BATCH_ROWS).with_for_update()
    )
    following = some
    while True:
        with writing_connection(engine) as connection:
            examined = connection.execute(following).all()
            renewed = list[dict[str, Any]]()
            for *row, old in examined:
                clear = rows.open_row(protected, row) if old else None
                if clear is not None:
                    sealed = rows.seal_row(protected, clear)
                    renewed.append({"row": row[0], **{f"new_{name}": sealed[name] for name in written}})
            if renewed:
                connection.execute(change, renewed)
        if not examined:
            return
        following = some.where(key > examined[-1][0])
