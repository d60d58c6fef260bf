"""Tests of which step a visitor sees, and where an answer leads."""

from datetime import datetime, timedelta
from unittest.mock import patch

import pytest
from msgspec.structs import replace

from core.app.services import Services
from core.flows.account.stop_change_definition import STOP_CHANGE
from core.flows.account.voter_space_definition import VOTER_SPACE
from core.flows.flow_handler import FlowHandler, UnhandledAnswerError, Visit
from core.flows.password.definition import NewPasswordAnswer, PasswordFlow
from core.flows.password.plugin import PasswordFlowPlugin
from core.flows.registry import states_by_flow
from core.flows.sign_in import VoterSessions
from core.forms import errors
from core.forms.flow_model import FormErrors, Step
from core.policy.policy import Policy
from core.ports import CommitOutcomeUnknown, EventType, StoreUnavailable
from core.text.text import Moment, Text
from core.text.urls import LINK_PATH
from tests.support.election import CALENDAR, CAMILLE, GOOD, STRANGER, entry, visit
from tests.support.stores import writing
from tests.support.worlds import World
from webhook.site_application import create_site

NEW = "Girafe tambour 31"


@pytest.fixture(name="services")
def services_with_one_voter(world: World) -> Services:
    """The services of an election with one voter."""
    world.add()
    return world.services


@pytest.fixture(name="steps")
def steps_of_the_forgotten_password(services: Services) -> PasswordFlow:
    return services.flows[PasswordFlowPlugin].steps


def shown(world: World, step: Step, held: Visit) -> str:
    """Return the code of the step that the visitor sees."""
    return world.services.dispatcher.show(step, held).step.code


# ── The whole flow ──────────────────────────────────────────────────────────────────────────────────────


def test_the_way_from_the_address_to_signing_in_may_change_browsers(world: World, steps: PasswordFlow) -> None:
    """A voter can request the mail, open the link and sign in on three different devices."""
    codes = []

    turn = world.at(steps.identify, "continue", visit(), email=CAMILLE)
    codes.append(turn.step.code)
    turn = world.at(steps.choose_way, "forgotten", turn.visit)
    codes.append(turn.step.code)
    turn = world.at(steps.confirm, "send", turn.visit)
    codes.append(turn.step.code)
    world.courier().run_once()
    telephone = visit(link=world.post.links(CAMILLE)[0])
    turn = world.at(steps.choose_password, "save", telephone, new_password=GOOD, new_password_again=GOOD)
    codes.append(turn.step.code)
    turn = world.at(steps.done, "sign-in", turn.visit)
    codes.append(turn.step.code)
    turn = world.at(steps.choose_way, "sign-in", turn.visit, password=GOOD)
    codes.append(turn.step.code)

    assert codes == ["MP-2", "MP-3", "MP-4", "MP-7", "MP-2", "EV-1"]
    assert (turn.visit.link, turn.visit.case, turn.visit.pending) == (None, None, None)
    assert world.sessions.signed_in_voter(turn.visit.session).voter == world.voter()


def test_a_chosen_password_is_not_told_as_refused_when_the_store_leaves_after_it(
    world: World, steps: PasswordFlow
) -> None:
    """If the database fails after the password was set, the error says that the outcome is unknown."""
    link = visit(link=world.link(CAMILLE), session="of before")

    with patch.object(VoterSessions, "sign_out", side_effect=StoreUnavailable), pytest.raises(CommitOutcomeUnknown):
        world.at(steps.choose_password, "save", link, new_password=GOOD, new_password_again=GOOD)

    assert world.sessions.sign_in(CAMILLE, GOOD, visit()).session is not None


def test_the_voter_space_leads_to_a_new_password_and_out(world: World, services: Services, steps: PasswordFlow) -> None:
    """From the voter space, a voter can change the password without typing the address, and can sign out."""
    world.with_password()
    signed_in = world.at(steps.choose_way, "sign-in", visit(pending=world.confirming()), password=GOOD).visit

    wanted = world.at(VOTER_SPACE.home, "new-password", signed_in)
    facts = services.dispatcher.show(VOTER_SPACE.home, signed_in).facts
    out = world.at(VOTER_SPACE.home, "sign-out", wanted.visit)

    assert wanted.step is steps.confirm
    assert services.dispatcher.show(steps.confirm, wanted.visit).facts["address"] == CAMILLE
    assert facts["masked_address"] == "c•••@ac-lumiere.example"
    assert out.step is steps.identify
    with pytest.raises(errors.SignInNeeded):
        services.dispatcher.show(VOTER_SPACE.home, out.visit)


@pytest.mark.parametrize(("at", "opens"), [(CALENDAR.recovery_opens, True), (CALENDAR.vote_opens, False)])
def test_the_voter_space_says_when_the_vote_opens_and_closes(
    world: World, services: Services, steps: PasswordFlow, at: datetime, *, opens: bool
) -> None:
    """The voter space names the beginning of the vote until it has begun, and always its end."""
    world.clock.at = at
    world.with_password()
    signed_in = world.at(steps.choose_way, "sign-in", visit(pending=world.confirming()), password=GOOD).visit

    said = services.dispatcher.show(VOTER_SPACE.home, signed_in).facts["vote_dates"]

    assert isinstance(said, Text)
    dates = {"vote_closes": CALENDAR.vote_closes, **({"vote_opens": CALENDAR.vote_opens} if opens else {})}
    assert said.params == {name: Moment(CALENDAR.to_local(each)) for name, each in dates.items()}


# ── Which step is open ──────────────────────────────────────────────────────────────────────────────────


def test_without_a_case_every_step_of_the_asking_is_the_first(world: World, steps: PasswordFlow) -> None:
    """A visitor without a valid cookie sees the first step."""
    for held in (visit(), visit(case="unknown"), visit(pending="forged")):
        for step in (steps.choose_way, steps.confirm, steps.message_asked, steps.mail):
            assert shown(world, step, held) == "MP-1"


def test_a_step_that_is_not_open_is_shown_as_the_one_that_is(world: World, steps: PasswordFlow) -> None:
    """A visitor can go back until the mail is requested, and can never skip a step."""
    asking = (steps.choose_way, steps.confirm, steps.message_asked, steps.mail)
    identified = world.at(steps.identify, "continue", visit(), email=STRANGER).visit
    confirming, asked = visit(pending=world.confirming()), visit(case=world.ask())

    assert [shown(world, step, identified) for step in asking] == ["MP-2"] * 4
    assert [shown(world, step, confirming) for step in asking] == ["MP-2", "MP-3", "MP-3", "MP-3"]
    assert [shown(world, step, asked) for step in asking] == ["MP-4"] * 4
    assert shown(world, steps.identify, asked) == "MP-1"


def test_an_answer_to_a_step_that_is_not_open_does_nothing(world: World, steps: PasswordFlow) -> None:
    """An answer to a step that the visitor may not open does nothing."""
    asked = visit(case=world.ask())
    before = world.kept.events()

    turn = world.at(steps.choose_way, "sign-in", asked, password=GOOD)

    assert turn.step is steps.message_asked
    assert world.kept.events() == before


def test_the_end_is_shown_where_the_password_was_chosen(world: World, services: Services, steps: PasswordFlow) -> None:
    """Only the browser in which the password was chosen sees the last step. Others are refused."""
    token = world.link()
    assert shown(world, steps.done, visit(link=token)) == "MP-6"

    handler = services.flows[PasswordFlowPlugin].handler
    chosen = handler.answer(NewPasswordAnswer(new_password=GOOD), visit(link=token))

    assert shown(world, steps.done, chosen.visit) == "MP-7"
    with pytest.raises(errors.LinkUsed):
        shown(world, steps.choose_password, chosen.visit)
    with pytest.raises(errors.LinkUsed):
        shown(world, steps.done, visit(link=token))
    with pytest.raises(errors.LinkUnknown):
        shown(world, steps.done, visit())


def test_the_asker_sees_no_difference_after_the_password_was_chosen(world: World, steps: PasswordFlow) -> None:
    """The browser that requested the mail sees the same page after the password was chosen elsewhere."""
    handle = world.ask()
    world.courier().run_once()
    before = world.waiting(handle)

    world.links.choose_password(world.post.links(CAMILLE)[0], GOOD)
    world.courier().run_once()

    assert world.waiting(handle) == before
    assert before.step is steps.message_asked


def test_a_link_of_one_voter_where_another_is_signed_in_says_so(
    world: World, services: Services, steps: PasswordFlow
) -> None:
    """A browser that is signed in as another voter shows a warning, and its session ends with the new password."""
    other = "other@ac-lumiere.example"
    world.add(entry(other))
    world.with_password(email=other)
    signed_in = world.sessions.sign_in(other, GOOD, visit())
    held = signed_in.with_(link=world.link())

    notices = services.dispatcher.show(steps.choose_password, held).notices
    own = services.dispatcher.show(steps.choose_password, visit(link=held.link)).notices
    turn = world.at(steps.choose_password, "save", held, new_password=NEW, new_password_again=NEW)

    assert [notice.params["other_address"] for notice in notices] == ["o•••@ac-lumiere.example"]
    assert own == ()
    assert turn.visit.session is None
    with pytest.raises(errors.SignInNeeded):
        world.sessions.signed_in_voter(signed_in.session)
    assert world.hasher.verify(world.voter().password, NEW)
    assert world.hasher.verify(world.voter(other).password, GOOD)

    world.clock.move(hours=1)
    at_home = world.sessions.sign_in(CAMILLE, NEW, visit()).with_(link=world.link())
    assert services.dispatcher.show(steps.choose_password, at_home).notices == ()


def test_signing_in_from_the_end_needs_the_link_that_was_used(
    world: World, services: Services, steps: PasswordFlow
) -> None:
    """The sign-in button of the last step leads to the first step if the link was not used."""
    line = services.dispatcher.handlers[0]
    (act,) = steps.done.actions

    turn = line.answer(act.read({}), visit(link=world.link()))

    assert turn.step is steps.identify


# ── Dispatching ─────────────────────────────────────────────────────────────────────────────────────────


def test_every_step_is_found_at_its_place_and_the_first_is_mp_1(services: Services, steps: PasswordFlow) -> None:
    """Every step has its path, other paths are refused, and the first step is MP-1."""
    for line in services.dispatcher.handlers:
        for step in line.steps.flow.steps:
            assert services.dispatcher.find_step(f"/{line.steps.flow.slug}/{step.slug}") is step
            assert services.dispatcher.place_of(step).flow is line.steps.flow
    assert services.dispatcher.first_step is steps.identify
    for place in ("/mot-de-passe/ailleurs", "/ailleurs/identification"):
        with pytest.raises(errors.PageNotFound):
            services.dispatcher.find_step(place)


def test_every_flow_that_keeps_cases_tells_their_current_step(services: Services) -> None:
    """Every flow with cases tells agents which step the voter of a case sees."""
    slugs = states_by_flow().keys()
    keeping = [handler for handler in services.dispatcher.handlers if handler.steps.flow.slug in slugs]

    assert len(keeping) == len(slugs)
    assert all(type(handler).current_step is not FlowHandler.current_step for handler in keeping)


def test_a_button_that_does_not_exist_is_unreadable(world: World, steps: PasswordFlow) -> None:
    """A step with several buttons refuses a form without a button, or with an unknown one."""
    for answer in ("", "destroy"):
        with pytest.raises(errors.RequestUnreadable):
            world.at(steps.choose_way, answer, visit(pending=world.confirming()), password=GOOD)


def test_an_unreadable_address_opens_no_case(world: World, steps: PasswordFlow) -> None:
    """An invalid address causes an error at its field, and nothing is stored."""
    for form in ({}, {"email": ""}, {"email": "x" * 10_240}, {"email": "a@b.fr,c@d.fr"}, {"password": CAMILLE}):
        with pytest.raises(FormErrors) as caught:
            world.at(steps.identify, "continue", visit(), **form)
        assert list(caught.value.by_field) == ["email"]
    assert world.kept.events() == 0


def test_an_answer_a_line_does_not_know_is_a_defect(services: Services) -> None:
    """Every handler raises UnhandledAnswerError for an answer of an unknown type."""
    for line in services.dispatcher.handlers:
        with pytest.raises(UnhandledAnswerError):
            line.answer(object(), visit())


def test_what_needs_something_in_hand_refuses_who_has_nothing(services: Services, steps: PasswordFlow) -> None:
    """A step that needs a session or a link is refused without it."""
    for step, refusal in (
        (VOTER_SPACE.home, errors.SignInNeeded),
        (STOP_CHANGE.confirm, errors.StopLinkUnknown),
        (steps.choose_password, errors.LinkUnknown),
    ):
        with pytest.raises(errors.Refusal) as told:
            services.dispatcher.show(step, visit())
        assert (step.code, type(told.value)) == (step.code, refusal)


def test_the_delay_shown_is_the_queues(world: World, services: Services, steps: PasswordFlow) -> None:
    """The page shows the waiting time of the oldest request as the delay."""
    early = visit(case=world.ask(STRANGER))
    normal = services.dispatcher.show(steps.message_asked, early).facts["queue_delay"]
    world.clock.move(minutes=42)

    late = world.waiting(world.ask()).facts["queue_delay"]

    assert normal == replace(normal, params={"count": Policy().normal_mail_delay_minutes})
    assert late.params == {"count": 42}  # type: ignore[attr-defined]


def test_a_password_on_a_used_link_leaves_one_event_that_says_so(
    world: World, services: Services, steps: PasswordFlow
) -> None:
    """A password that is refused because its link was used writes one event to the case."""
    token = world.link()
    number = services.flows[PasswordFlowPlugin].links.find_link(token).case.number
    world.links.choose_password(token, GOOD)
    before = len(world.journal(number))

    for held in (token, "x" * 43):
        with pytest.raises(errors.Refusal):
            world.at(steps.choose_password, "", visit(link=held), new_password=NEW, new_password_again=NEW)

    assert [(event.act, event.reason) for event in world.journal(number)[before:]] == [
        (EventType.PASSWORD_REFUSED, errors.LinkUsed.id)
    ]


def test_an_act_of_nobody_known_leaves_one_event_too(world: World, steps: PasswordFlow) -> None:
    """A refused answer from an unknown visitor writes one event."""
    typed = {"new_password": NEW, "new_password_again": NEW}
    before = len(world.kept.lines())

    for step, choice, who in (
        (steps.choose_password, "", visit(link="x" * 43)),
        (VOTER_SPACE.home, "sign-out", visit()),
        (STOP_CHANGE.confirm, "", visit(stop="forged")),
        (steps.identify, "no-such-button", visit()),
    ):
        with pytest.raises(errors.Refusal):
            world.at(step, choice, who, **typed)

    assert world.kept.lines()[before:] == [
        (EventType.ACT_REFUSED, refusal.id)
        for refusal in (errors.LinkUnknown, errors.SignInNeeded, errors.StopLinkUnknown, errors.RequestUnreadable)
    ]


def test_a_refusal_that_was_noted_with_its_decision_leaves_one_event(world: World, steps: PasswordFlow) -> None:
    """A refusal that was recorded before it was raised is not recorded again."""
    voter = world.with_password()
    writing(world.store).voters.freeze(voter.id, epoch=voter.epoch, at=world.clock.now())
    held = visit(pending=world.confirming())
    before = len(world.kept.lines())

    with pytest.raises(errors.AccountFrozen):
        world.at(steps.choose_way, "sign-in", held, password=GOOD)
    world.clock.at = CALENDAR.vote_closes
    held = visit(pending=world.confirming())
    with pytest.raises(errors.VoteClosed):
        world.at(steps.choose_way, "sign-in", held, password=GOOD)

    assert [act for act, _ in world.kept.lines()[before:]] == [EventType.SIGN_IN_REFUSED, EventType.CALENDAR_REFUSED]


@pytest.mark.parametrize(
    ("at", "why"),
    [(CALENDAR.recovery_opens - timedelta(seconds=1), errors.NotYetOpen), (CALENDAR.vote_closes, errors.VoteClosed)],
)
def test_no_page_offers_what_the_calendar_refuses(
    world: World, services: Services, steps: PasswordFlow, at: datetime, why: type[errors.Refusal]
) -> None:
    """Outside the dates, each page says why nothing is possible, except the pages that freeze an account."""
    link = world.link()
    world.links.choose_password(link, GOOD)
    world.work()
    stop = str(world.post.to(CAMILLE)[-1].stop).rpartition("/")[2]
    world.clock.at = at

    for handler in services.dispatcher.handlers:
        for step in handler.steps.flow.steps:
            if handler.steps is not STOP_CHANGE:
                with pytest.raises(why):
                    services.dispatcher.show(step, visit(link=link, pending=world.confirming()))
    for form, choice in ((VOTER_SPACE.home, "new-password"), (steps.choose_password, "")):
        with pytest.raises(why):
            world.at(form, choice, visit(link=link), new_password=GOOD, new_password_again=GOOD)
    page = create_site(services).test_client().get(LINK_PATH + link, base_url=services.settings.election.site)

    assert f'content="{why.id}"' in page.get_data(as_text=True)
    assert services.dispatcher.show(STOP_CHANGE.confirm, visit(stop=stop)).step is STOP_CHANGE.confirm


def test_a_form_of_another_address_or_case_does_nothing_to_the_present_one(world: World, steps: PasswordFlow) -> None:
    """A form from an older tab does not affect the newer address or case."""
    held = visit(pending=world.confirming(STRANGER))

    older = world.at(steps.confirm, "send", held, email=CAMILLE)
    newer = world.at(steps.confirm, "send", held, email=STRANGER)

    assert (older.step, older.visit) == (steps.confirm, held)
    assert (newer.step, world.kept.cases(), world.kept.events()) == (steps.message_asked, 1, 1)

    older_case, newer_case = world.ask(CAMILLE), world.ask(STRANGER)
    world.clock.move(minutes=3)

    turn = world.at(steps.message_asked, "again", visit(case=newer_case), case=world.number(older_case))

    assert turn.step is steps.message_asked
    assert world.kept.events() == 3


def test_what_was_typed_is_kept_when_its_time_is_over(world: World, steps: PasswordFlow) -> None:
    """After an hour, the visitor starts again at the first step with the address filled in."""
    held = visit(pending=world.confirming())
    world.clock.move(hours=1)

    turn = world.at(steps.confirm, "send", held, email=CAMILLE)

    assert (turn.step, turn.typed) == (steps.identify, {"email": CAMILLE})
    assert world.kept.cases() == 0


def test_a_new_address_replaces_the_case_of_the_browser(world: World, steps: PasswordFlow) -> None:
    """A browser keeps either the last address or the last case."""
    typed = world.at(steps.identify, "continue", visit(case=world.ask()), email=STRANGER).visit
    asked = world.at(steps.confirm, "send", visit(pending=world.confirming()))

    assert typed.case is None
    assert typed.pending is not None
    assert asked.visit.pending is None
    assert asked.visit.case is not None
