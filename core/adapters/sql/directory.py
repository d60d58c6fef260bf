"""The port Directory: the rarest word is read from its index, a few at a time, and the others are looked for in the rows.

Nothing here reads the whole roll: `SCANNED` bounds what one keystroke may cost (100 ms at a million voters).
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select

from core.adapters.sql.prepared import Prepared, record
from core.adapters.sql.tables import PRESENT, names, voters
from core.ports import Listed, Sought

SCANNED = 20_000
"""Index entries of the rarest word; beyond them it is for the reader to say more."""
FIRST_PAGE = 60
GROWTH = 10
"""Of each page over the last: every page counts again from the first entry to where it starts, so a few large ones."""
BEYOND = "\U0010ffff"
"""After every word that begins so."""

LISTED = select(
    voters.c.id.label("voter"),
    voters.c.email,
    voters.c.last_name,
    voters.c.first_name,
    voters.c.academie,
    voters.c.phone_ending,
    voters.c.frozen,
)
ONE = LISTED.where(PRESENT, voters.c.id == bindparam("wanted"))
BEGINNING = (names.c.word >= bindparam("low"), names.c.word < bindparam("high"))
COUNT = select(func.count()).select_from(select(1).where(*BEGINNING).limit(SCANNED).subquery())
ADDRESSED = (
    LISTED.where(PRESENT, voters.c.email >= bindparam("low"), voters.c.email < bindparam("high"))
    .order_by(voters.c.email)
    .limit(bindparam("most"))
)


@lru_cache
def page_of(others: int) -> Select[*tuple[Any, ...]]:
    """Some index entries of one word, in its order, and of their voters those who have the other words too."""
    entries = (
        select(names.c.word, names.c.voter)
        .where(*BEGINNING)
        .order_by(names.c.word, names.c.voter)
        .limit(bindparam("size"))
        .offset(bindparam("start"))
        .subquery()
    )
    also = (voters.c.folded.like(bindparam(f"also{place}")) for place in range(others))
    return LISTED.join(entries, entries.c.voter == voters.c.id).where(*also).order_by(entries.c.word, voters.c.id)


class SqlDirectory:
    """The search."""

    def __init__(self, run: Prepared) -> None:
        self._run = run

    def listed(self, voter: int) -> Listed | None:
        row = self._run.row(ONE, {"wanted": voter})
        return None if row is None else record(Listed, row)

    def named(self, beginnings: Sequence[str], *, limit: int) -> Sought:
        counts = {each: self._run.one(COUNT, _range(each))[0] for each in beginnings}
        rarest = min(beginnings, key=lambda each: counts[each])
        others = sorted(set(beginnings) - {rarest})
        found: dict[int, Listed] = {}
        for listed in self._having(rarest, others, counts[rarest]):
            found.setdefault(listed.voter, listed)
            if len(found) > limit:
                return Sought(tuple(found.values())[:limit], more=True)
        return Sought(tuple(found.values()), more=counts[rarest] >= SCANNED)

    def _having(self, word: str, others: Sequence[str], count: int) -> Iterator[Listed]:
        also = {f"also{place}": f"% {other}%" for place, other in enumerate(others)}
        start, size = 0, FIRST_PAGE
        while start < count:
            values = {**_range(word), **also, "start": start, "size": min(size, count - start)}
            yield from (record(Listed, row) for row in self._run.rows(page_of(len(others)), values))
            start, size = start + size, size * GROWTH

    def addressed(self, beginning: str, *, limit: int) -> Sought:
        rows = self._run.rows(ADDRESSED, {**_range(beginning), "most": limit + 1})
        return Sought(tuple(record(Listed, row) for row in rows[:limit]), more=len(rows) > limit)


def _range(beginning: str) -> dict[str, str]:
    return {"low": beginning, "high": beginning + BEYOND}
