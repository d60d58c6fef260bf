"""The status line, the refusal in the guide, and what the terminal suggests after a refusal or a freeze."""

import pytest

from core.desk.authorisation import AgentSession
from core.forms import errors
from core.ports import Voter
from tests.support.desk import BIRTH_DATE, signed_in_agent
from tests.support.election import CAMILLE
from tests.support.terminal import HUGE, SMALL, terminal
from tests.support.worlds import World
from tui.dialogs import ChoiceDialog, ChoiceList
from tui.status_line import SEPARATOR, whole_items
from tui.voter_file_screen import VoterFileScreen


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (80, [["✗ Compte bloqué", "✗ Lien annulé", "3 sur 3", "5 essais"]]),
        (31, [["✗ Compte bloqué", "✗ Lien annulé"], ["3 sur 3", "5 essais"]]),
        (30, [["✗ Compte bloqué"], ["✗ Lien annulé", "3 sur 3"]]),
        (5, [["✗ Compte bloqué"], ["✗ Lien annulé"]]),
    ],
)
def test_only_whole_items_are_shown_on_two_lines(width: int, lines: list[list[str]]) -> None:
    """Items that do not fit on two lines are left out from the end."""
    assert whole_items(["✗ Compte bloqué", "✗ Lien annulé", "3 sur 3", "5 essais"], width) == lines
    assert len(SEPARATOR.join(lines[0])) <= max(width, len(lines[0][0]))


@pytest.mark.parametrize("size", [SMALL, HUGE])
async def test_an_opened_expired_link_is_in_view_in_the_file_and_the_guide(
    world: World, session: AgentSession, size: tuple[int, int]
) -> None:
    """The status line and the timeline name the expired link, and the guide shows its page and the agent's next act."""
    token = world.link(CAMILLE)
    world.clock.move(hours=5)
    with pytest.raises(errors.LinkExpired):
        world.links.record_first_opening(token)
    async with terminal(world, session, size=size) as at:
        await at.open_file()
        await at.sees("✗ Lien expiré à 16:01", "Un lien expiré est ouvert.", "Appelant non vérifié")
        await at.press("f4")
        await at.sees("✗\nCe lien a expiré", "une fois l'appelant vérifié (F5), F6 envoie un nouveau message.")
        await at.sees("✗ Lien expiré à 16:01", "Il était valable jusqu'au vendredi 30 novembre 2018 à 16:01")
        await at.press("up")
        await at.sees("Faites chercher le message")


async def test_during_the_pause_the_caller_cannot_be_verified(
    world: World, session: AgentSession, camille: Voter
) -> None:
    """During the pause, neither F5 nor a digit opens the form, and the button and the status line say until when."""
    for _ in range(5):
        with pytest.raises(errors.Refusal):
            world.services.desk.verification.verify(session, camille.id, BIRTH_DATE, "12A1234567ZZZ")
    robin = signed_in_agent(world, "robin")
    world.services.desk.guide.view(robin, camille.id, "mot-de-passe")
    async with terminal(world, session) as at:
        await at.open_file()
        await at.sees("✗ Vérification de l'appelant : pause, reprise à 13:01", "robin a aussi ouvert cette fiche")
        await at.sees(
            "Possible à 13:01. D'ici là", "Vérification possible à 13:01", "trop d'essais, une pause est en cours"
        )
        await at.press("3")
        await at.press("f5")
        await at.pilot.pause()
        assert isinstance(at.app.screen, VoterFileScreen)
        await at.press("f10")
        await at.sees("Comment cet appel")
        assert isinstance(at.app.screen, ChoiceDialog)
        assert at.app.screen.query_one(ChoiceList).highlighted is None, "the check failed before this call"


async def test_after_a_freeze_the_agent_is_asked_how_the_call_ended(world: World, session: AgentSession) -> None:
    """After a mail and a freeze, the terminal does not record "message sent", but suggests the freeze."""
    async with terminal(world, session) as at:
        await at.open_file()
        await at.verify_caller()
        await at.sees("Appelant vérifié jusqu'à")
        await at.press("f6")
        await at.sees("camille demande un message")
        await at.press("f8")
        await at.sees("Camille Martin : bloquer ce compte ?")
        await at.press("tab", "enter")
        await at.sees("✗ Compte bloqué")
        await at.press("f10")
        await at.sees("Comment cet appel")
        assert isinstance(at.app.screen, ChoiceDialog)
        choices = at.app.screen.query_one(ChoiceList)
        assert choices.highlighted is not None
        assert "Compte bloqué à sa demande" in str(choices.get_option_at_index(choices.highlighted).prompt)
