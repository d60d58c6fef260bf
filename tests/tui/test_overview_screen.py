"""A supervisor uses the terminal by keyboard for incidents, the overview and approvals."""

import pytest

from core.desk.approvals import Approvals
from core.desk.home import HomeOverviewReader
from core.desk.incidents import IncidentBoard
from core.desk.overview import OverviewWindow
from core.forms.errors.supervisor_incident_input import SupervisorNeeded
from core.ports import Actor, AgentRole, ApprovalState, Event, EventType, Voter
from core.text.faces.bounce_sentences import BounceReason
from core.text.faces.supervisor_approval_texts import ActNeedingApproval, ReopeningReason
from tests.support.desk import BIRTH_DATE, NUMEN, add_known, new_agent, outcome, signed_in_agent, verified_caller
from tests.support.stores import reading
from tests.support.terminal import LARGE, SMALL, Terminal, held_back, terminal
from tests.support.worlds import World
from tui.attention_list import AttentionList
from tui.home_screen import HomeScreen
from tui.incident_screen import IncidentScreen
from tui.overview_screen import SupervisorOverviewScreen


def refuse_mails(world: World, camille: Voter) -> None:
    """Make the mails to five voters with the same mail domain bounce as spam."""
    others = [add_known(world, f"v{at}@{camille.email.partition('@')[2]}", f"12A123456{at}BCE") for at in range(4)]
    with world.store.write() as transaction:
        for voter in (camille, *others):
            now, act, reason = world.clock.now(), EventType.MAIL_BOUNCED, BounceReason.REFUSED_AS_SPAM
            transaction.journal.write(Event(at=now, actor=Actor.COURIER, act=act, voter=voter.id, reason=reason))


async def test_one_key_announces_what_the_desk_proposes_and_the_agents_guide_says_it(
    world: World, camille: Voter
) -> None:
    """A supervisor announces a proposed incident with Enter.

    It then appears in the agents' guides until it is ended.
    """
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
            await beside.sees("✗\nIncident connu depuis", "Dites que la messagerie refuse nos messages")
            await at.press("enter")
            await at.sees("Terminer cet incident ?")
            await at.press("tab", "enter")
            await at.sees("C'est rétabli depuis")
            await beside.until(lambda: "Incident connu" not in beside.words, "the end of the incident")


@pytest.mark.parametrize(
    ("screen", "owner", "held"),
    [
        ("f7", IncidentBoard, "announce"),
        ("f7", IncidentBoard, "view"),
        ("down", HomeOverviewReader, "overview"),
        ("down", IncidentBoard, "announce"),
    ],
)
async def test_a_second_enter_loses_no_announcement(
    world: World, camille: Voter, monkeypatch: pytest.MonkeyPatch, *, screen: str, owner: type, held: str
) -> None:
    """A second Enter announces no incident twice. In the list of incidents, it asks whether to end the new one."""
    robin, asked = signed_in_agent(world, "robin", AgentRole.SUPERVISOR), "Messages refusés par la messagerie"
    refuse_mails(world, camille)
    async with terminal(world, robin, size=LARGE) as at:
        await at.sees(asked)
        await at.press(screen)
        await at.sees(asked)
        begun, go_on = held_back(monkeypatch, owner, held)
        await at.press("enter")
        await at.until(begun.is_set, held)
        if held != "announce":
            await at.sees("L'incident est annoncé")
        await at.press("enter")
        go_on.set()
        await at.sees("Terminer cet incident ?" if screen == "f7" else "Incident connu depuis")
        await at.pilot.pause()

        assert "déjà annoncé" not in at.words


async def test_a_key_during_an_announcement_is_answered_after_it(
    world: World, camille: Voter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A that is pressed while an incident is being announced opens the form for another incident afterwards."""
    robin = signed_in_agent(world, "robin", AgentRole.SUPERVISOR)
    refuse_mails(world, camille)
    async with terminal(world, robin, size=LARGE) as at:
        await at.press("f7")
        await at.sees("Messages refusés par la messagerie")
        begun, go_on = held_back(monkeypatch, IncidentBoard, "announce")
        await at.press("enter")
        await at.until(begun.is_set, "the announcement")
        await at.press("a")
        go_on.set()
        await at.sees("Quel incident annoncer ?")
        await at.press("escape")
        await at.sees("L'incident est annoncé", "Incident connu depuis")


@pytest.mark.usefixtures("camille")
async def test_a_supervisor_chooses_a_sentence_and_fills_its_blanks(world: World) -> None:
    """A supervisor fills in the form of an incident, and an error is shown at its field.

    An agent can only read incidents.
    """
    robin, agent = signed_in_agent(world, "robin", AgentRole.SUPERVISOR), signed_in_agent(world)
    async with terminal(world, robin) as at:
        await at.press("f7")
        await at.sees("Aucun incident connu ni proposé.")
        await at.press("a")
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
        await at.press("a", "enter")
        await at.sees("Un responsable annonce et termine les incidents.")
        await at.pilot.pause()

        assert isinstance(at.app.screen, IncidentScreen)
    (notice,) = world.services.desk.incidents.view(robin).notices
    assert (notice.is_over, notice.incident.subject) == (False, "Lumière")


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_supervisor_reads_the_desk_as_a_whole_in_three_windows(
    world: World, camille: Voter, size: tuple[int, int]
) -> None:
    """The overview shows the figures of the last hour, the last day and the whole election.

    Ordinary agents cannot open it.
    """
    agent, auditor = signed_in_agent(world, "lou"), signed_in_agent(world, "claude", AgentRole.AUDITOR)
    world.ask()
    world.clock.move(minutes=200)
    desk = world.services.desk
    desk.files.open(agent, camille.id)
    desk.verification.verify(agent, camille.id, BIRTH_DATE, NUMEN)
    with world.store.write() as transaction:
        now, act = world.clock.now(), EventType.MAIL_BOUNCED
        transaction.journal.write(Event(at=now, actor=Actor.COURIER, act=act, voter=camille.id, reason="mailbox-full"))
    world.clock.move(minutes=1)
    async with terminal(world, auditor, size=size) as at:
        await at.press("ctrl+o")
        await at.sees(
            "Vue d'ensemble · dernière heure", "0 par minute · 0 en tout", "1 par heure · 1 en tout · au plus 1"
        )
        assert "au plus 0" not in at.text
        await at.sees("3 h · 1 en attente · au plus 3 h", "Une barre pour 2 min", "lou : à l'accueil")
        desk.guide.view(agent, camille.id, "mot-de-passe")  # as the terminal does while the file is open
        await at.sees("lou : agit pour un appelant vérifié")
        await at.press("p")
        await at.sees("dernier jour", "< 0,1 par minute · 1 en tout", "Une barre pour 48 min")
        await at.press("p")
        await at.sees("toute l'élection")
        await at.press("end")
        await at.sees("1 · Lumière", "La boîte aux lettres est pleine")
        await at.press("p")
        await at.sees("dernière heure")

        assert isinstance(at.app.screen, SupervisorOverviewScreen)
    async with terminal(world, agent, size=size) as at:
        await at.press("ctrl+o", "ctrl+y")
        await at.pilot.pause()

        assert isinstance(at.app.screen, HomeScreen), "neither they nor the journal are an agent's"
    assert outcome(lambda: desk.overviews.view(agent, OverviewWindow.HOUR)) is SupervisorNeeded


async def ask_for_signature(at: Terminal) -> None:
    """Ask a supervisor for approval from the file of a verified caller with a frozen account."""
    await at.press("f8")
    await at.sees("pour quel motif", "Bloqué par erreur")
    await at.press("2")
    await at.sees("Les responsables sont avertis : rouvrir le compte (Camille Martin)")


async def test_an_agent_asks_and_the_terminal_goes_on_by_itself(world: World, camille: Voter) -> None:
    """A supervisor's approval reopens the account without another key, even if the agent is on another screen.

    A refusal is shown. The agent can withdraw the request, and the end of the call withdraws it too.
    """
    agent, her = signed_in_agent(world), new_agent(world, "dominique", AgentRole.SUPERVISOR)
    at_hers, signatures = her.choose_password(), world.services.desk.signatures
    world.services.desk.freezing.freeze(agent, verified_caller(world, agent, camille))

    def asked() -> str:
        (request,) = reading(world.store).signature_requests.waiting(world.clock.now(), 9)
        return request.id

    async with terminal(world, agent, size=SMALL) as at:
        await at.open_file()
        await at.verify_caller()
        await at.sees("Appelant vérifié jusqu'à")
        await at.until(lambda: at.app.screen.query("#action-freeze Button:focus"), "the act that helps")
        await ask_for_signature(at)
        signatures.decline(at_hers, asked())
        await at.sees("dominique refuse de signer. Le compte reste bloqué (Camille Martin).")
        await ask_for_signature(at)
        withdrawn = asked()
        await at.press("ctrl+r")
        await at.sees("La demande de signature est retirée.")
        assert signatures.follow(agent, withdrawn).state is ApprovalState.WITHDRAWN
        await ask_for_signature(at)
        left = asked()
        await at.press("escape", "f10")
        await at.sees("Comment cet appel se termine-t-il ?")
        await at.press("1")
        await at.until(lambda: signatures.follow(agent, left).state is ApprovalState.WITHDRAWN, "the withdrawal")
        await at.open_file()
        await at.verify_caller()
        await at.sees("Appelant vérifié jusqu'à")
        await ask_for_signature(at)
        await at.press("escape", "escape")
        await at.until(lambda: isinstance(at.app.screen, HomeScreen), "the home")
        signatures.approve(at_hers, asked(), her.code)
        await at.sees("Signature donnée : le compte est rouvert")
    acts = [event.act for event in world.voter_events(camille)]
    assert [acts.count(act) for act in (EventType.UNFROZEN, EventType.COUNTERSIGNED)] == [1, 1]


async def test_a_second_key_loses_no_refusal_to_sign(
    world: World, camille: Voter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other keys do nothing while a supervisor's refusal is being recorded."""
    agent, robin = signed_in_agent(world), signed_in_agent(world, "robin", AgentRole.SUPERVISOR)
    caller, desk = verified_caller(world, agent, camille), world.services.desk
    desk.freezing.freeze(agent, caller)
    asked = desk.signatures.request(agent, caller, ActNeedingApproval.UNFREEZE, ReopeningReason.BY_MISTAKE)
    async with terminal(world, robin) as at:
        await at.until(lambda: at.app.screen.query_one(AttentionList).option_count, "the request")
        await at.press("down", "enter")
        await at.sees("Camille Martin", "Signer")
        begun, go_on = held_back(monkeypatch, Approvals, "decline")
        await at.press("ctrl+r")
        await at.until(begun.is_set, "the refusal")
        at.at_once("ctrl+r", *"123456", "enter")
        go_on.set()
        await at.sees("Vous avez refusé de signer.")
    assert desk.signatures.follow(agent, asked.id).state is ApprovalState.DECLINED
