"""Known incidents at the terminal: a supervisor announces and ends them by keys, and agents say them at once."""

import pytest

from core.ports import Actor, AgentRole, Event, EventType, Voter
from core.text.faces.bounce_sentences import BounceReason
from tests.support.desk import add_known, signed_in_agent
from tests.support.terminal import LARGE, SMALL, terminal
from tests.support.worlds import World
from tui.incident_screen import IncidentScreen


def refuse_mails(world: World, camille: Voter) -> None:
    """Let the mails of five voters of one domain come back as spam."""
    others = [add_known(world, f"v{at}@{camille.email.partition('@')[2]}", f"12A123456{at}BCE") for at in range(4)]
    with world.store.write() as transaction:
        for voter in (camille, *others):
            now, act, reason = world.clock.now(), EventType.MAIL_BOUNCED, BounceReason.REFUSED_AS_SPAM
            transaction.journal.write(Event(at=now, actor=Actor.COURIER, act=act, voter=voter.id, reason=reason))


async def test_one_key_announces_what_the_desk_proposes_and_the_agents_guide_says_it(
    world: World, camille: Voter
) -> None:
    """The supervisor's home proposes; announced, it stands at the agent's guide, and ends there with the incident."""
    robin, agent = signed_in_agent(world, "robin", AgentRole.SUPERVISOR), signed_in_agent(world)
    refuse_mails(world, camille)
    async with terminal(world, robin, size=SMALL) as at:
        await at.sees("Entrée annonce à tous l'incident « Messages refusés par la messagerie »")
        await at.press("down", "enter")
        await at.sees("L'incident est annoncé")
        await at.press("f7")
        await at.sees("Incident connu depuis", "Annoncé par robin.")
        async with terminal(world, agent, size=LARGE) as beside:
            await beside.open_file()
            await beside.press("f4")
            await beside.sees("✗ Incident connu depuis", "Dites que la messagerie refuse nos messages")
            await at.press("enter")
            await at.sees("Terminer cet incident ?")
            await at.press("tab", "enter")
            await at.sees("C'est rétabli depuis")
            await beside.until(lambda: "Incident connu" not in beside.words, "the end of the incident")


@pytest.mark.usefixtures("camille")
async def test_a_supervisor_chooses_a_sentence_and_fills_its_blanks(world: World) -> None:
    """A blank that cannot be read is said at its field; an agent reads the list and can change nothing."""
    robin, agent = signed_in_agent(world, "robin", AgentRole.SUPERVISOR), signed_in_agent(world)
    async with terminal(world, robin) as at:
        await at.press("f7")
        await at.sees("Aucun incident connu ni proposé.")
        await at.press("f5")
        await at.sees("Quel incident annoncer ?")
        await at.press("down", "enter")
        await at.sees("Remplir les blancs", "Académie")
        await at.answer("Lyon", "90 min")
        await at.sees("Les plus proches : Lumière")
        await at.press(*["backspace"] * 4)
        await at.answer("lum", "")
        await at.sees("L'incident est annoncé", "Messages en retard (académie : Lumière)")
    async with terminal(world, agent) as at:
        await at.sees("Messages en retard (académie : Lumière)")
        await at.press("f7")
        await at.sees("Annoncé par robin.")
        await at.press("f5", "enter")
        await at.sees("Un responsable annonce et termine les incidents.")
        await at.pilot.pause()

        assert isinstance(at.app.screen, IncidentScreen)
    (notice,) = world.services.desk.incidents.view(robin).notices
    assert (notice.is_over, notice.incident.subject) == (False, "Lumière")
