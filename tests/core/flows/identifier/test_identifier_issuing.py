"""From an accepted code to the SMS, whatever the platform, the gateways and the clock do (CASE 34)."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count

import msgspec
import pytest

from core.adapters.embedded_voting_platform import EmbeddedVotingPlatform
from core.delivery.courier import LEASE
from core.flows.account.stop_change_definition import STOP_CHANGE
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
from tests.support.reissues import IDENTIFIER_SMS, PlayedPlatform, Reissuer, play_platform, pseudonym, reissuer, votes
from tests.support.stores import KeptStore, reading, writing
from tests.support.worlds import World, fresh_world

AWAY = PlatformOutcomeUnknown("time-out")


# ── The platform ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("logged")
def test_case_34_a_platform_that_is_down_consumes_nothing_and_gets_it_once(world: World) -> None:
    """The voter reads since when the platform is down; the same request is repeated until it is answered."""
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
    """A platform that executed the order, and whose answer was lost, confirms the repeated order."""
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
    """The same, but for that."""
    other = PlayedPlatform(platform.behind)
    other.reissue = reissue  # type: ignore[method-assign, assignment]  # for one round
    return other


@pytest.mark.usefixtures("logged")
def test_what_the_platform_refuses_for_good_is_given_up_and_costs_nothing(world: World) -> None:
    """The former identifier still works, and the voter is told."""
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
    """The identifier takes the generation after the one in force there; the identifier sent is the one that votes."""
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
    """The embedded platform refuses an overtaken order and does nothing."""
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
    """Another request of that voter."""
    return ReissueOrder(voter=reissue.voter, request=request, generation=generation, salt=b"t", verifier=b"w")


@pytest.mark.usefixtures("logged")
def test_a_platform_that_does_not_answer_is_left_alone_for_a_while(world: World) -> None:
    """The platform is not asked again for a while: a time-out for each message would stop the mails."""
    voters = [reissuer(world, f"voter{number}@ac-lumiere.example") for number in range(3)]
    for number, each in enumerate(voters):
        each.order(phone=f"+3361234560{number}")
    platform = play_platform(world)
    platform.says = AWAY

    world.courier().run_once()

    assert len([each for each in platform.told if isinstance(each, ReissueOrder)]) == 1


# ── The gateways ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("logged")
@pytest.mark.parametrize("says", [PUTS_OFF, NO_GATEWAY])
def test_an_identifier_that_no_gateway_takes_waits_and_is_the_same(world: World, says: SendPostponed) -> None:
    """An identifier that waits for a gateway is in force already: the page says so."""
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
    """The voter is told, the re-issue is free again, and nothing of the SMS is kept."""
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
    """The re-issue is given back, whether or not the platform took the identifier: the voter cannot receive it."""
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
    assert "Cette demande n'est pas décomptée" in world.post.to(CAMILLE)[-1].part("plain")
    assert camille.sign_in().request().step is camille.steps.identity


def test_what_no_courier_came_for_in_time_has_changed_nothing(world: World) -> None:
    """An identifier that no courier made in time changes nothing: the former one works."""
    camille = reissuer(world)
    camille.order()
    world.clock.move(hours=25)
    world.courier().run_once()
    world.courier().run_once()

    assert isinstance(camille.case.state, ReissueAborted)
    assert "fonctionne toujours" in world.post.to(CAMILLE)[-1].part("plain")


def test_a_report_that_is_faster_than_we_are_is_heard(world: World) -> None:
    """A report that comes before the gateway's own answer is accepted."""
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
    """The gateway took it, although its answer was lost; the voter was told by the report what became of it."""
    camille = reissuer(world)
    camille.order()
    world.air.says = SendPostponed("no answer after the end of the message")
    world.courier().run_once()
    *_, sms = tried = list(world.air.tried)
    world.services.flows[IdentifierFlowPlugin].receive_delivery_report(
        sms.message_id, SmsDeliveryStatus.UNDELIVERED, lambda _: None
    )
    world.air.says = TAKES
    freeze(camille)
    for _ in range(3):
        world.clock.move(minutes=1)
        world.courier().run_once()

    assert world.air.tried == tried
    assert isinstance(camille.case.state, IdentifierSmsUndelivered)
    assert world.counts()[MessageState.DROPPED] == 1


# ── A freeze ─────────────────────────────────────────────────────────────────────────────────────────────


def freeze(camille: Reissuer) -> None:
    """Say by the newest notice that the change was not the voter's."""
    token = camille.world.post.to(CAMILLE)[-1].stop
    assert token is not None
    camille.world.stops.freeze(token)


def test_it_was_not_me_freezes_the_identifier_on_the_platform_too(world: World) -> None:
    """The page of a freeze says what is stopped."""
    camille = reissuer(world)
    identifier = camille.receive()
    stop = world.post.to(CAMILLE)[-1].stop
    shown = world.services.dispatcher.show(STOP_CHANGE.confirm, visit(stop=stop))
    freeze(camille)
    world.courier().run_once()

    assert "nouvel identifiant" in shown.facts["what_happened"].msgid  # type: ignore[attr-defined]  # a Text
    assert not votes(world, identifier)
    assert "platform-told" in camille.acts()


@pytest.mark.parametrize("reopened", [False, True])
@pytest.mark.parametrize("before", ["order", "in-force"])
@pytest.mark.usefixtures("logged")
def test_after_a_freeze_no_identifier_leaves(world: World, before: str, *, reopened: bool) -> None:
    """No identifier leaves, before the platform has it or while its SMS waits, also if the account is reopened before the next try."""
    camille = reissuer(world)
    camille.receive()
    camille.order(phone="+33687654321")
    if before == "in-force":
        world.air.says = NO_GATEWAY
        world.courier().run_once()
        world.air.says = TAKES
    sent = len(camille.sms(IDENTIFIER_SMS))
    freeze(camille)
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


@pytest.mark.usefixtures("logged")
def test_after_a_freeze_while_the_platform_answers_no_identifier_leaves(world: World) -> None:
    """The identifier is noted as in force, as the platform has it, and its SMS does not leave."""
    camille = reissuer(world)
    camille.receive()
    camille.order(phone="+33687654321")
    sent = len(camille.sms(IDENTIFIER_SMS))

    class Slow(PlayedPlatform):
        def reissue(
            self, reissue: ReissueOrder
        ) -> OrderCarriedOut | GenerationConflict | OrderDenied | PlatformOutcomeUnknown:
            freeze(camille)
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
    """A voter who leaves gets none; one who returns before the next try has the same account, whose session alone has ended."""
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


@pytest.mark.usefixtures("logged")
def test_a_freeze_waits_for_the_platform_and_is_told(world: World) -> None:
    """The freeze reaches the platform, however long it was away."""
    camille = reissuer(world)
    identifier = camille.receive()
    platform = play_platform(world)
    platform.says = AWAY
    freeze(camille)
    for _ in range(5):
        world.courier().run_once()
        world.clock.move(hours=10)
    platform.says = None
    world.courier().run_once()

    assert not votes(world, identifier)


# ── Killed at any instant ──────────────────────────────────────────────────────────────────────


class Mortal(MortalStore):
    """The store, the platform and the gateways of a process that may die before, inside and after each of their acts."""

    def __init__(self, election: World, reaper: Reaper) -> None:
        super().__init__(election.store, reaper)
        self._election = election

    def reissue(
        self, reissue: ReissueOrder
    ) -> OrderCarriedOut | GenerationConflict | OrderDenied | PlatformOutcomeUnknown:
        """The platform's answer may never arrive."""
        self._tick()
        answer = EmbeddedVotingPlatform(self._election.store).reissue(reissue)
        self._tick()
        return answer

    def set_freeze(self, hold: FreezeOrder) -> OrderCarriedOut:
        """Freeze or free the identifier unless the process dies first."""
        self._tick()
        answer = EmbeddedVotingPlatform(self._election.store).set_freeze(hold)
        self._tick()
        return answer

    def reachable(self) -> bool:
        """Return true."""
        return True

    def send(self, sms: Sms) -> SendAccepted | SendRefused | SendPostponed:
        """The gateway's answer may never arrive."""
        self._tick()
        answer = self._election.air.send(sms)
        self._tick()
        return answer

    def close(self) -> None:
        """Do nothing: nothing is open."""


def killed_at(election: World, instant: int) -> bool:
    """One round of a courier that is killed at that instant; False if it got to its end before."""
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
    """A courier is killed at every instant in turn: one identifier is made and sent, at most twice with the same bytes."""
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
    """Nothing is ordered until the roll is imported again, since the platform would know nobody by those pseudonyms."""
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
