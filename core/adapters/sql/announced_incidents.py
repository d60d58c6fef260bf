"""The port IncidentRepository."""

from datetime import datetime

import msgspec
from sqlalchemy import bindparam, insert, or_, select, update

from core.adapters.sql.driver_statement_executor import struct_of_row
from core.adapters.sql.sql_port_base import SqlPort
from core.adapters.sql.tables import incidents
from core.ports.incidents import Incident, IncidentScope

ADD = insert(incidents).returning(incidents.c.id)
NOT_OVER = (
    incidents.c.id == bindparam("which"),
    incidents.c.ended.is_(None),
    incidents.c.until > bindparam("now", type_=incidents.c.until.type),
)
END = update(incidents).where(*NOT_OVER)
SINCE = bindparam("since", type_=incidents.c.until.type)
UNENDED = (
    select(*(incidents.c[name] for name in Incident.__struct_fields__))
    .where(incidents.c.until > SINCE, or_(incidents.c.ended.is_(None), incidents.c.ended > SINCE))
    .order_by(incidents.c.id.desc())
    .limit(bindparam("most"))
)


class SqlIncidents(SqlPort):
    """The announced incidents."""

    def add(self, incident: Incident) -> int:
        values = msgspec.structs.asdict(incident)
        del values["id"]
        return int(self._run.scalar(ADD, values))

    def end(self, incident: int, at: datetime) -> bool:
        return self._run.change(END, {"which": incident, "now": at, "ended": at}) == 1

    def unended_or_ended_since(self, since: datetime, limit: int) -> list[Incident]:
        rows = self._run.rows(UNENDED, {"since": since, "most": limit})
        known = (row for row in rows if row[SCOPE] in SCOPES)  # another is of a later version
        return [struct_of_row(Incident, row) for row in known]


SCOPE = Incident.__struct_fields__.index("scope")
SCOPES = frozenset(each.value for each in IncidentScope)
