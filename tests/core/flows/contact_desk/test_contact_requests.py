"""Tests of requests to the helpdesk: the form, its limits, the call-back list, and the written answers."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from unittest.mock import patch

import msgspec
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from core.desk.attention import AttentionItem
from core.flows.contact_desk.answer_time_choices import (
    CALL_LATE,
    EVERYTHING_LATE,
    AnswerTimeChoice,
    answer_window,
    late_answer_notices,
    late_request_notices,
    offered_answer_times,
)
from core.flows.contact_desk.contact_requests import ContactRequests
from core.flows.contact_desk.definition import AskDeskAnswer
from core.flows.contact_desk.plugin import ContactFlowPlugin
from core.flows.dependencies import Dependencies
from core.flows.flow_handler import Visit
from core.flows.phase_notice import desk_status
from core.forms import errors
from core.forms.field_parsers import parse_address
from core.policy.policy import Policy
from core.ports import AgentRole, AnswerWay, CallBackOrigin, EventType, StoreUnavailable
from core.text.faces.call_sentences import ContactReason
from core.text.faces.timeline_sentences import TimelineLineTone
from core.text.text import Language, Text
from core.text.translation import translate
from tests.support.desk import add_known, outcome, signed_in_agent
from tests.support.election import CALENDAR, CAMILLE, GOOD, NETWORK, STRANGER, visit
from tests.support.stores import writing
from tests.support.worlds import World
from webhook.site_application import create_site

KEY = re.compile(r'name="form_key" value="([^"]*)"')
CASE = re.compile(r'<meta name="case" content="([^"]*)">')
OTHER_NUMEN = "22B2222222BBB"
REFUSAL = f'name="refusal" content="{errors.TooManyDeskRequestsFromNetwork.id}"'
REQUEST = {"subject": "mail-missing", "case_number": "", "answer_time": "writing"}


class MailSender:
    """A browser that sends requests to the helpdesk with the form of step DA-1."""

    def __init__(self, world: World) -> None:
        self.site = str(world.services.settings.election.site)
        self.client: FlaskClient = create_site(world.services).test_client()
        steps = world.services.flows[ContactFlowPlugin].steps
        self.form, self.asked = (f"/{steps.flow.slug}/{step.slug}" for step in (steps.ask, steps.asked))

    def page(self, path: str) -> str:
        return self.client.get(path, base_url=self.site).get_data(as_text=True).replace("\u00a0", " ")

    def send(self, email: str, key: str = "", **other: str) -> TestResponse:
        typed = {"email": email, **REQUEST, **other, "form_key": key}
        return self.client.post(self.form, base_url=self.site, data=typed)


def let_courier_work(world: World) -> None:
    """Run the courier until no message is due."""
    while world.courier().run_once():
        continue


def entries(world: World) -> list[AttentionItem]:
    """Return the entries of the call-back list that an agent sees."""
    session = signed_in_agent(world, f"agent{world.clock.now():%H%M%S}")
    return [item for item in world.services.desk.home.overview(session).attention if item.call_back is not None]


def test_a_request_reaches_the_desk_and_tells_nobody_who_is_on_the_roll(any_world: World) -> None:
    """Known and unknown addresses get the same pages and rows.

    Only the known address reaches the desk and gets a mail.
    """
    world = any_world
    camille = add_known(world)
    pages = []
    for email in (CAMILLE, STRANGER):
        sender = MailSender(world)
        key = KEY.findall(sender.page(sender.form))[0]
        assert {sender.send(email, key).location for _ in range(2)} == {sender.asked}
        page = sender.page(sender.asked)
        assert "Message qui n'arrive pas" in unescape(page).replace("\u00a0", " ")
        pages.append(page.replace(email, "…").replace(CASE.findall(page)[0], "…"))
    assert pages[0] == pages[1]
    assert world.kept.cases() == 2, "a form that came twice is one request"
    assert entries(world) == []

    let_courier_work(world)

    (entry,) = entries(world)
    assert (entry.voter, entry.case) == (camille.id, None)
    (letter,) = world.post.to(CAMILLE)
    assert "L'assistance répond à cette adresse au plus tard" in letter.part("plain").replace("\n", " ")
    assert world.post.to(STRANGER) == []


def test_a_form_that_another_request_has_stored_meanwhile_reads_nothing_more(world: World) -> None:
    """A repeated form gets the handle of the first one, even if the database becomes unavailable after the conflict."""
    email = parse_address(CAMILLE, example=CAMILLE)
    way, form = AnswerTimeChoice.WRITING, msgspec.structs.replace(visit(), form=b"form")
    answer = AskDeskAnswer(email=email, subject=ContactReason.MAILBOX, case_number=None, answer_time=way)
    requests = ContactRequests(world.dependencies)
    handle = requests.ask(answer, form)

    with patch.object(Dependencies, "find_case", side_effect=(None, StoreUnavailable)):
        assert requests.ask(answer, form) == handle


def ask(
    world: World, subject: ContactReason, way: AnswerTimeChoice, *, network: str = NETWORK, own: Visit | None = None
) -> Visit:
    """Ask the desk in Camille's name, and let the courier work. Returns the browser; `own` is one that has asked before."""
    held = msgspec.structs.replace(own or visit(), network=network)
    answer = AskDeskAnswer(
        email=parse_address(CAMILLE, example=CAMILLE), subject=subject, case_number=None, answer_time=way
    )
    handle = ContactRequests(world.dependencies).ask(answer, held)
    let_courier_work(world)
    world.clock.move(seconds=1)
    return held.with_(contact=handle)


def promises(world: World) -> list[tuple[ContactReason, AnswerWay, int | None]]:
    """Return subject, way and last hour of each answer that Camille waits for."""
    with world.store.read() as transaction:
        waiting = transaction.call_backs.waiting_for(world.voter().id)
    ends = [None if each.until is None else CALENDAR.to_local(each.until).hour for each in waiting]
    return sorted((each.reason, each.way, end) for each, end in zip(waiting, ends, strict=True))


@pytest.mark.parametrize(
    ("asked", "closes", "notices"),
    [("09:00", 17, ()), ("12:30", 17, (CALL_LATE,)), ("19:30", 23, (EVERYTHING_LATE,))],
)
def test_an_answer_that_would_come_after_the_vote_is_announced(
    asked: str, closes: int, notices: tuple[Text, ...]
) -> None:
    """On the last Friday of the vote, the form says which answers could come only after the vote."""
    friday = datetime(2018, 11, 30, closes, tzinfo=CALENDAR.zone)
    hour, minute = map(int, asked.split(":"))
    calendar = replace(CALENDAR, vote_closes=friday)

    now = friday.replace(hour=hour, minute=minute)
    told, status = late_answer_notices(Policy(), calendar, now), desk_status(Policy(), calendar, now)

    assert [each.msgid for each in told] == [each.msgid for each in notices]
    assert ("après la fin du vote" in status.msgid) is (EVERYTHING_LATE in notices)
    sent = late_request_notices(answer_window(Policy(), calendar, IN_WRITING, now).begins, calendar, now)
    assert [each.msgid for each in sent] == [each.msgid for each in notices if each is EVERYTHING_LATE]
    assert not late_request_notices(friday, calendar, friday), "after the vote"


MAILBOX, ROLL, FROZEN = ContactReason.MAILBOX, ContactReason.ROLL, ContactReason.FROZEN
IN_WRITING, IN_MORNING, IN_AFTERNOON = AnswerTimeChoice.WRITING, AnswerTimeChoice.MORNING, AnswerTimeChoice.AFTERNOON


def test_the_page_after_a_late_request_repeats_what_the_form_said(world: World) -> None:
    """Step DA-2 says that the call comes after the vote, and what works until then."""
    handler = world.services.flows[ContactFlowPlugin].handler
    for before, notices in ((timedelta(minutes=2), [EVERYTHING_LATE.msgid]), (timedelta(days=3), [])):
        world.clock.at = CALENDAR.vote_closes - before
        shown = handler.show(handler.steps.asked, ask(world, MAILBOX, IN_MORNING))
        assert shown.step is handler.steps.asked
        assert [each.msgid for each in shown.notices] == notices


@pytest.mark.parametrize("networks", [[NETWORK] * 4, ["192.0.2.1", "192.0.2.2", "192.0.2.3"] * 4])
def test_a_request_beyond_the_limit_reaches_the_desk(any_world: World, networks: list[str]) -> None:
    """After a stranger's requests from the voter's network, or from three others, the voter's own one is kept.

    Only the mail that confirms it is not sent. Further requests about a subject join its entry.
    """
    world, policy = any_world, any_world.dependencies.policy
    add_known(world)
    for network in networks:
        ask(world, MAILBOX, IN_WRITING, network=network)
    allowed = min(len(set(networks)) * (policy.asks_per_network // 2), policy.asks_per_address // 2)
    assert len(world.post.to(CAMILLE)) == allowed

    own = ask(world, FROZEN, IN_AFTERNOON)
    for subject in (FROZEN, MAILBOX):
        ask(world, subject, IN_WRITING)

    assert [each[:2] for each in promises(world)] == [
        (FROZEN, AnswerWay.CALL),
        (FROZEN, AnswerWay.WRITING),
        (MAILBOX, AnswerWay.WRITING),
    ]
    assert len(world.post.to(CAMILLE)) == allowed
    case = world.dependencies.find_case(own.contact)
    assert case is not None
    assert world.acts(case.number) == [EventType.CALL_BACK_ASKED]


def test_only_its_own_browser_changes_a_waiting_entry(any_world: World) -> None:
    """A stranger's request neither turns a promised call into a mail nor moves it, whichever of both came first."""
    world = any_world
    add_known(world)
    world.clock.at = datetime(2018, 12, 4, 7, tzinfo=UTC)
    own = ask(world, ROLL, IN_AFTERNOON)
    called = (ROLL, AnswerWay.CALL, 19)
    for way in (IN_WRITING, IN_MORNING):
        ask(world, ROLL, way)
        ask(world, MAILBOX, way)
    ask(world, MAILBOX, IN_AFTERNOON, own=own)
    assert {called, (MAILBOX, AnswerWay.CALL, 19)} <= set(promises(world))
    assert len(promises(world)) == 6


def test_its_own_browser_changes_a_waiting_entry_that_is_only_its_own(any_world: World) -> None:
    """A voter who chose a call by mistake gets a mail instead; once another browser has asked the same, both are kept."""
    world = any_world
    add_known(world)
    world.clock.at = datetime(2018, 12, 4, 7, tzinfo=UTC)
    own = ask(world, ROLL, IN_AFTERNOON)
    own = ask(world, ROLL, IN_WRITING, own=own)
    assert promises(world) == [(ROLL, AnswerWay.WRITING, 19)]
    own = ask(world, ROLL, IN_AFTERNOON, own=own)
    stranger = ask(world, ROLL, IN_AFTERNOON)
    assert promises(world) == [(ROLL, AnswerWay.CALL, 19)]

    for browser in (stranger, own):
        ask(world, ROLL, IN_WRITING, own=browser)

    assert promises(world) == [(ROLL, AnswerWay.CALL, 19), (ROLL, AnswerWay.WRITING, 19)]


def test_recovery_mails_and_confirmations_share_one_limit(any_world: World) -> None:
    """From ten networks, recovery mails and desk requests together bring a voter at most ten mails an hour."""
    world, policy = any_world, any_world.dependencies.policy
    add_known(world)
    for number in range(policy.asks_per_address):
        world.ask(network=f"192.0.2.{number}")
        ask(world, MAILBOX, IN_WRITING, network=f"192.0.2.{number}")

    assert len(world.post.to(CAMILLE)) == policy.asks_per_address


def test_requests_to_the_desk_keep_no_recovery_mail_from_a_voter(any_world: World) -> None:
    """Confirmations use at most half of the limits, so that a link still reaches the voter in a stranger's network."""
    world, policy = any_world, any_world.dependencies.policy
    add_known(world)
    for number in range(20):
        ask(world, MAILBOX, IN_WRITING, network=f"192.0.2.{number % 4 + 1}")
    assert len(world.post.to(CAMILLE)) == policy.asks_per_address // 2

    for network in (NETWORK, "198.51.100.1"):
        before = len(world.post.links(CAMILLE))
        world.ask(network=network)
        let_courier_work(world)
        assert len(world.post.links(CAMILLE)) == before + 1


def test_a_stranger_who_knows_a_case_number_or_an_address_does_no_harm(any_world: World) -> None:
    """A stranger's request reveals no case, delays no promised answer, and turns no written answer into a call."""
    world = any_world
    camille = add_known(world)
    case = world.number(world.ask())
    add_known(world, "other@ac-lumiere.example", OTHER_NUMEN)
    sender = MailSender(world)
    let_courier_work(world)
    before = len(world.post.to(CAMILLE))

    sender.send(STRANGER, case_number=case)
    sender.send("other@ac-lumiere.example", case_number=case)
    sender.send(CAMILLE, case_number=case)
    world.clock.move(minutes=1)
    MailSender(world).send(CAMILLE, answer_time="afternoon")
    let_courier_work(world)

    assert len(world.post.to(CAMILLE)) == before + 2
    with world.store.read() as transaction:
        own, _ = transaction.call_backs.waiting_for(camille.id)
        assert (own.way, own.asked, own.due) == (AnswerWay.WRITING, world.clock.at - timedelta(minutes=1), own.asked)
        entered = transaction.call_backs.waiting(CallBackOrigin.WEB_FORM, 10)
    assert [each.case == case for each in entered if each.voter != camille.id] == [False]

    world.clock.at = CALENDAR.vote_closes
    answer = sender.send(CAMILLE)
    assert (answer.status_code, "vote-closed" in answer.get_data(as_text=True)) == (403, True)


def test_what_cannot_be_read_is_said_and_what_was_chosen_stays(world: World) -> None:
    """Each invalid field has its own error, and the page keeps the choices. An unknown case number is accepted."""
    sender = MailSender(world)
    wrong = sender.send("camille", subject="secret", case_number="7F3K", answer_time="morning")
    page = wrong.get_data(as_text=True)
    assert wrong.status_code == 422
    assert re.findall(r'<li><a href="#([^"]+)">', page) == ["email", "subject", "case_number"]
    assert '<option value="morning" selected>' in page

    answer = sender.send(STRANGER, case_number="2222-2222")
    assert answer.location == sender.asked
    assert [each.partition("=")[0] for each in answer.headers.getlist("Set-Cookie")] == ["__Host-contact"]


def test_one_network_cannot_flood_the_desk_with_many_addresses(world: World) -> None:
    """A network above its limit is refused for known and unknown addresses alike, until the window is over."""
    limit, sender = world.dependencies.policy.desk_requests_per_network, MailSender(world)
    for number in range(limit):  # one in two beyond the limit of its address
        assert sender.send(f"person{number % 2 * number}@ac-lumiere.example").status_code == 303
    add_known(world)

    refused = {
        (each.status_code, REFUSAL in each.get_data(as_text=True)) for each in map(sender.send, (CAMILLE, STRANGER))
    }

    assert refused == {(429, True)}
    assert world.kept.cases() == limit
    assert EventType.ACT_REFUSED not in dict(world.kept.lines())
    world.clock.move(minutes=world.dependencies.policy.asks_window_minutes)
    assert sender.send(CAMILLE).status_code == 303


def test_one_ipv6_customer_cannot_flood_the_desk(any_world: World) -> None:
    """A /56 has four times the limit of one network, whichever of its networks it uses; a /48 with many is an alarm."""
    world = any_world
    world.dependencies = replace(world.dependencies, policy=Policy(desk_requests_per_network=2))
    requests = ContactRequests(world.dependencies)

    def is_refused(number: int, network: str) -> bool:
        email = parse_address(f"person{number}@ac-lumiere.example", example=CAMILLE)
        answer = AskDeskAnswer(
            email=email, subject=ContactReason.OTHER, case_number=None, answer_time=AnswerTimeChoice.WRITING
        )
        held = msgspec.structs.replace(visit(), network=network)
        return outcome(lambda: requests.ask(answer, held)) is errors.TooManyDeskRequestsFromNetwork

    assert [is_refused(number, f"2001:db8:1:{number:x}::/64") for number in range(10)] == [False] * 8 + [True] * 2

    assert not any(is_refused(number, f"2001:db8:2:{number:x}00::/64") for number in range(33))
    assert world.kept.lines().count(("alarm", "ipv6-48-desk-requests")) == 1


@pytest.mark.parametrize("language", Language)
def test_the_desk_answers_in_writing_to_the_address_on_the_roll(any_world: World, language: Language) -> None:
    """An agent sends one written answer in the language of the page, which closes the entry. A daily limit applies."""
    world, policy = any_world, any_world.dependencies.policy
    camille, session = add_known(world), signed_in_agent(world)
    answers, take = world.services.desk.written_answers, world.services.desk.call_backs.take
    sender = MailSender(world)
    sender.client.get(f"{sender.form}?lang={language}", base_url=sender.site)
    sender.send(CAMILLE)
    sender.send(STRANGER)
    let_courier_work(world)
    (entry,) = entries(world)
    assert (entry.mark, entry.call_back is None) == (TimelineLineTone.NEUTRAL, False)
    world.clock.move(minutes=1)
    other_page = MailSender(world)
    other_page.client.get(
        f"{sender.form}?lang={next(each for each in Language if each is not language)}", base_url=sender.site
    )
    other_page.send(CAMILLE)
    let_courier_work(world)
    call_back = take(session, entry.call_back or 0).id
    offered = answers.offered(session, call_back)
    assert [each.id for each in offered[:2]] == ["mail-missing", "mailbox"]
    assert {each.language for each in offered} == {language}
    for each in offered:
        said = [translate(sentence, language) for sentence in (*each.mail.body, *each.mail.after)]
        assert not [sentence for sentence in said if "{" in sentence or "…" in sentence], each.id
    robin = signed_in_agent(world, "robin")
    assert outcome(lambda: answers.send(robin, call_back, "mailbox")) is errors.WrittenRequestTaken
    auditor = signed_in_agent(world, "claude", AgentRole.AUDITOR)
    assert outcome(lambda: answers.offered(auditor, call_back)) is errors.ActionNotAllowed
    world.clock.move(days=4)
    (late,) = entries(world)
    assert (late.mark, "retard" in late.sentence.msgid) == (TimelineLineTone.BAD, True)
    before = len(world.post.to(CAMILLE))
    answers.send(session, call_back, "mailbox")
    assert outcome(lambda: answers.send(session, call_back, "mailbox")) is errors.WrittenRequestOver
    let_courier_work(world)

    assert entries(world) == []
    letter = world.post.to(CAMILLE)[before:][0]
    plain = " ".join(letter.part("plain").split())
    assert [
        translate(sentence, language) for sentence in offered[1].mail.body if translate(sentence, language) not in plain
    ] == []
    assert world.post.to(STRANGER) == []
    assert [reason for act, reason in world.kept.lines() if act == EventType.ANSWERED_IN_WRITING] == ["mailbox"]

    for number in range(policy.written_answers_per_voter_per_day):
        sender.send(CAMILLE, subject=("password", "identifier", "frozen", "roll", "other")[number])
        let_courier_work(world)
        (each,) = entries(world)
        sent = outcome(lambda: answers.send(session, take(session, each.call_back or 0).id, "call-us"))  # noqa: B023
        world.clock.move(hours=1)
    assert sent is errors.TooManyWrittenAnswers
    world.services.desk.call_backs.give_back(session, each.call_back or 0)
    told = " ".join(
        translate(each.sentence, Language.FRENCH) for each in world.services.desk.files.timeline(session, camille.id)
    )
    assert ("camille répond par écrit" in told, "Répondu par écrit" in told, "rappel" in told.lower()) == (
        True,
        False,
        False,
    )
    writing(world.store).roll.remove([camille.id], world.clock.now())
    assert outcome(lambda: answers.offered(session, each.call_back or 0)) is errors.VoterNotOnRoll


def test_an_answer_that_contradicts_the_case_is_not_sent(world: World) -> None:
    """The desk cannot write "you are at step MP-4" to a voter who never asked, or "blocked" to an open account."""
    camille, session = add_known(world), signed_in_agent(world)
    answers = world.services.desk.written_answers
    sender = MailSender(world)
    sender.send(CAMILLE)
    let_courier_work(world)
    (entry,) = entries(world)
    call_back = entry.call_back or 0

    def refused() -> dict[str, object]:
        offered = answers.offered(session, call_back)
        return {each.id: each.why_not.params.get("step") for each in offered if each.why_not is not None}

    assert refused() == {"mail-missing": "MP-4", "link": "MP-5", "sms-missing": "ID-3", "frozen": None}
    for answer in refused():
        assert outcome(lambda: answers.send(session, call_back, answer)) is errors.AnswerContradictsCase  # noqa: B023
    token = world.link()
    assert set(refused()) == {"sms-missing", "frozen"}
    world.links.choose_password(token, GOOD)
    writing(world.store).voters.freeze(camille.id, epoch=world.voter().epoch, at=world.clock.now())
    assert set(refused()) == {"mail-missing", "link", "sms-missing"}


def test_an_answer_has_a_time_within_the_desks_hours() -> None:
    """A written answer is promised by the end of the desk's next day.

    A call is promised for a time with an hour left.
    """
    for choice, asked, begins, ends in (
        ("writing", "2018-11-30T10:00", "2018-11-30T10:00", "2018-12-03T19:00"),
        ("writing", "2018-12-01T10:00", "2018-12-03T08:00", "2018-12-03T19:00"),
        ("writing", "2018-12-04T05:00", "2018-12-04T08:00", "2018-12-05T19:00"),
        ("morning", "2018-12-04T10:59", "2018-12-04T10:59", "2018-12-04T12:00"),
        ("morning", "2018-12-04T11:01", "2018-12-05T08:00", "2018-12-05T12:00"),
        ("afternoon", "2018-11-30T18:30", "2018-12-03T14:00", "2018-12-03T19:00"),
    ):
        at = datetime.fromisoformat(asked).replace(tzinfo=CALENDAR.zone)

        window = answer_window(Policy(), CALENDAR, AnswerTimeChoice(choice), at)

        assert window.way is (AnswerWay.WRITING if choice == "writing" else AnswerWay.CALL)
        assert [f"{each:%Y-%m-%dT%H:%M}" for each in (window.begins, window.ends)] == [begins, ends]


def test_parts_of_a_day_in_which_the_desk_is_closed_are_not_offered() -> None:
    """A desk that is open only in the afternoon offers no call in the morning."""
    afternoon = replace(Policy(), desk_opens_hour=14, desk_closes_hour=18)

    assert offered_answer_times(afternoon) == (AnswerTimeChoice.WRITING, AnswerTimeChoice.AFTERNOON)
    window = answer_window(afternoon, CALENDAR, AnswerTimeChoice.AFTERNOON, CALENDAR.vote_opens)
    assert window.ends - window.begins == timedelta(hours=4)
