"""Ce n'était pas moi: whoever got the notice freezes the account at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from core import errors
from core.service.stopping import Notice, stop_token
from tests.support.election import CAMILLE, CLOSES, GOOD, NOON, OPENS, entry, visit
from tests.support.worlds import World


@pytest.fixture(name="token")
def token_of_a_notice(any_world: World) -> str:
    """The way to stop, as it reached the mailbox of a voter who chose a password."""
    any_world.add()
    any_world.with_password()
    any_world.courier().round()
    token = any_world.post.to(CAMILLE)[-1].stop
    assert token is not None
    return token


def test_looking_at_the_page_freezes_nothing(any_world: World, token: str) -> None:
    """GET shows whose account it is, which case, and when; scanners may look twenty times."""
    before = any_world.kept.events()

    for _ in range(20):
        shown = any_world.house.reception.show(any_world.house.stop.confirm, visit(stop=token))

    notice, voter = any_world.stops.noticed(token)
    assert shown.step is any_world.house.stop.confirm
    assert (notice.voter, notice.changed) == (voter.id, NOON)
    assert shown.case == notice.case
    assert voter.frozen is None
    assert any_world.kept.events() == before


def test_freezing_ends_links_and_sessions_at_once(any_world: World, token: str) -> None:
    """A link that was alive says that the account is blocked; nobody signs in; the page says so from now on."""
    signed_in = any_world.sessions.sign_in(CAMILLE, GOOD, visit(), case="7F3K-92QD")
    link = any_world.link()

    turn = any_world.at(any_world.house.stop.confirm, "freeze", visit(stop=token))

    assert turn.step is any_world.house.stop.stopped
    assert any_world.voter().frozen == any_world.clock.at
    with pytest.raises(errors.SignInNeeded):
        any_world.sessions.signed(signed_in.session)
    with pytest.raises(errors.AccountFrozen):
        any_world.links.open(link)
    with pytest.raises(errors.AccountFrozen):
        any_world.sessions.sign_in(CAMILLE, GOOD, visit(), case="7F3K-92QD")
    shown = any_world.house.reception.show(any_world.house.stop.confirm, visit(stop=token))
    assert shown.step is any_world.house.stop.stopped


def test_the_desk_is_told_the_case_and_not_the_person(any_world: World, token: str) -> None:
    """One message, to the desk's address."""
    any_world.stops.freeze(token)
    any_world.courier().round()

    told = any_world.post.taken[-1]
    words = told.part("plain") + told.part("html") + str(told.parsed["Subject"])
    assert told.envelope.recipient != CAMILLE
    assert any_world.stops.noticed(token)[0].case in words
    assert not [word for word in (CAMILLE, "Camille", "Martin") if word in words]
    assert (told.link, told.stop) == (None, None)


def test_case_2_a_frozen_voter_who_asks_gets_a_mail_without_a_link(any_world: World, token: str) -> None:
    """It says to call the desk; the page is the one everyone sees."""
    any_world.stops.freeze(token)

    handle = any_world.ask()
    any_world.courier().round()

    mail = any_world.post.to(CAMILLE)[-1]
    assert (mail.link, mail.stop) == (None, None)
    assert any_world.tools.election.desk_phone in mail.part("plain")
    assert any_world.number(handle) in mail.part("plain")
    assert any_world.waiting(handle).step.code == "MP-4"
    assert any_world.acts(any_world.number(handle)) == ["asked", "link-refused", "mail-accepted"]


def test_freezing_again_changes_nothing(any_world: World, token: str) -> None:
    """Neither another event, nor another message, nor another moment."""
    any_world.stops.freeze(token)
    before, frozen = any_world.kept.events(), any_world.voter()
    any_world.clock.move(minutes=1)

    any_world.stops.freeze(token)

    assert any_world.kept.events() == before
    assert any_world.voter() == frozen


def test_freezing_in_the_same_instant_freezes_once(any_world: World, token: str) -> None:
    """Sixteen presses: one epoch, one event, one message to the desk."""
    epoch, before = any_world.voter().epoch, any_world.kept.events()

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(any_world.stops.freeze, [token] * 16))

    assert any_world.voter().epoch == epoch + 1
    assert any_world.kept.events() == before + 1


@pytest.mark.parametrize("at", [OPENS - timedelta(days=1), CLOSES + timedelta(days=30)])
def test_stopping_is_never_closed(any_world: World, token: str, at: datetime) -> None:
    """A stolen account matters before and after the vote too."""
    any_world.clock.at = at

    any_world.stops.freeze(token)

    assert any_world.voter().frozen == at


@pytest.mark.parametrize(
    "spoil", [lambda _: None, lambda _: "", lambda t: t[:-2], lambda t: "B" + t[1:], lambda t: t + "é"]
)
def test_a_damaged_way_to_stop_says_to_call(any_world: World, token: str, spoil: object) -> None:
    """Nobody can make one, nor turn one voter's into another's."""
    with pytest.raises(errors.StopLinkUnknown):
        any_world.stops.freeze(spoil(token))  # type: ignore[operator]  # a way to spoil

    assert any_world.voter().frozen is None


def test_a_way_to_stop_for_a_voter_who_never_was_is_unknown(world: World) -> None:
    """Sealed by us, and still of nobody."""
    with pytest.raises(errors.StopLinkUnknown):
        world.stops.noticed(stop_token(world.tools.vault, Notice(voter=7, case="7F3K-92QD", changed=NOON)))


def test_someone_who_left_the_roll_can_still_stop(any_world: World, token: str) -> None:
    """Their record is kept."""
    voter = any_world.voter()
    with any_world.store.write() as transaction:
        transaction.roll.remove([voter.id], any_world.clock.at)

    any_world.stops.freeze(token)

    assert any_world.stops.noticed(token)[1].frozen == any_world.clock.at


def test_one_account_is_frozen_and_no_other(any_world: World, token: str) -> None:
    """However many have a password."""
    any_world.add(entry("other@ac-lumiere.example"))
    any_world.with_password(email="other@ac-lumiere.example")

    any_world.stops.freeze(token)

    assert any_world.voter("other@ac-lumiere.example").frozen is None
