"""With a hundred thousand voters, no search and no view of the helpdesk reads a whole table."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import ClauseElement, Executable, Select, event, text
from sqlalchemy.engine import Engine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from core.adapters.sql import cases, journal, outbox, voter_accounts, voter_search
from core.adapters.sql.store import SqlStore
from core.desk.search_terms import one_error_away
from core.ports import VotersFound
from tests.support.election import NOON
from tests.support.stores import ROWS, STORES

VOTERS = 100_000
BEGINNING = {"low": "martin", "high": "martin" + voter_search.LAST_CHARACTER}
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

LOOKS: Mapping[str, tuple[Select[Any], Mapping[str, object]]] = {
    "count of a word": (voter_search.COUNT_WORDS, BEGINNING),
    "page of a word": (voter_search.matching_voters_statement(0), {**BEGINNING, "size": 500, "start": 0}),
    "page of two words": (
        voter_search.matching_voters_statement(1),
        {**BEGINNING, "size": 500, "start": 1000, "also0": "% cam%"},
    ),
    "beginning of an address": (
        voter_search.VOTERS_BY_ADDRESS,
        {"low": "v1", "high": "v1" + voter_search.LAST_CHARACTER, "most": 21},
    ),
    "one voter": (voter_search.LISTED_VOTER, {"wanted": 7}),
    "history of a voter": (journal.VOTER_HISTORY, {"of_voter": 7, "most": 200}),
    "history of a case": (journal.CASE_HISTORY, {"number": "C7", "most": 200}),
    "page of a voter": (
        journal.journal_page_statement(("voter", "act")),
        {"of_voter": 7, "act": "asked", "after": 0, "before": VOTERS, "most": 51},
    ),
    "page of a case": (
        journal.journal_page_statement(("case",)),
        {"case": "C7", "after": 0, "before": VOTERS, "most": 51},
    ),
    "page of an agent": (
        journal.journal_page_statement(("act", "agent")),
        {"act": "asked", "agent": "lou", "after": VOTERS // 2, "before": VOTERS, "most": 51},
    ),
    "bounces": (journal.BOUNCED_MAILS, {"most": 20}),
    "whom to call": (journal.VOTERS_TO_CALL, {"most": 20}),
    "mails due": (outbox.DUE_MAILS, {"now": NOON, "most": 20}),
    "SMS due": (outbox.DUE_SMS, {"now": NOON, "most": 20}),
    "from a line": (journal.FROM_LINE, {"line": 500}),
    "cases of a voter": (cases.CASES_OF_VOTER, {"wanted": 7, "most": 20}),
    "parked": (outbox.PARKED_MESSAGES, {"most": 20}),
    "late": (outbox.LATE_MESSAGES, {"before": NOON, "most": 20}),
    "frozen": (voter_accounts.FROZEN_VOTERS, {"most": 20}),
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def large_database(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A database with a hundred thousand voters and current statistics."""
    with TemporaryDirectory() as folder, STORES[request.param](Path(folder)) as kept:
        name = kept.engine.dialect.name
        with kept.engine.begin() as connection:
            for into, (count, columns) in FILLED.items():
                rows = SERIES[name].format(count=count, columns=columns.format(blob=BLOB[name]))
                connection.execute(text(f"INSERT INTO {into} {rows}"))
            connection.execute(text("ANALYZE"))
        yield kept.engine


class Explain(Executable, ClauseElement):
    """A statement that returns the plan of another statement."""

    inherit_cache = False

    def __init__(self, statement: Select[Any]) -> None:
        self.statement = statement


@compiles(Explain)
def _explain(explain: Explain, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401  # SQLAlchemy's
    keyword = "EXPLAIN QUERY PLAN" if compiler.dialect.name == "sqlite" else "EXPLAIN"
    return f"{keyword} {compiler.process(explain.statement, **options)}"


def plan(engine: Engine, statement: Select[Any], values: Mapping[str, object]) -> str:
    """Return the database's plan for a statement."""
    with engine.connect() as connection:
        return "\n".join(str(row[-1]) for row in connection.execute(Explain(statement), values))


def test_no_table_is_read_whole(large_database: Engine) -> None:
    """Every query of the helpdesk uses an index or a primary key."""
    for look, (statement, values) in LOOKS.items():
        steps = plan(large_database, statement, values)

        for table in ("voters", "names", "recoveries", "events", "outbox"):
            assert f"SCAN {table}\n" not in steps + "\n", (look, steps)
            assert f"Seq Scan on {table}" not in steps, (look, steps)
        assert "INDEX" in steps.upper() or "PRIMARY KEY" in steps, (look, steps)


def test_misspelt_words_are_looked_up_in_the_index(large_database: Engine) -> None:
    """All corrections of a misspelt word are looked up in the index with one statement."""
    dialect = large_database.dialect.name
    candidates = one_error_away("nmo1")
    listed: object = json.dumps(candidates) if dialect == "sqlite" else list(candidates)

    steps = plan(large_database, voter_search.select_beginnings_of_names_on_roll(dialect), {"candidates": listed})

    assert "SCAN names" not in steps
    assert "Seq Scan on names" not in steps
    with SqlStore(large_database, {}, ROWS).read() as transaction:
        assert transaction.directory.existing_beginnings(candidates, limit=3) == ("nom1", "no1")[:1]


def test_a_search_reads_each_index_entry_of_the_rarer_word_once(large_database: Engine) -> None:
    """A search for two common words that no voter has together reads each index entry of the rarer word once."""
    pages: list[tuple[int, int]] = []

    def note(_connection: object, _statement: object, _many: object, values: dict[str, int], _options: object) -> None:
        if "size" in values:
            pages.append((values["start"], values["size"]))

    event.listen(large_database, "before_execute", note)
    with SqlStore(large_database, {}, ROWS).read() as transaction:
        sought = transaction.directory.by_name(("nom1", "nom2"), limit=50)

    event.remove(large_database, "before_execute", note)
    rarer = min(sum(str(i % 700).startswith(first) for i in range(1, VOTERS + 1)) for first in "12")
    assert sought == VotersFound((), more=False)
    assert [start for start, _ in pages] == [sum(size for _, size in pages[:page]) for page in range(len(pages))]
    assert sum(size for _, size in pages) == rarer


def test_without_an_index_the_plan_reads_the_whole_table(large_database: Engine) -> None:
    """Without its index, a table is read whole, which shows that the other test would notice a missing index."""
    with large_database.begin() as connection:
        connection.execute(text("DROP INDEX ix_recoveries_voter"))
    large_database.dispose()  # because SQLite caches explained plans
    try:
        steps = plan(large_database, *LOOKS["cases of a voter"])
    finally:
        with large_database.begin() as connection:
            connection.execute(text("CREATE INDEX ix_recoveries_voter ON recoveries (voter)"))

    assert "SCAN recoveries" in steps or "Seq Scan on recoveries" in steps
