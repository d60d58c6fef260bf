"""Searches the electoral roll for voters by name or address."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Integer, Select, Text, bindparam, cast, collate, exists, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import NullType

from core.adapters.sql.structs import struct_or_none, structs_of_rows
from core.adapters.sql.tables import PRESENT, names, voters
from core.forms.name_words import does_each_begin_word_of_name
from core.ports import VoterListEntry, VotersFound

MOST_SCANNED = 20_000
"""Maximum number of index entries that a search reads."""
FIRST_PAGE = 60
GROWTH = 10
"""Each page of results is this many times as large as the previous page."""
COUNTED_AT_ONCE = 20_000
ACCENTED = re.compile("[aceinouy]")
FOLDED_COLLATION = {"sqlite": "BINARY", "postgresql": "C"}
LAST_CHARACTER = "\U0010ffff"
"""Last Unicode character, used as the upper limit of a search by prefix."""

LISTED_VOTERS = select(
    voters.c.id.label("voter"),
    voters.c.email,
    voters.c.last_name,
    voters.c.first_name,
    voters.c.academie,
    voters.c.phone_ending,
    voters.c.frozen,
)
LISTED_VOTER = LISTED_VOTERS.where(PRESENT, voters.c.id == bindparam("wanted"))
BEGINNING = (names.c.word >= bindparam("low"), names.c.word < bindparam("high"))
COUNT_WORDS = select(func.count()).select_from(select(1).where(*BEGINNING).limit(MOST_SCANNED).subquery())
VOTERS_BY_ADDRESS = (
    LISTED_VOTERS.where(PRESENT, voters.c.email >= bindparam("low"), voters.c.email < bindparam("high"))
    .order_by(voters.c.email)
    .limit(bindparam("most"))
)


@lru_cache
def matching_voters_statement(
    other_word_count: int, academie_pattern_count: int = 0, *, ending: bool = False
) -> Select[*tuple[Any, ...]]:
    """Return the query for a page of voters. `ending` adds a filter for the last digits of the phone number."""
    entries = (
        select(names.c.word, names.c.voter)
        .where(*BEGINNING)
        .order_by(names.c.word, names.c.voter)
        .limit(bindparam("size"))
        .offset(bindparam("start"))
        .subquery()
    )
    also = (voters.c.folded.like(bindparam(f"also{place}")) for place in range(other_word_count))
    within = (voters.c.academie.ilike(bindparam(f"place{place}")) for place in range(academie_pattern_count))
    ends = (voters.c.phone_ending == bindparam("ending"),) if ending else ()
    listed = LISTED_VOTERS.join(entries, entries.c.voter == voters.c.id).where(*also, *within, *ends)
    return listed.order_by(entries.c.word, voters.c.id)


def _academies_statement() -> Select[*tuple[Any, ...]]:
    # Each académie is found with one index lookup. DISTINCT would read the whole index.
    first = select(func.min(voters.c.academie).label("academie")).where(PRESENT).cte(recursive=True)
    following = (
        select(func.min(voters.c.academie)).where(PRESENT, voters.c.academie > first.c.academie).scalar_subquery()
    )
    each = first.union_all(select(following).where(first.c.academie.is_not(None)))
    return select(each.c.academie).where(each.c.academie.is_not(None)).limit(bindparam("most"))


ACADEMIES = _academies_statement()


@lru_cache
def select_beginnings_of_names_on_roll(dialect: str) -> Select[*tuple[Any, ...]]:
    wanted = bindparam("candidates", type_=NullType())
    candidates = (
        func.json_each(wanted).table_valued("value")
        if dialect == "sqlite"
        else func.unnest(cast(wanted, ARRAY(Text))).table_valued("value").render_derived()
    )
    word = collate(candidates.c.value, FOLDED_COLLATION[dialect])
    begins = exists().where(names.c.word >= word, names.c.word < word + LAST_CHARACTER)
    return select(candidates.c.value).where(begins)


@dataclass(frozen=True, slots=True)
class SqlVoterDirectory:
    connection: Connection
    counts: dict[str, int] = field(default_factory=dict)

    def on_roll(self, voter: int) -> VoterListEntry | None:
        return struct_or_none(VoterListEntry, self.connection.execute(LISTED_VOTER, {"wanted": voter}).first())

    def by_name(
        self, beginnings: Sequence[str], *, limit: int, academie: Sequence[str] = (), phone_ending: str | None = None
    ) -> VotersFound:
        counts = {each: self._count(each) for each in beginnings}
        rarest = min(beginnings, key=lambda each: counts[each])
        others = sorted(set(beginnings) - {rarest})
        found: dict[int, VoterListEntry] = {}
        ending = {} if phone_ending is None else {"ending": phone_ending}
        # Replace letters that may have an accent by a wildcard.
        loosely = {f"place{place}": f"%{ACCENTED.sub('_', word)}%" for place, word in enumerate(academie)}
        filters = loosely | ending
        for listed in self._having(rarest, others, counts[rarest], filters):
            if does_each_begin_word_of_name(academie, listed.academie):
                found.setdefault(listed.voter, listed)
            if len(found) > limit:
                return VotersFound(tuple(found.values())[:limit], more=True)
        return VotersFound(tuple(found.values()), more=counts[rarest] >= MOST_SCANNED)

    def _count(self, beginning: str) -> int:
        if beginning not in self.counts:
            self.counts[beginning] = self.connection.execute(COUNT_WORDS, _range(beginning)).scalar_one()
        return self.counts[beginning]

    def existing_beginnings(self, candidates: Sequence[str], *, limit: int) -> tuple[str, ...]:
        dialect = self.connection.dialect.name
        listed: object = json.dumps(list(candidates)) if dialect == "sqlite" else list(candidates)
        known = {
            value
            for (value,) in self.connection.execute(
                select_beginnings_of_names_on_roll(dialect), {"candidates": listed}
            ).all()
        }
        return tuple(each for each in candidates if each in known)[:limit]

    def _having(
        self, word: str, others: Sequence[str], count: int, filters: Mapping[str, str]
    ) -> Iterator[VoterListEntry]:
        places = sum(name.startswith("place") for name in filters)
        page = matching_voters_statement(len(others), places, ending="ending" in filters)
        also = {f"also{place}": f"% {other}%" for place, other in enumerate(others)}
        start, size = 0, FIRST_PAGE
        while start < count:
            values = {**_range(word), **also, **filters, "start": start, "size": min(size, count - start)}
            yield from structs_of_rows(VoterListEntry, self.connection.execute(page, values))
            start, size = start + size, size * GROWTH

    def academies(self, limit: int) -> tuple[str, ...]:
        return tuple(sorted(name for (name,) in self.connection.execute(ACADEMIES, {"most": limit}).all()))

    def frequent_domains(self, minimum: int) -> tuple[str, ...]:
        place = {"sqlite": func.instr, "postgresql": func.strpos}[self.connection.dialect.name]
        domain = func.substr(voters.c.email, place(voters.c.email, "@", type_=Integer) + 1, type_=Text)
        some = voters.c.id.between(bindparam("first"), bindparam("last"))
        counted = select(domain, func.count()).where(PRESENT, some).group_by(domain)
        voters_of = Counter[str]()
        highest = self.connection.execute(select(func.max(voters.c.id))).scalar() or 0
        for first in range(0, highest + 1, COUNTED_AT_ONCE):  # SQLite sorts in memory: all voters would need 90 MB
            values = {"first": first, "last": first + COUNTED_AT_ONCE - 1}
            voters_of.update(dict(self.connection.execute(counted, values).all()))
        return tuple(name for name, number in voters_of.items() if number >= minimum)

    def by_email(self, beginning: str, *, limit: int) -> VotersFound:
        found = structs_of_rows(
            VoterListEntry, self.connection.execute(VOTERS_BY_ADDRESS, {**_range(beginning), "most": limit + 1})
        )
        return VotersFound(tuple(found[:limit]), more=len(found) > limit)


def _range(beginning: str) -> dict[str, str]:
    return {"low": beginning, "high": beginning + LAST_CHARACTER}
