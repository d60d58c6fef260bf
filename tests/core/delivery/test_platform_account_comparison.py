"""Both sides compared: generations and freezes."""

import msgspec

from core.delivery.platform_account_comparison import PlatformComparisonResult
from core.ports.voting_platform import FreezeOrder, ReissueOrder
from tests.support.election import CAMILLE
from tests.support.reissues import Reissuer, numen_of, reissuer, votes
from tests.support.worlds import World

CORRECTED = "camille.petit@ac-lumiere.example"


def found(world: World) -> PlatformComparisonResult:
    """Return what the comparison says."""
    return world.services.platform_comparison.compare_accounts()


def test_after_any_number_of_reissues_and_freezes_both_agree(world: World) -> None:
    """Both sides agree, and voters who never asked are not compared."""
    camille = reissuer(world)
    other = reissuer(world, "other@ac-lumiere.example")
    camille.receive()
    camille.receive()
    other.receive(phone="+33687654321")
    token = world.post.to("other@ac-lumiere.example")[-1].stop
    world.stops.freeze(token)
    world.courier().run_once()

    assert found(world) == PlatformComparisonResult(2, ())


def test_a_corrected_address_leaves_the_voter_the_same_to_the_platform(world: World) -> None:
    """The next identifier follows the one before, a freeze reaches it, and both sides agree."""
    first = reissuer(world).receive()
    camille = world.voter(CAMILLE)
    with world.store.write() as transaction:
        ((voter, before),) = transaction.roll.entries()
        transaction.roll.correct([(voter, msgspec.structs.replace(before, email=CORRECTED))])

    assert votes(world, first, CORRECTED)
    assert found(world) == PlatformComparisonResult(1, ())
    second = Reissuer(world, CORRECTED).sign_in().receive(numen=numen_of(CAMILLE))
    assert [votes(world, each, CORRECTED) for each in (first, second)] == [False, True]
    world.stops.freeze(world.post.to(CORRECTED)[-1].stop)
    world.courier().run_once()
    assert world.voter(CORRECTED).id == camille.id
    assert not votes(world, second, CORRECTED)
    assert found(world) == PlatformComparisonResult(1, ())


def test_who_comes_back_to_the_roll_is_one_voter_to_the_platform(world: World) -> None:
    """The record of a voter who left is kept; the next identifier follows the last."""
    first = reissuer(world).receive()
    gone = world.voter(CAMILLE)
    with world.store.write() as transaction:
        transaction.roll.remove([gone.id], world.clock.at)
    back = reissuer(world)
    back.order(phone="+33687654321")
    for _ in range(3):
        world.courier().run_once()
        world.clock.move(seconds=40)

    assert [votes(world, each) for each in (first, back.identifier())] == [False, True]
    assert found(world) == PlatformComparisonResult(1, ())


def test_each_difference_is_told(world: World) -> None:
    """A generation that somebody else put in force, a freeze known on one side, and a stranger are reported."""
    camille = reissuer(world)
    camille.receive()
    platform = world.services.platform
    (standing,) = platform.accounts()
    platform.reissue(ReissueOrder(voter=standing.voter, request="x", generation=2, salt=b"s", verifier=b"v"))
    platform.set_freeze(FreezeOrder(voter=standing.voter, frozen=True, sequence=99))
    platform.reissue(ReissueOrder(voter="f" * 64, request="x", generation=1, salt=b"s", verifier=b"v"))

    told = [text.msgid for text in found(world).differences]

    assert [sentence.split(":")[0].strip() for sentence in told] == [
        "Électeur {voter}",
        "Électeur {voter}",
        "Électeur inconnu ici, génération {theirs} là-bas",
    ]
    voter = world.voter(CAMILLE)
    with world.store.write() as transaction:
        transaction.voters.freeze(voter.id, epoch=voter.epoch, at=world.clock.at)
    platform.set_freeze(FreezeOrder(voter=standing.voter, frozen=False, sequence=100))
    assert any("compte bloqué ici" in text.msgid for text in found(world).differences)
