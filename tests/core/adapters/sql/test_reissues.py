"""Every store handles re-issues, telephone numbers, awaited codes and the platform's accounts in the same way."""

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec
import pytest

from core.flows.identifier.states import ReissueOpened
from core.ports import (
    ConflictError,
    RecoveryCase,
    ReissueRecord,
    Store,
    ThrottleCounterValue,
    Transaction,
    Voter,
    VoterReissueSnapshot,
)
from core.ports.voting_platform import EmbeddedPlatformAccount, PlatformAccount
from tests.support.election import NOON, ODD, add_voters, entry
from tests.support.product import in_parallel
from tests.support.stores import reading, writing

FLOW, OTHER_FLOW = "identifiant", "mot-de-passe"
OTHER = "other@ac-lumiere.example"
PHONE, SECOND = b"the digest of a number", b"that of another"
CASES = ("2222-2222", "3333-3333", "4444-4444", "5555-5555")
CROWD = 32


@pytest.fixture
def voters(store: Store) -> tuple[Voter, ...]:
    """Two voters, of whom the first has four cases."""
    first, second = add_voters(store, entry(), entry(OTHER))
    with store.write() as transaction:
        for number, each in enumerate(CASES):
            began = NOON + timedelta(minutes=number)
            case = RecoveryCase(
                handle=each.encode(), number=each, flow=FLOW, state=ReissueOpened(voter=1, epoch=0), began=began
            )
            assert transaction.recoveries.add(case, voter=first.id)
    return first, second


def concurrently(store: Store, act: Callable[[Transaction, int], object]) -> list[object]:
    """Write from many threads at once. Returns each result, or the type of its exception."""

    def one(number: int) -> object:
        try:
            with store.write() as transaction:
                return act(transaction, number)
        except ConflictError:
            return ConflictError

    return in_parallel(one, CROWD)


# ── Voters and their cases ───────────────────────────────────────────────────────────────────────────────


def test_a_voter_is_matched_by_both_digests_and_not_by_anothers(store: Store) -> None:
    """A voter is matched only if birth date and NUMEN are both this voter's."""
    mine = {"birth_date_digest": b"born", "numen_digest": b"numen", "first_verifier": "salt:made"}
    (first, second) = add_voters(store, entry(**mine), entry(OTHER, birth_date_digest=b"later", numen_digest=b"other"))
    with store.read() as transaction:
        assert transaction.voters.matches(first.id, birth_date_digest=b"born", numen_digest=b"numen")
        assert not transaction.voters.matches(first.id, birth_date_digest=b"later", numen_digest=b"numen")
        assert not transaction.voters.matches(first.id, birth_date_digest=b"born", numen_digest=b"other")
        assert not transaction.voters.matches(second.id, birth_date_digest=b"born", numen_digest=b"numen")
        assert not transaction.voters.matches(second.id + 1, birth_date_digest=b"born", numen_digest=b"numen")
        found = [transaction.voters.first_verifier(each) for each in (first.id, second.id, second.id + 1)]
    assert found == ["salt:made", None, None]


def test_cases_are_found_by_flow_and_voter(
    store: Store, voters: tuple[Voter, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cases of a flow are listed by their start, and a voter's latest case of a flow is found."""
    first, second = voters
    with store.read() as transaction:
        latest = transaction.recoveries.latest(first.id, FLOW)
        assert latest is not None
        assert latest.number == CASES[-1]
        assert transaction.recoveries.latest(first.id, OTHER_FLOW) is None
        assert transaction.recoveries.latest(second.id, FLOW) is None
        monkeypatch.setattr("core.adapters.sql.cases.BATCH_ROWS", 2)
        assert [case.number for case in transaction.recoveries.all_of_flow(FLOW)] == list(CASES)
        assert list(transaction.recoveries.all_of_flow(OTHER_FLOW)) == []
        assert [transaction.recoveries.voter_of(case) for case in (CASES[0], "9999-9999")] == [first.id, None]


# ── Telephone numbers ────────────────────────────────────────────────────────────────────────────────────


def test_a_number_belongs_to_the_first_voter(store: Store, voters: tuple[Voter, ...]) -> None:
    """A telephone number belongs to the first voter who used it. One voter may use several numbers."""
    first, second = voters
    with store.write() as transaction:
        assert transaction.reissues.claim_phone(PHONE, first.id, NOON)
        assert transaction.reissues.claim_phone(PHONE, first.id, ODD)
        assert transaction.reissues.claim_phone(SECOND, first.id, NOON)
    with store.write() as transaction:
        assert not transaction.reissues.claim_phone(PHONE, second.id, NOON)
        assert transaction.reissues.claim_phone(PHONE, first.id, NOON)


def test_of_concurrent_voters_one_gets_the_number(store: Store, voters: tuple[Voter, ...]) -> None:
    """If two voters claim one telephone number at the same moment, only one gets it."""
    got = concurrently(
        store, lambda transaction, number: transaction.reissues.claim_phone(PHONE, voters[number % 2].id, NOON)
    )

    winner = got.index(True) % 2
    assert got == [number % 2 == winner for number in range(CROWD)]


# ── Slots ────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_reissue_at_a_time_and_each_slot_once(store: Store, voters: tuple[Voter, ...]) -> None:
    """A voter has only one re-issue in progress, and each slot is used once until it is given back."""
    first, second = voters
    writing(store).reissues.reserve(CASES[0], first.id, slot=1, at=NOON)
    for slot in (1, 2):
        assert try_to_reserve(store, CASES[1], first, slot) is ConflictError
    with store.write() as transaction:
        transaction.reissues.record_generation_in_force(CASES[0], 1)
        transaction.reissues.end(CASES[0], ODD)
        transaction.reissues.end(CASES[0], ODD + timedelta(hours=1))
    assert try_to_reserve(store, CASES[1], first, 1) is ConflictError
    writing(store).reissues.set_quota_slot(CASES[0], None)
    assert try_to_reserve(store, CASES[1], first, 1) is None

    assert reading(store).reissues.of_voter(second.id) == []
    assert reading(store).reissues.of_voter(first.id) == [
        ReissueRecord(case=CASES[0], voter=first.id, slot=None, generation=1, began=NOON, ended=ODD),
        ReissueRecord(case=CASES[1], voter=first.id, slot=1, began=NOON),
    ]


def test_one_query_returns_a_voters_status(store: Store, voters: tuple[Voter, ...]) -> None:
    """One query returns a voter's account, last case, counters and re-issues."""
    first, second = voters
    with store.write() as transaction:
        transaction.reissues.reserve(CASES[0], first.id, slot=1, at=NOON)
        transaction.reissues.end(CASES[0], ODD)
        transaction.reissues.reserve(CASES[1], first.id, slot=2, at=ODD)
        for bucket in (b"two", b"two", b"one"):
            transaction.throttle.count_or_refuse(bucket, limit=9, window=timedelta(hours=1), now=ODD)

    with store.read() as transaction:
        held = transaction.reissues.read_reissue_snapshot(first.id, FLOW, [b"one", b"none", b"two"])
        assert held.voter == first
        assert held.last == transaction.recoveries.latest(first.id, FLOW)
        assert held.counts == (ThrottleCounterValue(ODD, 1), None, ThrottleCounterValue(ODD, 2))
        assert list(held.reissues) == transaction.reissues.of_voter(first.id)
        assert transaction.reissues.read_reissue_snapshot(first.id, OTHER_FLOW, []).last is None

        nothing = VoterReissueSnapshot(voter=second, last=None, counts=(None,), reissues=())
        assert transaction.reissues.read_reissue_snapshot(second.id, FLOW, [b"none"]) == nothing
        with pytest.raises(LookupError):
            transaction.reissues.read_reissue_snapshot(second.id + 1, FLOW, [])


def try_to_reserve(store: Store, case: str, voter: Voter, slot: int, at: datetime = NOON) -> object:
    """Reserve a slot. Returns ConflictError if this was refused, or None."""
    try:
        writing(store).reissues.reserve(case, voter.id, slot=slot, at=at)
    except ConflictError:
        return ConflictError
    return None


def test_several_reissues_may_be_without_a_slot(store: Store, voters: tuple[Voter, ...]) -> None:
    """A voter may have several re-issues without a slot, and a re-issue can get a free slot again."""
    first, _ = voters
    for case in CASES:
        assert try_to_reserve(store, case, first, 1) is None
        with store.write() as transaction:
            transaction.reissues.end(case, NOON)
            transaction.reissues.set_quota_slot(case, None)
    writing(store).reissues.set_quota_slot(CASES[0], 2)
    assert [record.slot for record in reading(store).reissues.of_voter(first.id)] == [2, None, None, None]


def test_of_concurrent_reservations_one_succeeds(store: Store, voters: tuple[Voter, ...]) -> None:
    """Of many simultaneous reservations for one voter, only one succeeds."""
    first, _ = voters
    got = concurrently(
        store,
        lambda transaction, number: transaction.reissues.reserve(
            CASES[number % len(CASES)], first.id, slot=number % 3 + 1, at=NOON
        ),
    )

    assert got.count(None) == 1
    assert len(reading(store).reissues.of_voter(first.id)) == 1


def test_generations_of_voters_with_one_or_frozen(store: Store, voters: tuple[Voter, ...]) -> None:
    """Voters who have a generation or are frozen are listed with their highest generation."""
    first, second = voters
    with store.read() as transaction:
        assert list(transaction.reissues.voters_with_generation()) == []
    for number, case in enumerate(CASES[:3], start=1):
        assert try_to_reserve(store, case, first, number) is None
        with store.write() as transaction:
            if number < 3:
                transaction.reissues.record_generation_in_force(case, number)
            transaction.reissues.end(case, NOON)
    writing(store).voters.freeze(second.id, epoch=second.epoch, at=NOON)
    with store.read() as transaction:
        told = [(voter.email, generation) for voter, generation in transaction.reissues.voters_with_generation()]
    assert told == [(first.email, 2), (OTHER, 0)]


# ── Awaited codes ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("voters")
def test_cases_awaiting_a_code_come_latest_first(store: Store) -> None:
    """The cases that wait for a code from one number are listed newest first, until they expire."""
    with store.write() as transaction:
        for minute, case in enumerate(CASES[:3], start=1):
            transaction.awaited_codes.await_code(PHONE, case, NOON + timedelta(minutes=minute))
        transaction.awaited_codes.await_code(SECOND, CASES[1], NOON + timedelta(minutes=9))
    with store.write() as transaction:
        assert transaction.awaited_codes.cases_awaiting_code_from(PHONE, NOON) == [CASES[2], CASES[0]]
        assert transaction.awaited_codes.cases_awaiting_code_from(PHONE, NOON + timedelta(minutes=1)) == [CASES[2]]
        assert transaction.awaited_codes.cases_awaiting_code_from(SECOND, NOON) == [CASES[1]]
        transaction.awaited_codes.forget(CASES[2])
        transaction.awaited_codes.forget("9999-9999")
        assert transaction.awaited_codes.cases_awaiting_code_from(PHONE, NOON) == [CASES[0]]


# ── Accounts of the embedded platform ────────────────────────────────────────────────────────────────────

FIRST = EmbeddedPlatformAccount(
    voter="a" * 64, generation=1, salt=b"salt", verifier=b"verifier", request="7F3K-92QD.1", sequence=4, version=1
)


def test_the_registry_keeps_each_version(store: Store) -> None:
    """The embedded platform refuses an outdated change of an account, and lists its accounts in order."""
    then = msgspec.structs.replace(FIRST, generation=2, request="x", frozen=True, version=2)
    with store.write() as transaction:
        assert transaction.registry.find(FIRST.voter) is None
        transaction.registry.save(msgspec.structs.replace(FIRST, voter="b" * 64))
        transaction.registry.save(FIRST)
    for version in (1, 3):
        with pytest.raises(ConflictError):
            _keep(store, msgspec.structs.replace(then, version=version))
    _keep(store, then)
    with store.read() as transaction:
        assert transaction.registry.find(FIRST.voter) == then
        assert list(transaction.registry.accounts()) == [
            PlatformAccount(voter="a" * 64, generation=2, frozen=True),
            PlatformAccount(voter="b" * 64, generation=1, frozen=False),
        ]


def _keep(store: Store, registered: EmbeddedPlatformAccount) -> None:
    writing(store).registry.save(registered)


@pytest.mark.parametrize("version", [1, 2])
def test_of_concurrent_identifiers_one_is_put_in_force(store: Store, version: int) -> None:
    """Of many identifiers saved for one voter at the same moment, only one comes into force."""
    for before in range(1, version):
        _keep(store, msgspec.structs.replace(FIRST, version=before))

    got = concurrently(
        store,
        lambda transaction, number: transaction.registry.save(
            msgspec.structs.replace(FIRST, request=str(number), version=version)
        ),
    )

    found = reading(store).registry.find(FIRST.voter)
    assert found is not None
    assert [number for number, each in enumerate(got) if each is None] == [int(found.request)]
