"""Old and deleted rows are found by comparing the database with the journal, on both database engines."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs
from sqlalchemy import delete

from core.adapters.sql.database_check import AnnouncedKey, announce_key
from core.adapters.sql.protected_tables import AGENTS, PROTECTED
from core.adapters.sql.row_examination import ProtectedRowExaminer, count_protected_rows
from core.adapters.sql.tables import (
    agents,
    incidents,
    links,
    outbox,
    phone_claims,
    properties,
    recoveries,
    registry,
    reissues,
    sessions,
    signature_requests,
    voters,
)
from core.delivery.sms_gateway_callbacks import report_tag
from core.flows.identifier.plugin import IdentifierFlowPlugin
from core.forms.errors import ServiceUnavailable
from core.journal.protected_row_findings import ROLL, ROWS, RowFinding, RowFindingKind, row_finding_sentence
from core.ports import (
    Actor,
    AgentRole,
    ErasableDataKind,
    Event,
    EventType,
    IncomingSmsOutcome,
    MessageKind,
    RollEntry,
    SmsDeliveryStatus,
)
from core.roll.personal_data_purge import erase_due_rows
from core.roll.roll_changes import RollChanges, RollCorrection, apply_changes
from core.text.text import Language
from core.text.translation import translate
from tests.support.air import PUTS_OFF, REFUSES_SMS, TAKES
from tests.support.database_writer import add_row, delete_row, row_of, write_row
from tests.support.desk import an_approval_request, an_incident, new_agent
from tests.support.election import CAMILLE, CLOSES, GOOD, NOON, STRANGER, CountingHasher, entry, visit
from tests.support.reissues import CODE_SMS, E164, IDENTIFIER_SMS, Reissuer, line, reissuer
from tests.support.stores import ROWS as AUTHENTICATOR
from tests.support.stores import KeptStore, statements, writing
from tests.support.worlds import World, world

NEWER = "Quatre sabots jaunes 18"


@pytest.fixture(name="lived")
def election_on_each_engine(kept: KeptStore) -> World:
    """An election with an empty roll, in whose database the test can write directly."""
    return world(kept)


def findings(kept: KeptStore, *, journal: bool = True) -> list[RowFinding]:
    with kept.engine.connect() as connection:
        examination = ProtectedRowExaminer(connection, AUTHENTICATOR, journal=journal)
        found = list(examination.findings())
        assert examination.examined == count_protected_rows(connection)
    return found


def kinds(kept: KeptStore) -> list[tuple[str, RowFindingKind]]:
    return [(finding.table, finding.kind) for finding in findings(kept)]


def voter_row(lived: World, email: str = CAMILLE) -> dict[str, Any]:
    return row_of(lived.kept, voters, "id", lived.voter(email).id)


def put_back(lived: World, row: dict[str, Any]) -> None:
    """Replace a voter's row by an older copy."""
    write_row(lived.kept, voters, "id", row["id"], row)


def test_an_election_in_which_everything_happened_is_authentic(lived: World) -> None:
    """After all kinds of ordinary changes, the examination finds nothing."""
    camille = reissuer(lived)
    camille.order()
    lived.courier().run_once()
    lived.sessions.sign_out(visit(session=camille.session))
    desk = new_agent(lived)
    desk.choose_password()
    lived.services.desk.accounts.reset_credentials(desk.credentials.name, AgentRole.SUPERVISOR)
    new_agent(lived, "louise")
    lived.services.desk.accounts.remove("louise")
    lived.add(entry(STRANGER))
    lived.with_password(email=STRANGER)
    lived.with_password(NEWER, STRANGER)
    writing(lived.store).roll.remove([lived.voter(STRANGER).id], lived.clock.now())
    with lived.kept.engine.execution_options(writes=True).begin() as connection:
        announce_key(connection, AUTHENTICATOR.vault, AnnouncedKey(1, NOON))

    assert findings(lived.kept) == []


def test_a_rehashed_password_agrees_with_the_journal(lived: World) -> None:
    """The rehash of a password is recorded in the journal, so an older copy of the row is found."""
    lived.add()
    lived.with_password()
    grown = world(lived.kept, hasher=CountingHasher(memory_kib=16))
    before = voter_row(lived)
    grown.sessions.sign_in(CAMILLE, GOOD, visit())

    assert lived.voter_events(lived.voter())[-1].credential is not None
    assert findings(lived.kept) == []
    put_back(lived, before)
    assert kinds(lived.kept) == [("voters", RowFindingKind.DISAGREES)]


def test_a_password_that_was_put_back_is_found(lived: World) -> None:
    """An older copy of a voter's row, with a former password, is found, even if its journal event was copied too."""
    lived.add()
    lived.with_password()
    before, event = voter_row(lived), lived.voter_events(lived.voter())[-1]
    lived.with_password(NEWER)
    assert findings(lived.kept) == []

    put_back(lived, before)

    assert kinds(lived.kept) == [("voters", RowFindingKind.DISAGREES)]
    with statements(lived.kept.engine) as sent:
        assert findings(lived.kept, journal=False) == []
    assert not any("events" in each for each in sent)

    lived.dependencies.record(event)
    assert kinds(lived.kept) == [("voters", RowFindingKind.DISAGREES)]


def import_roll(lived: World, *entries: RollEntry, **changes: Sequence[object]) -> None:
    with lived.store.write() as transaction:
        apply_changes(transaction, RollChanges(entries, **changes), lived.clock.now)  # type: ignore[arg-type]  # lines in their order


@pytest.mark.parametrize(
    ("column", "value"), [("email", "new@ac-lumiere.example"), ("phone_digest", b"new"), ("first_verifier", "new")]
)
def test_what_an_import_changed_and_was_put_back_is_found(lived: World, column: str, value: object) -> None:
    """A voter's row from before a roll import is found, whichever column the import has changed."""
    former = entry(CAMILLE, phone_digest=b"old", first_verifier="old")
    line = structs.replace(former, **{column: value})
    import_roll(lived, former, entry(STRANGER), added=[0, 1])
    before = voter_row(lived)
    corrected = RollCorrection(voter=before["id"], position=0, labels=(), yields=False)
    import_roll(lived, line, added=[], corrected=[corrected])
    lived.with_password(email=STRANGER)
    assert findings(lived.kept) == []

    put_back(lived, before)

    assert kinds(lived.kept) == [("roll", RowFindingKind.DISAGREES)]
    assert "liste électorale (adresse" in translate(row_finding_sentence(findings(lived.kept)[0]), Language.FRENCH)


Rows = dict[tuple[str, Any], dict[str, Any]]
"""Rows by the name of their table and their primary key."""
DELETED_BY_THE_PRODUCT = {"sessions"}
MAY_BE_OLD = {"outbox", "incidents"}
"""Tables of which an older copy of a row does no harm, because it only repeats a message or an announcement."""
LIVES_FIVE_MINUTES = {"signature_requests"}
"""Tables whose rows are refused after a few minutes, so that an older copy is useless."""


def protected_rows(lived: World) -> Rows:
    """Return every row that has an authentication tag."""
    with lived.kept.engine.connect() as connection:
        return {
            (each.name, row[each.key]): dict(row)
            for each in PROTECTED
            for row in connection.execute(each.table.select().where(each.examined)).mappings()
        }


def replace_row(lived: World, where: tuple[str, object], row: Mapping[str, Any] | None) -> None:
    """Replace a row by another, or delete it if `row` is None."""
    (table,) = (each for each in PROTECTED if each.name == where[0])
    if row is None:
        delete_row(lived.kept, table.table, table.key, where[1])
    elif where in protected_rows(lived):
        write_row(lived.kept, table.table, table.key, where[1], row)
    else:
        add_row(lived.kept, table.table, row)


def lived_through(lived: World) -> Iterator[Rows]:
    """Make all kinds of changes to protected rows. Yields all rows after each step."""
    import_roll(lived, line(lived), entry(STRANGER), added=[0, 1])
    camille = Reissuer(lived).sign_in()
    desk, other = new_agent(lived), new_agent(lived, "louise")
    writing(lived.store).incidents.add(an_incident())
    camille.asked()
    code = camille.code()
    lived.clock.move(minutes=2)
    camille.press("again")
    lived.air.says = REFUSES_SMS  # the second SMS of the code never leaves
    lived.courier().run_once()
    camille.type(code)
    lived.air.says = PUTS_OFF
    yield protected_rows(lived)
    lived.courier().run_once()
    yield protected_rows(lived)
    lived.air.says = TAKES
    lived.clock.move(minutes=10)
    lived.courier().run_once()
    yield protected_rows(lived)
    lived.sessions.sign_out(visit(session=camille.session))
    desk.choose_password()
    yield protected_rows(lived)
    lived.services.desk.accounts.reset_credentials(desk.credentials.name, AgentRole.SUPERVISOR)
    lived.services.desk.accounts.remove(other.credentials.name)
    lived.with_password(NEWER)
    camille.session = None
    camille.session = lived.sessions.sign_in(CAMILLE, NEWER, visit()).session
    lived.with_password(email=STRANGER)
    yield protected_rows(lived)
    lived.courier().run_once()
    lived.stops.freeze(lived.post.to(STRANGER)[-1].stop)
    writing(lived.store).signature_requests.add(an_approval_request(lived.voter(STRANGER).id))
    yield protected_rows(lived)
    moved = RollCorrection(voter=camille.voter.id, position=0, labels=(), yields=False)
    same = {name: getattr(line(lived), name) for name in ("numen_digest", "pseudonym")}
    import_roll(lived, line(lived, email="new@ac-lumiere.example", **same), added=[], corrected=[moved])


def test_no_row_is_put_back_deleted_or_given_to_another_unnoticed(lived: World) -> None:
    """An older copy, a deletion or an exchanged content of a protected row is found, unless it does no harm."""
    former = list(lived_through(lived))
    present, covered = protected_rows(lived), {each.name: (*each.covered, "mac") for each in PROTECTED}
    assert {where[0] for where in present} == {each.name for each in PROTECTED}
    assert findings(lived.kept) == []
    people = [identity for table, identity in present if table == "voters"]
    tampered: list[tuple[str, tuple[str, Any], Mapping[str, Any] | None]] = []
    for where, row in (each for rows in former for each in rows.items()):
        kept = present.get(where)
        if where[0] not in MAY_BE_OLD and (kept is None or any(row[name] != kept[name] for name in covered[where[0]])):
            tampered.append(("put back", where, row))
    for where, row in present.items():
        if where[0] not in {"voters"} | DELETED_BY_THE_PRODUCT | LIVES_FIVE_MINUTES | MAY_BE_OLD:
            tampered.append(("deleted", where, None))
        if where[0] == "incidents":
            others = {"subject": "another"}
        else:
            others = {"voter": sum(people) - row["voter"]} if "voter" in row else _secrets_of_another(present, where)
        tampered.append(("given to another", where, row | others))
    unnoticed = []
    for what, where, row in tampered:
        replace_row(lived, where, row)
        found = {table for table, _ in kinds(lived.kept)}
        if where[0] not in found and not (where[0] == "voters" and ROLL in found):
            unnoticed.append((what, *where, row))
        replace_row(lived, where, present.get(where))
        assert protected_rows(lived) == present
    assert {where[0] for what, where, _ in tampered if what == "put back"} >= {
        "voters",
        "agents",
        "sessions",
        "reissues",
    }
    assert unnoticed == []


def _secrets_of_another(rows: Rows, where: tuple[str, object]) -> dict[str, Any]:
    """Return the password, secret, role and tag of another row of the table."""
    other = next(row for each, row in rows.items() if each[0] == where[0] and each != where)
    return {name: other[name] for name in ("password", "secret", "role", "mac") if name in other}


def write_case(lived: World, whose: Reissuer, **values: object) -> str:
    """Change the state of a voter's last case directly in the database. Returns the number of the case."""
    number = whose.case.number
    state = json.loads(row_of(lived.kept, recoveries, "number", number)["state"])
    write_row(lived.kept, recoveries, "number", number, {"state": json.dumps(state | values)})
    return number


@pytest.mark.parametrize("how", ["sms", "page", "mailbox", "order", "queued", "queued-and-back"])
def test_a_case_given_to_another_voter_brings_no_identifier(lived: World, how: str) -> None:
    """If the voter of a case is changed in the database, the attacker gets no identifier of that voter."""
    lived = world(lived.kept, policy=replace(lived.dependencies.policy, confirm_in_mailbox=how == "mailbox"))
    camille, mallory = reissuer(lived), reissuer(lived, STRANGER)
    mallory.asked()
    code = mallory.code()
    theirs = {"voter": camille.voter.id, "epoch": camille.voter.epoch}
    if how == "mailbox":
        mallory.type(code)
        lived.courier().run_once()
    case = write_case(lived, mallory, **theirs)
    match how:
        case "sms":
            write_row(lived.kept, recoveries, "number", case, {"voter": camille.voter.id})
            assert lived.services.flows[IdentifierFlowPlugin].receive_sms_answer(E164, code) is IncomingSmsOutcome.WRONG
        case "page":
            assert mallory.type(code).step.code == "ID-1"
        case "mailbox":
            confirmation, held = mallory.steps.confirmation, visit(confirmation=lived.post.confirmations(STRANGER)[-1])
            assert confirmation is not None
            with pytest.raises(ServiceUnavailable):
                lived.at(confirmation.confirm, "confirm", held)
        case "queued" | "queued-and-back":
            write_row(lived.kept, recoveries, "number", case, {"voter": camille.voter.id})
            waits = {"network": "", "not_before": NOON.isoformat(), "expected": NOON.isoformat(), "ordinal": 0}
            write_case(lived, camille, type="code-queued", **waits)
            row = {"kind": "queued-code", "case": case, "voter": camille.voter.id, "created": NOON, "due": NOON}
            add_row(lived.kept, outbox, {**row, "useful_until": CLOSES, "attempts": 0, "state": "waiting"})
            lived.courier().run_once()
            if how == "queued-and-back":
                write_case(lived, camille, voter=mallory.voter.id, epoch=mallory.voter.epoch)
                write_row(lived.kept, outbox, "id", max(lived.kept.column(outbox.c.id)), {"voter": mallory.voter.id})
            lived.courier().run_once()
            assert len(mallory.sms(CODE_SMS)) == 1
        case _:
            write_case(lived, mallory, type="identifier-ordered", at=NOON.isoformat(), **theirs)
            row = {"kind": "identifier", "case": case, "voter": camille.voter.id, "created": NOON, "due": NOON}
            add_row(lived.kept, outbox, {**row, "useful_until": CLOSES, "attempts": 0, "state": "waiting"})
    lived.courier().run_once()
    assert mallory.sms(IDENTIFIER_SMS) == []
    assert findings(lived.kept) == []


def test_a_closed_session_that_was_put_back_with_a_sign_in_is_found(lived: World) -> None:
    """A closed session that was put back, with a forged journal event about a sign-in, is found."""
    camille = reissuer(lived)
    (digest,) = lived.kept.column(sessions.c.digest)
    row = row_of(lived.kept, sessions, "digest", digest)
    lived.sessions.sign_out(visit(session=camille.session))
    add_row(lived.kept, sessions, row)
    again = Event(at=NOON, actor=Actor.VOTER, act=EventType.SIGNED_IN, voter=camille.voter.id, credential=digest.hex())

    lived.dependencies.record(again)

    assert kinds(lived.kept) == [("sessions", RowFindingKind.DISAGREES)]


def test_a_reissue_that_was_deleted_and_ordered_again_is_found(lived: World) -> None:
    """A re-issue that was deleted and then reserved again for the same case is found."""
    camille = reissuer(lived)
    camille.order()
    (case,) = lived.kept.column(reissues.c.case)
    delete_row(lived.kept, reissues, "case", case)
    with lived.store.write() as transaction:
        transaction.reissues.reserve(case, camille.voter.id, slot=1, at=NOON)
        again = Event(
            at=NOON, actor=Actor.VOTER, act=EventType.CODE_ACCEPTED, case=case, voter=camille.voter.id, reason="page"
        )
        transaction.journal.write(again)

    assert [(found.kind, found.case) for found in findings(lived.kept)] == [(RowFindingKind.DISAGREES, case)]


def test_altered_rows_are_found_in_every_table(lived: World) -> None:
    """An altered row is found in every protected table, and its sentence names the row without a secret."""
    camille = reissuer(lived)
    camille.order()
    desk = new_agent(lived)
    kept, voter, later = lived.kept, lived.voter(), lived.clock.now()
    lived.add(entry(STRANGER))
    other = lived.voter(STRANGER).id
    (case,) = lived.kept.column(reissues.c.case)
    writing(lived.store).signature_requests.add(an_approval_request(voter.id))
    writing(lived.store).incidents.add(an_incident())
    writing(lived.store).outbox.put(kind=MessageKind.ASK, case=case, at=later, useful_until=CLOSES)
    with kept.engine.begin() as connection:
        connection.execute(delete(outbox).where(outbox.c.kind != MessageKind.ASK))
        connection.execute(delete(outbox).where(outbox.c.state != "waiting"))
    for table, key, values in (
        (outbox, "uid", {"voter": other}),
        (incidents, "id", {"subject": "Lumière"}),
        (signature_requests, "id", {"state": "accepted"}),
        (links, "digest", {"epoch": 7}),
        (sessions, "digest", {"voter": other}),
        (phone_claims, "phone", {"voter": other}),
        (reissues, "case", {"slot": None}),
        (agents, "name", {"role": "supervisor"}),
    ):
        (row,) = lived.kept.column(table.c[key])
        write_row(kept, table, key, row, values)
    write_row(kept, voters, "id", voter.id, {"frozen": later})
    add_row(kept, properties, {"name": "newest-key", "value": "255 2020-01-01T00:00:00+00:00"})

    found = [finding for finding in findings(kept) if finding.kind is RowFindingKind.ALTERED]

    assert {finding.table for finding in found} == set(ROWS) - {ROLL, "registry"}
    said = [translate(row_finding_sentence(finding), Language.FRENCH) for finding in found]
    assert any(f"nouvel identifiant du dossier {case}" in line for line in said)
    assert any(f"agent {desk.credentials.name} " in line for line in said)
    assert any(f"électeur n° {voter.id}, pseudonyme " in line for line in said)
    assert not any(CAMILLE in line or "None" in line for line in said)


def test_an_agents_row_that_another_programs_key_made_is_found(lived: World) -> None:
    """An agent's row that contradicts the journal is found, even if its authentication tag is valid."""
    desk, gone = new_agent(lived), new_agent(lived, "louise", AgentRole.SUPERVISOR)
    lived.services.desk.accounts.remove(gone.credentials.name)
    assert findings(lived.kept) == []
    for name, forged in (
        (desk.credentials.name, {"role": "supervisor"}),
        (gone.credentials.name, {"removed": None}),
        (desk.credentials.name, {"name": "nobody", "id": 9}),
    ):
        row = row_of(lived.kept, agents, "name", name)
        tagged = AUTHENTICATOR.with_mac(AGENTS, row | forged)
        if "id" in forged:
            add_row(lived.kept, agents, tagged)
        else:
            write_row(lived.kept, agents, "name", name, tagged)

        assert [(found.kind, found.agent) for found in findings(lived.kept)] == [
            (RowFindingKind.DISAGREES, forged.get("name", name))
        ]
        if "id" in forged:
            delete_row(lived.kept, agents, "name", "nobody")
        else:
            write_row(lived.kept, agents, "name", name, row)


def test_one_of_several_claims_that_is_missing_is_found(lived: World) -> None:
    """A deleted claim of a telephone number is found, even if the voter has claimed other numbers."""
    camille = reissuer(lived)
    for phone in ("+33612345678", "+33612345679"):
        camille.receive(phone=phone)
    phones = lived.kept.column(phone_claims.c.phone)
    assert len(phones) == 2
    assert findings(lived.kept) == []

    delete_row(lived.kept, phone_claims, "phone", phones[0])

    assert kinds(lived.kept) == [("phone_claims", RowFindingKind.MISSING)]


def report(lived: World, voter: Reissuer, delivery: SmsDeliveryStatus, *, which: int = -1) -> None:
    """Report the delivery of a voter's identifier, by default of the last one, as a mobile operator does."""
    message_id = voter.sms(IDENTIFIER_SMS)[which].message_id
    lived.services.sms_gateway_callback_handler.handle_delivery_report(
        message_id, report_tag(lived.dependencies.vault, message_id), delivery
    )


@pytest.mark.parametrize("since", ["in force", "given back", "arrived after all"])
def test_a_reissue_put_back_from_its_own_older_copy_is_found(lived: World, since: str) -> None:
    """An older copy of a re-issue is found, because the journal records its identifier and its slot."""
    camille = reissuer(lived)
    camille.order()
    (case,) = lived.kept.column(reissues.c.case)
    older = row_of(lived.kept, reissues, "case", case)
    lived.courier().run_once()
    if since != "in force":
        older = row_of(lived.kept, reissues, "case", case)
        report(lived, camille, SmsDeliveryStatus.UNDELIVERED)
    if since == "arrived after all":
        older = row_of(lived.kept, reissues, "case", case)
        assert older["slot"] is None
        report(lived, camille, SmsDeliveryStatus.DELIVERED)
    assert findings(lived.kept) == []

    write_row(lived.kept, reissues, "case", case, older)

    assert [(finding.kind, finding.table, finding.case) for finding in findings(lived.kept)] == [
        (RowFindingKind.DISAGREES, "reissues", case)
    ]


@pytest.mark.usefixtures("logged")
def test_a_revoked_reissue_that_arrived_after_all_and_counts_agrees_with_the_journal(lived: World) -> None:
    """A re-issue was given back, then its SMS arrived, then it was revoked and counted: its row is no older copy."""
    strict = world(lived.kept, policy=replace(lived.dependencies.policy, reissues_given_back=1))
    camille = reissuer(strict)
    camille.receive()
    camille.receive(phone="+33612345679")
    report(strict, camille, SmsDeliveryStatus.UNDELIVERED)
    report(strict, camille, SmsDeliveryStatus.DELIVERED)
    report(strict, camille, SmsDeliveryStatus.UNDELIVERED, which=0)
    strict.stops.freeze([mail.stop for mail in strict.post.to(CAMILLE) if mail.stop][-1])
    strict.courier().run_once()

    assert [reason for act, reason in lived.kept.lines() if act == "identifier-revoked"] == ["3 counted"]
    assert findings(lived.kept) == []


def test_reissues_that_the_platform_lost_agree_with_the_journal(lived: World) -> None:
    """After a repair has withdrawn re-issues, the examination finds nothing, but finds their older copies."""
    camille = reissuer(lived)
    older = [
        camille.receive() and row_of(lived.kept, reissues, "case", max(lived.kept.column(reissues.c.case)))
        for _ in "ab"
    ]
    later = lived.clock.at + timedelta(minutes=1)
    lived.services.flows[IdentifierFlowPlugin].adopt_platform_generation(camille.voter.id, 0, later)
    assert set(lived.kept.column(reissues.c.generation)) == {None}
    assert findings(lived.kept) == []

    for row in older:
        write_row(lived.kept, reissues, "case", row["case"], row)

    assert kinds(lived.kept) == [("reissues", RowFindingKind.DISAGREES)] * 2


def test_a_request_that_is_still_to_be_confirmed_misses_no_reissue(lived: World) -> None:
    """A request that waits for a confirmation has no re-issue yet, and this is not reported."""
    confirming = world(lived.kept, policy=replace(lived.dependencies.policy, confirm_in_mailbox=True))
    reissuer(confirming).order()
    assert lived.kept.column(reissues.c.case) == []

    assert findings(lived.kept) == []

    (phone,) = lived.kept.column(phone_claims.c.phone)
    delete_row(lived.kept, phone_claims, "phone", phone)
    assert kinds(lived.kept) == [("phone_claims", RowFindingKind.MISSING)]


def test_an_account_that_was_reopened_on_the_platform_is_found(lived: World) -> None:
    """An account of the embedded platform is reported if the journal says that it is frozen and it is not."""
    camille = reissuer(lived)
    camille.order()
    lived.courier().run_once()
    lived.stops.freeze(lived.post.to(CAMILLE)[-1].stop)
    lived.courier().run_once()
    assert findings(lived.kept) == []

    (account,) = lived.kept.column(registry.c.voter)
    write_row(lived.kept, registry, "voter", account, {"frozen": False})

    assert kinds(lived.kept) == [("registry", RowFindingKind.DISAGREES)]


def test_a_deleted_voter_is_found(lived: World) -> None:
    """A deleted voter is reported if the journal mentions the voter."""
    lived.add()
    voter = lived.with_password()
    for table, key in ((sessions, "digest"), (links, "digest")):
        for row in lived.kept.column(table.c[key]):
            delete_row(lived.kept, table, key, row)
    for number in lived.kept.column(recoveries.c.number):
        write_row(lived.kept, recoveries, "number", number, {"voter": None})
    with lived.kept.engine.begin() as connection:
        connection.execute(delete(outbox))

    delete_row(lived.kept, voters, "id", voter.id)

    assert [(finding.table, finding.kind, finding.voter) for finding in findings(lived.kept)] == [
        (table, RowFindingKind.MISSING, voter.id) for table in ("voters", "links")
    ]


def test_what_was_purged_is_not_missed_and_not_put_back_unnoticed(lived: World) -> None:
    """Rows that a purge has deleted are not reported as missing.

    Such a row is reported if it is put back, except sessions.
    """
    reissuer(lived).order()
    lived.add(entry(STRANGER, phone_digest=b"digest", phone_ending="78", first_verifier="verifier"))
    lived.with_password(email=STRANGER)
    writing(lived.store).signature_requests.add(an_approval_request(lived.voter(STRANGER).id))
    erased, numbers = protected_rows(lived), lived.kept.column(recoveries.c.number)
    cases = [row_of(lived.kept, recoveries, "number", number) for number in numbers]
    lived.clock.move(days=1000)

    erase_due_rows(lived.dependencies)

    assert findings(lived.kept) == []
    purged = protected_rows(lived)
    back = [where for where, row in erased.items() if purged.get(where) != row]
    assert {table for table, _ in back} == {each.name for each in PROTECTED} - {"agents", *MAY_BE_OLD}
    for case in cases:  # links and re-issues refer to them
        add_row(lived.kept, recoveries, case)
    for where in back:
        replace_row(lived, where, erased[where])
        found = (where[0], RowFindingKind.DISAGREES) in kinds(lived.kept)
        assert found is (where[0] != "sessions"), where  # a session may have been opened during the purge
        replace_row(lived, where, purged.get(where))
    assert findings(lived.kept) == []
    assert lived.voter().password is None
    assert lived.voter(STRANGER).password is None


def test_a_purge_event_explains_only_rows_that_it_can_have_erased(lived: World) -> None:
    """A purge dated before the rows were written does not explain that they are missing."""
    reissuer(lived).order()
    early = NOON - timedelta(days=9)
    lived.dependencies.record(
        Event(at=early, actor=Actor.OPERATOR, act=EventType.PURGED, reason="links 9, addresses 9, phones 9")
    )

    for table in (reissues, links, phone_claims):
        with lived.kept.engine.begin() as connection:
            connection.execute(delete(table))

    missing = {table for table, kind in kinds(lived.kept) if kind is RowFindingKind.MISSING}
    assert missing == {"reissues", "links", "phone_claims"}


def test_a_missing_digest_does_not_replace_a_known_one(lived: World) -> None:
    """An older password hash is found even if the last journal event about it has no digest."""
    lived.add()
    lived.with_password()
    before, voter = voter_row(lived), lived.voter()
    world(lived.kept, hasher=CountingHasher(memory_kib=16)).sessions.sign_in(CAMILLE, GOOD, visit())

    put_back(lived, before)
    lived.dependencies.record(
        Event(at=lived.clock.at, actor=Actor.VOTER, act=EventType.PASSWORD_REHASHED, voter=voter.id)
    )

    assert kinds(lived.kept) == [("voters", RowFindingKind.DISAGREES)]


def test_what_a_purge_blanked_comes_back_by_an_import_only(lived: World) -> None:
    """Data that a purge has deleted is reported if it comes back, unless a roll import has restored it."""
    imported = entry(phone_digest=b"digest", first_verifier="verifier")
    import_roll(lived, imported, entry(STRANGER), added=[0, 1])
    lived.with_password(email=STRANGER)
    before, password = voter_row(lived), voter_row(lived, STRANGER)
    lived.clock.move(days=1000)
    erase_due_rows(lived.dependencies)
    assert findings(lived.kept) == []
    blank, lasting = voter_row(lived), voter_row(lived, STRANGER)
    for kind in ("phones 1", "passwords 1", "phones 1, passwords 1"):
        purged = Event(at=NOON - timedelta(days=9), actor=Actor.OPERATOR, act=EventType.PURGED, reason=kind)
        lived.dependencies.record(purged)
        assert findings(lived.kept) == []
        for row, present in ((before, blank), (password, lasting)):
            put_back(lived, row)
            assert kinds(lived.kept) == [("voters", RowFindingKind.DISAGREES)]
            put_back(lived, present)

    corrected = RollCorrection(voter=before["id"], position=0, labels=(), yields=False)
    import_roll(lived, imported, added=[], corrected=[corrected])
    assert findings(lived.kept) == []
    put_back(lived, blank)
    assert kinds(lived.kept) == [("roll", RowFindingKind.DISAGREES)]


def test_each_kind_is_purged_alone(lived: World) -> None:
    """Purging one kind of data keeps the other columns and leaves a valid authentication tag."""
    lived.add(entry(phone_digest=b"digest", phone_ending="78", first_verifier="verifier"))
    before = lived.with_password()

    for kind in (ErasableDataKind.PHONES, ErasableDataKind.PASSWORDS):
        with lived.store.write() as transaction:
            assert transaction.retention.erase(kind, lived.clock.now()) == 1
            assert transaction.retention.erase(kind, lived.clock.now()) == 0

        assert findings(lived.kept, journal=False) == []
        assert (lived.voter().password == before.password) == (kind is ErasableDataKind.PHONES)
