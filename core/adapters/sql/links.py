"""The port Links: from a token's digest to its case."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache

import msgspec
from sqlalchemy import bindparam, exists, func, insert, select, update

from core.adapters.sql.prepared import Prepared, Statement, listed, one_of, record
from core.adapters.sql.recoveries import CASE, States, case_in
from core.adapters.sql.tables import PRESENT, links, recoveries, voters
from core.adapters.sql.voters import VOTER, voter_in
from core.ports import HeldLink, LinkRecord, Moved, Reader

LINK = tuple(links.c[name] for name in LinkRecord.__struct_fields__)
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
NEW = [bindparam(f"new_{column.name}", type_=column.type) for column in LINK]
ADD = insert(links).from_select(
    LINK,
    select(*NEW).where(
        exists().where(voters.c.id == bindparam("of_voter"), voters.c.epoch == bindparam("in_epoch")),
        ALIVE.scalar_subquery() < bindparam("most"),
    ),
)
ALIVE_OF_VOTER = select(func.count()).where(
    links.c.voter == voters.c.id, links.c.expires > bindparam("now"), links.c.epoch == voters.c.epoch
)
READER = select(*VOTER, ALIVE_OF_VOTER.scalar_subquery())
OBSERVE = update(links).where(links.c.digest == bindparam("wanted"), links.c.opened.is_(None))

USE = update(links).where(links.c.digest == bindparam("wanted"))


class SqlLinks:
    """The index of links."""

    def __init__(self, run: Prepared, states: States) -> None:
        self._run = run
        self._states = states

    def add(self, link: LinkRecord, *, most: int, now: datetime) -> None:
        new = {f"new_{name}": value for name, value in msgspec.structs.asdict(link).items()}
        held = {"of_voter": link.voter, "in_epoch": link.epoch, "now": now, "most": most}
        self._run.write(ADD, {**new, **held}, unless=Moved)

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

    def readers(self, addresses: Sequence[str], now: datetime) -> Mapping[str, Reader]:
        rows = self._run.rows(_addressed(len(addresses)), {"now": now, **listed(addresses)})
        read = (Reader(voter=voter_in(voter), alive=alive) for *voter, alive in rows)
        return {reader.voter.email: reader for reader in read}

    def observe(self, digest: bytes, at: datetime) -> bool:
        return self._run.change(OBSERVE, {"wanted": digest, "opened": at}) == 1

    def use(self, digest: bytes, at: datetime) -> None:
        self._run.write(USE, {"wanted": digest, "used": at})


@lru_cache
def _addressed(count: int) -> Statement:
    return READER.where(PRESENT, one_of(voters.c.email, count))
