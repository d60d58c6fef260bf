"""Every store handles voters and the roll in the same way."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from core.ports import ConflictError, DuplicateVoterError, RollEntry, Store, Transaction, Voter
from core.text.text import Language
from tests.support.election import CAMILLE, NOON, ODD, STRANGER, add_voters, entry, voter_of
from tests.support.stores import KeptStore, reading, writing

LATER = NOON + timedelta(hours=1)


@pytest.fixture
def camille(store: Store) -> Voter:
    """The only voter on the roll."""
    (voter,) = add_voters(store, entry())
    return voter


# ── Voters ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_voter_is_found_by_address_and_by_id(store: Store, camille: Voter) -> None:
    """A voter is found by address and by id. After a removal, the voter is found by id only."""
    with store.read() as transaction:
        assert transaction.voters.by_address(CAMILLE) == camille
        assert transaction.voters.by_id(camille.id) == camille
        assert transaction.voters.by_address(CAMILLE.upper()) is None
        assert transaction.voters.by_id(camille.id + 1) is None
    assert (camille.first_name, camille.language, camille.epoch) == ("Camille", Language.FRENCH, 0)
    assert camille.password is None

    writing(store).roll.remove([camille.id], ODD)

    assert reading(store).voters.by_address(CAMILLE) is None
    gone = reading(store).voters.by_id(camille.id)
    assert gone == msgspec.structs.replace(camille, removed=ODD, epoch=1)


def test_a_new_password_begins_an_epoch(store: Store, camille: Voter) -> None:
    """A new password begins a new epoch, so a second password for the former epoch is refused."""
    with store.write() as transaction:
        transaction.voters.lock(camille.id)
        assert transaction.voters.lock_without_waiting(camille.id)
        assert not transaction.voters.lock_without_waiting(camille.id + 1)
        transaction.voters.set_password_hash(camille.id, "first", epoch=0, at=ODD)

    with pytest.raises(ConflictError), store.write() as transaction:
        transaction.voters.set_password_hash(camille.id, "second", epoch=0, at=LATER)

    assert voter_of(store, CAMILLE) == msgspec.structs.replace(camille, password="first", password_set=ODD, epoch=1)


def test_a_rehash_keeps_epoch_and_date(store: Store, camille: Voter) -> None:
    """A rehash changes only the password hash, and a rehash for a former epoch is refused."""
    writing(store).voters.set_password_hash(camille.id, "first", epoch=0, at=ODD)

    writing(store).voters.store_rehashed_password(camille.id, "rehashed", epoch=1)

    with pytest.raises(ConflictError), store.write() as transaction:
        transaction.voters.store_rehashed_password(camille.id, "stale", epoch=0)

    present = voter_of(store, CAMILLE)
    assert (present.password, present.password_set, present.epoch) == ("rehashed", ODD, 1)


def test_changing_an_unknown_voter_is_a_conflict(store: Store) -> None:
    """A change of a voter who does not exist raises ConflictError, like an outdated change."""
    moves: tuple[Callable[[Transaction], None], ...] = (
        lambda transaction: transaction.voters.set_password_hash(7, "hash", epoch=0, at=NOON),
        lambda transaction: transaction.voters.store_rehashed_password(7, "hash", epoch=0),
        lambda transaction: transaction.voters.freeze(7, epoch=0, at=NOON),
    )
    for move in moves:
        with pytest.raises(ConflictError), store.write() as transaction:
            move(transaction)


# ── The roll ─────────────────────────────────────────────────────────────────────────────────────────────

OTHER = entry(
    "oliver@ac-lumiere.example",
    last_name="O'Brien",
    phone_digest=b"phone",
    phone_ending="78",
    academie="Lumière",
    language=Language.ENGLISH,
    first_verifier="v1",
)


def entries(store: Store) -> list[tuple[int, RollEntry]]:
    with store.read() as transaction:
        return list(transaction.roll.entries())


def test_the_roll_returns_every_line_as_added(store: Store) -> None:
    """The roll returns every line in order, with all columns as they were added."""
    add_voters(store, entry(), OTHER)
    add_voters(store)

    assert [line for _, line in entries(store)] == [entry(), OTHER]
    assert voter_of(store, OTHER.email).language is Language.ENGLISH


def test_a_correction_writes_nobody_into_a_temporary_file(sql_kept: KeptStore) -> None:
    """A large roll correction does not make SQLite write voters into a temporary file outside the election's folder."""
    people = add_voters(sql_kept.store, *(entry(f"{number}@ac-lumiere.example") for number in range(40)))

    with sql_kept.store.write() as transaction:
        transaction.roll.correct([(each.id, entry(each.email, last_name="M" * 100_000)) for each in people])
        opened = {str(file.readlink()) for file in Path("/proc/self/fd").iterdir() if file.is_symlink()}

    assert {file for file in opened if "etilqs" in file} == set(), "etilqs is how SQLite names its temporary files"


def test_a_corrected_name_keeps_the_epoch_and_a_new_address_ends_it(store: Store) -> None:
    """A corrected name keeps the voter's epoch, and a corrected address begins a new one."""
    first, second = add_voters(store, entry(), OTHER)
    renamed = entry(last_name="Durand")
    moved = msgspec.structs.replace(OTHER, email="o.brien@ac-lumiere.example")

    with store.write() as transaction:
        transaction.roll.correct([(first.id, renamed), (second.id, moved)])
        transaction.roll.correct([])

    assert entries(store) == [(first.id, renamed), (second.id, moved)]
    assert voter_of(store, CAMILLE) == msgspec.structs.replace(first, last_name="Durand")
    assert voter_of(store, moved.email) == msgspec.structs.replace(second, email=moved.email, epoch=1)


def test_a_correction_keeps_password_and_freeze(store: Store, camille: Voter) -> None:
    """A correction of a name keeps the password, the freeze and the epoch."""
    with store.write() as transaction:
        transaction.voters.set_password_hash(camille.id, "hash", epoch=0, at=ODD)
        transaction.voters.freeze(camille.id, epoch=1, at=LATER)
        transaction.roll.correct([(camille.id, entry(first_name="Camille-Rose"))])

    present = voter_of(store, CAMILLE)
    assert (present.password, present.password_set, present.frozen, present.epoch) == ("hash", ODD, LATER, 2)


def test_a_freeze_begins_an_epoch(store: Store, camille: Voter) -> None:
    """A freeze begins a new epoch, so a second freeze for the former epoch is refused."""
    writing(store).voters.freeze(camille.id, epoch=0, at=LATER)

    with pytest.raises(ConflictError), store.write() as transaction:
        transaction.voters.freeze(camille.id, epoch=0, at=NOON)

    present = voter_of(store, CAMILLE)
    assert (present.frozen, present.epoch) == (LATER, 1)


def test_the_address_of_a_removed_voter_may_be_given_to_another(store: Store, camille: Voter) -> None:
    """The address of a removed voter can be given to another voter."""
    with store.write() as transaction:
        transaction.roll.remove([camille.id], NOON)
        transaction.roll.remove([], NOON)
    (newcomer,) = add_voters(store, entry())

    assert newcomer.id != camille.id
    assert [voter for voter, _ in entries(store)] == [newcomer.id]


def correct_in_epoch(store: Store, voter: Voter, epoch: int) -> None:
    """Correct a voter's first name in a transaction that requires an epoch."""
    with store.write() as transaction:
        transaction.voters.require_epoch(voter.id, epoch)
        transaction.roll.correct([(voter.id, entry(first_name="Camille-Rose"))])


def test_a_transaction_that_requires_an_epoch_writes_nothing_in_another(store: Store, camille: Voter) -> None:
    """A transaction that requires a former epoch of the voter writes nothing."""
    writing(store).voters.freeze(camille.id, epoch=camille.epoch, at=LATER)

    with pytest.raises(ConflictError):
        correct_in_epoch(store, camille, camille.epoch)
    assert voter_of(store, CAMILLE).first_name == "Camille"

    correct_in_epoch(store, camille, camille.epoch + 1)
    assert voter_of(store, CAMILLE).first_name == "Camille-Rose"


def test_a_restored_voter_keeps_freeze_and_pseudonym(store: Store, camille: Voter) -> None:
    """A voter who returns to the roll, even with another address, keeps the freeze and the pseudonym."""
    other = "other@ac-lumiere.example"
    with store.write() as transaction:
        transaction.voters.freeze(camille.id, epoch=0, at=LATER)
        transaction.roll.remove([camille.id], NOON)
    (newcomer,) = add_voters(store, entry(numen_digest=b"newcomer"))
    with store.read() as transaction:
        assert list(transaction.roll.entries_of_removed_voters()) == [(camille.id, entry())]
    with pytest.raises(DuplicateVoterError), store.write() as transaction:
        transaction.roll.restore_removed_voters({camille.id: CAMILLE})
    with store.write() as transaction:
        transaction.roll.restore_removed_voters({camille.id: other})
        transaction.roll.restore_removed_voters({})

    with store.read() as transaction:
        assert list(transaction.roll.entries_of_removed_voters()) == []
        found = transaction.directory.by_name(["martin", "camille"], limit=5).found
    assert {each.voter for each in found} == {camille.id, newcomer.id}
    back = voter_of(store, other)
    assert back == msgspec.structs.replace(camille, email=other, frozen=LATER, epoch=2)


def test_addresses_and_numens_are_unique_on_the_current_roll(store: Store, camille: Voter) -> None:
    """Two voters on the roll cannot have the same address or NUMEN, and a correction cannot change a NUMEN."""
    (other,) = add_voters(store, entry(STRANGER))
    for mark in ("email", "numen_digest"):
        twin = msgspec.structs.replace(entry("twin@ac-lumiere.example"), **{mark: getattr(entry(), mark)})

        with pytest.raises(DuplicateVoterError), store.write() as transaction:
            transaction.roll.add([entry("third@ac-lumiere.example"), twin])

        assert entries(store) == [(camille.id, entry()), (other.id, entry(STRANGER))]

    with pytest.raises(DuplicateVoterError), store.write() as transaction:
        transaction.roll.correct([(other.id, msgspec.structs.replace(entry(STRANGER), email=CAMILLE))])
    writing(store).roll.correct([(other.id, msgspec.structs.replace(entry(STRANGER), numen_digest=b"another"))])

    assert entries(store) == [(camille.id, entry()), (other.id, entry(STRANGER))]
