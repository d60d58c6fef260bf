"""The port AnsweredForms: one row a form."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, case, delete, select

from core.adapters.sql.sql_port_base import SqlPort
from core.adapters.sql.tables import forms
from core.adapters.sql.upsert import upsert

FORGOTTEN = forms.c.at <= bindparam("floor")
NEW = upsert(forms)
COUNT = NEW.on_conflict_do_update(
    index_elements=["digest"],
    set_={
        "at": case((FORGOTTEN, NEW.excluded.at), else_=forms.c.at),
        "times": case((FORGOTTEN, 1), else_=forms.c.times + 1),
    },
).returning(forms.c.times)
FIND = select(forms.c.times).where(forms.c.digest == bindparam("wanted"), forms.c.at > bindparam("floor"))
FORGET = delete(forms).where(forms.c.digest == bindparam("wanted"))


class SqlAnsweredForms(SqlPort):
    """The forms that were answered lately."""

    def count(self, digest: bytes, *, now: datetime, window: timedelta) -> int:
        return int(self._run.scalar(COUNT, {"digest": digest, "at": now, "times": 1, "floor": now - window}))

    def came_before(self, digest: bytes, *, now: datetime, window: timedelta) -> bool:
        return self._run.row(FIND, {"wanted": digest, "floor": now - window}) is not None

    def forget(self, digest: bytes) -> None:
        self._run.write(FORGET, {"wanted": digest})
