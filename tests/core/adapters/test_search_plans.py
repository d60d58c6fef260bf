"""A hundred thousand voters on each database: no keystroke, no look at a file, reads all of a table."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import text
from sqlalchemy.engine import Engine

from core.adapters.sql import directory, journal, outbox, recoveries, voters
from core.adapters.sql.prepared import Prepared, Row, Statement, Values, plan_of
from core.adapters.sql.store import SqlStore
from core.ports import Sought
from tests.support.election import NOON
from tests.support.stores import STORES

VOTERS = 100_000
BEGINNING = {"low": "martin", "high": "martin" + directory.BEYOND}
SERIES = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) SELECT {columns} FROM n",
    "postgresql": "SELECT {columns} FROM generate_series(1, {count}) AS n(i)",
}
FILLED = {
    "voters (id, email, last_name, first_name, birth_date_digest, numen_digest, pseudonym, language, epoch, folded)": (
        VOTERS,
        (
            "i, 'v' || i || '@ac-lumiere.example', 'Nom' || (i % 700), 'Prenom' || (i % 900), {blob}, {blob}, {blob}, 'fr', 0,"
            " ' nom' || (i % 700) || ' prenom' || (i % 900) || ' '"
        ),
    ),
    "names (word, voter)": (VOTERS, "'nom' || (i % 700), i"),
    "recoveries (handle, number, flow, state, began, version, voter)": (
        VOTERS,
        "{blob}, 'C' || i, 'mot-de-passe', '{{}}', i, 0, i % 5000 + 1",
    ),
    'events (at, actor, act, "case", voter)': (
        VOTERS,
        "i, 'voter', 'asked', 'C' || i, CASE WHEN i % 3 = 0 THEN i % 5000 + 1 END",
    ),
    'outbox (id, kind, "case", state, created, due, useful_until, attempts, ended)': (
        VOTERS,
        "i, 'link', 'C' || i, 'sent', i, i, i, 1, i",
    ),
}
BLOB = {"sqlite": "CAST(i AS BLOB)", "postgresql": "CAST(CAST(i AS text) AS bytea)"}

LOOKS: Mapping[str, tuple[Statement, Values]] = {
    "count of a word": (directory.COUNT, BEGINNING),
    "page of a word": (directory.page_of(0), {**BEGINNING, "size": 500, "start": 0}),
    "page of two words": (directory.page_of(1), {**BEGINNING, "size": 500, "start": 1000, "also0": "% cam%"}),
    "beginning of an address": (directory.ADDRESSED, {"low": "v1", "high": "v1" + directory.BEYOND, "most": 21}),
    "one voter": (directory.ONE, {"wanted": 7}),
    "history of a voter": (journal.VOTER_HISTORY, {"whose": 7, "most": 200}),
    "history of a case": (journal.CASE_HISTORY, {"number": "C7", "most": 200}),
    "bounces": (journal.BOUNCES, {"most": 20}),
    "from a line": (journal.FROM_LINE, {"line": 500}),
    "cases of a voter": (recoveries.OF_VOTER, {"wanted": 7, "most": 20}),
    "parked": (outbox.PARKED_ONES, {"most": 20}),
    "late": (outbox.LATE, {"before": NOON, "most": 20}),
    "frozen": (voters.FROZEN_ONES, {"most": 20}),
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def full(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A database with that many, and planned for."""
    with TemporaryDirectory() as folder, STORES[request.param](Path(folder)) as kept:
        assert kept.engine is not None
        name = kept.engine.dialect.name
        with kept.engine.begin() as connection:
            for into, (count, columns) in FILLED.items():
                rows = SERIES[name].format(count=count, columns=columns.format(blob=BLOB[name]))
                connection.execute(text(f"INSERT INTO {into} {rows}"))  # written above
            connection.execute(text("ANALYZE"))
        yield kept.engine


def plan(engine: Engine, statement: Statement, values: Values) -> str:
    """How the database would run it, with the values as the product binds them."""
    explain = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "
    prepared = plan_of(statement, engine.dialect, tuple(values))
    with engine.connect() as connection:
        cursor = connection.connection.cursor()
        listed = prepared.listed(values)
        named = dict(zip((name for name, _ in prepared.binds), listed, strict=True))
        cursor.execute(explain + prepared.sql, listed if engine.dialect.positional else named)  # type: ignore[arg-type]  # each driver has a type of its own
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


@pytest.mark.parametrize("look", LOOKS)
def test_no_table_is_read_from_end_to_end(full: Engine, look: str) -> None:
    """Each goes by an index, or by the key that rows lie by."""
    statement, values = LOOKS[look]

    steps = plan(full, statement, values)

    for table in ("voters", "names", "recoveries", "events", "outbox"):
        assert f"SCAN {table}\n" not in steps + "\n", steps
        assert f"Seq Scan on {table}" not in steps, steps
    assert "INDEX" in steps.upper() or "PRIMARY KEY" in steps, steps


def test_a_search_reads_no_further_than_it_counted(full: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two common words that nobody has together: each index entry of the rarer one is read once, and none after them."""
    pages: list[tuple[int, int]] = []
    run = Prepared.rows

    def noted(self: Prepared, statement: Statement, values: Values) -> list[Row]:
        if "size" in values:
            pages.append((values["start"], values["size"]))
        return run(self, statement, values)

    monkeypatch.setattr(Prepared, "rows", noted)
    with SqlStore(full, {}).read() as transaction:
        sought = transaction.directory.named(("nom1", "nom2"), limit=50)

    rarer = min(sum(str(i % 700).startswith(first) for i in range(1, VOTERS + 1)) for first in "12")
    assert sought == Sought((), more=False)
    assert [start for start, _ in pages] == [sum(size for _, size in pages[:page]) for page in range(len(pages))]
    assert sum(size for _, size in pages) == rarer


def test_without_its_index_a_whole_table_would_be_read(full: Engine) -> None:
    """The gate above sees such a plan when there is one."""
    with full.begin() as connection:
        connection.execute(text("DROP INDEX ix_recoveries_voter"))
    full.dispose()  # SQLite keeps the plans that it has explained
    try:
        steps = plan(full, *LOOKS["cases of a voter"])
    finally:
        with full.begin() as connection:
            connection.execute(text("CREATE INDEX ix_recoveries_voter ON recoveries (voter)"))

    assert "SCAN recoveries" in steps or "Seq Scan on recoveries" in steps
