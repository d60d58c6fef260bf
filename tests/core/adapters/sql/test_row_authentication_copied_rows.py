"""Copying rows within the database does not let one voter's secrets open another voter's account unnoticed."""

from hashlib import sha256
from itertools import permutations, product
from typing import Any

import msgspec
import pytest
from msgspec import ValidationError
from sqlalchemy import Table
from sqlalchemy.exc import IntegrityError

from core.adapters.sql.row_examination import ProtectedRowExaminer
from core.adapters.sql.tables import events, links, phone_claims, recoveries, registry, reissues, sessions, voters
from core.forms.errors import Refusal
from core.ports import LACKED_BY_PLATFORM, UNKNOWN_HERE, Actor, Event, EventType
from core.ports.voting_platform import PlatformOutcomeUnknown, ReissueOrder
from tests.support.database_writer import add_row, delete_row, write_row
from tests.support.election import CAMILLE, NOON, STRANGER, visit
from tests.support.reissues import PlayedPlatform, Reissuer, pseudonym, reissuer, votes
from tests.support.stores import ROWS, KeptStore, reading
from tests.support.worlds import World, world

THEIRS = "Quatre sabots jaunes 18"
TABLES = (voters, sessions, links, recoveries, reissues, phone_claims, registry)


@pytest.fixture(name="lived")
def election_on_each_engine(kept: KeptStore) -> World:
    """An election with an empty roll, in whose database the test can write directly."""
    return world(kept)


class Secrets:
    """The secrets of an attacking voter, with a method that tries them on another voter's account."""

    def __init__(self, lived: World, own: Reissuer) -> None:
        self.lived = lived
        lived.with_password(THEIRS, own.email)
        own.session = lived.sessions.sign_in(own.email, THEIRS, visit()).session
        self.session = own.session
        self.identifier = own.receive(phone="+33687654321")
        self.link = lived.link(own.email)

    def open(self, email: str) -> set[str]:
        """Return the names of the secrets that open the account of the voter with this address."""
        found: set[str] = set()
        victim = reading(self.lived.store).voters.by_address(email)
        if victim is None:
            return found
        if victim.password is not None and self.lived.hasher.verify(victim.password, THEIRS):
            found.add("password")
        for name, find in (
            ("session", lambda: self.lived.sessions.signed_in_voter(self.session)),
            ("link", lambda: self.lived.links.find_working(self.link)),
        ):
            try:
                found |= {name} if find().voter.id == victim.id else set()
            except (Refusal, ValidationError):  # the state of a case of another flow cannot be read
                continue
        return found | ({"identifier"} if votes(self.lived, self.identifier, email) else set())


class LosesItsAnswer(PlayedPlatform):
    """A voting platform that carries out orders, but whose answers never arrive."""

    def reissue(self, reissue: ReissueOrder) -> PlatformOutcomeUnknown:
        super().reissue(reissue)
        return PlatformOutcomeUnknown("away")


def rows(lived: World, table: Table) -> list[dict[str, Any]]:
    with lived.kept.engine.connect() as connection:
        return [dict(row) for row in connection.execute(table.select()).mappings()]


def examined(lived: World) -> int:
    """Return the number of findings of `retrouve journal verify`."""
    with lived.kept.engine.connect() as connection:
        return len(list(ProtectedRowExaminer(connection, ROWS).findings()))


def test_nothing_copied_from_ones_own_rows_serves_as_anothers_unnoticed(lived: World) -> None:
    """No copied column opens another voter's account with the attacker's password, session or link.

    A copied identifier is reported.
    """
    camille, mallory = reissuer(lived), reissuer(lived, STRANGER)
    camille.receive()
    lived.link(CAMILLE)
    secrets = Secrets(lived, mallory)
    assert secrets.open(STRANGER) == {"password", "session", "link", "identifier"}
    assert (secrets.open(CAMILLE), examined(lived)) == (set(), 0)
    opened, unnoticed, tampered = set(), [], 0
    for table in TABLES:
        (key,) = (column.name for column in table.primary_key)
        for into, source in permutations(rows(lived, table), 2):
            columns = [name for name in into if name != key and into[name] != source[name]]
            for names in (*([name] for name in columns), columns):
                try:
                    write_row(lived.kept, table, key, into[key], {name: source[name] for name in names})
                except IntegrityError:
                    continue
                gained = secrets.open(CAMILLE)
                if gained and not examined(lived):
                    unnoticed.append((table.name, names, gained))
                opened, tampered = opened | gained, tampered + 1
                write_row(lived.kept, table, key, into[key], {name: into[name] for name in names})

    assert tampered > 100
    assert unnoticed == []
    assert opened == {"identifier"}
    assert (secrets.open(CAMILLE), examined(lived)) == (set(), 0)


def test_an_appended_event_hides_no_copied_identifier(lived: World) -> None:
    """A forged journal event cannot hide a copied identifier, because its digest needs the keys."""
    camille, mallory = reissuer(lived), reissuer(lived, STRANGER)
    camille.receive()
    identifier, whose = mallory.receive(phone="+33687654321"), pseudonym(lived)
    (source,) = (row for row in rows(lived, registry) if row["voter"] != whose)
    case, *_ = (row["case"] for row in rows(lived, reissues) if row["voter"] == camille.voter.id)
    assert examined(lived) == 0
    write_row(lived.kept, registry, "voter", whose, {name: source[name] for name in ("salt", "verifier")})
    assert votes(lived, identifier)

    for generation, number in ((1, case), (2, None), (2, case)):
        account = f"{whose} {generation} {source['salt'].hex()} {source['verifier'].hex()}"
        for credential in (sha256(account.encode()).hexdigest()[:32], None):
            write_row(lived.kept, registry, "voter", whose, {"generation": generation})
            event = Event(at=NOON, actor=Actor.COURIER, act=EventType.IDENTIFIER_IN_FORCE, reason=str(generation))
            told = {"case": number, "voter": camille.voter.id, "credential": credential}
            lived.dependencies.record(msgspec.structs.replace(event, **told))
            assert examined(lived) > 0, (generation, number, credential)


def test_a_line_of_an_identifier_that_tells_no_generation_is_a_finding(lived: World) -> None:
    """A journal event about an identifier without a valid generation is reported, and the examination continues."""
    voter = reissuer(lived).voter
    event = Event(at=NOON, actor=Actor.COURIER, act=EventType.IDENTIFIER_IN_FORCE, voter=voter.id)
    for reason in (None, "x", "-1", "9" * 5000):
        lived.dependencies.record(msgspec.structs.replace(event, reason=reason, credential="0" * 32))

        assert examined(lived) == 1
        delete_row(lived.kept, events, "id", max(row["id"] for row in rows(lived, events)))


def test_each_account_of_the_embedded_platform_is_that_of_the_journal(lived: World) -> None:
    """An account of the embedded platform is reported if it is missing or the journal does not explain it."""
    camille, mallory = reissuer(lived), reissuer(lived, STRANGER)
    mallory.receive(phone="+33687654321")
    (source,) = rows(lived, registry)
    forged = {**source, "voter": pseudonym(lived)}
    add_row(lived.kept, registry, forged)
    assert examined(lived) == 1  # no event explains the account
    write_row(lived.kept, registry, "voter", forged["voter"], {"generation": 0})
    assert examined(lived) == 0  # a freeze creates such an account
    delete_row(lived.kept, registry, "voter", forged["voter"])

    camille.order()
    add_row(lived.kept, registry, forged)
    assert examined(lived) == 0  # the event of the order may not be written yet
    delete_row(lived.kept, registry, "voter", forged["voter"])
    lived.courier().run_once()
    assert examined(lived) == 0
    (own,) = (row["case"] for row in rows(lived, reissues) if row["voter"] == camille.voter.id)
    for generation in (0, 2):
        write_row(lived.kept, registry, "voter", forged["voter"], {"generation": generation})
        assert examined(lived) == 1
        for reason, case in product((UNKNOWN_HERE, LACKED_BY_PLATFORM), (None, "ZZZZ-ZZZZ", own)):
            event = Event(at=NOON, actor=Actor.OPERATOR, act=EventType.CALL_NEEDED, reason=reason, case=case)
            lived.dependencies.record(msgspec.structs.replace(event, voter=camille.voter.id))
            assert examined(lived) > 0, (generation, reason, case)
            delete_row(lived.kept, events, "id", max(row["id"] for row in rows(lived, events)))
    delete_row(lived.kept, registry, "voter", forged["voter"])
    assert examined(lived) > 0


def test_an_identifier_that_the_platform_has_and_was_given_up_here_is_no_finding(lived: World) -> None:
    """If the platform's answer was lost and the account was then frozen, the platform's account is not reported."""
    camille = reissuer(lived)
    camille.order()
    lived.services.__dict__["platform"] = LosesItsAnswer(lived.services.platform)
    lived.courier().run_once()
    assert [row["generation"] for row in rows(lived, registry)] == [1]
    assert examined(lived) == 0
    lived.stops.freeze(lived.post.to(CAMILLE)[-1].stop)
    lived.clock.move(minutes=10)
    lived.courier().run_once()
    assert [(row["generation"], row["ended"] is None) for row in rows(lived, reissues)] == [(None, False)]
    assert examined(lived) == 0
