"""Tests of "ce n'était pas moi": the reader of the notice freezes the account at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from core.flows.account.plugin import StopChangeFlowPlugin
from core.flows.account.stop_links import StopChangeLinkPayload, stop_token
from core.forms import errors
from core.ports import EventType
from tests.support.election import CAMILLE, CLOSES, GOOD, NOON, OPENS, entry, visit
from tests.support.worlds import World


@pytest.fixture(name="token")
def token_of_a_notice(any_world: World) -> str:
    """The way to stop, as it reached the mailbox of a voter who chose a password."""
    any_world.add()
    any_world.with_password()
    any_world.courier().run_once()
    token = any_world.post.to(CAMILLE)[-1].stop
    assert token is not None
    return token


def test_looking_at_the_page_freezes_nothing(any_world: World, token: str) -> None:
    """GET shows whose account it is, which case, and when; scanners may look twenty times."""
    before = any_world.kept.events()

    for _ in range(20):
        shown = any_world.services.dispatcher.show(
            any_world.services.flows[StopChangeFlowPlugin].steps.confirm, visit(stop=token)
        )

    notice, voter = any_world.stops.find_notice(token)
    assert shown.step is any_world.services.flows[StopChangeFlowPlugin].steps.confirm
    assert (notice.voter, notice.changed) == (voter.id, NOON)
    assert shown.case == notice.case
    assert voter.frozen is None
    assert any_world.kept.events() == before


def test_freezing_ends_links_and_sessions_at_once(any_world: World, token: str) -> None:
    """A link that was alive says that the account is blocked; nobody signs in; the page says so from now on."""
    signed_in = any_world.sessions.sign_in(CAMILLE, GOOD, visit())
    link = any_world.link()

    turn = any_world.at(any_world.services.flows[StopChangeFlowPlugin].steps.confirm, "freeze", visit(stop=token))

    assert turn.step is any_world.services.flows[StopChangeFlowPlugin].steps.stopped
    assert any_world.voter().frozen == any_world.clock.at
    with pytest.raises(errors.SignInNeeded):
        any_world.sessions.signed_in_voter(signed_in.session)
    with pytest.raises(errors.AccountFrozen):
        any_world.links.record_first_opening(link)
    with pytest.raises(errors.AccountFrozen):
        any_world.sessions.sign_in(CAMILLE, GOOD, visit())
    shown = any_world.services.dispatcher.show(
        any_world.services.flows[StopChangeFlowPlugin].steps.confirm, visit(stop=token)
    )
    assert shown.step is any_world.services.flows[StopChangeFlowPlugin].steps.stopped


def test_the_desk_is_told_the_case_and_not_the_person(any_world: World, token: str) -> None:
    """The desk gets one message, at its own address, which names the case."""
    any_world.stops.freeze(token)
    any_world.courier().run_once()

    told = any_world.post.taken[-1]
    words = told.part("plain") + told.part("html") + str(told.parsed["Subject"])
    assert told.envelope.recipient != CAMILLE
    assert any_world.stops.find_notice(token)[0].case in words
    assert not [word for word in (CAMILLE, "Camille", "Martin") if word in words]
    assert (told.link, told.stop) == (None, None)


def test_case_2_a_frozen_voter_who_asks_gets_a_mail_without_a_link(any_world: World, token: str) -> None:
    """The mail says to call the desk; the page is the one everyone sees."""
    any_world.stops.freeze(token)

    handle = any_world.ask()
    any_world.courier().run_once()

    mail = any_world.post.to(CAMILLE)[-1]
    assert (mail.link, mail.stop) == (None, None)
    assert any_world.dependencies.election.desk_phone in mail.part("plain")
    assert any_world.number(handle) in mail.part("plain")
    assert any_world.waiting(handle).step.code == "MP-4"
    assert any_world.acts(any_world.number(handle)) == ["asked", "link-refused", "mail-accepted"]


def test_freezing_again_changes_nothing(any_world: World, token: str) -> None:
    """A second freeze makes no other event, no other message and no other moment."""
    any_world.stops.freeze(token)
    before, frozen = any_world.kept.events(), any_world.voter()
    any_world.clock.move(minutes=1)

    any_world.stops.freeze(token)

    assert any_world.kept.events() == before
    assert any_world.voter() == frozen


def test_freezing_in_the_same_instant_freezes_once(any_world: World, token: str) -> None:
    """Sixteen presses leave one epoch, one event and one message to the desk."""
    epoch, before = any_world.voter().epoch, any_world.kept.events()

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(any_world.stops.freeze, [token] * 16))

    assert any_world.voter().epoch == epoch + 1
    assert any_world.kept.events() == before + 1


@pytest.mark.parametrize("at", [OPENS - timedelta(days=1), CLOSES + timedelta(days=20)])
def test_stopping_is_never_closed(any_world: World, token: str, at: datetime) -> None:
    """A stolen account matters before and after the vote too, while the link of the notice serves."""
    any_world.clock.at = at

    any_world.stops.freeze(token)

    assert any_world.voter().frozen == at


@pytest.mark.parametrize(
    "spoil", [lambda _: None, lambda _: "", lambda t: t[:-2], lambda t: "B" + t[1:], lambda t: t + "é"]
)
def test_a_damaged_way_to_stop_says_to_call(any_world: World, token: str, spoil: object) -> None:
    """Nobody can make a stop link, nor turn one voter's into another's."""
    with pytest.raises(errors.StopLinkUnknown):
        any_world.stops.freeze(spoil(token))  # type: ignore[operator]  # a way to spoil

    assert any_world.voter().frozen is None


def test_a_way_to_stop_for_a_voter_who_never_was_is_unknown(world: World) -> None:
    """A sealed link of a voter who does not exist is unknown."""
    with pytest.raises(errors.StopLinkUnknown):
        world.stops.find_notice(
            stop_token(world.dependencies.vault, StopChangeLinkPayload(voter=7, case="7F3K-92QD", changed=NOON))
        )


def test_a_way_to_stop_serves_for_days_and_then_says_that_it_has_expired(any_world: World, token: str) -> None:
    """The page and the act of an expired link are closed, and the refused act is written down."""
    ends = any_world.clock.at + timedelta(days=any_world.dependencies.policy.stop_link_days)
    any_world.clock.at = ends - timedelta(seconds=1)
    any_world.stops.find_notice(token)
    any_world.clock.at = ends
    confirm = any_world.services.flows[StopChangeFlowPlugin].steps.confirm

    with pytest.raises(errors.StopLinkExpired) as expired:
        any_world.services.dispatcher.show(confirm, visit(stop=token))
    with pytest.raises(errors.StopLinkExpired):
        any_world.at(confirm, "freeze", visit(stop=token))

    assert "expired_at" in expired.value.facts
    assert any_world.voter().frozen is None
    assert any_world.kept.lines()[-1] == (EventType.ACT_REFUSED, errors.StopLinkExpired.id)


def test_a_way_to_stop_from_before_a_reopening_freezes_no_more(any_world: World, token: str) -> None:
    """The desk has verified the caller since; the notice of a later change freezes as ever."""
    any_world.stops.freeze(token)
    any_world.clock.move(minutes=5)
    with any_world.store.write() as transaction:
        transaction.voters.unfreeze(any_world.voter().id, epoch=any_world.voter().epoch, at=any_world.clock.at)
    confirm = any_world.services.flows[StopChangeFlowPlugin].steps.confirm

    with pytest.raises(errors.StopLinkAccountReopened) as reopened:
        any_world.services.dispatcher.show(confirm, visit(stop=token))
    with pytest.raises(errors.StopLinkAccountReopened):
        any_world.at(confirm, "freeze", visit(stop=token))

    assert "reopened_at" in reopened.value.facts
    assert any_world.voter().frozen is None
    any_world.clock.move(minutes=5)
    any_world.with_password()
    any_world.courier().run_once()
    later = any_world.post.to(CAMILLE)[-1].stop
    any_world.stops.freeze(later)
    assert any_world.voter().frozen == any_world.clock.at


def test_the_notice_of_a_former_change_freezes_after_a_later_one(any_world: World, token: str) -> None:
    """The notice of an earlier change still freezes: a thief may have changed the password twice and kept the second notice."""
    any_world.with_password("Girafe tambour 31")

    any_world.stops.freeze(token)

    assert any_world.voter().frozen == any_world.clock.at


def test_someone_who_left_the_roll_can_still_stop(any_world: World, token: str) -> None:
    """The record of someone who left the roll is kept."""
    voter = any_world.voter()
    with any_world.store.write() as transaction:
        transaction.roll.remove([voter.id], any_world.clock.at)

    any_world.stops.freeze(token)

    assert any_world.stops.find_notice(token)[1].frozen == any_world.clock.at


def test_one_account_is_frozen_and_no_other(any_world: World, token: str) -> None:
    """A stop link freezes its own voter's account only, even if others have a password too."""
    any_world.add(entry("other@ac-lumiere.example"))
    any_world.with_password(email="other@ac-lumiere.example")

    any_world.stops.freeze(token)

    assert any_world.voter("other@ac-lumiere.example").frozen is None


def test_who_recognises_a_change_freezes_nothing(any_world: World, token: str) -> None:
    """The page says so, it leaves one event for the desk, and the account can still be frozen afterwards."""
    steps = any_world.services.flows[StopChangeFlowPlugin].steps

    result = any_world.at(steps.confirm, "mine", visit(stop=token))

    shown = any_world.services.dispatcher.show(result.step, result.visit)
    assert shown.step is steps.recognised
    assert any_world.voter().frozen is None
    assert any_world.voter_events(any_world.voter())[-1].act is EventType.CHANGE_RECOGNISED
    assert any_world.at(steps.recognised, "back", visit(stop=token)).step is steps.confirm
    assert any_world.at(steps.confirm, "freeze", visit(stop=token)).step is steps.stopped
    assert any_world.voter().frozen is not None
