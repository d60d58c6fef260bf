"""CASES 12, 29, 30, 35 and 45: processes are killed at random instants while hundreds of voters recover access.

Two hosts with a courier each share one PostgreSQL; there are a mailbox, a real Kannel and an operator. Half of the
voters want a password, and some of them then an identifier, which the other half wants. After the kills each invariant
is checked.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from random import Random, SystemRandom
from threading import Event, Thread
from typing import Any

import pytest

from cli.local_kannel import SMPP_SMSC, LocalKannel
from core.delivery.courier import BATCH
from core.policy.urls import sms_answer_url
from demo.telephone.sms_store import DemoSms, DemoSmsStore
from tests.faults.killer import Crash, Killer
from tests.faults.persistent_voters import Asked, PersistentVoter, Try, WalkOutcome
from tests.faults.reissue_requests import ReissueOutcome, ReissueRequest
from tests.support.kannel import PASSWORD, boxes, operator
from tests.support.postgres import postgresql
from tests.support.product import (
    SECONDS_OF_A_CLAIM,
    DemoMail,
    DemoVoter,
    Inside,
    Installation,
    answers,
    e164,
    eventually,
    free_port,
    gateway,
    hosts,
    inside,
    said,
)
from tests.support.product.reissuing import IDENTIFIER

SECONDS, MOST_SECONDS = 120, 900
"""Seconds in which processes are killed; more, on a slow machine, until voters have done enough."""
VOTERS = 400
PEOPLE_AT_ONCE = 3
SHARED = 10
"""One voter in so many uses the phone of the voter before."""
IN_HAND = 10
"""SMS that Kannel hands over at a time; those whose answer it did not record before it died are sent again."""
COURIERS = 2
CONNECTIONS = 3
"""Messages that a courier may have in hand when it is killed."""
WATCH_SECONDS = 0.2
FORGOTTEN_SECONDS = 3.0
"""PostgreSQL writes `synchronous_commit = off` data within 3 × wal_writer_delay (0.6 s); more for a busy machine."""
SECONDS_FOR_REPORTS = 180
MAILS = "SELECT count(*) FROM outbox WHERE state = 'sent' AND kind NOT IN ('code', 'queued-code', 'identifier')"
MAILS_OF_CASES = MAILS.replace("count(*)", '"case", count(*)') + ' GROUP BY "case"'
UNSEALED = "SELECT count(*) FROM events WHERE id NOT IN (SELECT line FROM seals)"


@dataclass
class FinalState:
    """The state of the service after the kills, when all work has ended."""

    host: Installation
    people: list[PersistentVoter]
    killer: Killer
    seed: int
    mails: list[DemoMail]
    texts: list[DemoSms]
    inside: Inside

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of the query."""
        return self.host.rows(query, *values)

    def acts(self) -> dict[str, Counter[str]]:
        """Return the number of events of each type in each case's journal."""
        found: dict[str, Counter[str]] = {}
        for case, act, count in self.rows('SELECT "case", act, count(*) FROM events GROUP BY "case", act'):
            found.setdefault(case, Counter())[act] = count
        return found

    def reissue_requests(self, *words: ReissueOutcome) -> list[ReissueRequest]:
        """Return the requests for an identifier of all voters with that outcome."""
        return [each for person in self.people for each in person.reissue_requests if each.word in words]

    def identifiers(self) -> dict[str, list[str]]:
        """Return the identifiers that each phone got, as often as they came."""
        found: dict[str, list[str]] = {}
        for text in self.texts:
            if written := IDENTIFIER.search(text.text):
                found.setdefault(text.number, []).append(written[0])
        return found


@pytest.fixture(scope="module")
def final_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FinalState]:
    """The service after two minutes of kills and a rest."""
    seed = SystemRandom().randrange(1_000_000)
    with ExitStack() as stack:
        server = stack.enter_context(postgresql())
        made = stack.enter_context(hosts(tmp_path_factory.mktemp("kills"), f"{server.url}/postgres", voters=VOTERS))
        telephones = DemoSmsStore(made[0].folder / "telephones.sqlite3")
        kannel = stack.enter_context(sms_by_kannel(made, telephones))
        within = stack.enter_context(inside(made[0]))
        made[0].start("mailbox")
        for host in made:
            host.variables |= {f"RETROUVE_{channel}__CONNECTIONS": str(CONNECTIONS) for channel in ("MAIL", "SMS")}
            host.start("serve")
            host.start("courier")
        killer = Killer(made, server, kannel, Random(seed))  # noqa: S311  # instants, not secrets
        people = run_voters(made, killer, within, seed)
        assert_working(made)
        finish_work(made)
        reported(telephones)
        yield FinalState(made[0], people, killer, seed, made[0].mails(), telephones.messages(limit=10_000), within)


@contextmanager
def sms_by_kannel(made: Sequence[Installation], telephones: DemoSmsStore) -> Iterator[LocalKannel]:
    """Run Kannel and an operator for the SMS of both hosts; delivery reports go to the first."""
    port, secret = free_port(), (made[0].folder / "sms.secret").read_text("utf-8").strip()
    inbound = sms_answer_url(made[0].site.replace("//", f"//gateway:{secret}@"))
    with operator(port, telephones), boxes(SMPP_SMSC.format(port=port, password=PASSWORD), inbound) as kannel:
        for host in made:
            key = host.folder / "kannel.secret"
            key.touch(0o600)
            key.write_text(PASSWORD, "utf-8")
            settings = gateway(kannel.send_port, password_file=key.name)
            host.variables["RETROUVE_SMS__GATEWAYS"] = json.dumps([settings])
        over = Event()
        watch = Thread(target=_watch, args=(kannel, over))
        watch.start()
        try:
            yield kannel
        finally:
            over.set()
            watch.join()


def _watch(kannel: LocalKannel, over: Event) -> None:
    while not over.wait(WATCH_SECONDS):
        kannel.restart_dead_boxes()


@pytest.fixture(autouse=True)
def _told(final_state: FinalState) -> None:
    came = Counter(errand.word.value for errand in final_state.reissue_requests(*ReissueOutcome))
    asked = sum(len(each.asked) for each in final_state.people)
    done = dict(Counter(final_state.killer.done))
    print(f"seed {final_state.seed}: {done}, asked {asked}, identifiers {dict(came)}")  # noqa: T201  # shown when a test fails


def lucky_voters(host: Installation) -> list[DemoVoter]:
    """Return those who are signed in from the beginning, by a password that nobody chose by a link."""
    return [voter for number, voter in enumerate(host.voters) if number // 2 % 2]


def run_voters(made: list[Installation], killer: Killer, within: Inside, seed: int) -> list[PersistentVoter]:
    """Let voters come while the killer works, and return them."""
    over, waiting = Event(), list(enumerate(made[0].voters))
    lucky = lucky_voters(made[0])
    signed_in = dict(zip((voter.email for voter in lucky), within.signed_in(lucky), strict=True))
    came: list[PersistentVoter] = []
    troubles: list[BaseException] = []

    def queue() -> None:
        while not over.is_set() and waiting and not troubles:
            number, voter = waiting.pop()
            chance = Random(seed + number)  # noqa: S311  # instants, not secrets
            owner = made[0].voters[number - (number % SHARED == 1)]
            person = PersistentVoter(
                voter,
                e164(owner.phone),
                [host.site for host in made],
                made[0],
                within.vault,
                chance,
                over,
                signed_in.get(voter.email),
            )
            came.append(person)
            try:
                person.is_live(number)
            except BaseException as trouble:  # noqa: BLE001  # a thread cannot fail a test by itself
                troubles.append(trouble)

    threads = [Thread(target=queue) for _ in range(PEOPLE_AT_ONCE)]
    for thread in threads:
        thread.start()
    killer.work(lambda: bool(troubles) or is_enough(came, killer), least=SECONDS, most=MOST_SECONDS)
    over.set()
    for thread in threads:
        thread.join(180)
    if troubles:
        raise troubles[0]
    return came


def is_enough(people: Sequence[PersistentVoter], killer: Killer) -> bool:
    """Tell whether there are many cases, each kind of kill, and both accepted and refused tries."""
    asked = sum(len(person.asked) for person in people)
    accepted = [each for person in people for each in person.reissue_requests if each.word is ReissueOutcome.ACCEPTED]
    told = {each.told for person in people for each in person.tries}
    return (
        asked > SECONDS / 12
        and len(accepted) > SECONDS / 24
        and len(set(killer.done)) == len(killer.acts)
        and told >= {WalkOutcome.ACCEPTED, WalkOutcome.REFUSED}
    )


def assert_working(made: list[Installation]) -> None:
    """Assert that on both hosts a link comes and works, without any restart by hand."""
    for host in made:
        for part in host.parts.values():
            assert part.poll() is None, "a process ended by itself"
        eventually(lambda: answers(host.site), "a ready site")  # noqa: B023  # run now
        voter = made[0].voters[0 if host is made[0] else 1]
        there = len(made[0].links(voter))
        host.browser().ask_for_link_mail(voter.email)
        eventually(lambda: made[0].links(voter)[there:], "a link from the couriers that lived")  # noqa: B023  # run now


def finish_work(made: list[Installation]) -> None:
    """Run couriers with a clock two minutes ahead, which take over the messages claimed by killed ones."""
    for host in made:
        host.stop("courier")
    for host in made:
        host.start("courier", RETROUVE_CLOCK_OFFSET_SECONDS=str(SECONDS_OF_A_CLAIM))
    made[0].settled()


def reported(telephones: DemoSmsStore) -> None:
    """Wait until the operator has sent every delivery report."""
    eventually(lambda: not telephones.pending(1), "every report", SECONDS_FOR_REPORTS)


def test_the_run_covers_all_kinds_of_kills(final_state: FinalState) -> None:
    """The run has many cases, each kind of kill, and both accepted and refused tries."""
    assert is_enough(final_state.people, final_state.killer)


def test_no_case_is_lost(final_state: FinalState) -> None:
    """Every ask that was answered by MP-4 has a case and a recorded request, except in the last second before a database crash."""
    acts = final_state.acts()
    lost = [ask for person in final_state.people for ask in person.asked if acts.get(ask.case, Counter())["asked"] != 1]
    unexplained = [ask for ask in lost if not any(may_lose(crash, ask) for crash in final_state.killer.crashes)]

    assert unexplained == []
    assert len(lost) <= PEOPLE_AT_ONCE * len(final_state.killer.crashes)


def may_lose(crash: Crash, ask: Asked) -> bool:
    """Tell whether the crash may have lost the request before PostgreSQL wrote it."""
    return crash.began - FORGOTTEN_SECONDS < ask.ended and ask.began < crash.ended


def test_case_35_no_mail_is_lost(final_state: FinalState) -> None:
    """CASE 35: each request was decided, and each link and notice was sent and is in the mailbox.

    A code that was sent, whose courier was killed before it could write so, is not sent again once nobody awaits it.
    """
    waiting = final_state.rows("SELECT count(*) FROM outbox WHERE state NOT IN ('sent', 'dropped')")
    sent = final_state.rows(MAILS)
    dropped = final_state.rows(
        "SELECT count(*) FROM outbox WHERE state = 'dropped'"
        " AND NOT (kind IN ('code', 'queued-code') AND reason = 'no-longer-wanted')"
    )

    assert waiting == dropped == [(0,)]
    assert sent == [(len({mail.message_id for mail in final_state.mails}),)]


def test_case_35_copies_of_a_mail_are_equal(final_state: FinalState) -> None:
    """CASE 35: a mail sent twice has the same bytes and Message-ID: what a killed courier had in hand; after a crash a batch as well."""
    copies: dict[str, list[bytes]] = {}
    for mail in final_state.mails:
        copies.setdefault(mail.message_id, []).append(mail.raw)
    kills = Counter(final_state.killer.done)
    doubled = sum(len(each) - 1 for each in copies.values())

    assert [len(set(each)) for each in copies.values()] == [1] * len(copies)
    assert doubled <= CONNECTIONS * kills["courier"] + (BATCH + CONNECTIONS) * COURIERS * len(
        final_state.killer.crashes
    )


def test_case_12_no_link_is_used_twice(final_state: FinalState) -> None:
    """CASE 12: each link has one accepted password at most, and the store and the voters count the same."""
    accepted = Counter(
        each.token for person in final_state.people for each in person.tries if each.told is WalkOutcome.ACCEPTED
    )
    used = final_state.rows("SELECT voter, count(used) FROM links GROUP BY voter HAVING count(used) > 0")
    signed_in = {voter.email for voter in lucky_voters(final_state.host)}
    epochs = final_state.rows("SELECT id, email, epoch FROM voters WHERE epoch > 0")

    assert set(accepted.values()) == {1}
    assert dict(used) == {voter: epoch for voter, email, epoch in epochs if email not in signed_in}


def test_case_45_each_action_has_one_event(final_state: FinalState) -> None:
    """CASE 45: each link, change and mail in the store has its event in the journal, and no other event exists."""
    links = dict(final_state.rows('SELECT "case", count(*) FROM links GROUP BY "case"'))
    used = dict(final_state.rows('SELECT "case", count(used) FROM links GROUP BY "case" HAVING count(used) > 0'))
    opened = dict(final_state.rows('SELECT "case", count(opened) FROM links GROUP BY "case" HAVING count(opened) > 0'))
    sent = dict(final_state.rows(MAILS_OF_CASES))
    acts = final_state.acts()

    def told(act: str) -> dict[str, int]:
        return {case: counts[act] for case, counts in acts.items() if counts[act]}

    assert told("link-decided") == links
    assert told("password-chosen") == used
    assert told("link-opened") == opened
    assert told("mail-accepted") == sent


def test_only_the_last_password_works(final_state: FinalState) -> None:
    """Exactly one of a voter's accepted passwords works: the one of the last link used."""
    opened = [(person.tries, working_tries(final_state.host, person)) for person in final_state.people]

    assert [each for each in opened if not is_last_password(*each)] == []


def working_tries(host: Installation, person: PersistentVoter) -> list[Try]:
    """Return the tries whose password works."""
    return [each for each in person.tries if host.browser().sign_in(person.voter.email, each.password).step == "EV-1"]


def is_last_password(tries: list[Try], working_tries: list[Try]) -> bool:
    """Tell whether the password that works is the one reported to the voter."""
    yes = [each for each in tries if each.told is not WalkOutcome.REFUSED]
    if not yes:
        return working_tries == []
    last = [each for each in yes if each.token == yes[-1].token]
    certain = [each for each in last if each.told is WalkOutcome.ACCEPTED] or last
    return len(working_tries) == 1 and working_tries[0] in certain


# ── The identifier ───────────────────────────────────────────────────────────────────────────────────────


def test_case_35_no_identifier_is_lost(final_state: FinalState) -> None:
    """CASE 35: every voter who was told that an identifier is on its way has it, and copies are the same SMS."""
    arrived = final_state.identifiers()
    ordered = dict(final_state.rows('SELECT "case", generation FROM reissues'))
    told = final_state.reissue_requests(ReissueOutcome.ACCEPTED)
    by_number = Counter(
        errand.number for errand in final_state.reissue_requests(*ReissueOutcome) if errand.case in ordered
    )
    kills = Counter(final_state.killer.done)
    boxes_killed, couriers_cut = kills["smsbox"] + kills["gateway"], kills["courier"]
    copies = sum(len(each) - len(set(each)) for each in arrived.values())

    assert {errand.case for errand in told} <= set(ordered)
    assert None not in ordered.values()
    assert {number: len(set(each)) for number, each in arrived.items()} == by_number
    in_couriers = CONNECTIONS * (couriers_cut + COURIERS * len(final_state.killer.crashes))
    assert copies <= in_couriers + IN_HAND * boxes_killed


def test_case_29_at_most_three_identifiers_one_at_a_time(final_state: FinalState) -> None:
    """CASE 29: each identifier has a slot of its own, has ended, and was put in force once, in the platform's order."""
    rows = final_state.rows('SELECT voter, "case", slot, generation, ended FROM reissues ORDER BY voter, generation')
    acts = final_state.acts()
    generations: dict[int, list[int]] = {}
    for voter, case, slot, generation, ended in rows:
        generations.setdefault(voter, []).append(generation)
        assert slot in {1, 2, 3}
        assert ended is not None
        assert acts[case]["code-accepted"] == acts[case]["identifier-in-force"] == acts[case]["reissue-opened"] == 1

    assert all(each == list(range(1, len(each) + 1)) for each in generations.values())
    assert len(final_state.rows("SELECT DISTINCT voter, slot FROM reissues")) == len(rows)


def test_case_30_a_phone_gets_identifiers_of_one_voter(final_state: FinalState) -> None:
    """CASE 30: a phone used by two voters got identifiers of one of them, which vote only for that voter."""
    arrived = final_state.identifiers()
    users: dict[str, list[PersistentVoter]] = {}
    for person in final_state.people:
        users.setdefault(person.number, []).append(person)

    for number, identifiers in arrived.items():
        voting = [
            (person.voter.email, each)
            for person in users[number]
            for each in set(identifiers)
            if final_state.inside.votes(person.voter, each)
        ]
        assert len(voting) == 1
    assert {"phone-taken"} >= {
        reason for (reason,) in final_state.rows("SELECT DISTINCT reason FROM events WHERE act = 'code-refused'")
    } - {"wrong-code", "code-expired", "reissue-under-way"}


def test_case_39_each_identifier_has_its_reported_state(final_state: FinalState) -> None:
    """CASE 39: an identifier is delivered where a report came, and otherwise only sent."""
    states = Counter(
        json.loads(state)["type"]
        for (state,) in final_state.rows(
            'SELECT state FROM recoveries JOIN reissues ON reissues."case" = recoveries.number'
        )
    )
    kills = Counter(final_state.killer.done)

    assert set(states) <= {"identifier-delivered", "identifier-sent"}
    assert states["identifier-sent"] <= IN_HAND * (kills["smsbox"] + kills["gateway"])
    told = final_state.rows("SELECT count(*) FROM reports WHERE delivery IN ('undelivered', 'rejected')")
    assert told == [(0,)]


def test_both_sides_agree_and_the_journal_is_sound(final_state: FinalState) -> None:
    """CASES 32 and 45: the comparison with the platform and the journal's verification find nothing."""
    eventually(lambda: final_state.rows(UNSEALED) == [(0,)], "every line's seal")
    for command in (("platform", "reconcile"), ("journal", "verify")):
        said(*command, "--dir", final_state.host.folder, variables=final_state.host.variables)
