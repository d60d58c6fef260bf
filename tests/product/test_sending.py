"""CASE 37: mail servers refuse or postpone mails or do not run, and the courier is killed or stopped at any moment."""

import json
from collections import Counter
from pathlib import Path
from random import Random
from subprocess import TimeoutExpired

from tests.product.relays import answering
from tests.support.product import SECONDS_OF_A_CLAIM, Installation, eventually, free_port, installation, relay

ASKS = 40
KILLS = 8
LONGEST_LIFE = 0.25
HOURS = 3600


def test_killed_courier_loses_nothing_and_doubles_at_most_one_mail(tmp_path: Path) -> None:
    """With SIGKILL at random moments, every mail arrives. For each kill, at most one arrives twice, with equal bytes."""
    random = Random(35)  # noqa: S311  # instants, not secrets
    with installation(tmp_path / "election") as made:
        # With several connections, a busy machine could have several mails in progress.
        made.variables["RETROUVE_MAIL__CONNECTIONS"] = "1"
        made.start("mailbox")
        made.start("serve")
        voters = [made.take_unused_voter() for _ in range(ASKS)]
        for voter in voters:
            made.browser().ask_for_link_mail(voter.email)
        for number in range(KILLS):
            there = len(made.mails())
            courier = made.start("courier", RETROUVE_CLOCK_OFFSET_SECONDS=str(number * SECONDS_OF_A_CLAIM))
            if there < ASKS:
                eventually(lambda: len(made.mails()) > there, "the next mail")  # noqa: B023  # run now
            try:
                courier.wait(random.uniform(0, LONGEST_LIFE) ** 2)
            except TimeoutExpired:
                made.kill("courier")
        assert len(made.mails()) < ASKS + KILLS
        made.start("courier", RETROUVE_CLOCK_OFFSET_SECONDS=str(KILLS * SECONDS_OF_A_CLAIM))
        made.settled()
        mails = made.mails()
        assert {mail.to for mail in mails} == {voter.email for voter in voters}
        by_id: dict[str, set[bytes]] = {}
        for mail in mails:
            by_id.setdefault(mail.message_id, set()).add(mail.raw)
        assert len(by_id) == ASKS
        assert [len(bytes_) for bytes_ in by_id.values()] == [1] * ASKS
        assert len(mails) - ASKS <= KILLS
        assert max(Counter(mail.message_id for mail in mails).values()) <= 1 + KILLS
        assert made.rows("SELECT state, count(*) FROM outbox GROUP BY state") == [("sent", ASKS)]
        assert made.rows("SELECT count(*) FROM links") == [(ASKS,)]
        browser = made.browser()
        browser.get(mails[-1].link)
        assert browser.submit_new_password("Nuage violet 2018").step == "MP-7"


def test_sigterm_finishes_the_mail_in_hand(parts: Installation) -> None:
    """A courier that is stopped sends no mail twice, and the next courier can send the others at once."""
    parts.start("mailbox")
    parts.start("serve")
    for _ in range(20):
        parts.browser().ask_for_link_mail(parts.take_unused_voter().email)
    parts.start("courier")
    eventually(parts.mails, "the first mail")
    parts.stop("courier")
    parts.start("courier")
    parts.settled()
    assert Counter(mail.to for mail in parts.mails()).most_common(1)[0][1] == 1
    assert len(parts.mails()) == 20


def test_case_37_a_permanent_refusal_is_not_tried_elsewhere_and_a_temporary_one_once(tmp_path: Path) -> None:
    """CASE 37: after a permanent refusal, no other mail server gets the mail.

    After a temporary one, the next gets it.
    """
    with answering({"RCPT": "550 5.1.1 no such user"}) as first, answering() as second:
        relays = [relay(free_port()), relay(first.port), relay(second.port)]
        with installation(tmp_path / "election", relays=relays) as made:
            made.start("serve")
            made.start("courier")
            case = made.browser().ask_for_link_mail(made.take_unused_voter().email).case
            made.settled()
            assert (first.count("RCPT"), first.kept, second.heard) == (1, [], [])
            assert ("mail-refused") in [act for act, _ in made.events(str(case))]
            assert made.rows("SELECT state FROM outbox") == [("parked",)]

            first.answers |= {"RCPT": "250 ok", ".": "451 4.3.0 try again later"}
            case = made.browser().ask_for_link_mail(made.take_unused_voter().email).case
            made.settled()
            assert (first.count("RCPT"), len(first.kept), len(second.kept)) == (2, 0, 1)
            accepted = [reason for act, reason in made.events(str(case)) if act == "mail-accepted"]
            assert accepted == [f"127.0.0.1:{second.port}"]


def test_late_message_that_is_still_useful_is_sent(parts: Installation) -> None:
    """If the mail server is back in time, a late mail is sent, with the time of its request."""
    down = json.dumps([relay(free_port())])
    parts.start("serve")
    parts.start("courier", RETROUVE_MAIL__RELAYS=down)
    voter = parts.take_unused_voter()
    page = parts.browser().ask_for_link_mail(voter.email)
    parts.considered(1)
    parts.stop("courier")
    parts.start("mailbox")
    parts.start("courier", RETROUVE_CLOCK_OFFSET_SECONDS=str(4 * HOURS - 12 * 60))
    mail = parts.mail(voter.email)
    until = page.text.partition("valable jusqu'au ")[2].partition(" (")[0]
    assert f"le {until} (heure de Paris)" in mail.words
    assert parts.browser().get(mail.link).step == "MP-6"
