"""What is said to PostgreSQL in one round trip, and what becomes of it when something fails."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import text

from core.adapters.sql.connections import Connections
from core.adapters.sql.pipeline import SYNC, Message, Pipeline
from core.courier.writing import Writer
from core.ports import Act, Actor, Durability, Envelope, Event, Moved, ParcelKind, Recovery, Unready
from core.recovery import Confirming, Identified
from tests.support.election import CAMILLE, NOON, entry
from tests.support.stores import STORES, Kept
from tests.support.worlds import world

LINE = Event(at=NOON, actor=Actor.OPERATOR, act=Act.ROLL_IMPORTED)
FIRST, THEN = Identified(typed=CAMILLE, address=CAMILLE), Confirming(typed=CAMILLE, address=CAMILLE)
CASE = Recovery(handle=b"handle", number="7F3K-92QD", flow="mot-de-passe", state=FIRST, began=NOON)


@pytest.fixture
def on_postgresql(tmp_path: Path) -> Iterator[Kept]:
    """An empty store there."""
    with STORES["postgresql"](tmp_path) as found:
        yield found


@contextmanager
def waits() -> Iterator[list[None]]:
    """One for each time that the server is waited for; not for what was let go long ago."""
    counted: list[None] = []

    def answers(pipeline: Pipeline, sent: Sequence[Message]) -> object:
        if list(sent) != [SYNC]:
            counted.append(None)
        return unwatched(pipeline, sent)

    unwatched = Pipeline._answers
    with patch.object(Pipeline, "_answers", answers):
        yield counted


@contextmanager
def statements_sent() -> Iterator[list[str]]:
    """Everything that a pipeline sends, BEGIN and COMMIT too."""
    sent: list[str] = []

    def send(pipeline: Pipeline, message: Message) -> Message:
        sent.append(message.sql)
        return unwatched(pipeline, message)

    unwatched = Pipeline._send
    with patch.object(Pipeline, "_send", send):
        yield sent


@contextmanager
def pipelines() -> Iterator[set[Pipeline]]:
    """Those that send something."""
    seen: set[Pipeline] = set()

    def sent(pipeline: Pipeline) -> list[Message]:
        seen.add(pipeline)
        return unwatched(pipeline)

    unwatched = Pipeline._sent
    with patch.object(Pipeline, "_sent", sent):
        yield seen


def test_an_ask_waits_for_the_server_twice(on_postgresql: Kept) -> None:
    """The case as it stands; all that is written, the count of that address's asks and the commit with it."""
    election = world(on_postgresql)
    handle = election.confirming(CAMILLE)

    with waits() as counted:
        election.askings.ask(handle)

    assert len(counted) == 2


def test_a_mail_waits_for_the_server_once(on_postgresql: Kept) -> None:
    """With all that is decided, and the end of the mail before. What is asked first is asked for all mails of a batch."""
    election = world(on_postgresql)
    mails = {}
    for number in (1, 3):
        addresses = [f"{number}.{each}@ac-lumiere.example" for each in range(number)]
        election.add(*map(entry, addresses))
        for address in addresses:
            election.ask(address)
        with waits() as counted:
            election.courier().round()
        mails[number] = len(counted)

    assert mails[3] - mails[1] == 2


def test_the_next_mail_is_composed_while_the_server_writes(on_postgresql: Kept) -> None:
    """After all of a decision is sent, and before its answer is read; each link is composed once."""
    election = world(on_postgresql)
    election.add(entry(), entry("other@ac-lumiere.example"))
    election.ask()
    election.ask("other@ac-lumiere.example")
    seen: list[tuple[bool, int]] = []
    link = Writer.link

    def composed(*args: Any) -> Envelope:  # noqa: ANN401  # as they are
        under_way = any("INTO links" in message.sql for pipeline in sent_by for message in pipeline._let_go)
        seen.append((under_way, len(election.post.taken)))
        return link(*args)

    with pipelines() as sent_by, patch.object(Writer, "link", composed):
        election.courier().round()

    assert seen == [(False, 0), (True, 0)]
    assert len(election.post.taken) == 2


def test_a_look_is_one_message(on_postgresql: Kept) -> None:
    """No transaction is begun or ended for it; what follows is one again."""
    election = world(on_postgresql)
    handle = election.confirming(CAMILLE)

    with statements_sent() as sent:
        election.askings.find(handle)
    election.askings.ask(handle)

    assert len(sent) == 1
    assert election.askings.find(handle) is not None


def test_a_transaction_in_which_nothing_happens_costs_nothing(on_postgresql: Kept) -> None:
    """It is not even begun."""
    with waits() as counted:
        for durability in Durability:
            with on_postgresql.store.write(durability):
                pass
        with on_postgresql.store.read():
            pass

    assert counted == []


def test_what_failed_leaves_nothing_and_the_connection_goes_on(on_postgresql: Kept) -> None:
    """A move that came too late, in one round trip with its commit; the line written before it is not there either."""

    def move(times: int) -> None:
        with on_postgresql.store.write() as transaction:
            transaction.journal.write(LINE)
            for _ in range(times):
                transaction.recoveries.move(CASE, THEN)

    with on_postgresql.store.write() as transaction:
        transaction.recoveries.add(CASE)
    for _ in range(2):
        with pytest.raises(Moved):
            move(2)

    move(1)

    assert on_postgresql.events() == 1


def test_what_was_abandoned_never_leaves(on_postgresql: Kept) -> None:
    """Whoever raises has said nothing to the server yet."""

    def abandon() -> None:
        with on_postgresql.store.write() as transaction:
            transaction.journal.write(LINE)
            raise LookupError

    with waits() as counted, pytest.raises(LookupError):
        abandon()

    assert (len(counted), on_postgresql.events()) == (0, 0)


def test_each_transaction_is_as_durable_as_it_was_asked_to_be(on_postgresql: Kept) -> None:
    """On one connection, in any order, and after one that was undone or in which nothing was said."""
    engine = on_postgresql.engine
    assert engine is not None
    connections = Connections(engine)

    def committing(durability: Durability, fails: type[Exception] | None) -> str:
        with connections.begun(durability) as begun:
            found: str = begun.shared().execute(text("SHOW synchronous_commit")).scalar_one()
            if fails is not None:
                raise fails
        return found

    for durability in (*Durability, *reversed(Durability)):
        with suppress(LookupError):
            committing(durability, LookupError)
        with connections.begun(durability):
            pass
        assert committing(durability, None) == ("on" if durability is Durability.FULL else "off")
        assert committing(durability, None) == ("on" if durability is Durability.FULL else "off")
    connections.close()


def test_what_sqlalchemy_says_itself_comes_after_what_waits(on_postgresql: Kept) -> None:
    """Within one transaction, as it was written."""
    with on_postgresql.store.write() as transaction:
        transaction.journal.write(LINE)
        assert transaction.chain.tail().lines == 1
        transaction.outbox.post(kind=ParcelKind.ASK, case=CASE.number, at=NOON, useful_until=NOON)
        assert transaction.outbox.backlog().waiting == 1


def test_a_statement_that_could_not_be_prepared_is_prepared_later(on_postgresql: Kept) -> None:
    """The table is away for a moment: what was not understood then is understood now."""
    assert on_postgresql.engine is not None
    with on_postgresql.engine.begin() as connection:
        connection.execute(text("ALTER TABLE sessions RENAME TO away"))
    with pytest.raises(Unready), on_postgresql.store.read() as transaction:
        transaction.sessions.find(b"digest")
    with on_postgresql.engine.begin() as connection:
        connection.execute(text("ALTER TABLE away RENAME TO sessions"))

    with on_postgresql.store.read() as transaction:
        assert transaction.sessions.find(b"digest") is None
