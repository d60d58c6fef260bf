"""CASES 12, 35 and 45: web processes, couriers and PostgreSQL killed at random instants while hundreds recover.

Two hosts, a courier on each, one PostgreSQL and a mailbox; then nobody is killed any more, and each invariant is looked at.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random, SystemRandom
from threading import Event, Thread
from typing import Any

import pytest

from tests.faults.insistent import Asked, Insistent, Told, Try
from tests.faults.killer import Crash, Killer
from tests.support.postgres import postgresql
from tests.support.product import SECONDS_OF_A_CLAIM, Installation, Mail, answers, eventually, hosts

SECONDS = 120
VOTERS = 400
PEOPLE_AT_ONCE = 6
COURIERS = 2
FORGOTTEN_SECONDS = 1.0
"""PostgreSQL writes what `synchronous_commit = off` put off within 3 × wal_writer_delay: 0.6 s, and some for a busy machine."""
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

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What the database says."""
        return self.host.rows(query, *values)

    def acts(self) -> dict[str, Counter[str]]:
        """How often each act stands in the journal of each case."""
        found: dict[str, Counter[str]] = {}
        for case, act, count in self.rows('SELECT "case", act, count(*) FROM events GROUP BY "case", act'):
            found.setdefault(case, Counter())[act] = count
        return found


@pytest.fixture(scope="module")
def aftermath(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aftermath]:
    """Two minutes of kills, then rest."""
    seed = SystemRandom().randrange(1_000_000)
    folder = tmp_path_factory.mktemp("kills")
    with postgresql() as server, hosts(folder, f"{server.url}/postgres", voters=VOTERS) as made:
        made[0].start("mailbox")
        for host in made:
            host.start("serve")
            host.start("courier")
        killer = Killer(made, server, Random(seed))  # noqa: S311  # instants, not secrets
        people = morning(made, killer, seed)
        recovers_by_itself(made)
        settle(made)
        yield Aftermath(made[0], people, killer, seed, made[0].mails())


@pytest.fixture(autouse=True)
def _told(aftermath: Aftermath) -> None:
    print(f"seed {aftermath.seed}: {dict(Counter(aftermath.killer.done))}")  # noqa: T201  # shown when a test fails


def morning(made: list[Installation], killer: Killer, seed: int) -> list[Insistent]:
    """Voters come while the killer works. Returns those who came."""
    over, waiting = Event(), list(enumerate(made[0].voters))
    came: list[Insistent] = []
    troubles: list[BaseException] = []

    def queue() -> None:
        while not over.is_set() and waiting and not troubles:
            number, voter = waiting.pop()
            chance = Random(seed + number)  # noqa: S311  # likewise
            person = Insistent(voter, [host.site for host in made], made[0].mails, chance, over)
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


def test_the_run_was_worth_it(aftermath: Aftermath) -> None:
    """Hundreds of cases where the machine has nothing else to do, each kind of kill, and every way a try can end."""
    assert sum(len(person.asked) for person in aftermath.people) > SECONDS / 2
    assert len(set(aftermath.killer.done)) == 5
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
    sent = aftermath.rows("SELECT count(*) FROM outbox WHERE state = 'sent'")
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
    epochs = aftermath.rows("SELECT id, epoch FROM voters WHERE epoch > 0")

    assert set(accepted.values()) == {1}
    assert dict(used) == dict(epochs)


def test_case_45_each_act_left_one_event(aftermath: Aftermath) -> None:
    """CASE 45: each link, change and mail of the store has its event in the journal, and the journal has no other."""
    links = dict(aftermath.rows('SELECT "case", count(*) FROM links GROUP BY "case"'))
    used = dict(aftermath.rows('SELECT "case", count(used) FROM links GROUP BY "case" HAVING count(used) > 0'))
    opened = dict(aftermath.rows('SELECT "case", count(opened) FROM links GROUP BY "case" HAVING count(opened) > 0'))
    sent = dict(aftermath.rows("""SELECT "case", count(*) FROM outbox WHERE state = 'sent' GROUP BY "case" """))
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
