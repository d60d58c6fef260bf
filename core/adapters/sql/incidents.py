from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Connection, bindparam, insert, or_, select, update

from core.adapters.sql.protected_tables import INCIDENTS, columns_of_struct
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.tables import incidents
from core.ports.incidents import Incident, IncidentScope

INSERT_INCIDENT = insert(incidents).returning(incidents.c.id)
INCIDENT = select(*columns_of_struct(INCIDENTS, Incident))
INCIDENT_BY_ID = INCIDENT.where(incidents.c.id == bindparam("wanted")).with_for_update()
UPDATE_INCIDENT = update(incidents).where(incidents.c.id == bindparam("which"))
SINCE = bindparam("since", type_=incidents.c.until.type)
UNENDED_INCIDENTS = (
    INCIDENT.where(incidents.c.until > SINCE, or_(incidents.c.ended.is_(None), incidents.c.ended > SINCE))
    .order_by(incidents.c.id.desc())
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class SqlIncidents:
    connection: Connection
    rows: RowAuthenticator

    def add(self, incident: Incident) -> int:
        values = msgspec.structs.asdict(incident)
        del values["id"]
        number: int = self.connection.execute(INSERT_INCIDENT, values).scalar_one()
        self._write(msgspec.structs.replace(incident, id=number))  # the tag covers the number
        return number

    def end(self, incident: int, at: datetime) -> bool:
        row = self.connection.execute(INCIDENT_BY_ID, {"wanted": incident}).first()
        present = self.rows.open_struct(Incident, INCIDENTS, row)
        if present is None or present.over_since(at) is not None:
            return False
        self._write(msgspec.structs.replace(present, ended=at))
        return True

    def _write(self, incident: Incident) -> None:
        values = self.rows.with_mac(INCIDENTS, msgspec.structs.asdict(incident))
        del values["id"]
        self.connection.execute(UPDATE_INCIDENT, {"which": incident.id, **values})

    def unended_or_ended_since(self, since: datetime, limit: int) -> list[Incident]:
        rows = self.connection.execute(UNENDED_INCIDENTS, {"since": since, "most": limit})
        known = (row for row in rows if row.scope in SCOPES)  # later versions may have other scopes
        found = (self.rows.open_struct(Incident, INCIDENTS, row) for row in known)
        return [incident for incident in found if incident is not None]


SCOPES = frozenset(each.value for each in IncidentScope)
