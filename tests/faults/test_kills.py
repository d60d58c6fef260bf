"""CASES 12, 29, 30, 35 and 45: web processes, couriers, Kannel and PostgreSQL killed at random instants while hundreds recover.

Two hosts, a courier on each, one PostgreSQL, a mailbox, a real Kannel and an operator; half of the voters come
for a password, some of them then for an identifier, for which the other half comes. At the end nobody is killed any more, and each invariant is looked at.
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

from cli.kannel import SMPP_SMSC, Kannel
from core.adapters.telephone.store import Telephones, Text
from core.places import sms_answer_address
from tests.faults.insistent import Asked, Insistent, Told, Try
from tests.faults.killer import Crash, Killer
from tests.faults.reissuing import Errand, Word
from tests.support.kannel import PASSWORD, boxes, operator
from tests.support.postgres import postgresql
from tests.support.product import (
    SECONDS_OF_A_CLAIM,
    Inside,
    Installation,
    Mail,
    answers,
    e164,
    eventually,
    free_port,
    gateway,
    hosts,
    inside,
    said,
)
from tests.support.product.inside import NOBODYS
from tests.support.product.reissuing import IDENTIFIER

SECONDS = 120
VOTERS = 400
PEOPLE_AT_ONCE = 3
SHARED = 10
"""Of so many voters one uses the telephone of the voter before."""
IN_HAND = 10
"""SMS that Kannel hands over at a time: those whose answer it did not live to note go out again."""
COURIERS = 2
WATCH_SECONDS = 0.2
FORGOTTEN_SECONDS = 1.0
"""PostgreSQL writes what `synchronous_commit = off` put off within 3 × wal_writer_delay: 0.6 s, and some for a busy machine."""
SECONDS_FOR_REPORTS = 60
MAILS = "SELECT count(*) FROM outbox WHERE state = 'sent' AND kind NOT IN ('code', 'identifier')"
MAILS_OF_CASES = MAILS.replace("count(*)", '"case", count(*)') + ' GROUP BY "case"'
UNSEALED = "SELECT count(*) FROM events WHERE id NOT IN (SELECT line FROM seals)"
ANSWER_SECONDS = 0.5
"""An answer may be read so long after the database that gave it has died."""


@dataclass
class Aftermath:
    """What is left when everything is quiet again."""

    host: Installation
    people: list[Insistent]
    killer: Killer
    seed: int
    mails: list[Mail]
    texts: list[Text]
    inside: Inside

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What the database says."""
        return self.host.rows(query, *values)

    def acts(self) -> dict[str, Counter[str]]:
        """How often each act stands in the journal of each case."""
        found: dict[str, Counter[str]] = {}
        for case, act, count in self.rows('SELECT "case", act, count(*) FROM events GROUP BY "case", act'):
            found.setdefault(case, Counter())[act] = count
        return found

    def errands(self, *words: Word) -> list[Errand]:
        """Those of all voters that ended so."""
        return [each for person in self.people for each in person.errands if each.word in words]

    def identifiers(self) -> dict[str, list[str]]:
        """By telephone, each as often as it came."""
        found: dict[str, list[str]] = {}
        for text in self.texts:
            if written := IDENTIFIER.search(text.text):
                found.setdefault(text.number, []).append(written[0])
        return found


@pytest.fixture(scope="module")
def aftermath(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aftermath]:
    """Two minutes of kills, then rest."""
    seed = SystemRandom().randrange(1_000_000)
    with ExitStack() as stack:
        server = stack.enter_context(postgresql())
        made = stack.enter_context(hosts(tmp_path_factory.mktemp("kills"), f"{server.url}/postgres", voters=VOTERS))
        telephones = Telephones(made[0].folder / "telephones.sqlite3")
        kannel = stack.enter_context(sms_by_kannel(made, telephones))
        within = stack.enter_context(inside(made[0]))
        made[0].start("mailbox")
        for host in made:
            host.start("serve")
            host.start("courier")
        killer = Killer(made, server, kannel, Random(seed))  # noqa: S311  # instants, not secrets
        people = morning(made, killer, within, seed)
        recovers_by_itself(made)
        settle(made)
        reported(telephones)
        yield Aftermath(made[0], people, killer, seed, made[0].mails(), telephones.texts(limit=10_000), within)


@contextmanager
def sms_by_kannel(made: Sequence[Installation], telephones: Telephones) -> Iterator[Kannel]:
    """Boxes and an operator, which both hosts send their SMS to; answers are told to the first."""
    port, secret = free_port(), (made[0].folder / "sms.secret").read_text("utf-8").strip()
    inbound = sms_answer_address(made[0].site.replace("//", f"//gateway:{secret}@"))
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


def _watch(kannel: Kannel, over: Event) -> None:
    while not over.wait(WATCH_SECONDS):
        kannel.revive()


@pytest.fixture(autouse=True)
def _told(aftermath: Aftermath) -> None:
    came = Counter(errand.word.value for errand in aftermath.errands(*Word))
    asked = sum(len(each.asked) for each in aftermath.people)
    done = dict(Counter(aftermath.killer.done))
    print(f"seed {aftermath.seed}: {done}, asked {asked}, identifiers {dict(came)}")  # noqa: T201  # shown when a test fails


def morning(made: list[Installation], killer: Killer, within: Inside, seed: int) -> list[Insistent]:
    """Voters come while the killer works. Returns those who came."""
    over, waiting = Event(), list(enumerate(made[0].voters))
    lucky = [voter for number, voter in waiting if number // 2 % 2]
    signed_in = dict(zip((voter.email for voter in lucky), within.signed_in(lucky), strict=True))
    came: list[Insistent] = []
    troubles: list[BaseException] = []

    def queue() -> None:
        while not over.is_set() and waiting and not troubles:
            number, voter = waiting.pop()
            chance = Random(seed + number)  # noqa: S311  # likewise
            owner = made[0].voters[number - (number % SHARED == 1)]
            person = Insistent(
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
                person.live(number)
            except BaseException as trouble:  # noqa: BLE001  # a thread cannot fail a test by itself
                troubles.append(trouble)

    threads = [Thread(target=queue) for _ in range(PEOPLE_AT_ONCE)]
    for thread in threads:
        thread.start()
    killer.work(SECONDS)
    over.set()
    for thread in threads:
        thread.join(120)
    if troubles:
        raise troubles[0]
    return came


def recovers_by_itself(made: list[Installation]) -> None:
    """Those that were not killed work on: on either host a link comes and serves."""
    for host in made:
        for part in host.parts.values():
            assert part.poll() is None, "a process ended by itself"
        eventually(lambda: answers(host.site), "a ready site")  # noqa: B023  # at once
        voter = made[0].voters[0 if host is made[0] else 1]
        there = len(made[0].links(voter))
        host.browser().ask(voter.email)
        eventually(lambda: made[0].links(voter)[there:], "a link from the couriers that lived")  # noqa: B023  # at once


def settle(made: list[Installation]) -> None:
    """Couriers of two minutes later take up what killed ones had in hand, and end it."""
    for host in made:
        host.stop("courier")
    for host in made:
        host.start("courier", RETROUVE_CLOCK_OFFSET_SECONDS=str(SECONDS_OF_A_CLAIM))
    made[0].settled()


def reported(telephones: Telephones) -> None:
    """The operator has told all that it has to tell, as often as it takes."""
    eventually(lambda: not telephones.undone(1), "every report", SECONDS_FOR_REPORTS)


def test_the_run_was_worth_it(aftermath: Aftermath) -> None:
    """Hundreds of cases where the machine has nothing else to do, each kind of kill, and every way a try can end."""
    assert sum(len(person.asked) for person in aftermath.people) > SECONDS / 3
    assert len(aftermath.errands(Word.ACCEPTED)) > SECONDS / 6
    assert len(set(aftermath.killer.done)) == len(aftermath.killer.acts)
    assert {Told.ACCEPTED, Told.REFUSED} <= {each.told for person in aftermath.people for each in person.tries}


def test_no_case_is_lost(aftermath: Aftermath) -> None:
    """Who was shown MP-4 has a case and an ask in its journal: but for those of the last second before a crash of the database."""
    acts = aftermath.acts()
    lost = [ask for person in aftermath.people for ask in person.asked if acts.get(ask.case, Counter())["asked"] != 1]
    unexplained = [ask for ask in lost if not any(forgets(crash, ask) for crash in aftermath.killer.crashes)]

    assert unexplained == []
    assert len(lost) <= PEOPLE_AT_ONCE * len(aftermath.killer.crashes)


def forgets(crash: Crash, ask: Asked) -> bool:
    """Whether that crash may have taken what PostgreSQL had not written yet."""
    return crash.began - FORGOTTEN_SECONDS < ask.at < crash.ended + ANSWER_SECONDS


def test_case_35_no_mail_is_lost(aftermath: Aftermath) -> None:
    """CASE 35: each ask in the store was decided, each link and each notice has left, and is in the mailbox."""
    waiting = aftermath.rows("SELECT count(*) FROM outbox WHERE state NOT IN ('sent', 'dropped')")
    sent = aftermath.rows(MAILS)
    dropped = aftermath.rows("SELECT count(*) FROM outbox WHERE state = 'dropped' AND reason != 'enough-links'")

    assert waiting == dropped == [(0,)]
    assert sent == [(len({mail.message_id for mail in aftermath.mails}),)]


def test_case_35_a_doubled_mail_is_the_same_mail(aftermath: Aftermath) -> None:
    """CASE 35: the same bytes under the same Message-ID; at most one more for each courier that died or lost its database."""
    copies: dict[str, list[bytes]] = {}
    for mail in aftermath.mails:
        copies.setdefault(mail.message_id, []).append(mail.raw)
    kills = Counter(aftermath.killer.done)
    doubled = sum(len(each) - 1 for each in copies.values())

    assert [len(set(each)) for each in copies.values()] == [1] * len(copies)
    assert doubled <= kills["courier"] + COURIERS * len(aftermath.killer.crashes)


def test_case_12_no_link_is_used_twice(aftermath: Aftermath) -> None:
    """CASE 12: behind each link at most one password was accepted, and the store counts as many as the voters do."""
    accepted = Counter(each.token for person in aftermath.people for each in person.tries if each.told is Told.ACCEPTED)
    used = aftermath.rows("SELECT voter, count(used) FROM links GROUP BY voter HAVING count(used) > 0")
    epochs = aftermath.rows("SELECT id, epoch FROM voters WHERE epoch > 0 AND password != ?", NOBODYS)

    assert set(accepted.values()) == {1}
    assert dict(used) == dict(epochs)


def test_case_45_each_act_left_one_event(aftermath: Aftermath) -> None:
    """CASE 45: each link, change and mail of the store has its event in the journal, and the journal has no other."""
    links = dict(aftermath.rows('SELECT "case", count(*) FROM links GROUP BY "case"'))
    used = dict(aftermath.rows('SELECT "case", count(used) FROM links GROUP BY "case" HAVING count(used) > 0'))
    opened = dict(aftermath.rows('SELECT "case", count(opened) FROM links GROUP BY "case" HAVING count(opened) > 0'))
    sent = dict(aftermath.rows(MAILS_OF_CASES))
    acts = aftermath.acts()

    def told(act: str) -> dict[str, int]:
        return {case: counts[act] for case, counts in acts.items() if counts[act]}

    assert told("link-decided") == links
    assert told("password-chosen") == used
    assert told("link-opened") == opened
    assert told("mail-accepted") == sent


def test_the_last_password_opens_and_no_other(aftermath: Aftermath) -> None:
    """Of all that a voter typed, exactly one opens if one was accepted: that of the last link that served."""
    opened = [(person.tries, opening(aftermath.host, person)) for person in aftermath.people]

    assert [each for each in opened if not opens_with_the_last(*each)] == []


def opening(host: Installation, person: Insistent) -> list[Try]:
    """The tries whose password opens."""
    return [each for each in person.tries if host.browser().sign_in(person.voter.email, each.password).step == "EV-1"]


def opens_with_the_last(tries: list[Try], opening: list[Try]) -> bool:
    """Whether what opens is what this voter was told."""
    yes = [each for each in tries if each.told is not Told.REFUSED]
    if not yes:
        return opening == []
    last = [each for each in yes if each.token == yes[-1].token]
    certain = [each for each in last if each.told is Told.ACCEPTED] or last
    return len(opening) == 1 and opening[0] in certain


# ── The identifier ───────────────────────────────────────────────────────────────────────────────────────


def test_case_35_no_identifier_is_lost(aftermath: Aftermath) -> None:
    """CASE 35: whoever was told that it is on its way has it, of one case one and the same; a copy is the same SMS."""
    arrived = aftermath.identifiers()
    ordered = dict(aftermath.rows('SELECT "case", generation FROM reissues'))
    told = aftermath.errands(Word.ACCEPTED)
    by_number = Counter(errand.number for errand in aftermath.errands(*Word) if errand.case in ordered)
    kills = Counter(aftermath.killer.done)
    boxes_killed, couriers_cut = kills["smsbox"] + kills["gateway"], kills["courier"]
    copies = sum(len(each) - len(set(each)) for each in arrived.values())

    assert {errand.case for errand in told} <= set(ordered)
    assert None not in ordered.values()
    assert {number: len(set(each)) for number, each in arrived.items()} == by_number
    assert copies <= couriers_cut + COURIERS * len(aftermath.killer.crashes) + IN_HAND * boxes_killed


def test_case_29_at_most_three_and_one_at_a_time(aftermath: Aftermath) -> None:
    """CASE 29: each in a slot of its own, ended, once accepted and once put in force, in the platform's own order."""
    rows = aftermath.rows('SELECT voter, "case", slot, generation, ended FROM reissues ORDER BY voter, generation')
    acts = aftermath.acts()
    generations: dict[int, list[int]] = {}
    for voter, case, slot, generation, ended in rows:
        generations.setdefault(voter, []).append(generation)
        assert slot in {1, 2, 3}
        assert ended is not None
        assert acts[case]["code-accepted"] == acts[case]["identifier-in-force"] == acts[case]["reissue-opened"] == 1

    assert all(each == list(range(1, len(each) + 1)) for each in generations.values())
    assert len(aftermath.rows("SELECT DISTINCT voter, slot FROM reissues")) == len(rows)


def test_case_30_one_phone_one_voter(aftermath: Aftermath) -> None:
    """CASE 30: two came with one telephone now and then; what it got is one voter's, and votes for them alone."""
    arrived = aftermath.identifiers()
    users: dict[str, list[Insistent]] = {}
    for person in aftermath.people:
        users.setdefault(person.number, []).append(person)

    for number, identifiers in arrived.items():
        voting = [
            (person.voter.email, each)
            for person in users[number]
            for each in set(identifiers)
            if aftermath.inside.votes(person.voter, each)
        ]
        assert len(voting) == 1
    assert {"phone-taken"} >= {
        reason for (reason,) in aftermath.rows("SELECT DISTINCT reason FROM events WHERE act = 'code-refused'")
    } - {"wrong-code", "code-expired", "reissue-under-way"}


def test_case_39_the_state_of_each_identifier_is_what_its_operator_said(aftermath: Aftermath) -> None:
    """CASE 39: delivered where a report came; where smsbox died with it, nothing more is claimed than that it was sent."""
    states = Counter(
        json.loads(state)["type"]
        for (state,) in aftermath.rows(
            'SELECT state FROM recoveries JOIN reissues ON reissues."case" = recoveries.number'
        )
    )
    kills = Counter(aftermath.killer.done)

    assert set(states) <= {"identifier-delivered", "identifier-sent"}
    assert states["identifier-sent"] <= IN_HAND * (kills["smsbox"] + kills["gateway"])
    told = aftermath.rows("SELECT count(*) FROM reports WHERE delivery IN ('undelivered', 'rejected')")
    assert told == [(0,)]


def test_both_sides_agree_and_the_journal_is_sound(aftermath: Aftermath) -> None:
    """CASES 32 and 45, by the commands of whoever runs the election."""
    eventually(lambda: aftermath.rows(UNSEALED) == [(0,)], "every line's seal")
    for command in (("platform", "reconcile"), ("journal", "verify")):
        said(*command, "--dir", aftermath.host.folder, variables=aftermath.host.variables)
