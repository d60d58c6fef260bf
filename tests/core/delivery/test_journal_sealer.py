"""The courier seals the journal and mails checkpoints to the electoral board, whatever other processes do."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import count
from threading import Event as Signal

import pytest

from core.adapters.bounce_parser import BounceMailParser
from core.adapters.event_signing import journal_keys
from core.adapters.mail_composer import BounceAddresses
from core.delivery.bounce_recording import BounceOutcome, BounceRecorder
from core.delivery.journal_sealer import JournalSealer
from core.journal import checkpoints
from core.journal.verification import JournalVerifier
from core.journal.verifier import find_checkpoints
from core.policy.policy import Policy
from core.ports import Actor, Backlog, Event, EventType
from tests.support.election import NOON
from tests.support.mortal import Killed, MortalStore, Reaper
from tests.support.returned import postfix
from tests.support.stores import KeptStore, reading, writing
from tests.support.worlds import World, fresh_world, world

BOARD = "bureau@ac-lumiere.example"
FEW = Policy(checkpoint_lines=10, checkpoint_minutes=60)


def sealer(election: World, board: str | None = None) -> JournalSealer:
    return JournalSealer(dependencies=election.dependencies, board=board)


def act(election: World, times: int = 1) -> None:
    for _ in range(times):
        writing(election.store).journal.write(Event(at=election.clock.at, actor=Actor.VOTER, act=EventType.ASKED))


def assert_sound(election: World, lines: int) -> None:
    """Check that every line is sealed once and that the hash chain is intact."""
    with election.store.read() as transaction:
        keys = journal_keys(election.dependencies.vault)
        examination = JournalVerifier(transaction.chain, keys)
        assert list(examination.findings()) == []
        sealed = [seal.line for seal, _ in transaction.chain.seals()]
    assert examination.tail == Backlog(0, None)
    assert len(sealed) == len(set(sealed)) == lines


def test_nothing_to_do_is_nothing_done(world: World) -> None:
    """An empty journal gets no checkpoint. Without an address for the board, a checkpoint is stored but not mailed."""
    assert not sealer(world).seal()
    assert not sealer(world).publish_checkpoint(at_once=True)
    assert world.kept.events() == 0

    act(world)
    sealer(world).seal()

    assert sealer(world).publish_checkpoint(at_once=True)
    assert world.waiting_parcels() == 0


def test_a_checkpoint_is_due_after_so_many_lines(sql_kept: KeptStore) -> None:
    """A checkpoint is made after ten new journal lines. The line about the checkpoint itself does not count."""
    election = world(sql_kept, policy=FEW)
    clerk = sealer(election)
    act(election, 9)
    clerk.seal()
    assert not clerk.publish_checkpoint()

    act(election)
    clerk.seal()
    assert clerk.publish_checkpoint()
    clerk.seal()
    assert not clerk.publish_checkpoint(at_once=True)
    assert election.kept.lines()[-1] == (EventType.CHECKPOINT_MADE, None)


def test_a_checkpoint_is_due_after_so_many_minutes(sql_kept: KeptStore) -> None:
    """A checkpoint is made an hour after the oldest line that no checkpoint covers.

    Without new lines there is no new checkpoint.
    """
    election = world(sql_kept, policy=FEW)
    clerk = sealer(election)
    act(election)
    clerk.seal()
    election.clock.move(minutes=59)
    assert not clerk.publish_checkpoint()
    election.clock.move(minutes=1)
    assert clerk.publish_checkpoint()

    clerk.seal()
    election.clock.move(hours=12)
    assert not clerk.publish_checkpoint()
    assert_sound(election, 2)


def test_a_spoiled_checkpoint_stops_no_courier(world: World) -> None:
    """After a damaged checkpoint, the courier still makes the next one."""
    clerk = sealer(world)
    act(world)
    clerk.seal()
    clerk.publish_checkpoint(at_once=True)
    with world.store.write() as transaction:
        spoiled = transaction.chain.checkpoint()
        assert spoiled is not None
        transaction.chain.add_checkpoint(type(spoiled)(2, "spoiled", b""))

    assert clerk.publish_checkpoint(at_once=True)
    third = reading(world.store).chain.checkpoint()
    assert third is not None
    assert (third.number, checkpoints.checkpoint_statement_of(third).lines) == (3, 1)


# ── The mail to the board ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def told(world: World) -> World:
    """An election whose board has received the first checkpoint."""
    world.add()
    world.ask()
    sealer(world).seal()
    sealer(world, BOARD).publish_checkpoint(at_once=True)
    services = world.services
    board = services.settings.board.model_copy(update={"email": BOARD})
    world.__dict__["services"] = replace(services, settings=services.settings.model_copy(update={"board": board}))
    world.courier().run_once()
    return world


def test_the_board_is_mailed_what_it_can_check(told: World) -> None:
    """Both parts of the mail to the board contain the stored checkpoint, and no data of a voter."""
    (mail,) = told.post.to(BOARD)

    kept = reading(told.store).chain.checkpoint()
    assert kept is not None
    for part in ("plain", "html"):
        text = mail.part(part)
        assert [said.text() for said, _ in find_checkpoints(text.replace("<br>", "\n"))] == [kept.statement]
        assert "Martin" not in text
        assert "Dossier" not in text
    assert [said.number for said, _ in find_checkpoints(mail.envelope.content.decode())] == [1]
    french, english = "Journal de l'élection : point de contrôle n° 1", "The election's journal: checkpoint no. 1"
    assert str(mail.parsed["Subject"]) == f"{french} / {english}"
    for part in ("plain", "html"):
        said = " ".join(mail.part(part).split())
        assert said.index("demandez pourquoi") < said.index("ask why"), "the same in English, after the French"


def test_a_mail_that_the_board_did_not_get_is_noted(told: World) -> None:
    """If the mail to the board bounces, this is recorded for its checkpoint.

    A bounce about a checkpoint that does not exist is ignored.
    """
    (mail,) = told.post.to(BOARD)
    bouncing = BounceRecorder(told.dependencies, told.letters.bounces.case_of)

    assert bouncing.record_returned_mail(BounceMailParser(postfix(to=mail.envelope.sender))) is BounceOutcome.NOTED
    assert told.acts("0000-0001") == ["checkpoint-made", "mail-accepted", "mail-bounced"]
    never = BounceAddresses(
        told.dependencies.vault,
        local=told.services.settings.mail.bounce_local_part,
        domain=told.services.settings.mail.bounce_domain,
    ).address_of_case("0000-0002")
    assert bouncing.record_returned_mail(BounceMailParser(postfix(to=never))) is BounceOutcome.NOT_OURS


# ── Concurrent and killed sealers ────────────────────────────────────────────────────────────────────────


def test_acts_and_notaries_at_once_leave_one_chain(any_world: World) -> None:
    """Four sealers and six writers at the same time leave an intact chain in which every line is sealed once."""
    over = Signal()

    def clerk(_: int) -> None:
        while not over.is_set():
            sealer(any_world).seal()
            sealer(any_world).publish_checkpoint(at_once=True)

    with ThreadPoolExecutor(10) as pool:
        clerks = [pool.submit(clerk, number) for number in range(4)]
        acting = [pool.submit(act, any_world, 15) for _ in range(6)]
        for each in acting:
            each.result()
        over.set()
        for each in clerks:
            each.result()
    sealer(any_world).seal()
    assert_sound(any_world, any_world.kept.events())


@pytest.mark.parametrize("kept", ["postgresql"], indirect=True)
def test_a_slow_transaction_is_sealed_after_those_that_overtook_it(any_world: World) -> None:
    """On PostgreSQL, a journal line that is committed late is sealed after lines with greater numbers."""
    with any_world.store.write() as slow:
        slow.journal.write(Event(at=NOON - timedelta(minutes=9), actor=Actor.OPERATOR, act=EventType.ROLL_IMPORTED))
        slow.outbox.find(1)  # sends the insertion to the server, which numbers it
        act(any_world, 3)
        sealer(any_world).seal()
        sealer(any_world).publish_checkpoint(at_once=True)
        sealer(any_world).seal()
    with any_world.store.read() as transaction:
        assert [seal.line for seal, _ in transaction.chain.seals()] == [2, 3, 4, 5]
        assert transaction.chain.count_unsealed() == Backlog(1, NOON - timedelta(minutes=9))

    sealer(any_world).seal()

    with any_world.store.read() as transaction:
        assert [seal.line for seal, _ in transaction.chain.seals()] == [2, 3, 4, 5, 1]
        assert transaction.chain.end().gaps == ()
    assert_sound(any_world, 5)


def test_an_abandoned_transaction_stops_nothing(world: World) -> None:
    """A line number that a rolled-back transaction has used does not delay sealing.

    A courier that is stopped makes a last checkpoint.
    """

    def fail() -> Iterator[None]:
        with world.store.write() as transaction:
            transaction.journal.write(Event(at=NOON, actor=Actor.VOTER, act=EventType.ASKED))
            raise Killed
        yield

    act(world)
    with pytest.raises(Killed):
        next(fail())
    act(world)
    sealer(world).seal()

    assert_sound(world, 2)

    act(world)
    courier = world.courier()
    courier.stopping.set()

    courier.run()

    last = reading(world.store).chain.checkpoint()
    assert last is not None
    assert checkpoints.checkpoint_statement_of(last).lines == 3


def test_a_notary_killed_at_any_instant_seals_nothing_twice(kept: KeptStore) -> None:
    """Wherever a sealer is killed, the next sealer continues, and no line is sealed twice."""
    for instant in count():
        election = fresh_world(kept)
        act(election, 3)
        reaper = Reaper(instant)
        mortal = sealer(World(election.kept, replace(election.dependencies, store=MortalStore(election.store, reaper))))
        try:
            mortal.seal()
            mortal.publish_checkpoint(at_once=True)
        except Killed:
            pass
        else:
            break
        sealer(election).seal()
        sealer(election).publish_checkpoint(at_once=True)
        sealer(election).seal()
        assert_sound(election, 4)
    assert instant > 8
