"""Tests of how an identifier is created and sent if the voting platform, the gateway or the courier fails."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count

import msgspec
import pytest

from core.adapters.embedded_voting_platform import EmbeddedVotingPlatform
from core.delivery.lease import LEASE
from core.flows.identifier.plugin import IdentifierFlowPlugin
from core.flows.identifier.states import (
    IdentifierInForce,
    IdentifierSmsDelivered,
    IdentifierSmsUndelivered,
    ReissueAborted,
)
from core.flows.identifier.states import IdentifierSmsSent as SentAway
from core.forms.errors import SignInNeeded
from core.ports import MessageState, SendAccepted, SendPostponed, SendRefused, Sms, SmsDeliveryStatus, Store
from core.ports.voting_platform import (
    FreezeOrder,
    GenerationConflict,
    OrderCarriedOut,
    OrderDenied,
    PlatformOutcomeUnknown,
    ReissueOrder,
)
from tests.support.air import NO_GATEWAY, PUTS_OFF, REFUSES_SMS, TAKES, Air
from tests.support.election import CAMILLE, GOOD, visit
from tests.support.mortal import Killed, MortalStore, Reaper
from tests.support.reissues import CODE_SMS, IDENTIFIER_SMS, PlayedPlatform, play_platform, pseudonym, reissuer, votes
from tests.support.stores import KeptStore, reading, writing
from tests.support.worlds import World, fresh_world

AWAY = PlatformOutcomeUnknown("time-out")


# ── The platform ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("logged")
def test_case_34_a_platform_that_is_down_consumes_nothing_and_gets_it_once(world: World) -> None:
    """While the platform is down, the page says since when, and the same order is repeated until it is answered."""
    camille = reissuer(world)
    first = camille.receive()
    platform = play_platform(world)
    platform.says = AWAY
    camille.order()
    for _ in range(3):
        world.courier().run_once()
        world.clock.move(seconds=40)

    notice = camille.shown().notices[0]
    assert "ne répond pas" in notice.msgid
    assert votes(world, first)
    assert camille.acts().count("platform-away") == 1
    platform.says = None
    world.courier().run_once()

    told = [each for each in platform.told if isinstance(each, ReissueOrder)]
    assert len({each.request for each in told}) == len({each.verifier for each in told}) == 1
    assert votes(world, camille.identifier())
    assert not votes(world, first)
    assert camille.left() == 1


@pytest.mark.usefixtures("logged")
def test_an_answer_that_is_lost_is_no_second_identifier(world: World) -> None:
    """If the platform's answer is lost, the repeated order creates no second identifier."""
    camille = reissuer(world)
    camille.order()
    platform = play_platform(world)

    def deaf(reissue: ReissueOrder) -> PlatformOutcomeUnknown:
        platform.behind.reissue(reissue)  # type: ignore[attr-defined]  # a platform
        return AWAY

    world.services.__dict__["platform"] = replace_reissue(platform, deaf)
    world.courier().run_once()
    world.services.__dict__["platform"] = platform
    world.clock.move(seconds=40)
    world.courier().run_once()

    assert len(camille.sms(IDENTIFIER_SMS)) == 1
    assert votes(world, camille.identifier())


def replace_reissue(
    platform: PlayedPlatform, reissue: Callable[[ReissueOrder], PlatformOutcomeUnknown]
) -> PlayedPlatform:
    """Return a platform like `platform`, but with another `reissue` method."""
    other = PlayedPlatform(platform.behind)
    other.reissue = reissue  # type: ignore[method-assign, assignment]  # for one round
    return other


@pytest.mark.usefixtures("logged")
def test_what_the_platform_refuses_for_good_is_given_up_and_costs_nothing(world: World) -> None:
    """If the platform denies the order, the old identifier still works, and no request is used up."""
    camille = reissuer(world)
    first = camille.receive()
    play_platform(world).says = OrderDenied("unknown-voter")
    camille.order()
    world.courier().run_once()
    world.courier().run_once()

    assert isinstance(camille.case.state, ReissueAborted)
    assert camille.shown().step is camille.steps.failed
    assert votes(world, first)
    assert camille.left() == 2
    assert "a refusé" in world.post.to(CAMILLE)[-1].part("plain")


@pytest.mark.usefixtures("logged")
def test_a_platform_that_somebody_else_moved_on_is_followed(world: World) -> None:
    """If the platform already has a newer generation, the identifier gets the generation after that one."""
    camille = reissuer(world)
    platform = world.services.platform
    assert isinstance(platform, EmbeddedVotingPlatform)
    camille.order()
    moved = ReissueOrder(voter=pseudonym(world), request="elsewhere", generation=1, salt=b"s", verifier=b"v")
    assert platform.reissue(moved) == OrderCarriedOut()
    for _ in range(3):
        world.courier().run_once()
        world.clock.move(seconds=40)

    assert votes(world, camille.identifier())
    assert [(standing.generation, standing.frozen) for standing in platform.accounts()] == [(2, False)]


def test_the_embedded_platform_tells_an_overtaken_one(world: World) -> None:
    """The embedded platform refuses an outdated order and does nothing."""
    platform = EmbeddedVotingPlatform(world.store)
    first = ReissueOrder(voter="v", request="a", generation=1, salt=b"s", verifier=b"v")

    assert platform.reissue(first) == OrderCarriedOut()
    assert platform.reissue(first) == OrderCarriedOut()
    assert platform.reissue(replace_request(first, "b")) == GenerationConflict(1)
    assert platform.set_freeze(FreezeOrder(voter="v", frozen=True, sequence=5)) == OrderCarriedOut()
    assert platform.set_freeze(FreezeOrder(voter="v", frozen=False, sequence=4)) == OrderCarriedOut()
    assert platform.reissue(replace_request(first, "c", generation=2)) == OrderDenied("frozen")
    assert platform.reissue(first) == OrderCarriedOut()


def replace_request(reissue: ReissueOrder, request: str, generation: int = 1) -> ReissueOrder:
    """Return another order for the same voter."""
    return ReissueOrder(voter=reissue.voter, request=request, generation=generation, salt=b"t", verifier=b"w")


@pytest.mark.usefixtures("logged")
def test_a_platform_that_does_not_answer_is_left_alone_for_a_while(world: World) -> None:
    """After a time-out, the platform is not called for other orders at once, so that mails are not delayed."""
    voters = [reissuer(world, f"voter{number}@ac-lumiere.example") for number in range(3)]
    for number, each in enumerate(voters):
        each.order(phone=f"+3361234560{number}")
    platform = play_platform(world)
    platform.says = AWAY

    world.courier().run_once()

    assert len([each for each in platform.told if isinstance(each, ReissueOrder)]) == 1


# ── The gateways ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("logged")
@pytest.mark.parametrize("says", [PUTS_OFF, NO_GATEWAY])
def test_an_identifier_that_no_gateway_takes_waits_and_is_the_same(world: World, says: SendPostponed) -> None:
    """While no gateway accepts the SMS, the identifier is in force. The same SMS is sent later."""
    camille = reissuer(world)
    camille.order()
    world.air.says = says
    world.courier().run_once()
    assert isinstance(camille.case.state, IdentifierInForce)
    world.air.says = TAKES
    world.clock.move(seconds=40)
    world.courier().run_once()

    tried = [sms for sms in world.air.tried if sms.message_id.startswith(IDENTIFIER_SMS)]
    assert len(tried) == 2
    assert tried[0] == tried[1]
    assert votes(world, camille.identifier())
    assert isinstance(camille.case.state, SentAway)


@pytest.mark.usefixtures("logged")
def test_a_gateway_that_refuses_for_good_means_undelivered(world: World) -> None:
    """If the gateway refuses the SMS, the request is given back, the voter is told, and the SMS is deleted."""
    camille = reissuer(world)
    camille.order()
    world.air.says = REFUSES_SMS
    world.courier().run_once()
    world.courier().run_once()

    assert isinstance(camille.case.state, IdentifierSmsUndelivered)
    assert camille.left() == 3
    assert "n'a pas pu être remis" in world.post.to(CAMILLE)[-1].part("plain")
    assert set(world.kept.bodies().values()) == {None}


@pytest.mark.usefixtures("logged")
@pytest.mark.parametrize("away", ["platform", "gateway"])
def test_what_could_not_leave_in_time_is_told_and_free(world: World, away: str) -> None:
    """An SMS that could not be sent within a day is given up, and the request is given back.

    The mail says that the former identifier no longer works only if the platform has confirmed the new one.
    """
    camille = reissuer(world)
    camille.order()
    if away == "platform":
        play_platform(world).says = AWAY
    else:
        world.air.says = NO_GATEWAY
    world.courier().run_once()
    world.clock.move(hours=25)
    world.courier().run_once()
    world.courier().run_once()

    assert isinstance(camille.case.state, IdentifierSmsUndelivered)
    assert camille.left() == 3
    mail = " ".join(world.post.to(CAMILLE)[-1].part("plain").split())
    assert "Cette demande n'est pas décomptée" in mail
    assert ("L'ancien identifiant ne fonctionne plus" in mail) == (away == "gateway")
    assert ("L'ancien fonctionne peut-être encore" in mail) == (away == "platform")
    assert camille.sign_in().request().step is camille.steps.identity


def test_what_no_courier_came_for_in_time_has_changed_nothing(world: World) -> None:
    """If no courier processed the order within a day, the old identifier still works."""
    camille = reissuer(world)
    camille.order()
    world.clock.move(hours=25)
    world.courier().run_once()
    world.courier().run_once()

    assert isinstance(camille.case.state, ReissueAborted)
    assert "fonctionne toujours" in world.post.to(CAMILLE)[-1].part("plain")


def test_a_report_that_is_faster_than_we_are_is_heard(world: World) -> None:
    """A delivery report that arrives before the gateway's answer is accepted."""
    camille = reissuer(world)

    class Quick(Air):
        def send(self, sms: Sms) -> SendAccepted | SendRefused | SendPostponed:
            answer = super().send(sms)
            camille.world.services.flows[IdentifierFlowPlugin].receive_delivery_report(
                sms.message_id, SmsDeliveryStatus.DELIVERED, lambda _: None
            )
            return answer

    camille.order()
    world.air = Quick(tried=world.air.tried, taken=world.air.taken)
    world.courier().run_once()

    assert isinstance(camille.case.state, IdentifierSmsDelivered)
    (record,) = reading(world.store).reissues.of_voter(camille.voter.id)
    assert record.ended is not None


@pytest.mark.usefixtures("logged")
def test_an_sms_that_the_operator_has_reported_on_is_not_sent_again(world: World) -> None:
    """An SMS is not sent again if a delivery report shows that the gateway has accepted it."""
    camille = reissuer(world)
    camille.order()
    world.air.says = SendPostponed("no answer after the end of the message")
    world.courier().run_once()
    *_, sms = tried = list(world.air.tried)
    world.services.flows[IdentifierFlowPlugin].receive_delivery_report(
        sms.message_id, SmsDeliveryStatus.UNDELIVERED, lambda _: None
    )
    world.air.says = TAKES
    camille.freeze()
    for _ in range(3):
        world.clock.move(minutes=1)
        world.courier().run_once()

    assert world.air.tried == tried
    assert isinstance(camille.case.state, IdentifierSmsUndelivered)
    assert world.counts()[MessageState.DROPPED] == 1


# ── Freezing the account ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("reopened", [False, True])
@pytest.mark.parametrize("before", ["order", "in-force"])
@pytest.mark.usefixtures("logged")
def test_after_a_freeze_no_identifier_leaves(world: World, before: str, *, reopened: bool) -> None:
    """After a freeze, no identifier is sent, even if the account is reopened before the next try."""
    camille = reissuer(world)
    camille.receive()
    camille.order(phone="+33687654321")
    if before == "in-force":
        world.air.says = NO_GATEWAY
        world.courier().run_once()
        world.air.says = TAKES
    sent = len(camille.sms(IDENTIFIER_SMS))
    camille.freeze()
    if reopened:
        voter = camille.voter
        writing(world.store).voters.unfreeze(voter.id, epoch=voter.epoch, at=world.clock.at)
    for _ in range(3):
        world.courier().run_once()
        world.clock.move(seconds=40)

    assert len(camille.sms(IDENTIFIER_SMS)) == sent
    assert isinstance(camille.case.state, ReissueAborted if before == "order" else IdentifierSmsUndelivered)
    assert votes(world, camille.identifier()) == (reopened and before == "order")
    given_up = ("reissue-given-up", "reopened" if reopened else "frozen")
    assert (given_up in world.kept.lines()) == (before == "order")


@pytest.mark.parametrize("reopened", [False, True])
@pytest.mark.usefixtures("logged")
def test_after_a_freeze_no_code_leaves(any_world: World, *, reopened: bool) -> None:
    """A security code that no gateway took before the account was frozen is not sent, even after it is reopened."""
    camille = reissuer(any_world)
    any_world.courier().run_once()
    any_world.air.says = NO_GATEWAY
    camille.asked()
    any_world.courier().run_once()
    camille.freeze()
    if reopened:
        any_world.clock.move(seconds=1)
        voter = camille.voter
        writing(any_world.store).voters.unfreeze(voter.id, epoch=voter.epoch, at=any_world.clock.at)
    any_world.air.says = TAKES
    for _ in range(3):
        any_world.clock.move(seconds=40)
        any_world.courier().run_once()

    assert camille.sms(CODE_SMS) == []


@pytest.mark.usefixtures("logged")
def test_after_a_freeze_while_the_platform_answers_no_identifier_leaves(world: World) -> None:
    """If the account is frozen while the platform answers, the identifier is in force but its SMS is not sent."""
    camille = reissuer(world)
    camille.receive()
    camille.order(phone="+33687654321")
    sent = len(camille.sms(IDENTIFIER_SMS))

    class Slow(PlayedPlatform):
        def reissue(
            self, reissue: ReissueOrder
        ) -> OrderCarriedOut | GenerationConflict | OrderDenied | PlatformOutcomeUnknown:
            camille.freeze()
            return super().reissue(reissue)

    world.services.__dict__["platform"] = Slow(world.services.platform)
    for _ in range(3):
        world.courier().run_once()
        world.clock.move(seconds=40)

    assert len(camille.sms(IDENTIFIER_SMS)) == sent
    assert isinstance(camille.case.state, IdentifierSmsUndelivered)
    assert "identifier-in-force" in camille.acts()
    assert not votes(world, camille.identifier())


@pytest.mark.parametrize("returns", [False, True])
@pytest.mark.usefixtures("logged")
def test_an_order_goes_on_for_who_returns_to_the_roll_as_the_password_does(world: World, *, returns: bool) -> None:
    """A voter who left the roll gets no identifier. A voter who has returned to the roll gets it."""
    camille = reissuer(world)
    camille.order()
    with world.store.write() as transaction:
        transaction.roll.remove([camille.voter.id], world.clock.at)
        if returns:
            transaction.roll.restore_removed_voters({camille.voter.id: CAMILLE})
    world.courier().run_once()

    assert len(camille.sms(IDENTIFIER_SMS)) == returns
    with pytest.raises(SignInNeeded):
        camille.shown()
    if returns:
        assert world.sessions.sign_in(CAMILLE, GOOD, visit()).session


class Mortal(MortalStore):
    """The store, the platform and the gateway of a courier that can be killed before or after any call to them."""

    def __init__(self, election: World, reaper: Reaper) -> None:
        super().__init__(election.store, reaper)
        self._election = election

    def reissue(
        self, reissue: ReissueOrder
    ) -> OrderCarriedOut | GenerationConflict | OrderDenied | PlatformOutcomeUnknown:
        self._tick()
        answer = EmbeddedVotingPlatform(self._election.store).reissue(reissue)
        self._tick()
        return answer

    def set_freeze(self, hold: FreezeOrder) -> OrderCarriedOut:
        self._tick()
        answer = EmbeddedVotingPlatform(self._election.store).set_freeze(hold)
        self._tick()
        return answer

    def reachable(self) -> bool:
        return True

    def send(self, sms: Sms) -> SendAccepted | SendRefused | SendPostponed:
        self._tick()
        answer = self._election.air.send(sms)
        self._tick()
        return answer

    def close(self) -> None:
        return


def killed_at(election: World, instant: int) -> bool:
    """Run a courier that is killed at this instant. Return False if it finished its work before."""
    reaper = Reaper(instant)
    mortal = Mortal(election, reaper)
    store: Store = mortal  # type: ignore[assignment]  # as much of one as a courier needs
    dying = World(election.kept, replace(election.dependencies, store=store), post=election.post)
    dying.__dict__["air"] = mortal
    dying.services.__dict__["platform"] = mortal
    try:
        dying.courier().run_once()
    except Killed:
        return True
    return False


def test_killed_at_any_instant_the_identifier_in_force_is_the_one_received(kept: KeptStore) -> None:
    """Whenever the courier is killed, one identifier is created, and its SMS is sent once or twice."""
    for instant in count():
        election = fresh_world(kept)
        camille = reissuer(election)
        camille.order()

        if not killed_at(election, instant):
            break
        election.clock.move(seconds=LEASE.total_seconds())
        while election.courier().run_once():
            pass

        sent = camille.sms(IDENTIFIER_SMS)
        assert 1 <= len(sent) <= 2, instant
        assert len({sms.text for sms in sent}) == 1, instant
        assert votes(election, camille.identifier()), instant
        assert camille.left() == 2, instant
        assert isinstance(camille.case.state, SentAway), instant
    assert instant > 20


@pytest.mark.usefixtures("logged")
def test_under_another_key_of_the_platform_a_reissue_waits_for_the_roll(world: World) -> None:
    """If the roll was imported under another platform key, nothing is ordered until it is imported again."""
    camille = reissuer(world)
    played = play_platform(world)
    with world.store.write() as transaction:
        ((voter, imported),) = transaction.roll.entries()
        transaction.roll.correct([(voter, msgspec.structs.replace(imported, pseudonym=b"of another key"))])
    camille.order()
    world.courier().run_once()
    assert played.told == []
    assert camille.left() == 2

    writing(world.store).roll.correct([(voter, imported)])
    world.clock.move(seconds=40)
    world.courier().run_once()
    assert votes(world, camille.identifier())
