"""A signature from the supervisor's own terminal, by keyboard only at each of the two."""

from core.ports import AgentRole, ApprovalState, EventType, Voter
from tests.support.desk import new_agent, signed_in_agent, verified_caller
from tests.support.terminal import SMALL, Terminal, terminal
from tests.support.worlds import World
from tui.app_messages import OpenVoterFile


async def ask_for_signature(at: Terminal) -> None:
    """Ask for a signature from the file of a verified caller whose account is frozen."""
    await at.press("f8")
    await at.sees("Signature d'un responsable")
    await at.press("f4")
    await at.sees("Pour quel motif", "Compte bloqué")
    await at.press("5")
    await at.sees("Les responsables sont avertis : rouvrir le compte de Camille Martin")


async def test_an_agent_asks_and_the_terminal_goes_on_by_itself(world: World, camille: Voter) -> None:
    """A refusal is said, Escape and another file withdraw, and on the signature the account is opened without another key."""
    agent, her = signed_in_agent(world), new_agent(world, "dominique", AgentRole.SUPERVISOR)
    at_hers, signatures = her.choose_password(), world.services.desk.signatures
    world.services.desk.freezing.freeze(agent, verified_caller(world, agent, camille))

    def asked() -> str:
        with world.store.read() as transaction:
            (request,) = transaction.signature_requests.waiting(world.clock.now(), 9)
        return request.id

    async with terminal(world, agent, size=SMALL) as at:
        await at.open_file()
        await at.verify_caller()
        await at.sees("vérifié, jusqu'à")
        await ask_for_signature(at)
        signatures.decline(at_hers, asked())
        await at.sees("dominique refuse de signer. Le compte reste bloqué.")
        await ask_for_signature(at)
        withdrawn = asked()
        await at.press("escape")
        await at.sees("La demande de signature est retirée.")
        assert signatures.follow(agent, withdrawn).state is ApprovalState.WITHDRAWN
        await ask_for_signature(at)
        left, file = asked(), at.app.screen_stack[-2]
        at.app.post_message(OpenVoterFile(camille.id, None))  # whose answer was slow
        await at.until(
            lambda: signatures.follow(agent, left).state is ApprovalState.WITHDRAWN, "the end of what nobody waits for"
        )
        await at.until(lambda: file not in at.app.screen_stack, "the other file")
        await at.sees("vérifié, jusqu'à", "Rouvrir le compte")
        await ask_for_signature(at)
        signatures.approve(at_hers, asked(), her.code)
        await at.sees("Le compte est rouvert, sans mot de passe.")
    acts = [event.act for event in world.voter_events(camille)]
    assert [acts.count(act) for act in (EventType.UNFROZEN, EventType.COUNTERSIGNED)] == [1, 1]
