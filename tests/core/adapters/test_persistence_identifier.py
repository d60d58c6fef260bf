"""What every store keeps of a re-issue: who a voter is, the number, the count of three, awaited codes, and the platform's own table."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import msgspec
import pytest

from core.platform import Registered, Standing
from core.ports import Counted, Holder, Moved, Recovery, ReissueRecord, Store, Transaction, Voter
from core.reissue import Opened
from tests.support.election import NOON, ODD, add_voters, entry

FLOW, OTHER_FLOW = "identifiant", "mot-de-passe"
OTHER = "other@ac-lumiere.example"
PHONE, SECOND = b"the digest of a number", b"that of another"
CASES = ("2222-2222", "3333-3333", "4444-4444", "5555-5555")
CROWD = 32


@pytest.fixture
def voters(store: Store) -> tuple[Voter, ...]:
    """Two, with four cases of the first."""
    first, second = add_voters(store, entry(), entry(OTHER))
    with store.write() as transaction:
        for number, each in enumerate(CASES):
            began = NOON + timedelta(minutes=number)
            case = Recovery(handle=each.encode(), number=each, flow=FLOW, state=Opened(voter=1, epoch=0), began=began)
            assert transaction.recoveries.add(case, voter=first.id)
    return first, second


def together(store: Store, act: Callable[[Transaction, int], object]) -> list[object]:
    """What each of a crowd gets that writes in one instant; whoever comes too late, the exception's type."""
    start = Barrier(CROWD)

    def one(number: int) -> object:
        start.wait(20)
        try:
            with store.write() as transaction:
                return act(transaction, number)
        except Moved:
            return Moved

    with ThreadPoolExecutor(CROWD) as pool:
        return list(pool.map(one, range(CROWD)))


# ── Who one is, and their cases ──────────────────────────────────────────────────────────────────────────


def test_a_voter_is_matched_by_both_digests_and_not_by_anothers(store: Store) -> None:
    """Nor by one of them, nor when nobody is there."""
    mine = {"birth_date_digest": b"born", "numen_digest": b"numen"}
    (first, second) = add_voters(store, entry(**mine), entry(OTHER, birth_date_digest=b"later", numen_digest=b"other"))
    with store.read() as transaction:
        assert transaction.voters.matches(first.id, birth_date=b"born", numen=b"numen")
        assert not transaction.voters.matches(first.id, birth_date=b"later", numen=b"numen")
        assert not transaction.voters.matches(first.id, birth_date=b"born", numen=b"other")
        assert not transaction.voters.matches(second.id, birth_date=b"born", numen=b"numen")
        assert not transaction.voters.matches(second.id + 1, birth_date=b"born", numen=b"numen")


def test_what_the_roll_brought_of_a_first_identifier(store: Store) -> None:
    """As it is written there, or nothing."""
    first, second = add_voters(store, entry(first_verifier="salt:made"), entry(OTHER))
    with store.read() as transaction:
        found = [transaction.voters.first_verifier(each) for each in (first.id, second.id, second.id + 1)]
    assert found == ["salt:made", None, None]


def test_the_last_case_of_a_flow_and_all_of_them(store: Store, voters: tuple[Voter, ...]) -> None:
    """By when it began; each flow and each voter for themselves."""
    first, second = voters
    with store.read() as transaction:
        latest = transaction.recoveries.latest(first.id, FLOW)
        assert latest is not None
        assert latest.number == CASES[-1]
        assert transaction.recoveries.latest(first.id, OTHER_FLOW) is None
        assert transaction.recoveries.latest(second.id, FLOW) is None
        assert [case.number for case in transaction.recoveries.in_flow(FLOW)] == list(CASES)
        assert list(transaction.recoveries.in_flow(OTHER_FLOW)) == []
        assert [transaction.recoveries.voter_of(case) for case in (CASES[0], "9999-9999")] == [first.id, None]


# ── The number ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_number_is_whose_it_was_first(store: Store, voters: tuple[Voter, ...]) -> None:
    """Again and again; several numbers may be one voter's."""
    first, second = voters
    with store.write() as transaction:
        assert transaction.phone_claims.claim(PHONE, first.id, NOON)
        assert transaction.phone_claims.claim(PHONE, first.id, ODD)
        assert transaction.phone_claims.claim(SECOND, first.id, NOON)
    with store.write() as transaction:
        assert not transaction.phone_claims.claim(PHONE, second.id, NOON)
        assert transaction.phone_claims.claim(PHONE, first.id, NOON)


def test_case_30_of_a_crowd_one_voter_gets_the_number(store: Store, voters: tuple[Voter, ...]) -> None:
    """Two voters, sixteen times each at one instant."""
    got = together(
        store, lambda transaction, number: transaction.phone_claims.claim(PHONE, voters[number % 2].id, NOON)
    )

    winner = got.index(True) % 2
    assert got == [number % 2 == winner for number in range(CROWD)]


# ── The count of three ───────────────────────────────────────────────────────────────────────────────────


def test_one_is_under_way_at_a_time_and_each_slot_serves_once(store: Store, voters: tuple[Voter, ...]) -> None:
    """Until it ends, and until it is given back."""
    first, second = voters
    with store.write() as transaction:
        transaction.reissues.reserve(CASES[0], first.id, slot=1, at=NOON)
    for slot in (1, 2):
        assert reserved(store, CASES[1], first, slot) is Moved
    with store.write() as transaction:
        transaction.reissues.put_in_force(CASES[0], 1)
        transaction.reissues.end(CASES[0], ODD)
        transaction.reissues.end(CASES[0], ODD + timedelta(hours=1))
    assert reserved(store, CASES[1], first, 1) is Moved
    with store.write() as transaction:
        transaction.reissues.recount(CASES[0], None)
    assert reserved(store, CASES[1], first, 1) is None

    with store.read() as transaction:
        assert transaction.reissues.of_voter(second.id) == []
        assert transaction.reissues.of_voter(first.id) == [
            ReissueRecord(case=CASES[0], voter=first.id, slot=None, generation=1, began=NOON, ended=ODD),
            ReissueRecord(case=CASES[1], voter=first.id, slot=1, began=NOON),
        ]


def test_how_a_voter_stands_is_one_answer(store: Store, voters: tuple[Voter, ...]) -> None:
    """Access, last case, counters in the order asked for, re-issues; of a voter who did nothing, nothing."""
    first, second = voters
    with store.write() as transaction:
        transaction.reissues.reserve(CASES[0], first.id, slot=1, at=NOON)
        transaction.reissues.end(CASES[0], ODD)
        transaction.reissues.reserve(CASES[1], first.id, slot=2, at=ODD)
        for bucket in (b"two", b"two", b"one"):
            transaction.throttle.take(bucket, limit=9, window=timedelta(hours=1), now=ODD)

    with store.read() as transaction:
        held = transaction.reissues.holder(first.id, FLOW, [b"one", b"none", b"two"])
        assert held.voter == first
        assert held.last == transaction.recoveries.latest(first.id, FLOW)
        assert held.counts == (Counted(ODD, 1), None, Counted(ODD, 2))
        assert list(held.reissues) == transaction.reissues.of_voter(first.id)
        assert transaction.reissues.holder(first.id, OTHER_FLOW, []).last is None

        nothing = Holder(voter=second, last=None, counts=(None,), reissues=())
        assert transaction.reissues.holder(second.id, FLOW, [b"none"]) == nothing
        with pytest.raises(LookupError):
            transaction.reissues.holder(second.id + 1, FLOW, [])


def reserved(store: Store, case: str, voter: Voter, slot: int, at: datetime = NOON) -> object:
    """Moved, where it could not be."""
    try:
        with store.write() as transaction:
            transaction.reissues.reserve(case, voter.id, slot=slot, at=at)
    except Moved:
        return Moved
    return None


def test_several_that_were_given_back_stand_beside_each_other(store: Store, voters: tuple[Voter, ...]) -> None:
    """No slot is no number; one is taken again only where it is free."""
    first, _ = voters
    for case in CASES:
        assert reserved(store, case, first, 1) is None
        with store.write() as transaction:
            transaction.reissues.end(case, NOON)
            transaction.reissues.recount(case, None)
    with store.write() as transaction:
        transaction.reissues.recount(CASES[0], 2)
    with store.read() as transaction:
        assert [record.slot for record in transaction.reissues.of_voter(first.id)] == [2, None, None, None]


def test_case_29_of_a_crowd_one_reserves(store: Store, voters: tuple[Voter, ...]) -> None:
    """Whatever slot and whatever case each has in mind."""
    first, _ = voters
    got = together(
        store,
        lambda transaction, number: transaction.reissues.reserve(
            CASES[number % len(CASES)], first.id, slot=number % 3 + 1, at=NOON
        ),
    )

    assert got.count(None) == 1
    with store.read() as transaction:
        assert len(transaction.reissues.of_voter(first.id)) == 1


def test_generations_are_told_of_who_has_one_or_is_frozen(store: Store, voters: tuple[Voter, ...]) -> None:
    """The highest; nothing of anybody else."""
    first, second = voters
    with store.read() as transaction:
        assert list(transaction.reissues.generations()) == []
    for number, case in enumerate(CASES[:3], start=1):
        assert reserved(store, case, first, number) is None
        with store.write() as transaction:
            if number < 3:
                transaction.reissues.put_in_force(case, number)
            transaction.reissues.end(case, NOON)
    with store.write() as transaction:
        transaction.voters.freeze(second.id, epoch=second.epoch, at=NOON)
    with store.read() as transaction:
        told = [(voter.email, generation) for voter, generation in transaction.reissues.generations()]
    assert told == [(first.email, 2), (OTHER, 0)]


# ── Awaited codes ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("voters")
def test_the_cases_that_await_a_code_from_a_number_the_latest_first(store: Store) -> None:
    """Until their time; a case awaits one from one number, the last it gave."""
    with store.write() as transaction:
        for minute, case in enumerate(CASES[:3], start=1):
            transaction.awaited_codes.expect(PHONE, case, NOON + timedelta(minutes=minute))
        transaction.awaited_codes.expect(SECOND, CASES[1], NOON + timedelta(minutes=9))
    with store.write() as transaction:
        assert transaction.awaited_codes.of_phone(PHONE, NOON) == [CASES[2], CASES[0]]
        assert transaction.awaited_codes.of_phone(PHONE, NOON + timedelta(minutes=1)) == [CASES[2]]
        assert transaction.awaited_codes.of_phone(SECOND, NOON) == [CASES[1]]
        transaction.awaited_codes.forget(CASES[2])
        transaction.awaited_codes.forget("9999-9999")
        assert transaction.awaited_codes.of_phone(PHONE, NOON) == [CASES[0]]


# ── The platform's own table ─────────────────────────────────────────────────────────────────────────────

FIRST = Registered(
    voter="a" * 64, generation=1, salt=b"salt", verifier=b"verifier", request="7F3K-92QD.1", sequence=4, version=1
)


def test_the_registry_keeps_what_it_was_given_version_by_version(store: Store) -> None:
    """A stale one changes nothing; standings come in order."""
    then = msgspec.structs.replace(FIRST, generation=2, request="x", frozen=True, version=2)
    with store.write() as transaction:
        assert transaction.registry.find(FIRST.voter) is None
        transaction.registry.keep(msgspec.structs.replace(FIRST, voter="b" * 64))
        transaction.registry.keep(FIRST)
    for version in (1, 3):
        with pytest.raises(Moved):
            _keep(store, msgspec.structs.replace(then, version=version))
    _keep(store, then)
    with store.read() as transaction:
        assert transaction.registry.find(FIRST.voter) == then
        assert list(transaction.registry.standings()) == [
            Standing(voter="a" * 64, generation=2, frozen=True),
            Standing(voter="b" * 64, generation=1, frozen=False),
        ]


def _keep(store: Store, registered: Registered) -> None:
    with store.write() as transaction:
        transaction.registry.keep(registered)


@pytest.mark.parametrize("version", [1, 2])
def test_case_32_of_a_crowd_one_puts_its_identifier_in_force(store: Store, version: int) -> None:
    """The first one of a voter, and the next."""
    for before in range(1, version):
        _keep(store, msgspec.structs.replace(FIRST, version=before))

    got = together(
        store,
        lambda transaction, number: transaction.registry.keep(
            msgspec.structs.replace(FIRST, request=str(number), version=version)
        ),
    )

    with store.read() as transaction:
        found = transaction.registry.find(FIRST.voter)
    assert found is not None
    assert [number for number, each in enumerate(got) if each is None] == [int(found.request)]
