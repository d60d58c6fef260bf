"""The flows at work: which step a visitor is shown, and where an answer takes them."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from core import errors
from core.answers import parse_address
from core.bootstrap import House
from core.policy import Policy
from core.ports import Act
from core.service.visit import NoHandler, Visit
from core.steps import Problems, Step
from tests.support.election import CALENDAR, CAMILLE, GOOD, STRANGER, entry, visit
from tests.support.worlds import World

NEW = "Girafe tambour 31"


@pytest.fixture(name="house")
def house_of_the_world(world: World) -> House:
    """The flows of a world with one voter."""
    world.add()
    return world.house


def shown(world: World, step: Step, held: Visit) -> str:
    """The code of what is shown there."""
    return world.house.reception.show(step, held).step.code


# ── The whole way ────────────────────────────────────────────────────────────────────────────────────────


def test_case_14_the_way_from_the_address_to_signing_in_may_change_browsers(world: World, house: House) -> None:
    """Asked on one device, opened on another, signed in on a third."""
    steps = house.password
    codes = []

    turn = world.at(steps.identify, "continue", visit(), email=CAMILLE)
    codes.append(turn.step.code)
    turn = world.at(steps.choose_way, "forgotten", turn.visit)
    codes.append(turn.step.code)
    turn = world.at(steps.confirm, "send", turn.visit)
    codes.append(turn.step.code)
    world.courier().round()
    telephone = visit(link=world.post.links(CAMILLE)[0])
    turn = world.at(steps.choose_password, "save", telephone, new_password=GOOD, new_password_again=GOOD)
    codes.append(turn.step.code)
    turn = world.at(steps.done, "sign-in", turn.visit)
    codes.append(turn.step.code)
    turn = world.at(steps.choose_way, "sign-in", turn.visit, password=GOOD)
    codes.append(turn.step.code)

    assert codes == ["MP-2", "MP-3", "MP-4", "MP-7", "MP-2", "EV-1"]
    assert (turn.visit.link, turn.visit.case) == (None, None)
    assert world.sessions.signed(turn.visit.session).voter == world.voter()


def test_the_voter_space_leads_to_a_new_password_and_out(world: World, house: House) -> None:
    """By the same way as a lost one, with the address known."""
    world.with_password()
    signed_in = world.at(house.password.choose_way, "sign-in", visit(case=world.confirming()), password=GOOD).visit

    wanted = world.at(house.space.home, "new-password", signed_in)
    facts = house.reception.show(house.space.home, signed_in).facts
    out = world.at(house.space.home, "sign-out", wanted.visit)

    assert wanted.step is house.password.confirm
    assert house.reception.show(house.password.confirm, wanted.visit).facts["address"] == CAMILLE
    assert facts["masked_address"] == "c•••@ac-lumiere.example"
    assert out.step is house.password.identify
    with pytest.raises(errors.SignInNeeded):
        house.reception.show(house.space.home, out.visit)


# ── Where one stands ─────────────────────────────────────────────────────────────────────────────────────


def test_without_a_case_every_step_of_the_asking_is_the_first(world: World, house: House) -> None:
    """A bookmark, a stale cookie, another election's."""
    for held in (visit(), visit(case="unknown")):
        for step in (
            house.password.choose_way,
            house.password.confirm,
            house.password.message_asked,
            house.password.mail,
        ):
            assert shown(world, step, held) == "MP-1"


def test_a_step_that_is_not_open_is_shown_as_the_one_that_is(world: World, house: House) -> None:
    """Going back is possible until the message is asked for, and jumping ahead never is."""
    steps = (house.password.choose_way, house.password.confirm, house.password.message_asked, house.password.mail)
    identified = world.at(house.password.identify, "continue", visit(), email=STRANGER).visit
    confirming, asked = visit(case=world.confirming()), visit(case=world.ask())

    assert [shown(world, step, identified) for step in steps] == ["MP-2"] * 4
    assert [shown(world, step, confirming) for step in steps] == ["MP-2", "MP-3", "MP-3", "MP-3"]
    assert [shown(world, step, asked) for step in steps] == ["MP-4"] * 4
    assert shown(world, house.password.identify, asked) == "MP-1"


def test_an_answer_to_a_step_that_is_not_open_does_nothing(world: World, house: House) -> None:
    """One is taken where one stands."""
    asked = visit(case=world.ask())
    before = world.kept.events()

    turn = world.at(house.password.choose_way, "sign-in", asked, password=GOOD)

    assert turn.step is house.password.message_asked
    assert world.kept.events() == before


def test_the_end_is_shown_to_the_holder_of_the_link_that_was_used(world: World, house: House) -> None:
    """Before, the step where one chooses; to anybody else, a refusal."""
    token = world.link()
    assert shown(world, house.password.done, visit(link=token)) == "MP-6"

    world.links.choose_password(token, GOOD)

    assert shown(world, house.password.done, visit(link=token)) == "MP-7"
    with pytest.raises(errors.LinkUsed):
        shown(world, house.password.choose_password, visit(link=token))
    with pytest.raises(errors.LinkUnknown):
        shown(world, house.password.done, visit())


def test_the_asker_sees_no_difference_after_the_password_was_chosen(world: World, house: House) -> None:
    """Who asked without the link stays at MP-4."""
    handle = world.ask()
    world.courier().round()
    before = world.waiting(handle)

    world.links.choose_password(world.post.links(CAMILLE)[0], GOOD)
    world.courier().round()

    assert world.waiting(handle) == before
    assert before.step is house.password.message_asked


def test_case_18_a_link_of_one_voter_where_another_is_signed_in_says_so(world: World, house: House) -> None:
    """Before anything happens; afterwards the other's session is closed, and the link's owner is not signed in."""
    other = "other@ac-lumiere.example"
    world.add(entry(other))
    world.with_password(email=other)
    signed_in = world.sessions.sign_in(other, GOOD, visit(), case="7F3K-92QD")
    held = signed_in.with_(link=world.link())

    notices = house.reception.show(house.password.choose_password, held).notices
    own = house.reception.show(house.password.choose_password, visit(link=held.link)).notices
    turn = world.at(house.password.choose_password, "save", held, new_password=NEW, new_password_again=NEW)

    assert [notice.params["other_address"] for notice in notices] == ["o•••@ac-lumiere.example"]
    assert own == ()
    assert turn.visit.session is None
    with pytest.raises(errors.SignInNeeded):
        world.sessions.signed(signed_in.session)
    assert world.hasher.verify(world.voter().password, NEW)
    assert world.hasher.verify(world.voter(other).password, GOOD)


def test_case_18_a_link_opened_where_its_own_voter_is_signed_in_warns_of_nothing(world: World, house: House) -> None:
    """It is the voter's own browser."""
    world.with_password()
    held = world.sessions.sign_in(CAMILLE, GOOD, visit(), case="7F3K-92QD").with_(link=world.link())

    assert house.reception.show(house.password.choose_password, held).notices == ()


def test_signing_in_from_the_end_needs_the_link_that_was_used(world: World, house: House) -> None:
    """With one that was not, the line begins again."""
    line = house.reception.lines[0]
    (act,) = house.password.done.acts

    turn = line.answer(act.read({}), visit(link=world.link()))

    assert turn.step is house.password.identify


# ── The reception ────────────────────────────────────────────────────────────────────────────────────────


def test_every_step_is_found_at_its_place_and_the_first_is_mp_1(house: House) -> None:
    """And no other place is a page."""
    for line in house.reception.lines:
        for step in line.flow.steps:
            assert house.reception.find(line.flow.slug, step.slug) is step
            assert house.reception.flow_slug(step) == line.flow.slug
    assert house.reception.first is house.password.identify
    for place in (("mot-de-passe", "ailleurs"), ("ailleurs", "identification")):
        with pytest.raises(errors.PageNotFound):
            house.reception.find(*place)


def test_a_button_that_does_not_exist_is_unreadable(world: World, house: House) -> None:
    """Where there are several, one must be named."""
    for answer in ("", "destroy"):
        with pytest.raises(errors.Unreadable):
            world.at(house.password.choose_way, answer, visit(case=world.confirming()), password=GOOD)


def test_case_5_an_unreadable_address_opens_no_case(world: World, house: House) -> None:
    """It is told by field, and nothing is kept."""
    for form in ({}, {"email": ""}, {"email": "x" * 10_240}, {"email": "a@b.fr,c@d.fr"}, {"password": CAMILLE}):
        with pytest.raises(Problems) as caught:
            world.at(house.password.identify, "continue", visit(), **form)
        assert list(caught.value.by_field) == ["email"]
    assert world.kept.events() == 0


def test_an_answer_a_line_does_not_know_is_a_defect(house: House) -> None:
    """And is told as such, on every line."""
    for line in house.reception.lines:
        with pytest.raises(NoHandler):
            line.answer(object(), visit())


@pytest.mark.parametrize(
    "look", [lambda h: h.space.home, lambda h: h.stop.confirm, lambda h: h.password.choose_password]
)
def test_what_needs_something_in_hand_refuses_who_has_nothing(house: House, look: Callable[[House], Step]) -> None:
    """With a sentence for each."""
    with pytest.raises(errors.Refusal):
        house.reception.show(look(house), visit())


def test_the_delay_shown_is_the_queues(world: World, house: House) -> None:
    """True for everyone: how long the oldest ask has waited."""
    early = visit(case=world.ask(STRANGER))
    normal = house.reception.show(house.password.message_asked, early).facts["queue_delay"]
    world.clock.move(minutes=42)

    late = world.waiting(world.ask()).facts["queue_delay"]

    assert normal == replace(normal, params={"count": Policy().normal_mail_delay_minutes})  # type: ignore[type-var]  # a Text
    assert late.params == {"count": 42}  # type: ignore[attr-defined]


def test_a_password_on_a_used_link_leaves_one_event_that_says_so(world: World, house: House) -> None:
    """A refused act is in the journal (rule 12), with its case where the link names one."""
    token = world.link()
    number = house.links.held(token).case.number
    world.links.choose_password(token, GOOD)
    before = len(world.journal(number))

    for held in (token, "x" * 43):
        with pytest.raises(errors.Refusal):
            world.at(house.password.choose_password, "", visit(link=held), new_password=NEW, new_password_again=NEW)

    assert [(event.act, event.reason) for event in world.journal(number)[before:]] == [
        (Act.PASSWORD_REFUSED, errors.LinkUsed.id)
    ]


def test_an_act_of_nobody_known_leaves_one_event_too(world: World, house: House) -> None:
    """Rule 12: a forged link, a session that is over, a forged way to stop, a button that is not there."""
    typed = {"new_password": NEW, "new_password_again": NEW}
    before = len(world.kept.lines())

    for step, choice, who in (
        (house.password.choose_password, "", visit(link="x" * 43)),
        (house.space.home, "sign-out", visit()),
        (house.stop.confirm, "", visit(stop="forged")),
        (house.password.identify, "no-such-button", visit()),
    ):
        with pytest.raises(errors.Refusal):
            world.at(step, choice, who, **typed)

    assert world.kept.lines()[before:] == [
        (Act.ACT_REFUSED, refusal.id)
        for refusal in (errors.LinkUnknown, errors.SignInNeeded, errors.StopLinkUnknown, errors.Unreadable)
    ]


def test_a_refusal_that_was_noted_with_its_decision_leaves_one_event(world: World, house: House) -> None:
    """After the vote, and on a frozen account: never two events for one act."""
    voter = world.with_password()
    with world.store.write() as transaction:
        transaction.voters.freeze(voter.id, epoch=voter.epoch, at=world.clock.now())
    handle = world.askings.begin(parse_address(CAMILLE, example=CAMILLE))
    before = len(world.kept.lines())

    with pytest.raises(errors.AccountFrozen):
        world.at(house.password.choose_way, "sign-in", visit(case=handle), password=GOOD)
    world.clock.at = CALENDAR.vote_closes
    with pytest.raises(errors.VoteClosed):
        world.at(house.password.choose_way, "sign-in", visit(case=handle), password=GOOD)

    assert [act for act, _ in world.kept.lines()[before:]] == [Act.SIGN_IN_REFUSED, Act.CALENDAR_REFUSED]


def test_a_page_of_the_case_before_does_nothing_to_the_present_one(world: World, house: House) -> None:
    """Two tabs, two addresses: the older tab's button leads to the newer case, and neither case has moved."""
    older, newer = world.askings.begin(parse_address(CAMILLE, example=CAMILLE)), world.confirming(STRANGER)
    events = world.kept.lines()

    turn = world.at(house.password.confirm, "send", visit(case=newer), case=world.number(older))

    assert turn.step is house.password.confirm
    assert world.kept.lines() == events
    assert world.at(house.password.confirm, "send", visit(case=newer), case=world.number(newer)).step.code == "MP-4"
