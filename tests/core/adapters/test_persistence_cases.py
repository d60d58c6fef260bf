"""What every store keeps of cases, links, sessions and the journal, and what a transaction is."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from core.ports import (
    Act,
    Actor,
    Durability,
    Event,
    HeldSession,
    LinkRecord,
    Moved,
    ParcelKind,
    Reader,
    Recovery,
    SessionRecord,
    Store,
    Transaction,
    Voter,
)
from core.recovery import Asking, Confirming, Identified, Requested
from tests.support.election import CAMILLE, NOON, ODD, add_voters, entry, voter_of

SLUG = "mot-de-passe"
TYPED = "Camille.Martin@ac-lumiere.example"
LATER = NOON + timedelta(hours=1)


class Wrecked(Exception):
    """What a test raises in the middle of a transaction."""


def case(number: str = "7F3K-92QD", handle: bytes = b"handle", state: object = None) -> Recovery:
    """A case that has just begun."""
    first = Identified(typed=TYPED, address=CAMILLE)
    return Recovery(handle=handle, number=number, flow=SLUG, state=state or first, began=ODD)


def link(digest: bytes, voter: int, **changes: object) -> LinkRecord:
    """A link of the case above, alive for an hour."""
    usual = {"digest": digest, "case": "7F3K-92QD", "voter": voter, "epoch": 0, "expires": LATER}
    return LinkRecord(**{**usual, **changes})


@pytest.fixture
def camille(store: Store) -> Voter:
    """The only voter of the roll."""
    (voter,) = add_voters(store, entry())
    return voter


@pytest.fixture
def kept_case(store: Store) -> Recovery:
    """The only case."""
    with store.write() as transaction:
        assert transaction.recoveries.add(case())
    return case()


# ── Cases ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_case_is_found_by_its_handle_and_by_its_number(store: Store, kept_case: Recovery) -> None:
    """As it was added."""
    with store.read() as transaction:
        assert transaction.recoveries.by_handle(b"handle") == kept_case
        assert transaction.recoveries.by_number("7F3K-92QD") == kept_case
        assert transaction.recoveries.by_handle(b"other") is None
        assert transaction.recoveries.by_number("2222-2222") is None
        assert transaction.recoveries.by_numbers(["2222-2222", "7F3K-92QD"]) == {"7F3K-92QD": kept_case}


def test_a_taken_number_is_told_and_the_first_case_keeps_it(store: Store, kept_case: Recovery) -> None:
    """Another must be drawn."""
    with store.write() as transaction:
        assert not transaction.recoveries.add(case(handle=b"other"))
        assert transaction.recoveries.add(case(handle=b"other", number="2222-2222"))

    with store.read() as transaction:
        assert transaction.recoveries.by_number("7F3K-92QD") == kept_case


def test_a_move_counts_the_version_and_a_stale_one_writes_nothing(
    store: Store, kept_case: Recovery, camille: Voter
) -> None:
    """The one who read before another moved must read again."""
    confirming = Confirming(typed=TYPED, address=CAMILLE)
    requested = Requested(
        typed=TYPED, address=CAMILLE, asking=Asking.begin(ODD, valid=timedelta(hours=4), pause=timedelta(minutes=3))
    )
    with store.write() as transaction:
        transaction.recoveries.move(kept_case, confirming, voter=camille.id)

    with pytest.raises(Moved), store.write() as transaction:
        transaction.recoveries.move(kept_case, requested)

    with store.read() as transaction:
        found = transaction.recoveries.by_handle(b"handle")
    assert found == msgspec.structs.replace(kept_case, state=confirming, version=1)


def opened(transaction: Transaction, digest: bytes) -> LinkRecord | None:
    """A link that is there, with its own case and voter."""
    held = transaction.links.find(digest)
    if held is None:
        return None
    assert held.case == transaction.recoveries.by_number(held.record.case)
    assert held.voter == transaction.voters.by_id(held.record.voter)
    return held.record


# ── Links, sessions, the journal ─────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("kept_case")
def test_a_link_is_found_and_its_first_opening_is_written_once(store: Store, camille: Voter) -> None:
    """Later openings change nothing, and an unknown link has none."""
    known = link(b"link", camille.id)
    with store.write() as transaction:
        transaction.links.add(known, most=3, now=NOON)
        assert transaction.links.observe(b"link", ODD)
        assert not transaction.links.observe(b"link", LATER)
        assert not transaction.links.observe(b"unknown", ODD)

    with store.read() as transaction:
        assert opened(transaction, b"link") == msgspec.structs.replace(known, opened=ODD)
        assert transaction.links.find(b"unknown") is None


@pytest.mark.usefixtures("kept_case")
def test_a_used_link_says_when(store: Store, camille: Voter) -> None:
    """And it alone."""
    with store.write() as transaction:
        transaction.links.add(link(b"used", camille.id), most=3, now=NOON)
        transaction.links.add(link(b"other", camille.id), most=3, now=NOON)
        transaction.links.use(b"used", ODD)

    with store.read() as transaction:
        assert opened(transaction, b"used") == link(b"used", camille.id, used=ODD)
        assert opened(transaction, b"other") == link(b"other", camille.id)


@pytest.mark.usefixtures("kept_case")
def test_only_links_of_this_epoch_and_not_yet_expired_are_alive(store: Store, camille: Voter) -> None:
    """A link that expires now is dead; so are others' and those of a former epoch."""
    (other,) = add_voters(store, entry("other@ac-lumiere.example"))
    with store.write() as transaction:
        transaction.links.add(link(b"former", camille.id), most=3, now=NOON)
        transaction.voters.choose_password(camille.id, "hash", epoch=0, at=NOON)
        transaction.links.add(link(b"one", camille.id, epoch=1), most=3, now=NOON)
        transaction.links.add(
            link(b"two", camille.id, epoch=1, expires=LATER + timedelta(microseconds=1)), most=3, now=NOON
        )
        transaction.links.add(link(b"other", other.id), most=3, now=NOON)

    with store.read() as transaction:
        alive = transaction.links.alive
        assert alive(camille.id, epoch=0, now=NOON) == 1
        assert alive(camille.id, epoch=1, now=NOON) == 2
        assert alive(camille.id, epoch=1, now=LATER) == 1
        assert alive(camille.id, epoch=2, now=NOON) == 0
        readers = transaction.links.readers([CAMILLE, other.email, "nobody@ac-lumiere.example"], NOON)
        assert readers == {
            CAMILLE: Reader(voter=transaction.voters.by_id(camille.id), alive=2),
            other.email: Reader(voter=other, alive=1),
        }


@pytest.mark.usefixtures("kept_case")
def test_a_link_too_many_or_of_a_former_epoch_is_not_kept(store: Store, camille: Voter) -> None:
    """What was counted before the voter was locked may be true no more; nothing of that transaction stays."""

    def add(digest: bytes, *, epoch: int = 0, now: datetime = NOON) -> None:
        with store.write() as transaction:
            transaction.voters.lock(camille.id)
            transaction.links.add(link(digest, camille.id, epoch=epoch), most=2, now=now)

    add(b"one")
    with pytest.raises(Moved):
        add(b"of-an-epoch-to-come", epoch=1)
    add(b"two")
    with pytest.raises(Moved):
        add(b"three")
    add(b"when-they-are-dead", now=LATER)

    with store.read() as transaction:
        assert transaction.links.alive(camille.id, epoch=0, now=NOON) == 3


def test_a_session_is_found_until_it_is_closed(store: Store, camille: Voter) -> None:
    """Whatever its expiry; closing an unknown one is possible."""
    session = SessionRecord(digest=b"session", voter=camille.id, epoch=3, expires=ODD)
    with store.write() as transaction:
        transaction.sessions.open(session)
        assert transaction.sessions.find(b"session") == HeldSession(record=session, voter=camille)
        assert transaction.sessions.find(b"other") is None

    with store.write() as transaction:
        transaction.sessions.close(b"other")
        transaction.sessions.close(b"session")

    with store.read() as transaction:
        assert transaction.sessions.find(b"session") is None


def test_the_journal_keeps_the_order_of_a_case_and_every_column(store: Store) -> None:
    """In the order written, whatever the clock said; other cases are elsewhere."""
    full = Event(at=ODD, actor=Actor.VOTER, act=Act.ASKED, case="7F3K-92QD", voter=7, reason="why")
    bare = Event(at=NOON, actor=Actor.COURIER, act=Act.ASK_DROPPED, case="7F3K-92QD")
    with store.write() as transaction:
        for event in (
            full,
            msgspec.structs.replace(full, case="2222-2222"),
            bare,
            msgspec.structs.replace(bare, case=None),
        ):
            transaction.journal.write(event)

    with store.read() as transaction:
        assert transaction.journal.of_case("7F3K-92QD") == [full, bare]
        assert transaction.journal.of_case("3333-3333") == []


# ── Transactions ─────────────────────────────────────────────────────────────────────────────────────────


def do_a_bit_of_everything(transaction: Transaction, voter: Voter, case: Recovery) -> None:
    """One thing through every port, and then an accident."""
    transaction.voters.freeze(voter.id, epoch=0, at=NOON)
    transaction.roll.add([entry("other@ac-lumiere.example")])
    transaction.recoveries.move(case, Confirming(typed=TYPED, address=CAMILLE))
    transaction.links.add(link(b"link", voter.id, epoch=1), most=3, now=NOON)
    transaction.sessions.open(SessionRecord(digest=b"session", voter=voter.id, epoch=0, expires=LATER))
    transaction.outbox.put(kind=ParcelKind.ASK, case=case.number, at=NOON, useful_until=LATER)
    transaction.journal.write(Event(at=NOON, actor=Actor.VOTER, act=Act.ASKED, case=case.number))
    transaction.throttle.take(b"bucket", limit=1, window=timedelta(hours=1), now=NOON)
    raise Wrecked


def test_an_exception_undoes_every_port_at_once(store: Store, camille: Voter, kept_case: Recovery) -> None:
    """Half of an act never stays."""
    with pytest.raises(Wrecked), store.write() as transaction:
        do_a_bit_of_everything(transaction, camille, kept_case)

    with store.read() as transaction:
        assert transaction.voters.by_id(camille.id) == camille
        assert list(transaction.roll.entries()) == [(camille.id, entry())]
        assert transaction.recoveries.by_handle(b"handle") == kept_case
        assert transaction.links.find(b"link") is None
        assert transaction.sessions.find(b"session") is None
        assert transaction.outbox.counts() == {}
        assert transaction.journal.of_case(kept_case.number) == []
        assert transaction.throttle.peek(b"bucket", limit=1, window=timedelta(hours=1), now=NOON).allowed


@pytest.mark.parametrize("durability", Durability)
def test_nothing_is_seen_from_outside_before_the_end(store: Store, camille: Voter, durability: Durability) -> None:
    """A reader meanwhile sees what stood before, and after it what stands."""
    with store.write(durability) as transaction:
        transaction.voters.freeze(camille.id, epoch=0, at=NOON)
        assert transaction.voters.by_id(camille.id) != camille
        with store.read() as reader:
            assert reader.voters.by_id(camille.id) == camille

    assert voter_of(store, CAMILLE).frozen == NOON


def test_a_moment_keeps_its_microseconds_and_comes_back_in_utc(store: Store, camille: Voter) -> None:
    """Whatever column it stands in."""
    with store.write() as transaction:
        transaction.recoveries.add(case())
        transaction.links.add(link(b"link", camille.id, expires=ODD), most=3, now=NOON)
        transaction.links.observe(b"link", ODD)
        transaction.voters.choose_password(camille.id, "hash", epoch=0, at=ODD)
        transaction.outbox.put(kind=ParcelKind.ASK, case="7F3K-92QD", at=ODD, useful_until=ODD)

    with store.write() as transaction:
        (parcel,) = transaction.outbox.claim(now=ODD, lease=timedelta(microseconds=1), limit=1)
        recovery, voter = transaction.recoveries.by_handle(b"handle"), transaction.voters.by_id(camille.id)
        found = opened(transaction, b"link")
    assert recovery is not None
    assert voter is not None
    assert found is not None
    moments = (recovery.began, found.expires, found.opened, voter.password_set, parcel.created, parcel.useful_until)
    assert moments == (ODD,) * 6
    assert {moment.tzinfo for moment in moments if moment} == {UTC}
    assert parcel.due == ODD + timedelta(microseconds=1)
