"""Tests of the mailed link with which a voter freezes the account after a change that they did not make."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from core.flows.account.stop_change_definition import CHANGES_CLOSED, STOP_CHANGE
from core.flows.account.stop_change_links import StopChangeLinkPayload
from core.flows.phase_notice import closed_desk_notices, vote_while_blocked_sentence
from core.forms import errors
from core.policy.policy import Policy
from core.ports import EventType
from core.security import key_purposes, tokens
from core.text.contact import asks_for_call
from core.text.text import Language
from core.text.translation import translate
from core.text.urls import CONTACT_PATH
from tests.support.election import CALENDAR, CAMILLE, CLOSES, GOOD, NOON, OPENS, VOTE_OPENS, entry, visit
from tests.support.stores import writing
from tests.support.worlds import World


@pytest.fixture(name="token")
def token_of_a_notice(world: World) -> str:
    """The token of the freeze link that was mailed to a voter after a new password."""
    return noticed(world)


def noticed(world: World) -> str:
    """Let a voter choose a password, and return the token of the freeze link in the mail about it."""
    world.add()
    world.with_password()
    world.courier().run_once()
    token = world.post.to(CAMILLE)[-1].stop
    assert token is not None
    return token


def test_looking_at_the_page_freezes_nothing(world: World, token: str) -> None:
    """Opening the link twenty times, as mail scanners do, shows the page but freezes nothing and writes no event."""
    before = world.kept.events()

    for _ in range(20):
        shown = world.services.dispatcher.show(STOP_CHANGE.confirm, visit(stop=token))

    notice, voter = world.stops.find_notice(token)
    assert shown.step is STOP_CHANGE.confirm
    assert (notice.voter, notice.changed) == (voter.id, NOON)
    assert shown.case == notice.case
    assert voter.frozen is None
    assert world.kept.events() == before


def test_the_page_says_how_long_a_frozen_account_stays_frozen(world: World, token: str) -> None:
    """Only the desk can reopen an account. The pages say whether it can do so before the vote begins."""
    said = [
        translate(vote_while_blocked_sentence(Policy(), CALENDAR, now), Language.FRENCH)
        for now in (VOTE_OPENS - timedelta(days=1), VOTE_OPENS - timedelta(hours=1), VOTE_OPENS, CLOSES)
    ]
    assert ["avant qu'il commence" in each for each in said] == [True, False, False, False]
    assert ["vous ne pouvez pas voter" in each for each in said] == [False, True, True, False]
    until_night = replace(CALENDAR, vote_closes=CLOSES + timedelta(hours=5))
    last_evening = vote_while_blocked_sentence(Policy(), until_night, CLOSES + timedelta(hours=4))
    assert "ne pourrez plus voter" in translate(last_evening, Language.FRENCH)
    for freeze in (lambda: None, lambda: world.stops.freeze(token)):
        freeze()
        shown = world.services.dispatcher.show(STOP_CHANGE.confirm, visit(stop=token))
        assert asks_for_call(shown.step.copy.voter)
        assert "vote_while_blocked" in shown.facts


def test_the_pages_that_ask_for_a_call_say_when_the_desk_opens() -> None:
    """While the desk is closed, they say so, and offer to request an answer.

    When the vote is over, the form for such a request is closed, so the page does not offer it.
    """
    (before,) = closed_desk_notices(Policy(), CALENDAR, NOON + timedelta(hours=9))
    night = translate(before, Language.FRENCH)
    assert night.startswith("L'assistance est fermée, et rouvre lundi 3 décembre")
    assert night.endswith(CONTACT_PATH)
    (dawn,) = closed_desk_notices(Policy(), CALENDAR, VOTE_OPENS.replace(hour=5))
    assert "rouvre aujourd'hui à 8 h" in translate(dawn, Language.FRENCH)
    (last,) = closed_desk_notices(Policy(desk_closes_hour=16), CALENDAR, CLOSES - timedelta(minutes=30))
    assert "après la fin du vote" in translate(last, Language.FRENCH)
    (over,) = closed_desk_notices(Policy(), CALENDAR, CLOSES + timedelta(hours=9))
    assert CONTACT_PATH not in translate(over, Language.FRENCH)


def test_freezing_ends_links_and_sessions_at_once(world: World, token: str) -> None:
    """A freeze ends the voter's session and recovery links, and nobody can sign in to the account."""
    signed_in = world.sessions.sign_in(CAMILLE, GOOD, visit())
    link = world.link()

    turn = world.at(STOP_CHANGE.confirm, "freeze", visit(stop=token))

    assert turn.step is STOP_CHANGE.stopped
    assert world.voter().frozen == world.clock.at
    with pytest.raises(errors.SignInNeeded):
        world.sessions.signed_in_voter(signed_in.session)
    with pytest.raises(errors.AccountFrozen):
        world.links.record_first_opening(link)
    with pytest.raises(errors.AccountFrozen):
        world.sessions.sign_in(CAMILLE, GOOD, visit())
    shown = world.services.dispatcher.show(STOP_CHANGE.confirm, visit(stop=token))
    assert shown.step is STOP_CHANGE.stopped


def test_the_desk_is_told_the_case_and_not_the_person(world: World, token: str) -> None:
    """The helpdesk receives a mail with the case number, and without the voter's name or address."""
    world.stops.freeze(token)
    world.courier().run_once()

    told = world.post.taken[-1]
    words = told.part("plain") + told.part("html") + str(told.parsed["Subject"])
    assert told.envelope.recipient != CAMILLE
    assert world.stops.find_notice(token)[0].case in words
    assert not [word for word in (CAMILLE, "Camille", "Martin") if word in words]
    assert (told.link, told.stop) == (None, None)


def test_freezing_again_changes_nothing(world: World, token: str) -> None:
    """A second freeze with the same link changes nothing, and no other voter's account is frozen."""
    world.add(entry("other@ac-lumiere.example"))
    world.with_password(email="other@ac-lumiere.example")
    world.stops.freeze(token)
    before, frozen = world.kept.events(), world.voter()
    world.clock.move(minutes=1)

    world.stops.freeze(token)

    assert world.kept.events() == before
    assert world.voter() == frozen
    assert world.voter("other@ac-lumiere.example").frozen is None


def test_freezing_in_the_same_instant_freezes_once(any_world: World) -> None:
    """Sixteen freezes at the same time begin one new epoch and write one event."""
    token = noticed(any_world)
    epoch, before = any_world.voter().epoch, any_world.kept.events()

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(any_world.stops.freeze, [token] * 16))

    assert any_world.voter().epoch == epoch + 1
    assert any_world.kept.events() == before + 1


@pytest.mark.parametrize("at", [OPENS - timedelta(days=1), CLOSES + timedelta(days=20)])
def test_stopping_is_never_closed(world: World, token: str, at: datetime) -> None:
    """A voter can freeze the account before the service opens and after the vote has closed."""
    world.clock.at = at
    offered = world.services.dispatcher.show(STOP_CHANGE.confirm, visit(stop=token)).facts["doubt"]

    world.stops.freeze(token)

    assert offered is CHANGES_CLOSED

    assert world.voter().frozen == at


def test_a_damaged_way_to_stop_says_to_call(world: World, token: str) -> None:
    """A damaged or invented link, and a link for a voter who does not exist, are refused."""
    for spoiled in (None, "", token[:-2], "B" + token[1:], token + "é"):
        with pytest.raises(errors.StopLinkUnknown):
            world.stops.freeze(spoiled)
    notice = StopChangeLinkPayload(voter=7, case="7F3K-92QD", changed=NOON)
    with pytest.raises(errors.StopLinkUnknown):
        world.stops.find_notice(tokens.seal(world.dependencies.vault, key_purposes.STOP_LINK, notice))

    assert world.voter().frozen is None


def refusal_facts(world: World, token: str, refusal: type[errors.Refusal]) -> set[str]:
    """Check that a link neither shows its page nor freezes the account. Returns the names of the refusal's facts."""
    with pytest.raises(refusal) as told:
        world.services.dispatcher.show(STOP_CHANGE.confirm, visit(stop=token))
    with pytest.raises(refusal):
        world.at(STOP_CHANGE.confirm, "freeze", visit(stop=token))
    assert world.voter().frozen is None
    return set(told.value.facts)


def test_a_way_to_stop_serves_for_days_and_then_says_that_it_has_expired(world: World, token: str) -> None:
    """An expired link shows no page and freezes nothing, and the refusal is recorded in the journal."""
    ends = world.clock.at + timedelta(days=world.dependencies.policy.stop_link_days)
    world.clock.at = ends - timedelta(seconds=1)
    world.stops.find_notice(token)
    world.clock.at = ends

    assert refusal_facts(world, token, errors.StopLinkExpired) == {"expired_at"}
    assert world.kept.lines()[-1] == (EventType.ACT_REFUSED, errors.StopLinkExpired.id)


def test_a_way_to_stop_from_before_a_reopening_freezes_no_more(world: World, token: str) -> None:
    """A link from before the helpdesk reopened the account is refused. The link of a later change works."""
    world.stops.freeze(token)
    world.clock.move(minutes=5)
    writing(world.store).voters.unfreeze(world.voter().id, epoch=world.voter().epoch, at=world.clock.at)

    assert refusal_facts(world, token, errors.StopLinkAccountReopened) == {"reopened_at"}
    world.clock.move(minutes=5)
    world.with_password()
    world.courier().run_once()
    later = world.post.to(CAMILLE)[-1].stop
    world.stops.freeze(later)
    assert world.voter().frozen == world.clock.at


def test_the_notice_of_a_former_change_freezes_after_a_later_one(world: World, token: str) -> None:
    """The link of an earlier change still works. An attacker may have made the later change and kept its mail."""
    world.with_password("Girafe tambour 31")

    world.stops.freeze(token)

    assert world.voter().frozen == world.clock.at


def test_someone_who_left_the_roll_can_still_stop(world: World, token: str) -> None:
    """A voter who was removed from the roll can still freeze the account."""
    voter = world.voter()
    writing(world.store).roll.remove([voter.id], world.clock.at)

    world.stops.freeze(token)

    assert world.stops.find_notice(token)[1].frozen == world.clock.at


def test_who_recognises_a_change_freezes_nothing(world: World, token: str) -> None:
    """If the voter answers that they made the change, this is recorded and nothing is frozen.

    They can still freeze later.
    """
    steps = STOP_CHANGE

    result = world.at(steps.confirm, "mine", visit(stop=token))

    shown = world.services.dispatcher.show(result.step, result.visit)
    assert shown.step is steps.recognised
    assert world.voter().frozen is None
    assert world.voter_events(world.voter())[-1].act == EventType.CHANGE_RECOGNISED
    assert world.at(steps.recognised, "back", visit(stop=token)).step is steps.confirm
    assert world.at(steps.confirm, "freeze", visit(stop=token)).step is steps.stopped
    assert world.voter().frozen is not None
