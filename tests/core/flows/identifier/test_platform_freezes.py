"""Tests of how the voting platform learns that an account is frozen, and how disowned identifiers are revoked."""

from dataclasses import replace

import pytest

from core.adapters.sql.row_examination import ProtectedRowExaminer
from core.flows.account.stop_change_definition import STOP_CHANGE
from core.flows.identifier.states import IdentifierRevoked
from core.ports import Actor, Event, EventType, SmsDeliveryStatus
from core.ports.voting_platform import OrderDenied, PlatformOutcomeUnknown, ReissueOrder
from tests.support.air import NO_GATEWAY, TAKES
from tests.support.election import CAMILLE, visit
from tests.support.reissues import IDENTIFIER_SMS, PlayedPlatform, identifier_of, play_platform, reissuer, votes
from tests.support.stores import ROWS, KeptStore, writing
from tests.support.worlds import World, fresh_world
from tests.support.worlds import world as world_of_policy

AWAY = PlatformOutcomeUnknown("time-out")


def findings(election: World) -> int:
    """Return the number of findings of `retrouve journal verify` in the rows."""
    with election.kept.engine.connect() as connection:
        return len(list(ProtectedRowExaminer(connection, ROWS).findings()))


def test_it_was_not_me_freezes_the_identifier_on_the_platform_too(world: World) -> None:
    """Freezing the account also freezes the identifier on the voting platform."""
    camille = reissuer(world)
    identifier = camille.receive()
    stop = world.post.to(CAMILLE)[-1].stop
    shown = world.services.dispatcher.show(STOP_CHANGE.confirm, visit(stop=stop))
    camille.freeze(disowning=True)
    world.courier().run_once()

    assert "nouvel identifiant" in shown.facts["what_happened"].msgid  # type: ignore[attr-defined]  # a Text
    assert not votes(world, identifier)
    assert "platform-told" in camille.acts()


@pytest.mark.parametrize("away", [False, True])
@pytest.mark.parametrize("frozen_before", [False, True])
@pytest.mark.parametrize("sms_waits", [False, True])
@pytest.mark.usefixtures("logged")
def test_reopening_does_not_restore_a_disowned_identifier(
    kept: KeptStore, *, frozen_before: bool, away: bool, sms_waits: bool
) -> None:
    """An identifier that its voter disowned stays dead after the account is reopened, and its request is given back.

    It does not matter whether the account was already frozen, whether its SMS was sent, or whether the platform
    answered in between.
    """
    election = fresh_world(kept)
    camille = reissuer(election)
    camille.order()
    election.air.says = NO_GATEWAY if sms_waits else TAKES
    election.courier().run_once()
    stolen = identifier_of(election.air.tried[-1])
    election.air.says = TAKES
    platform = play_platform(election)
    password_notice, identifier_notice = (mail.stop or "" for mail in election.post.to(CAMILLE) if mail.stop)
    for token in (password_notice, identifier_notice) if frozen_before else (identifier_notice, identifier_notice):
        platform.says = AWAY if away else None
        election.stops.freeze(token)
        election.courier().run_once()
        election.clock.move(minutes=1)
    camille.reopen()
    platform.says = None
    for _ in range(3):
        election.courier().run_once()
        election.clock.move(minutes=1)

    assert not votes(election, stolen)
    assert isinstance(camille.case.state, IdentifierRevoked)
    assert (camille.left(), findings(election)) == (3, 0)
    assert camille.acts().count("identifier-revoked") == 1
    assert len(camille.sms(IDENTIFIER_SMS)) == (not sms_waits)
    if not sms_waits:
        camille.report(SmsDeliveryStatus.DELIVERED)
    camille.sign_in()
    assert "ce n'était pas vous" in camille.shown().facts["outcome"].msgid  # type: ignore[attr-defined]  # a Text
    assert votes(election, camille.receive(phone="+33687654321"))
    assert not votes(election, stolen)
    assert findings(election) == 0


@pytest.mark.usefixtures("logged")
def test_an_identifier_that_the_platform_does_not_revoke_stays_frozen(world: World) -> None:
    """If the platform refuses to revoke a disowned identifier, it is not told that the account was reopened."""
    camille = reissuer(world)
    stolen = camille.receive()

    class Refusing(PlayedPlatform):
        def reissue(self, reissue: ReissueOrder) -> OrderDenied:
            """Refuse every order."""
            self.told.append(reissue)
            return OrderDenied("frozen")

    world.services.__dict__["platform"] = Refusing(world.services.platform)
    camille.freeze(disowning=True)
    world.courier().run_once()
    world.clock.move(minutes=1)
    camille.reopen()
    for _ in range(3):
        world.courier().run_once()
        world.clock.move(minutes=1)

    assert not votes(world, stolen)
    calls = [line for line in world.kept.lines() if line == ("call-needed", "not-revoked")]
    assert len(calls) == 2, "one while the account is frozen, and one after it was reopened"


@pytest.mark.usefixtures("logged")
def test_disowning_a_former_identifier_revokes_the_latest(kept: KeptStore) -> None:
    """The notice of any identifier revokes the voter's latest one, but none that was ordered after the reopening."""
    election = fresh_world(kept)
    camille = reissuer(election)
    camille.receive()
    stolen = camille.receive(phone="+33687654321")
    _, former_notice, _ = (mail.stop or "" for mail in election.post.to(CAMILLE) if mail.stop)
    election.clock.move(minutes=1)
    election.stops.freeze(former_notice)
    election.courier().run_once()
    election.clock.move(minutes=1)
    camille.reopen()
    election.courier().run_once()

    assert not votes(election, stolen)
    assert isinstance(camille.case.state, IdentifierRevoked)
    election.clock.move(minutes=1)
    identifier = camille.sign_in().receive()
    voter = camille.voter
    writing(election.store).voters.freeze(voter.id, epoch=voter.epoch, at=election.clock.at)
    election.dependencies.record(Event(at=election.clock.at, actor=Actor.AGENT, act=EventType.FROZEN, voter=voter.id))
    camille.reopen()
    election.courier().run_once()
    assert votes(election, identifier)
    assert findings(election) == 0


@pytest.mark.usefixtures("logged")
def test_a_reissue_that_was_given_back_before_it_was_revoked_is_still_given_back(kept: KeptStore) -> None:
    """A re-issue whose SMS was lost does not count itself among those that were given back before it."""
    policy = replace(fresh_world(kept).dependencies.policy, reissues_given_back=1)
    election = world_of_policy(kept, policy=policy)
    camille = reissuer(election)
    camille.receive()
    camille.report(SmsDeliveryStatus.UNDELIVERED)
    camille.freeze(disowning=True)
    election.courier().run_once()

    assert isinstance(camille.case.state, IdentifierRevoked)
    assert camille.case.state.given_back
    assert camille.left() == 3


@pytest.mark.usefixtures("logged")
def test_a_freeze_waits_for_the_platform_and_is_told(world: World) -> None:
    """A freeze reaches the platform even if the platform was down for days."""
    camille = reissuer(world)
    identifier = camille.receive()
    platform = play_platform(world)
    platform.says = AWAY
    camille.freeze()
    for _ in range(5):
        world.courier().run_once()
        world.clock.move(hours=10)
    platform.says = None
    world.courier().run_once()

    assert not votes(world, identifier)


# ── A killed courier ────────────────────────────────────────────────────────────────────────────────────
