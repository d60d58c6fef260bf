"""Both sides compared: generations and freezes."""

from core.platform import Hold, Reissue
from core.service.identifier.reconciling import Reconciliation
from tests.support.election import CAMILLE
from tests.support.reissues import reissuer
from tests.support.worlds import World


def found(world: World) -> Reconciliation:
    """What the comparison says."""
    return world.house.reconciling.reconcile()


def test_after_any_number_of_reissues_and_freezes_both_agree(any_world: World) -> None:
    """Nobody who never asked is looked at."""
    camille = reissuer(any_world)
    other = reissuer(any_world, "other@ac-lumiere.example")
    camille.receive()
    camille.receive()
    other.receive(phone="+33687654321")
    token = any_world.post.to("other@ac-lumiere.example")[-1].stop
    any_world.stops.freeze(token)
    any_world.courier().round()

    assert found(any_world) == Reconciliation(2, ())


def test_each_difference_is_told(any_world: World) -> None:
    """A generation that somebody else put in force, a freeze that is known on one side, and a stranger."""
    camille = reissuer(any_world)
    camille.receive()
    platform = any_world.house.platform
    (standing,) = platform.standings()
    platform.reissue(Reissue(voter=standing.voter, request="x", generation=2, salt=b"s", verifier=b"v"))
    platform.hold(Hold(voter=standing.voter, frozen=True, sequence=99))
    platform.reissue(Reissue(voter="f" * 64, request="x", generation=1, salt=b"s", verifier=b"v"))

    told = [text.msgid for text in found(any_world).differences]

    assert [sentence.split(":")[0].strip() for sentence in told] == [
        "Électeur {voter}",
        "Électeur {voter}",
        "Électeur inconnu ici, génération {theirs} là-bas",
    ]
    voter = any_world.voter(CAMILLE)
    with any_world.store.write() as transaction:
        transaction.voters.freeze(voter.id, epoch=voter.epoch, at=any_world.clock.at)
    platform.hold(Hold(voter=standing.voter, frozen=False, sequence=100))
    assert any("compte bloqué ici" in text.msgid for text in found(any_world).differences)
