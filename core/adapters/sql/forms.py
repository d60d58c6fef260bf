from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, case, delete, select

from core.adapters.sql.tables import forms
from core.adapters.sql.upsert import upsert

IS_FORGOTTEN = forms.c.at <= bindparam("floor")
INSERT_FORM = upsert(forms)
COUNT_FORM = INSERT_FORM.on_conflict_do_update(
    index_elements=["digest"],
    set_={
        "at": case((IS_FORGOTTEN, INSERT_FORM.excluded.at), else_=forms.c.at),
        "times": case((IS_FORGOTTEN, 1), else_=forms.c.times + 1),
    },
).returning(forms.c.times)
FIND_FORM = select(forms.c.times).where(forms.c.digest == bindparam("wanted"), forms.c.at > bindparam("floor"))
DELETE_FORM = delete(forms).where(forms.c.digest == bindparam("wanted"))


@dataclass(frozen=True, slots=True)
class SqlAnsweredForms:
    connection: Connection

    def count(self, digest: bytes, *, now: datetime, window: timedelta) -> int:
        values = {"digest": digest, "at": now, "times": 1, "floor": now - window}
        times: int = self.connection.execute(COUNT_FORM, values).scalar_one()
        return times

    def came_before(self, digest: bytes, *, now: datetime, window: timedelta) -> bool:
        return self.connection.execute(FIND_FORM, {"wanted": digest, "floor": now - window}).first() is not None

    def forget(self, digest: bytes) -> None:
        self.connection.execute(DELETE_FORM, {"wanted": digest})
