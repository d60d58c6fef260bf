from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Connection, bindparam, insert, or_, select, update

from core.adapters.sql.structs import struct_of_row
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


@dataclass(frozen=True, slots=True)
class SqlIncidents:
    connection: Connection

    def add(self, incident: Incident) -> int:
        values = msgspec.structs.asdict(incident)
        del values["id"]
        return int(self.connection.execute(ADD, values).scalar_one())

    def end(self, incident: int, at: datetime) -> bool:
        return self.connection.execute(END, {"which": incident, "now": at, "ended": at}).rowcount == 1

    def unended_or_ended_since(self, since: datetime, limit: int) -> list[Incident]:
        rows = self.connection.execute(UNENDED, {"since": since, "most": limit})
        known = (row for row in rows if row.scope in SCOPES)  # later versions may have other scopes
        return [struct_of_row(Incident, row) for row in known]


SCOPES = frozenset(each.value for each in IncidentScope)
