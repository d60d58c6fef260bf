"""Tests of requests for a new voting identifier as a voter makes them: what each step does, and what it refuses."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any
from unittest.mock import patch

import pytest

from core.flows.account.voter_space_definition import VOTER_SPACE
from core.flows.flow_handler import Visit
from core.flows.identifier.current_step import (
    CODE_BY_SMS,
    CODE_EXPIRED_AT,
    NEVER,
    NO_REQUEST_LEFT,
    NOT_YET,
    Allowance,
    ReissueStepChooser,
)
from core.flows.identifier.plugin import IdentifierFlowPlugin
from core.flows.identifier.states import IdentifierSmsDelivered, ReissueOrdered
from core.forms import errors
from core.forms.flow_model import (
    REFRESH_SOON,
    FormErrors,
    ShownStep,
    actions_not_possible_yet,
    problems_to_show,
)
from core.ports import CommitOutcomeUnknown, MessageState, SendRefused, SmsDeliveryStatus, StoreUnavailable
from core.text.text import Moment, Text, TimeOfDay
from tests.support.election import CALENDAR, CAMILLE, NOON, entry, visit
from tests.support.reissues import CODE_SMS, E164, IDENTIFIER_SMS, Reissuer, identity, line, numen_of, reissuer, votes
from tests.support.stores import writing
from tests.support.worlds import World

OTHER = "other@ac-lumiere.example"


# ── The whole flow ──────────────────────────────────────────────────────────────────────────────────────


def test_a_voter_receives_a_new_identifier(world: World) -> None:
    """A request leads to two SMS and one mail. The new identifier can vote, and two requests are left."""
    camille = reissuer(world)

    assert camille.request().step is camille.steps.identity
    assert camille.prove().step is camille.steps.code
    assert camille.type(camille.code()).step is camille.steps.sending
    world.courier().run_once()

    assert camille.shown().step is camille.steps.done
    assert votes(world, camille.identifier())
    assert camille.left() == 2
    assert [sms.recipient for sms in world.air.taken] == [E164, E164]
    assert world.post.to(CAMILLE)[-1].stop is not None
    assert camille.identifier() not in world.post.to(CAMILLE)[-1].part("plain")
    assert camille.acts() == [
        "reissue-opened",
        "matched",
        "code-decided",
        "sms-accepted",
        "code-accepted",
        "identifier-in-force",
        "sms-accepted",
        "mail-accepted",
    ]


def test_case_32_the_former_identifier_dies_when_the_new_one_lives(world: World) -> None:
    """Only one identifier works at a time. Its clear text is deleted once a gateway has accepted the SMS."""
    camille = reissuer(world)
    first = camille.receive()
    assert world.counts() == {MessageState.SENT: 5}
    assert set(world.kept.bodies().values()) == {None}
    camille.order()

    assert votes(world, first)
    world.courier().run_once()

    assert not votes(world, first)
    assert votes(world, camille.identifier())


def test_the_voter_space_offers_it_and_says_how_many_are_left(world: World) -> None:
    """The voter space offers a new identifier, and says how many requests are left."""
    camille = reissuer(world)
    held = visit(session=camille.session)
    space = VOTER_SPACE.home

    assert world.at(space, "new-identifier", held).step is camille.steps.begin
    assert world.at(camille.steps.begin, "back", held).step is space
    left = world.services.dispatcher.show(space, held).facts["reissues"]
    assert left == world.services.flows[IdentifierFlowPlugin].current_step.reissues_left_sentence(
        Allowance(reissues_left=3, codes_left=5)
    )


def test_the_voter_space_says_when_a_new_identifier_was_sent(world: World) -> None:
    """A voter who signs in again reads when the SMS with the new identifier was sent."""
    camille = reissuer(world)
    said = []
    for act in (lambda: None, camille.asked, lambda: camille.type(camille.code()), world.courier().run_once):
        act()
        shown = world.services.dispatcher.show(VOTER_SPACE.home, visit(session=camille.session))
        identifier = shown.facts["identifier"]
        assert isinstance(identifier, Text)
        said.append(identifier.params)
    assert said == [{}, {}, {}, {"sent_at": Moment(CALENDAR.to_local(world.clock.at))}]


def test_the_voter_space_leads_back_to_a_code_that_is_still_valid(world: World) -> None:
    """A voter who has closed the browser signs in again, and goes on at ID-3. The button is there for ten minutes."""
    camille = reissuer(world)
    camille.request()
    assert camille.resumed_step() is None
    camille.prove()
    code = camille.code()
    world.clock.move(minutes=9)
    assert camille.resumed_step() is camille.steps.code
    world.clock.move(minutes=1)
    assert camille.resumed_step() is None
    world.clock.move(minutes=-1)
    camille.type(code)
    assert camille.resumed_step() is None


def test_every_step_needs_a_session(world: World) -> None:
    """Every step is refused without a session."""
    camille = reissuer(world)
    for step in camille.steps.flow.steps:
        with pytest.raises(errors.SignInNeeded):
            world.services.dispatcher.show(step, visit())


# ── Identity ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_wrong_pair_gets_one_answer(world: World) -> None:
    """A wrong birth date and a wrong NUMEN get the same errors, events and number of tries.

    An unreadable field costs no try.
    """
    camille = reissuer(world)
    world.add(line(world, OTHER))
    camille.request()
    with pytest.raises(FormErrors) as unread:
        camille.prove(phone="", numen="x", **{"birth_date-day": ""})
    assert set(unread.value.by_field) == {"phone", "birth_date", "numen"}
    assert camille.acts() == ["reissue-opened"]

    both = {"numen": numen_of(OTHER), "birth_date-day": "1"}
    for left, changes in ((4, {"numen": numen_of(OTHER)}), (3, {"birth_date-day": "30"}), (2, both)):
        with pytest.raises(FormErrors) as told:
            camille.prove(**changes)
        assert {name: rejected.id for name, rejected in told.value.by_field.items()} == {
            "birth_date": "identity-unmatched",
            "numen": "identity-unmatched",
        }
        assert told.value.tries == errors.tries_left_sentence(left, pause_minutes=60)
    assert camille.acts() == ["reissue-opened", *["matching-refused"] * 3]
    assert not camille.sms(CODE_SMS)


def test_five_wrong_pairs_then_a_pause_that_costs_nothing(world: World) -> None:
    """After five wrong pairs, the voter must wait for an hour. No request is used up."""
    camille = reissuer(world)
    camille.request()
    for _ in range(5):
        world.clock.move(minutes=5)
        with pytest.raises(FormErrors):
            camille.prove(numen=numen_of(OTHER))
    world.clock.move(minutes=59)
    camille.sign_in()

    with pytest.raises(errors.TooManyIdentityAttempts) as paused:
        camille.prove()
    world.clock.move(minutes=1)

    assert paused.value.until == world.clock.at
    assert camille.prove().step is camille.steps.code
    assert camille.left() == 3


def test_a_right_pair_forgives_nothing_and_costs_nothing(world: World) -> None:
    """A right pair does not reset the count of wrong pairs."""
    camille = reissuer(world)
    camille.request()
    for _ in range(4):
        with pytest.raises(FormErrors):
            camille.prove(numen=numen_of(OTHER))
    camille.prove()
    camille.press("other-number")

    with pytest.raises(FormErrors) as told:
        camille.prove(numen=numen_of(OTHER))

    assert told.value.tries == errors.tries_left_sentence(0, pause_minutes=60)
    with pytest.raises(errors.TooManyIdentityAttempts):
        camille.prove()


# ── The security code ───────────────────────────────────────────────────────────────────────────────────


def test_a_code_is_sent_three_times_a_minute_apart_and_is_the_same(world: World) -> None:
    """The same code is sent at most three times, a minute apart. The SMS says how often it was sent."""
    camille = reissuer(world).asked()
    first = camille.code()
    for _ in range(5):
        camille.press("again")
        world.courier().run_once()
        world.clock.move(seconds=60)

    sent = camille.sms(CODE_SMS)

    assert [sms.text.split("\n")[1] for sms in sent] == [
        f"Code de sécurité : {first}, valable jusqu'à 12:10. Envoi {number} sur 3." for number in (1, 2, 3)
    ]
    assert actions_not_possible_yet(camille.shown())


@pytest.mark.parametrize("at_once", [True, False], ids=["refused-by-gateway", "reported"])
def test_a_code_that_cannot_be_delivered_is_shown_until_it_is_sent_again(world: World, at_once: bool) -> None:  # noqa: FBT001
    """The page says that the SMS with the code has failed. Sending it again removes this sentence."""
    camille = reissuer(world).asked()
    if at_once:
        world.air.says = SendRefused("gateway", "unknown number")
    world.courier().run_once()
    if not at_once:
        report = world.services.flows[IdentifierFlowPlugin].receive_delivery_report
        assert report(camille.sms(CODE_SMS)[-1].message_id, SmsDeliveryStatus.UNDELIVERED, lambda _: None)
    failed = camille.shown().facts
    world.clock.move(seconds=60)
    camille.press("again")

    assert failed["destination"] == CODE_BY_SMS.failed.fill(failed)
    assert camille.shown().facts["destination"] != failed["destination"]


@pytest.mark.parametrize(
    ("seconds", "reported", "said"),
    [
        (119, [], CODE_BY_SMS.under_way),
        (120, [], CODE_BY_SMS.expected),
        (20, [SmsDeliveryStatus.DELIVERED], CODE_BY_SMS.arrived),
        (20, [SmsDeliveryStatus.DELIVERED, SmsDeliveryStatus.UNDELIVERED], CODE_BY_SMS.arrived),
        (20, [SmsDeliveryStatus.UNDELIVERED, SmsDeliveryStatus.DELIVERED], CODE_BY_SMS.arrived),
    ],
)
def test_the_page_says_whether_the_sms_with_the_code_has_arrived(
    world: World, seconds: int, reported: list[SmsDeliveryStatus], said: Text
) -> None:
    """ID-3 says so as soon as the gateway reports it, and expects it after two minutes. Sending it again starts anew."""
    camille = reissuer(world).asked()
    world.courier().run_once()
    world.clock.move(seconds=seconds)
    for delivery in reported:
        report = world.services.flows[IdentifierFlowPlugin].receive_delivery_report
        assert report(camille.sms(CODE_SMS)[-1].message_id, delivery, lambda _: None)
    assert camille.shown().facts["destination"] == said.fill(camille.shown().facts)
    world.clock.move(seconds=60)
    camille.press("again")
    assert camille.shown().facts["destination"] == CODE_BY_SMS.under_way.fill(camille.shown().facts)


def test_case_28_after_its_time_a_code_is_dead_and_the_next_one_alone_works(world: World) -> None:
    """An expired code is refused, and the code sent after it works."""
    camille = reissuer(world).asked()
    first = camille.code()
    world.clock.move(minutes=10)

    with pytest.raises(FormErrors) as told:
        camille.type(first)
    expired, since = camille.shown().facts["validity"], TimeOfDay(CALENDAR.to_local(world.clock.at))
    camille.press("again")
    second = camille.code()
    with pytest.raises(FormErrors) as wrong:
        camille.type(first)

    assert told.value.by_field["code"].id == "code-expired"
    assert expired == CODE_EXPIRED_AT.fill({"code_until": since})
    assert wrong.value.by_field["code"].id == "wrong-code"
    assert first != second
    assert camille.type(second).step is camille.steps.sending


def test_case_28_an_sms_with_a_code_is_not_sent_when_it_is_over(world: World) -> None:
    """A courier that was stopped for a while does not send an expired code."""
    camille = reissuer(world).asked()
    world.clock.move(minutes=10)
    world.courier().run_once()

    assert not camille.sms(CODE_SMS)
    assert camille.acts()[-1] == "sms-cancelled"


def test_the_fifth_wrong_code_closes_the_case_then_the_right_one_fails(world: World) -> None:
    """After five wrong codes, the case is closed for an hour, even for the right code. No request is used up."""
    camille = reissuer(world).asked()
    right, wrong = camille.code(), camille.wrong()
    for left in (4, 3, 2, 1):
        with pytest.raises(FormErrors) as told:
            camille.type(wrong)
        assert told.value.tries == errors.code_tries_left_sentence(left, pause_minutes=60)

    with pytest.raises(errors.TooManyWrongCodes) as closed:
        camille.type(wrong)

    assert camille.type(right).step is camille.steps.begin
    with pytest.raises(errors.TooManyWrongCodes):
        camille.request()
    space = world.services.dispatcher.show(VOTER_SPACE.home, visit(session=camille.session))
    assert closed.value.until is not None
    for page in (space, camille.shown()):
        assert [notice.params["again_at"] for notice in page.notices] == [TimeOfDay(closed.value.until)]
        assert not page.facts["may_request"]
    world.clock.move(minutes=61)
    camille.sign_in()
    assert camille.order().step is camille.steps.sending
    assert camille.left() == 2


def test_after_another_number_the_former_code_opens_nothing(world: World) -> None:
    """A code that was sent to the former phone number is refused after the voter has changed the number."""
    camille = reissuer(world).asked()
    former = camille.code()
    world.clock.move(minutes=1)
    camille.press("other-number")
    camille.prove(phone="06 87 65 43 21")

    with pytest.raises(FormErrors):
        camille.type(former)

    assert camille.type(camille.code("+33687654321")).step is camille.steps.sending


def test_a_new_password_ends_what_is_half_done(world: World) -> None:
    """A new password ends a request that is not completed, and its code is no longer accepted."""
    camille = reissuer(world).asked()
    code = camille.code()
    world.links.choose_password(world.link(), "Girafe tambour 31")
    camille.session = world.sessions.sign_in(CAMILLE, "Girafe tambour 31", visit()).session

    assert camille.type(code).step is camille.steps.begin
    assert not camille.sms(IDENTIFIER_SMS)


# ── Limits and the calendar ─────────────────────────────────────────────────────────────────────────────


def test_while_one_is_on_its_way_no_other_begins(world: World) -> None:
    """While an identifier is being sent, another request is refused."""
    camille = reissuer(world)
    camille.order()

    requests = world.services.flows[IdentifierFlowPlugin].handler.requests
    assert isinstance(requests.open_or_resume_case(camille.voter, world.clock.now()), errors.ReissueUnderWay)
    assert camille.request().step is camille.steps.sending


def test_case_33_outside_the_calendar_it_is_refused(world: World) -> None:
    """Before the opening and after the vote, requests and codes are refused with the date. Nothing changes."""
    camille = reissuer(world).asked()
    code, case = camille.code(), camille.case
    # A session ends with the vote: the dates are moved, and not the clock, so that the calendar alone refuses.
    later = {"recovery_opens": NOON + timedelta(days=1), "vote_opens": NOON + timedelta(days=2)}
    for dates, refusal in (later, errors.NotYetOpen), ({"vote_closes": NOON}, errors.VoteClosed):
        calendar = replace(CALENDAR, **dates)
        outside = replace(camille, world=World(world.kept, replace(world.dependencies, calendar=calendar)))
        for act in outside.request, partial(outside.type, code):
            with pytest.raises(refusal) as refused:
                act()
            assert Moment(calendar.to_local(min(dates.values()))) in refused.value.facts.values()
        assert (camille.case, camille.left()) == (case, 3)


# ── Delivery reports ────────────────────────────────────────────────────────────────────────────────────


def test_what_is_not_delivered_is_not_counted(world: World) -> None:
    """Three undelivered identifiers are given back, and the fourth counts.

    The voter is told on the page and by mail. If no request is left, the page has no button for another one.
    """
    camille = reissuer(world)
    lefts = []
    for delivery in (SmsDeliveryStatus.UNDELIVERED, SmsDeliveryStatus.REJECTED, *[SmsDeliveryStatus.UNDELIVERED] * 4):
        assert camille.order().step is camille.steps.sending
        world.courier().run_once()
        assert camille.report(delivery)
        world.courier().run_once()
        assert camille.shown().step is camille.steps.failed
        lefts.append(camille.left())
        said = "n'est pas décomptée" in world.post.to(CAMILLE)[-1].part("plain")
        assert said == (lefts[-1] == 3), lefts

    assert lefts == [3, 3, 3, 2, 1, 0]
    assert camille.shown().facts["reissues"] == NO_REQUEST_LEFT.fill({"most": 3})
    assert actions_not_possible_yet(camille.shown()) == camille.steps.failed.actions
    assert (problems_to_show(camille.shown()), len(camille.steps.failed.copy.common_problems)) == ((), 1)


def test_delivered_after_all_counts_again_whatever_comes_when_and_how_often(world: World) -> None:
    """An identifier that is delivered after a failure report counts again, whatever the order and number of reports."""
    camille = reissuer(world)
    camille.receive()
    for delivery in (
        SmsDeliveryStatus.BUFFERED,
        SmsDeliveryStatus.UNDELIVERED,
        SmsDeliveryStatus.UNDELIVERED,
        SmsDeliveryStatus.DELIVERED,
    ):
        camille.report(delivery)
    assert camille.left() == 2
    for delivery in (SmsDeliveryStatus.DELIVERED, SmsDeliveryStatus.UNDELIVERED, SmsDeliveryStatus.ACCEPTED):
        camille.report(delivery)
    world.courier().run_once()

    assert camille.left() == 2
    assert camille.shown().step is camille.steps.done
    assert not [mail for mail in world.post.to(CAMILLE) if "décomptée" in mail.part("plain")]


def test_a_late_delivery_counts_even_beyond_the_three(world: World) -> None:
    """A late delivery counts even if the voter has received three other identifiers. ID-1 then says so at once."""
    camille = reissuer(world)
    camille.receive()
    first = camille.sms(IDENTIFIER_SMS)[-1].message_id
    camille.report(SmsDeliveryStatus.UNDELIVERED)
    for _ in range(3):
        camille.receive()
    world.services.flows[IdentifierFlowPlugin].receive_delivery_report(
        first, SmsDeliveryStatus.DELIVERED, lambda _: None
    )

    assert camille.left() == 0
    with pytest.raises(errors.NoReissueLeft):
        world.services.dispatcher.show(camille.steps.begin, visit(session=camille.session))
    assert camille.shown().step is camille.steps.done


def test_a_report_of_what_was_not_sent_changes_nothing(world: World) -> None:
    """A delivery report about an unknown SMS is answered with False."""
    report = world.services.flows[IdentifierFlowPlugin].receive_delivery_report
    for message_id in ("", "x", "identifier.7F3K-92QD.1", "link.7F3K-92QD.1", "code.7F3K-92QD.1"):
        assert not report(message_id, SmsDeliveryStatus.DELIVERED, lambda _: None)


def test_when_no_report_can_come_any_more_it_is_said(world: World) -> None:
    """After a day without a delivery report, the page says that none is expected. A later report is still accepted."""
    camille = reissuer(world)
    camille.receive()
    assert (camille.shown().refresh_after, camille.shown().notices) == (REFRESH_SOON, (NOT_YET,))
    world.clock.move(hours=24)
    camille.sign_in()

    assert camille.shown().step is camille.steps.done
    assert (camille.shown().refresh_after, camille.shown().notices) == (None, (NEVER,))
    assert camille.left() == 2
    camille.report(SmsDeliveryStatus.UNDELIVERED)
    assert camille.shown().step is camille.steps.failed
    assert camille.left() == 3


def test_the_number_is_kept_sealed_and_only_until_the_final_report(world: World) -> None:
    """The phone number is encrypted, and only its last two digits are kept after the delivery report."""
    camille = reissuer(world)
    camille.order()
    before = camille.case.state
    world.courier().run_once()
    camille.report(SmsDeliveryStatus.DELIVERED)
    after = camille.case.state

    assert isinstance(before, ReissueOrdered)
    assert E164.encode() not in before.number.sealed
    assert isinstance(after, IdentifierSmsDelivered)
    assert after.ending == "78"
    assert not hasattr(after, "number")


# ── Several browsers and cases ──────────────────────────────────────────────────────────────────────────


def test_two_browsers_of_a_voter_see_one_case(world: World) -> None:
    """A request that was begun in one browser can be continued in another one."""
    camille = reissuer(world).asked()
    at_home = Reissuer(world).sign_in()

    assert at_home.shown() == camille.shown()
    assert at_home.type(camille.code()).step is camille.steps.sending
    assert camille.type("123456").step is camille.steps.sending


def test_a_page_of_an_older_case_does_nothing_to_the_newer(world: World) -> None:
    """A form from the page of an older case changes nothing in the newer case."""
    camille = reissuer(world)
    camille.receive()
    held: Visit = visit(session=camille.session)
    camille.request()

    turn = world.at(camille.steps.identity, "validate", held, case="7F3K-92QD", **identity())

    assert turn.step is camille.steps.identity
    assert camille.acts() == ["reissue-opened"]


def test_an_unknown_voter_or_a_frozen_one_gets_nowhere(world: World) -> None:
    """A freeze ends the voter's session, and the code of the open request is not accepted."""
    world.add(entry(OTHER))
    camille = reissuer(world).asked()
    code, voter = camille.code(), camille.voter
    writing(world.store).voters.freeze(voter.id, epoch=voter.epoch, at=world.clock.at)

    with pytest.raises(errors.SignInNeeded):
        camille.type(code)
    world.services.flows[IdentifierFlowPlugin].code_checker.check_typed_code(voter, code, None, world.clock.at)
    assert not camille.sms(IDENTIFIER_SMS)


def test_a_done_act_is_not_told_as_undone_when_the_store_leaves_after_it(world: World) -> None:
    """If the database fails after a code was accepted, the error says that the outcome is unknown."""
    camille = reissuer(world).asked()
    looks, step_for = count(), ReissueStepChooser.step_for

    def look(*of: Any, **at: Any) -> ShownStep:  # noqa: ANN401  # handed on
        if next(looks):
            raise StoreUnavailable
        return step_for(*of, **at)

    with patch.object(ReissueStepChooser, "step_for", look), pytest.raises(CommitOutcomeUnknown):
        camille.type(camille.code())

    assert camille.shown().step is camille.steps.sending
