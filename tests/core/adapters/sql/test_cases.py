"""Every store handles cases, links, sessions and the journal in transactions in the same way."""

from datetime import UTC, timedelta

import msgspec
import pytest

from core.flows.password.states import CaseOpenedByDesk, LastRequestTimes, LinkRequestPending
from core.forms.flow_model import Channel
from core.ports import (
    Actor,
    ConflictError,
    Event,
    EventType,
    FoundSession,
    LinkRecord,
    MessageKind,
    RecoveryCase,
    SignInSession,
    Store,
    Transaction,
    Voter,
)
from tests.support.election import CAMILLE, NOON, ODD, add_voters, entry, voter_of
from tests.support.stores import reading, writing

SLUG = "mot-de-passe"
TYPED = "Camille.Martin@ac-lumiere.example"
LATER = NOON + timedelta(hours=1)


class Interruption(Exception):
    """Raised by a test inside a transaction."""


def case(number: str = "7F3K-92QD", handle: bytes = b"handle", state: object = None) -> RecoveryCase:
    """Return a case that has just begun."""
    first = CaseOpenedByDesk(typed=TYPED, address=CAMILLE)
    return RecoveryCase(handle=handle, number=number, flow=SLUG, state=state or first, began=ODD)


def link(digest: bytes, voter: int, **changes: object) -> LinkRecord:
    """Return a link of this case, valid for an hour."""
    usual = {"digest": digest, "case": "7F3K-92QD", "voter": voter, "epoch": 0, "expires": LATER}
    return LinkRecord(**{**usual, **changes})


@pytest.fixture
def camille(store: Store) -> Voter:
    """The only voter on the roll."""
    (voter,) = add_voters(store, entry())
    return voter


@pytest.fixture
def kept_case(store: Store) -> RecoveryCase:
    """The only case."""
    assert writing(store).recoveries.add(case())
    return case()


# ── Cases ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_case_is_found_by_its_handle_and_by_its_number(store: Store, kept_case: RecoveryCase) -> None:
    """A case is found by its handle and by its number."""
    with store.read() as transaction:
        assert transaction.recoveries.by_handle(b"handle") == kept_case
        assert transaction.recoveries.by_number("7F3K-92QD") == kept_case
        assert transaction.recoveries.by_handle(b"other") is None
        assert transaction.recoveries.by_number("2222-2222") is None


def test_a_taken_number_or_handle_adds_no_case(store: Store, kept_case: RecoveryCase) -> None:
    """A case whose number or handle is already in use is not added."""
    with store.write() as transaction:
        assert not transaction.recoveries.add(case(handle=b"other"))
        assert not transaction.recoveries.add(case(number="3333-3333"))
        assert transaction.recoveries.add(case(handle=b"other", number="2222-2222"))

    assert reading(store).recoveries.by_number("7F3K-92QD") == kept_case


def test_a_change_counts_the_version_and_a_stale_one_writes_nothing(
    store: Store, kept_case: RecoveryCase, camille: Voter
) -> None:
    """A change of a case increments its version, and a change of an outdated version writes nothing."""
    then = CaseOpenedByDesk(typed="then", address=CAMILLE)
    requested = LinkRequestPending(
        typed=TYPED,
        address=CAMILLE,
        asking=LastRequestTimes(at=ODD, until=ODD + timedelta(hours=4), again_from=ODD + timedelta(minutes=3)),
    )
    writing(store).recoveries.update_state(kept_case, then, voter=camille.id)

    with pytest.raises(ConflictError), store.write() as transaction:
        transaction.recoveries.update_state(kept_case, requested)

    found = reading(store).recoveries.by_handle(b"handle")
    assert found == msgspec.structs.replace(kept_case, state=then, version=1)


def opened(transaction: Transaction, digest: bytes) -> LinkRecord | None:
    """Return a link, after checking that its case and voter are returned with it."""
    held = transaction.links.find(digest)
    if held is None:
        return None
    assert held.case == transaction.recoveries.by_number(held.record.case)
    assert held.voter == transaction.voters.by_id(held.record.voter)
    return held.record


# ── Links, sessions, the journal ─────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("kept_case")
def test_a_link_is_found_and_its_first_opening_is_written_once(store: Store, camille: Voter) -> None:
    """The first opening of a link is recorded only once. The use of a link does not change other links."""
    known = link(b"link", camille.id)
    with store.write() as transaction:
        transaction.links.add(known)
        assert transaction.links.record_if_first_opening(b"link", ODD)
        assert not transaction.links.record_if_first_opening(b"link", LATER)
        assert not transaction.links.record_if_first_opening(b"unknown", ODD)

    with store.read() as transaction:
        assert opened(transaction, b"link") == msgspec.structs.replace(known, opened=ODD)
        assert transaction.links.find(b"unknown") is None

    with store.write() as transaction:
        transaction.links.add(link(b"used", camille.id))
        transaction.links.add(link(b"other", camille.id))
        transaction.links.record_use(b"used", ODD)

    with store.read() as transaction:
        assert opened(transaction, b"used") == link(b"used", camille.id, used=ODD)
        assert opened(transaction, b"other") == link(b"other", camille.id)


@pytest.mark.usefixtures("kept_case")
def test_only_links_of_this_epoch_and_not_yet_expired_are_alive(store: Store, camille: Voter) -> None:
    """Only unexpired links of the voter's current epoch count as valid."""
    (other,) = add_voters(store, entry("other@ac-lumiere.example"))
    with store.write() as transaction:
        transaction.links.add(link(b"former", camille.id))
        transaction.voters.set_password_hash(camille.id, "hash", epoch=0, at=NOON)
        transaction.links.add(link(b"one", camille.id, epoch=1))
        transaction.links.add(link(b"two", camille.id, epoch=1, expires=LATER + timedelta(microseconds=1)))
        transaction.links.add(link(b"other", other.id))

    with store.read() as transaction:
        alive = transaction.links.count_valid_links
        assert alive(camille.id, epoch=0, now=NOON) == 1
        assert alive(camille.id, epoch=1, now=NOON) == 2
        assert alive(camille.id, epoch=1, now=LATER) == 1
        assert alive(camille.id, epoch=2, now=NOON) == 0


@pytest.mark.usefixtures("kept_case")
def test_a_link_of_another_epoch_is_refused(store: Store, camille: Voter) -> None:
    """Adding a link for another epoch than the voter's is refused, and the transaction is rolled back."""

    def add(digest: bytes, *, epoch: int = 0) -> None:
        writing(store).links.add(link(digest, camille.id, epoch=epoch))

    add(b"one")
    with pytest.raises(ConflictError):
        add(b"of-an-epoch-to-come", epoch=1)
    add(b"two")

    assert reading(store).links.count_valid_links(camille.id, epoch=0, now=NOON) == 2
    assert reading(store).links.find(b"of-an-epoch-to-come") is None


def test_a_session_is_found_until_it_is_closed(store: Store, camille: Voter) -> None:
    """A session is found until it is closed. Closing an unknown session changes nothing."""
    session = SignInSession(digest=b"session", voter=camille.id, epoch=3, expires=ODD)
    with store.write() as transaction:
        transaction.sessions.open(session)
        assert transaction.sessions.find(b"session") == FoundSession(record=session, voter=camille)
        assert transaction.sessions.find(b"other") is None

    with store.write() as transaction:
        transaction.sessions.close(b"other")
        transaction.sessions.close(b"session")

    assert reading(store).sessions.find(b"session") is None


def test_the_journal_keeps_the_order_of_a_case_and_every_column(store: Store) -> None:
    """The journal of a case has every column, in the order in which the entries were written."""
    full = Event(at=ODD, actor=Actor.VOTER, act=EventType.ASKED, case="7F3K-92QD", voter=7, reason="why")
    bare = Event(at=NOON, actor=Actor.COURIER, act=EventType.ASK_DROPPED, case="7F3K-92QD")
    with store.write() as transaction:
        elsewhere, nowhere = msgspec.structs.replace(full, case="2222-2222"), msgspec.structs.replace(bare, case=None)
        for event in (full, elsewhere, bare, nowhere):
            transaction.journal.write(event)

    assert reading(store).journal.of_case("7F3K-92QD") == [full, bare]
    assert reading(store).journal.of_case("3333-3333") == []


# ── Transactions ─────────────────────────────────────────────────────────────────────────────────────────


def write_through_every_port(transaction: Transaction, voter: Voter, case: RecoveryCase) -> None:
    """Write through every port, then raise an exception."""
    transaction.voters.freeze(voter.id, epoch=0, at=NOON)
    transaction.roll.add([entry("other@ac-lumiere.example")])
    transaction.recoveries.update_state(case, CaseOpenedByDesk(typed="then", address=CAMILLE))
    transaction.links.add(link(b"link", voter.id, epoch=1))
    transaction.sessions.open(SignInSession(digest=b"session", voter=voter.id, epoch=0, expires=LATER))
    transaction.outbox.put(kind=MessageKind.ASK, case=case.number, at=NOON, useful_until=LATER)
    transaction.journal.write(Event(at=NOON, actor=Actor.VOTER, act=EventType.ASKED, case=case.number))
    transaction.throttle.count_or_refuse(b"bucket", limit=1, window=timedelta(hours=1), now=NOON)
    raise Interruption


def test_an_exception_rolls_every_port_back(store: Store, camille: Voter, kept_case: RecoveryCase) -> None:
    """An exception rolls back the writes of every port."""
    with pytest.raises(Interruption), store.write() as transaction:
        write_through_every_port(transaction, camille, kept_case)

    with store.read() as transaction:
        assert transaction.voters.by_id(camille.id) == camille
        assert list(transaction.roll.entries()) == [(camille.id, entry())]
        assert transaction.recoveries.by_handle(b"handle") == kept_case
        assert transaction.links.find(b"link") is None
        assert transaction.sessions.find(b"session") is None
        assert transaction.outbox.counts() == {}
        assert transaction.journal.of_case(kept_case.number) == []
        assert transaction.throttle.peek(b"bucket", limit=1, window=timedelta(hours=1), now=NOON).allowed


def test_writes_are_invisible_before_the_commit(store: Store, camille: Voter) -> None:
    """Another transaction sees a write only after the commit."""
    with store.write() as transaction:
        transaction.voters.freeze(camille.id, epoch=0, at=NOON)
        assert transaction.voters.by_id(camille.id) != camille
        assert reading(store).voters.by_id(camille.id) == camille

    assert voter_of(store, CAMILLE).frozen == NOON


def test_a_moment_keeps_its_microseconds_and_comes_back_in_utc(store: Store, camille: Voter) -> None:
    """Every stored time keeps its microseconds and is returned in UTC."""
    with store.write() as transaction:
        transaction.recoveries.add(case())
        transaction.links.add(link(b"link", camille.id, expires=ODD))
        transaction.links.record_if_first_opening(b"link", ODD)
        transaction.voters.set_password_hash(camille.id, "hash", epoch=0, at=ODD)
        transaction.outbox.put(kind=MessageKind.ASK, case="7F3K-92QD", at=ODD, useful_until=ODD)

    with store.write() as transaction:
        (parcel,) = transaction.outbox.claim(Channel.MAIL, now=ODD, lease=timedelta(microseconds=1), limit=1)
        recovery, voter = transaction.recoveries.by_handle(b"handle"), transaction.voters.by_id(camille.id)
        found = opened(transaction, b"link")
    assert recovery is not None
    assert voter is not None
    assert found is not None
    moments = (recovery.began, found.expires, found.opened, voter.password_set, parcel.created, parcel.useful_until)
    assert moments == (ODD,) * 6
    assert {moment.tzinfo for moment in moments if moment} == {UTC}
    assert parcel.due == ODD + timedelta(microseconds=1)
