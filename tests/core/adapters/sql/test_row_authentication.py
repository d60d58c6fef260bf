"""Rows that somebody writes or copies directly in the database are refused, on both database engines."""

import hashlib
from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest

from core.adapters.logs import collected_lines
from core.adapters.sql.tables import agents, incidents, links, outbox, phone_claims, reissues, sessions, voters
from core.flows.password.states import CaseOpenedByDesk
from core.forms.flow_model import Channel
from core.ports import (
    AgentRole,
    ConflictError,
    LinkKind,
    LinkRecord,
    MessageKind,
    RecoveryCase,
    Roll,
    SignInSession,
    Store,
    TamperedRowsError,
    Voter,
)
from tests.support.database_writer import add_row, delete_row, row_of, write_row
from tests.support.desk import an_incident
from tests.support.election import CAMILLE, NOON, STRANGER, add_voters, entry, voter_of
from tests.support.stores import KeptStore, reading, writing

LATER = NOON + timedelta(hours=1)
FLOW = "identifiant-de-vote"
TOKEN, OTHER_TOKEN = (hashlib.sha256(name).digest() for name in (b"token", b"other token"))
PHONE = hashlib.sha256(b"phone").digest()


@pytest.fixture(name="people")
def two_voters_with_passwords(kept: KeptStore) -> tuple[Voter, Voter]:
    """Two voters, each with a password."""
    people = add_voters(kept.store, entry(), entry(STRANGER))
    with kept.store.write() as transaction:
        for each in people:
            transaction.voters.set_password_hash(each.id, f"hash of {each.email}", epoch=each.epoch, at=NOON)
    return voter_of(kept.store, CAMILLE), voter_of(kept.store, STRANGER)


def found(store: Store, address: str) -> Voter | None:
    return reading(store).voters.by_address(address)


# ── Voters ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_credential_copied_from_another_voter_is_refused(kept: KeptStore, people: tuple[Voter, Voter]) -> None:
    """A voter whose row contains another voter's password hash is refused, and the log names the row."""
    camille, stranger = people
    theirs = row_of(kept, voters, "id", stranger.id)

    write_row(kept, voters, "id", camille.id, {"password": theirs["password"]})

    with collected_lines() as logs:
        assert found(kept.store, CAMILLE) is None
        assert reading(kept.store).voters.by_id(camille.id) is None
    assert {(line["event"], line["level"], line["table"], line["row"]) for line in logs} == {
        ("row-not-authentic", "error", "voters", camille.id)
    }
    assert found(kept.store, STRANGER) == stranger
    own = {"id", "email", "numen_digest"}
    write_row(kept, voters, "id", camille.id, {name: value for name, value in theirs.items() if name not in own})
    assert found(kept.store, CAMILLE) is None


def test_each_column_that_decides_is_covered(kept: KeptStore, people: tuple[Voter, Voter]) -> None:
    """A voter's row is refused if any protected column was changed, and the product no longer changes the row."""
    camille, _ = people
    genuine = row_of(kept, voters, "id", camille.id)
    for values in (
        {"email": "mallory@ac-lumiere.example"},
        {"birth_date_digest": b"other"},
        {"numen_digest": b"other"},
        {"pseudonym": b"other"},
        {"phone_digest": b"other"},
        {"first_verifier": "other"},
        {"epoch": 0},
        {"password": None},
        {"password": "$argon2id$v=19$m=8,t=1,p=1$bm9ib2R5cw$bm9ib2R5cw"},
        {"password_set": LATER},
        {"frozen": LATER},
        {"removed": LATER},
        {"mac": None},
        {"mac": b"\x01"},
    ):
        write_row(kept, voters, "id", camille.id, values)

        with kept.store.read() as transaction:
            assert transaction.voters.by_id(camille.id) is None
            assert not transaction.voters.matches(camille.id, birth_date_digest=b"birth date", numen_digest=b"other")
            assert transaction.voters.first_verifier(camille.id) is None
        with pytest.raises(ConflictError), kept.store.write() as transaction:
            transaction.voters.freeze(camille.id, epoch=camille.epoch, at=LATER)
        write_row(kept, voters, "id", camille.id, {name: genuine[name] for name in values})
    assert voter_of(kept.store, CAMILLE) == camille


def test_no_password_hash_can_be_read_in_the_database(kept: KeptStore, people: tuple[Voter, Voter]) -> None:
    """Password hashes are encrypted in the database, differently for each epoch."""
    camille, _ = people
    before = str(row_of(kept, voters, "id", camille.id)["password"])
    writing(kept.store).voters.freeze(camille.id, epoch=camille.epoch, at=LATER)
    after = str(row_of(kept, voters, "id", camille.id)["password"])

    assert "hash" not in before
    assert before != after
    frozen = found(kept.store, CAMILLE)
    assert frozen is not None
    assert (frozen.password, frozen.frozen) == (camille.password, LATER)


def test_a_roll_import_keeps_passwords_and_refuses_altered_voters(kept: KeptStore, people: tuple[Voter, Voter]) -> None:
    """A roll import keeps passwords, and refuses to change a row that was altered in the database."""
    camille, stranger = people
    moved = msgspec.structs.replace(entry(), email="camille@ac-ombre.example")
    with kept.store.write() as transaction:
        transaction.roll.correct([(camille.id, moved)])
        transaction.roll.remove([camille.id], LATER)
        transaction.roll.restore_removed_voters({camille.id: CAMILLE})
    assert voter_of(kept.store, CAMILLE).password == camille.password

    write_row(kept, voters, "id", stranger.id, {"frozen": LATER})
    acts: tuple[Callable[[Roll], None], ...] = (
        lambda roll: roll.correct([(stranger.id, entry(STRANGER))]),
        lambda roll: roll.remove([stranger.id], LATER),
        lambda roll: roll.restore_removed_voters({stranger.id: STRANGER}),
    )
    for act in acts:
        with pytest.raises(TamperedRowsError, match=str(stranger.id)), kept.store.write() as transaction:
            act(transaction.roll)
    assert found(kept.store, STRANGER) is None


# ── Links and sessions ───────────────────────────────────────────────────────────────────────────────────


def test_a_forged_session_opens_nothing(kept: KeptStore, people: tuple[Voter, Voter]) -> None:
    """A session that was written or changed directly in the database is not found."""
    camille, stranger = people
    record = SignInSession(digest=TOKEN, voter=stranger.id, epoch=stranger.epoch, expires=LATER)
    writing(kept.store).sessions.open(record)
    genuine = row_of(kept, sessions, "digest", TOKEN)

    add_row(kept, sessions, {**genuine, "digest": OTHER_TOKEN, "voter": camille.id, "epoch": camille.epoch})

    assert reading(kept.store).sessions.find(OTHER_TOKEN) is None
    assert reading(kept.store).sessions.find(TOKEN) is not None
    write_row(kept, sessions, "digest", TOKEN, {"voter": camille.id})
    assert reading(kept.store).sessions.find(TOKEN) is None


def test_a_session_of_an_altered_voter_gives_one_alarm(kept: KeptStore, people: tuple[Voter, Voter]) -> None:
    """If a voter's row and session were both altered, only the voter's row is reported."""
    camille, _ = people
    writing(kept.store).sessions.open(SignInSession(digest=TOKEN, voter=camille.id, epoch=camille.epoch, expires=LATER))
    write_row(kept, voters, "id", camille.id, {"epoch": 9})
    write_row(kept, sessions, "digest", TOKEN, {"epoch": 9})

    with collected_lines() as logs:
        assert reading(kept.store).sessions.find(TOKEN) is None

    assert [line["table"] for line in logs] == ["voters"]


def test_a_forged_link_opens_nothing(kept: KeptStore, people: tuple[Voter, Voter]) -> None:
    """A link is not found if its token, voter, epoch, end or kind was changed in the database."""
    camille, stranger = people
    state = CaseOpenedByDesk(typed=STRANGER, address=STRANGER)
    case = RecoveryCase(handle=b"handle", number="7F3K-92QD", flow="mot-de-passe", state=state, began=NOON)
    link = LinkRecord(digest=TOKEN, case=case.number, voter=stranger.id, epoch=stranger.epoch, expires=LATER)
    with kept.store.write() as transaction:
        transaction.recoveries.add(case)
        transaction.links.add(link)
        assert transaction.links.record_if_first_opening(TOKEN, NOON)
        transaction.links.record_use(TOKEN, NOON)
    genuine = row_of(kept, links, "digest", TOKEN)
    forged = {"voter": camille.id, "epoch": 9, "expires": LATER + timedelta(days=9), "kind": LinkKind.CONFIRMATION}
    for name, value in {**forged, "digest": OTHER_TOKEN}.items():
        held = reading(kept.store).links.find(TOKEN)
        assert held is not None
        assert (held.record.opened, held.record.used) == (NOON, NOON)

        write_row(kept, links, "digest", TOKEN, {name: value})

        token = OTHER_TOKEN if name == "digest" else TOKEN
        assert reading(kept.store).links.find(token) is None
        write_row(kept, links, "digest", token, {name: genuine[name]})


# ── Agents ───────────────────────────────────────────────────────────────────────────────────────────────


def test_an_agent_with_a_changed_role_or_secret_is_refused(kept: KeptStore) -> None:
    """An agent whose role, secret, password or epoch was changed in the database is not found."""
    assert writing(kept.store).agents.add(
        "louise", role=AgentRole.AGENT, password_hash="hash", secret=b"sealed", at=NOON
    )
    genuine = row_of(kept, agents, "name", "louise")
    for values in (
        {"role": "supervisor"},
        {"secret": b"mallory's"},
        {"password": "mallory's"},
        {"first": False},
        {"epoch": 7},
    ):
        write_row(kept, agents, "name", "louise", values)

        assert reading(kept.store).agents.by_name("louise") is None
        assert reading(kept.store).agents.all() == []
        write_row(kept, agents, "name", "louise", {name: genuine[name] for name in values})


def test_a_removed_agent_who_was_put_back_is_refused(kept: KeptStore) -> None:
    """An agent who was removed, and whose removal was undone directly in the database, is not found."""
    with kept.store.write() as transaction:
        transaction.agents.add("louise", role=AgentRole.AGENT, password_hash="hash", secret=b"sealed", at=NOON)
        louise = transaction.agents.by_name("louise")
        assert louise is not None
        transaction.agents.set_password_hash(louise.id, "own", epoch=0)
        transaction.agents.store_rehashed_password(louise.id, "own again", epoch=1)
        transaction.agents.store_resealed_secret(louise.id, b"sealed again", epoch=1)
        assert transaction.agents.accept_totp_step(louise.id, 5)
        transaction.agents.reset_credentials(
            louise.id, role=AgentRole.SUPERVISOR, password_hash="new", secret=b"new", epoch=1
        )
        transaction.agents.remove(louise.id, epoch=2, at=LATER)
        removed = transaction.agents.by_name("louise")
    assert removed is not None
    assert (removed.role, removed.epoch, removed.removed) == (AgentRole.SUPERVISOR, 3, LATER)

    write_row(kept, agents, "name", "louise", {"removed": None})

    assert reading(kept.store).agents.by_name("louise") is None


# ── Re-issues ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_phone_claim_that_was_given_to_another_voter_is_refused(kept: KeptStore, people: tuple[Voter, Voter]) -> None:
    """If the owner of a telephone number was changed in the database, nobody can use the number."""
    camille, stranger = people
    with kept.store.write() as transaction:
        assert transaction.reissues.claim_phone(PHONE, camille.id, NOON)
        assert transaction.reissues.claim_phone(PHONE, camille.id, LATER)

    write_row(kept, phone_claims, "phone", PHONE, {"voter": stranger.id})

    for each in people:
        assert not writing(kept.store).reissues.claim_phone(PHONE, each.id, LATER)


def test_a_reissue_whose_slot_was_freed_still_counts(kept: KeptStore, people: tuple[Voter, Voter]) -> None:
    """A re-issue that was altered in the database still counts, and no other re-issue can begin."""
    camille, _ = people
    case = RecoveryCase(handle=b"handle", number="7F3K-92QD", flow=FLOW, state=None, began=NOON)
    with kept.store.write() as transaction:
        transaction.recoveries.add(case, voter=camille.id)
        transaction.reissues.reserve(case.number, camille.id, slot=1, at=NOON)
        transaction.reissues.record_generation_in_force(case.number, 2)
        transaction.reissues.end(case.number, LATER)
        transaction.reissues.end(case.number, NOON)
        (genuine,) = transaction.reissues.of_voter(camille.id)
    assert (genuine.slot, genuine.generation, genuine.ended) == (1, 2, LATER)

    write_row(kept, reissues, "case", case.number, {"slot": None})

    with kept.store.write() as transaction:
        (forged,) = transaction.reissues.of_voter(camille.id)
        transaction.reissues.set_quota_slot(case.number, 3)
    assert forged.slot is not None
    assert forged.ended is None
    assert row_of(kept, reissues, "case", case.number)["slot"] is None


def test_an_altered_name_reaches_no_mail(kept: KeptStore, people: tuple[Voter, Voter]) -> None:
    """A voter whose name was changed in the database is not found, so the name does not appear in a mail."""
    camille, _ = people

    write_row(kept, voters, "id", camille.id, {"last_name": "Prize at http://evil.example"})

    assert found(kept.store, CAMILLE) is None


def test_a_message_that_nobody_of_ours_put_is_dropped(kept: KeptStore, people: tuple[Voter, Voter]) -> None:
    """A message that was written or changed directly in the database is dropped, and the log names the row."""
    camille, stranger = people
    put = writing(kept.store).outbox.put(
        kind=MessageKind.ASK, case="7F3K-92QD", at=NOON, useful_until=LATER, voter=camille.id
    )
    forged = {**row_of(kept, outbox, "id", put.id), "id": put.id + 1, "uid": "f" * 32}
    add_row(kept, outbox, forged)
    write_row(kept, outbox, "id", put.id, {"voter": stranger.id})

    with collected_lines() as logs:
        claimed = writing(kept.store).outbox.claim(Channel.MAIL, now=NOON, lease=timedelta(minutes=1), limit=9)

    assert claimed == []
    assert [line["table"] for line in logs] == ["outbox", "outbox"]
    assert kept.column(outbox.c.state) == ["dropped", "dropped"]


def test_a_supervisor_cannot_take_the_number_of_another_agent(kept: KeptStore) -> None:
    """An agent whose id was changed in the database is not found, because approvals compare the ids of agents."""
    writing(kept.store).agents.add("lou", role=AgentRole.SUPERVISOR, password_hash="hash", secret=b"secret", at=NOON)

    write_row(kept, agents, "name", "lou", {"id": 99})

    assert reading(kept.store).agents.by_name("lou") is None


def test_a_forged_announcement_is_not_shown(kept: KeptStore) -> None:
    """An incident that was changed in the database is not shown."""
    number = writing(kept.store).incidents.add(an_incident())
    assert [each.id for each in reading(kept.store).incidents.unended_or_ended_since(NOON, 9)] == [number]

    write_row(kept, incidents, "id", number, {"sentence": "sms-late"})

    assert reading(kept.store).incidents.unended_or_ended_since(NOON, 9) == []


def test_other_columns_are_free(kept: KeptStore, people: tuple[Voter, Voter]) -> None:
    """A changed language in a voter's row is accepted, and a session deleted in the database is gone."""
    camille, _ = people
    write_row(kept, voters, "id", camille.id, {"language": "en"})
    writing(kept.store).sessions.open(SignInSession(digest=TOKEN, voter=camille.id, epoch=camille.epoch, expires=LATER))
    delete_row(kept, sessions, "digest", TOKEN)

    assert voter_of(kept.store, CAMILLE).language == "en"
    assert reading(kept.store).sessions.find(TOKEN) is None
