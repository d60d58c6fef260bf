"""The port Links: from a token's digest to its case."""

from datetime import datetime

import msgspec
from sqlalchemy import bindparam, func, insert, select, update

from core.adapters.sql.prepared import Prepared, record
from core.adapters.sql.recoveries import CASE, States, case_in
from core.adapters.sql.tables import links, recoveries, voters
from core.adapters.sql.voters import VOTER, voter_in
from core.ports import HeldLink, LinkRecord

LINK = tuple(links.c[name] for name in LinkRecord.__struct_fields__)
ADD = insert(links)
# One question, so that all of it is of one instant.
FIND = (
    select(*LINK, *CASE, *VOTER)
    .join_from(links, recoveries, recoveries.c.number == links.c.case)
    .join(voters, voters.c.id == links.c.voter)
    .where(links.c.digest == bindparam("wanted"))
)
ALIVE = select(func.count()).where(
    links.c.voter == bindparam("of_voter"), links.c.expires > bindparam("now"), links.c.epoch == bindparam("in_epoch")
)
OBSERVE = update(links).where(links.c.digest == bindparam("wanted"), links.c.opened.is_(None))

USE = update(links).where(links.c.digest == bindparam("wanted"))


class SqlLinks:
    """The index of links."""

    def __init__(self, run: Prepared, states: States) -> None:
        self._run = run
        self._states = states

    def add(self, link: LinkRecord) -> None:
        self._run.write(ADD, msgspec.structs.asdict(link))

    def find(self, digest: bytes) -> HeldLink | None:
        row = self._run.row(FIND, {"wanted": digest})
        if row is None:
            return None
        link, case, voter = row[: len(LINK)], row[len(LINK) : -len(VOTER)], row[-len(VOTER) :]
        return HeldLink(record=record(LinkRecord, link), case=case_in(case, self._states), voter=voter_in(voter))

    def alive(self, voter: int, *, epoch: int, now: datetime) -> int:
        values = {"of_voter": voter, "in_epoch": epoch, "now": now}
        (alive,) = self._run.one(ALIVE, values)
        return int(alive)

    def observe(self, digest: bytes, at: datetime) -> bool:
        return self._run.change(OBSERVE, {"wanted": digest, "opened": at}) == 1

    def use(self, digest: bytes, at: datetime) -> None:
        self._run.write(USE, {"wanted": digest, "used": at})
