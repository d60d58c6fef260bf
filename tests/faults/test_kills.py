"""CASE 35: processes are killed at random while hundreds of voters recover their access.

Two hosts, each with a courier, share a PostgreSQL. There are a mail server, a real Kannel and a mobile operator. Half
of the voters want a password and then an identifier. The others want only an identifier. After the kills, the drill's
judge checks that everything that voters were told is true, and the tests check each invariant.
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

from core.ports import ACCESS_CHANGED
from core.text.urls import sms_answer_url
from demo.telephones import DemoSms, DemoSmsStore
from tests.drill.judge import Verdict, judge
from tests.drill.play import Drill, coming_voters, settle, wait_until_nothing_waits
from tests.drill.record import Act, Record, Told
from tests.drill.service import SETTINGS, on_one_server
from tests.faults.killer import Killer
from tests.support.kannel import PASSWORD, boxes, operator
from tests.support.local_kannel import SMPP_SMSC, LocalKannel
from tests.support.postgres import postgresql
from tests.support.product import DemoMail, Installation, answers, eventually, free_port, gateway, hosts, inside
from tests.support.product.site import IDENTIFIER

SECONDS, MOST_SECONDS = 30, 900
"""Number of seconds in which processes are killed, and its maximum on a slow machine."""
VOTERS = 400
PEOPLE_AT_ONCE = 3
IN_HAND = 10
"""Number of SMS that Kannel passes on at a time. It sends them again if it dies before recording their answers."""
CONNECTIONS = 3
"""Number of messages of each channel that a courier may be sending when it is killed."""
WATCH_SECONDS = 0.2
SECONDS_FOR_REPORTS = 180
LAST_WORDS = 2_000
"""Number of characters to show from the end of a log if a process has ended by itself."""
MAILS = "SELECT count(*) FROM outbox WHERE state = 'sent' AND kind NOT IN ('code', 'queued-code', 'identifier')"
MAILS_OF_CASES = MAILS.replace("count(*)", '"case", count(*)') + ' GROUP BY "case"'


@dataclass
class FinalState:
    """The state of the service after the kills, when all work has ended."""

    drill: Drill
    killer: Killer
    mails: list[DemoMail]
    texts: list[DemoSms]

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a database query."""
        return self.drill.service.rows(query, *values)

    def acts(self) -> dict[str, Counter[str]]:
        """Count the events of each type for each case in the journal."""
        found: dict[str, Counter[str]] = {}
        for case, act, count in self.rows('SELECT "case", act, count(*) FROM events GROUP BY "case", act'):
            found.setdefault(case, Counter())[act] = count
        return found


@pytest.fixture(scope="module")
def final_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FinalState]:
    """Kill processes for half a minute or longer, wait until all work has ended, and return the state of the service."""
    seed = SystemRandom().randrange(1_000_000)
    folder = tmp_path_factory.mktemp("kills")
    with ExitStack() as stack:
        server = stack.enter_context(postgresql())
        made = stack.enter_context(hosts(folder, f"{server.url}/postgres", voters=VOTERS))
        telephones = DemoSmsStore(made[0].folder / "telephones.sqlite3")
        kannel = stack.enter_context(sms_by_kannel(made, telephones))
        within = stack.enter_context(inside(made[0]))
        made[0].start("mailbox")
        for host in made:
            host.variables |= {key: value for key, value in SETTINGS.items() if "BOARD" not in key}  # mails are counted
            host.variables |= {f"RETROUVE_{channel}__CONNECTIONS": str(CONNECTIONS) for channel in ("MAIL", "SMS")}
            host.start("serve")
            host.start("courier")
        killer = Killer(made, server, kannel, Random(seed))  # noqa: S311  # instants, not secrets
        drill = Drill(on_one_server(made, within), Record(folder / "told.jsonl"), seed)
        lucky = made[0].voters[::2]
        sessions = dict(zip((voter.email for voter in lucky), within.signed_in(lucky), strict=True))
        with coming_voters(drill, PEOPLE_AT_ONCE, sessions, answers_by_sms=True) as troubles:
            killer.work(lambda: bool(troubles) or is_enough(drill, killer), least=SECONDS, most=MOST_SECONDS)
        assert_working(made)
        settle(drill.service)
        reported(telephones)
        wait_until_nothing_waits(drill.service)  # a report of an SMS that did not arrive causes a mail
        yield FinalState(drill, killer, made[0].mails(), telephones.messages(limit=10_000))


@contextmanager
def sms_by_kannel(made: Sequence[Installation], telephones: DemoSmsStore) -> Iterator[LocalKannel]:
    """Run Kannel and a mobile operator for the SMS of both hosts. Delivery reports go to the first host."""
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
    told = Counter((each.act.value, each.told.value) for each in final_state.drill.record.attempts)
    print(f"seed {final_state.drill.seed}: {dict(Counter(final_state.killer.done))}, {dict(told)}")  # noqa: T201  # shown when a test fails


def is_enough(drill: Drill, killer: Killer) -> bool:
    """Return whether there are enough cases, all kinds of kills, and both accepted and refused passwords."""
    told = Counter((each.act, each.told) for each in drill.record.attempts)
    return (
        told[Act.ASK, Told.DONE] > 10
        and told[Act.CODE, Told.DONE] > 5
        and len(set(killer.done)) == len(killer.acts)
        and min(told[Act.CHOOSE, each] for each in (Told.DONE, Told.REFUSED)) > 0
    )


def assert_working(made: list[Installation]) -> None:
    """Check that on both hosts a new link arrives and works. No process is restarted by hand."""
    for host in made:
        for name, part in host.parts.items():
            assert part.poll() is None, f"{name} ended by itself: {host.log(name).read_text('utf-8')[-LAST_WORDS:]}"
        eventually(lambda: answers(host.site), "a ready site")  # noqa: B023  # run now
        voter = made[0].voters[0 if host is made[0] else 1]
        there = len(made[0].links(voter))
        host.browser().ask_for_link_mail(voter.email)
        eventually(lambda: made[0].links(voter)[there:], "a link from the couriers that lived")  # noqa: B023  # run now


def reported(telephones: DemoSmsStore) -> None:
    """Wait until the operator has sent every delivery report."""
    eventually(lambda: not telephones.pending(1), "every report", SECONDS_FOR_REPORTS)


def test_the_run_covers_all_kinds_of_kills(final_state: FinalState) -> None:
    """The run has enough cases, all kinds of kills, and both accepted and refused passwords."""
    assert is_enough(final_state.drill, final_state.killer)


def test_what_was_told_is_true(final_state: FinalState) -> None:
    """Nothing that a page reported to a voter was lost, denied or done twice."""
    assert judge(final_state.drill) == Verdict()
    assert final_state.drill.record.without_retry == []


def test_case_35_no_mail_is_lost(final_state: FinalState) -> None:
    """CASE 35: each request was decided, and each link and notice was sent and is in the mailbox.

    There are three exceptions, in which a courier was killed before it could record the sending. A code is not sent
    again if the voter no longer waits for it, a link is not sent again if the voter has used it, and an identifier is
    not sent again if the operator has already reported on it.
    """
    waiting = final_state.rows("SELECT count(*) FROM outbox WHERE state NOT IN ('sent', 'dropped')")
    dropped = final_state.rows("SELECT kind, reason, \"case\" FROM outbox WHERE state = 'dropped'")
    sent = final_state.rows(MAILS)[0][0]
    used = {case for (case,) in final_state.rows('SELECT "case" FROM links WHERE used IS NOT NULL')}
    arrived = [case for kind, reason, case in dropped if (kind, reason) == ("link", ACCESS_CHANGED) and case in used]
    accepted = {("code", "no-longer-wanted"), ("queued-code", "no-longer-wanted"), ("identifier", "reported")}

    assert waiting == [(0,)]
    assert [each for each in dropped if each[:2] not in accepted and each[2] not in arrived] == []
    assert len({mail.message_id for mail in final_state.mails}) == sent + len(arrived)


def test_case_35_copies_of_a_mail_are_equal(final_state: FinalState) -> None:
    """CASE 35: a killed courier repeats only mails that it was sending, with the same bytes and Message-ID."""
    copies: dict[str, list[bytes]] = {}
    for mail in final_state.mails:
        copies.setdefault(mail.message_id, []).append(mail.raw)
    kills = Counter(final_state.killer.done)
    doubled = sum(len(each) - 1 for each in copies.values())

    assert [len(set(each)) for each in copies.values()] == [1] * len(copies)
    assert doubled <= CONNECTIONS * kills["courier"]


def test_each_action_has_one_event(final_state: FinalState) -> None:
    """Each link, mail and identifier in the database has its event in the journal, and there are no other events."""
    links = dict(final_state.rows('SELECT "case", count(*) FROM links GROUP BY "case"'))
    opened = dict(final_state.rows('SELECT "case", count(opened) FROM links GROUP BY "case" HAVING count(opened) > 0'))
    sent = dict(final_state.rows(MAILS_OF_CASES))
    reissues = {case: 1 for (case,) in final_state.rows('SELECT "case" FROM reissues')}
    acts = final_state.acts()

    def told(act: str) -> dict[str, int]:
        return {case: counts[act] for case, counts in acts.items() if counts[act]}

    assert told("link-decided") == links
    assert told("link-opened") == opened
    assert told("mail-accepted") == sent
    assert told("code-accepted") == told("identifier-in-force") == reissues
    assert {case: acts[case]["reissue-opened"] for case in reissues} == reissues
    assert {case: acts[case]["asked"] for case in links} == dict.fromkeys(links, 1)
    assert {"phone-taken", "wrong-code", "code-expired", "reissue-under-way"} >= {
        reason for (reason,) in final_state.rows("SELECT DISTINCT reason FROM events WHERE act = 'code-refused'")
    }


def test_case_35_copies_of_an_identifier_are_equal(final_state: FinalState) -> None:
    """CASE 35: an identifier comes twice only if a courier or a process of Kannel was killed while sending it."""
    texts = [match[0] for text in final_state.texts if (match := IDENTIFIER.search(text.text))]
    kills = Counter(final_state.killer.done)
    in_couriers = CONNECTIONS * kills["courier"]

    assert len(texts) - len(set(texts)) <= in_couriers + IN_HAND * (kills["smsbox"] + kills["gateway"])


def test_each_identifier_has_its_reported_state(final_state: FinalState) -> None:
    """If a delivery report came for an identifier, its state is "delivered". Otherwise it is "sent"."""
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
