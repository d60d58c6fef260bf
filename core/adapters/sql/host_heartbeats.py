"""Stores when each host last ran the website or sent messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, bindparam, func, or_, select

from core.adapters.sql.outages import translate_errors
from core.adapters.sql.tables import MICROSECOND, hosts
from core.adapters.sql.upsert import upsert

WRITE_INTERVAL = timedelta(seconds=3)
COURIER = "courier"
LAST_OF_COURIERS = select(func.max(hosts.c.seen)).where(hosts.c.host.endswith(f" {COURIER}"))
_INSERT_HOST = upsert(hosts)
WRITE_HEARTBEAT = _INSERT_HOST.on_conflict_do_update(
    index_elements=["host"],
    set_={"seen": _INSERT_HOST.excluded.seen, "ahead": _INSERT_HOST.excluded.ahead},
    where=or_(hosts.c.seen < bindparam("after", type_=hosts.c.seen.type), hosts.c.seen > _INSERT_HOST.excluded.seen),
)


@dataclass(frozen=True, slots=True)
class HostHeartbeat:
    """A host's last sign of life. `ahead` is how far its clock was ahead of the database's clock."""

    host: str
    seen: datetime
    ahead: timedelta

    @property
    def machine(self) -> str:
        return self.host.partition(" ")[0]

    @property
    def is_of_courier(self) -> bool:
        return self.host.endswith(f" {COURIER}")


def write_host_heartbeat(connection: Connection, heartbeat: HostHeartbeat) -> None:
    values = {
        "host": heartbeat.host,
        "seen": heartbeat.seen,
        "ahead": heartbeat.ahead // MICROSECOND,
        "after": heartbeat.seen - WRITE_INTERVAL,
    }
    connection.execute(WRITE_HEARTBEAT, values)


def read_host_heartbeats(connection: Connection, since: datetime) -> Sequence[HostHeartbeat]:
    found = connection.execute(select(hosts).where(hosts.c.seen >= since).order_by(hosts.c.host))
    return [HostHeartbeat(row.host, row.seen, row.ahead * MICROSECOND) for row in found]


def courier_silence(engine: Engine, now: datetime) -> timedelta | None:
    """Return the time since a courier last worked, or None if none ever worked. `now` is the database's time.

    Raises StoreUnavailable.
    """
    with translate_errors(engine.dialect), engine.connect() as connection:
        seen = connection.execute(LAST_OF_COURIERS).scalar()
    return None if seen is None else max(now - seen, timedelta(0))
