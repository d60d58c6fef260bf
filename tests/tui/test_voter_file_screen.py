"""An agent at the terminal finds a voter, verifies the caller, requests the mail and follows the guide."""

from asyncio import create_task, sleep
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from threading import Event
from typing import Any, TypeVar
from unittest.mock import AsyncMock

import pytest
from textual.content import Content
from textual.events import Key
from textual.widgets import OptionList

import tui.base_screen
from core.desk.authorisation import AgentSession
from core.desk.guide import CallGuide, VoterFlowGuide
from core.desk.voter_search import SearchResults, VoterSearch
from core.flows.password.definition import PasswordFlow
from core.forms.errors import NumenUnreadable, Refusal
from core.policy.policy import Policy
from core.ports import Actor, AgentRole, EventType
from core.ports import Event as JournalEvent
from tests.support.desk import AGENT_PASSWORD, BIRTH_DATE, NUMEN, add_known, let_call_go_on, new_agent
from tests.support.election import CAMILLE, STRANGER
from tests.support.reissues import Reissuer
from tests.support.terminal import HUGE, LARGE, SMALL, Terminal, terminal
from tests.support.worlds import World
from tui.action_button import PlainTextButton
from tui.base_screen import NoticeLine
from tui.case_screen import CaseScreen
from tui.dialogs import ChoiceDialog
from tui.guide_screen import VoterStepGuideScreen
from tui.home_screen import HomeScreen
from tui.key_bindings import KeyHintsLine
from tui.lookup import StepOrErrorLookup
from tui.search_panel import SearchPanel
from tui.timeline_widget import Timeline
from tui.voter_file_screen import VoterFileScreen
from tui.voter_screen_base import VoterScreenBase

STEPS = PasswordFlow(Policy())
EVENT_LOOP_TURNS = 12
"""Number of turns of the event loop after which a closed screen no longer exists."""
A = TypeVar("A")


async def test_namesakes_are_distinguished_and_chosen_by_arrows(world: World, session: AgentSession) -> None:
    """Search results distinguish voters with the same name, mask addresses, and are chosen with the arrow keys."""
    other = add_known(world, "camille.martin2@ac-lumiere.example", "12A1234567BCE", phone_ending="43")
    async with terminal(world, session) as at:
        await at.press("f2")
        await at.type("martin camille")
        await at.sees("adresse : …n2@ · téléphone : …43", "téléphone : …42", "Lumière")
        assert CAMILLE not in at.text
        panel = at.app.screen.query_one(SearchPanel)
        await at.until(
            lambda: panel.answered == panel.typed == "martin camille", "the answer, which lights the first line"
        )
        await at.press("down", "enter")
        await at.sees("ouvre la fiche")

        assert isinstance(at.app.screen, VoterFileScreen)
        assert at.app.screen.call.voter == other.id
        assert CAMILLE not in at.text
        await at.press("f2")
        await at.sees("Chercher une personne")
        await at.type("martin")
        await at.sees("téléphone : …42")
        await at.press("enter")
        await at.until(
            lambda: isinstance(at.app.screen, VoterFileScreen) and at.app.screen.call.voter != other.id,
            "the first one's file instead",
        )


async def test_a_case_without_a_voter_is_opened_by_its_number(world: World, session: AgentSession) -> None:
    """A case without a voter is opened by its number, and shows its events and its guide."""
    number = world.number(world.ask(STRANGER))
    world.courier().run_once()
    async with terminal(world, session) as at:
        await at.press("f2")
        await at.type(number)
        await at.sees("Dossier sans personne connue")
        await at.press("enter")
        await at.sees("Rien n'est parti")

        assert isinstance(at.app.screen, CaseScreen)
        assert STRANGER not in at.text
        await at.press("f4")
        await at.sees("À dire", STEPS.message_asked.code)


async def test_nothing_is_done_before_the_caller_is_verified(world: World, session: AgentSession) -> None:
    """Until the caller is verified, the buttons only say why they do nothing.

    Keys that are typed fast reach the right input.
    """
    async with terminal(world, session) as at:
        await at.open_file()
        await at.press("f6")
        await at.sees("Vérifiez d'abord l'appelant.")
        await at.press("f8")
        await at.pilot.pause()
        await at.verify_caller(numen="12")
        await at.sees(NumenUnreadable.sentence.msgid[:24])
        assert at.app.screen.query_one("#numen").has_focus

        await at.type("Z9999999ZZZ")
        await at.press("enter")
        await at.sees("L'appelant n'est pas vérifié")
        assert "9999999ZZZ" not in at.text
        await at.press("escape", "f6")
        await at.sees("Vérifiez d'abord l'appelant.")
        assert world.waiting_parcels() == 0
        assert world.voter().frozen is None
        await at.press("f5")
        await at.sees("La personne dit être Camille Martin")
        for typed in ("3", "1", "tab", "1", "2", "tab", *"1970", "tab", *NUMEN.lower()):
            at.app.post_message(Key(typed, typed if len(typed) == 1 else None))
        await at.press("enter")
        await at.sees("Appelant vérifié jusqu'à")


def keys_of_acts(at: Terminal) -> dict[str, bool]:
    """Return whether F6 and F8 are shown as closed, by their labels."""
    return {label: closed for key, (label, closed) in keys_in_line(at).items() if key in {"f6", "f8"}}


def keys_in_line(at: Terminal) -> dict[str, tuple[str, bool]]:
    entries = at.app.screen.query_one(KeyHintsLine).entries()
    return {key: (label, closed) for key, _, label, _, closed, _ in entries}


async def test_the_key_line_closes_the_verification_while_it_is_paused(world: World, session: AgentSession) -> None:
    """After too many wrong answers, F5 is dimmed in the line of keys, like its button."""
    async with terminal(world, session) as at:
        await at.open_file()
        await at.until(lambda: keys_in_line(at)["f5"] == ("Vérifier", False), "the open key")
        for _ in range(5):
            with pytest.raises(Refusal):
                world.services.desk.verification.verify(session, world.voter().id, BIRTH_DATE, "12A1234567ZZZ")
        await at.until(lambda: keys_in_line(at)["f5"] == ("Vérifier", True), "the closed key")


async def test_the_mail_is_sent_again_after_the_pause_only_and_the_account_is_frozen_and_unfrozen(
    world: World, session: AgentSession
) -> None:
    """During the pause, the button says when the mail can be sent again. Its notice ends with the next news.

    Freezing needs a confirmation, and unfreezing needs a supervisor. Both are also possible in the guide.
    """
    async with terminal(world, session, size=LARGE) as at:
        await at.open_file()
        await at.until(lambda: keys_of_acts(at) == {"Envoyer": True, "Bloquer": True}, "acts after the verification")
        await at.verify_caller()
        await at.sees("Appelant vérifié jusqu'à")
        assert keys_of_acts(at) == {"Envoyer": False, "Bloquer": False}
        await at.press("f6")
        await at.sees("Renvoyer le message", "Possible dès 12:04")
        assert keys_of_acts(at) == {"Renvoyer": True, "Bloquer": False}
        await at.press("f6")
        await at.pilot.pause()
        world.courier().run_once()
        assert len(world.post.links(CAMILLE)) == 1

        let_call_go_on(world, session, at.app.screen.call.caller, minutes=4)
        button = at.app.screen.query_one("#action-mail PlainTextButton")
        await at.until(lambda: not button.has_class("-closed"), "the end of the pause")
        await at.press("f6")
        await at.sees("C'est demandé.")
        world.courier().run_once()
        assert len(world.post.links(CAMILLE)) == 2
        await at.until(lambda: "C'est demandé." not in at.words, "the state of the message instead of the notice")

        supervisor = new_agent(world, "robin", AgentRole.SUPERVISOR)
        supervisor.choose_password()
        await at.press("f8")
        await at.sees("Camille Martin : bloquer ce compte ?")
        await at.press("enter")
        await at.pilot.pause()
        assert world.voter().frozen is None, "the focus is on the button that does nothing"

        await at.press("f4")
        await at.sees("À dire")
        await at.press("f8")
        await at.sees("Camille Martin : bloquer ce compte ?")
        await at.press("tab", "enter")
        await at.sees("Le compte est bloqué.", "Votre compte est bloqué")
        await at.press("escape")
        await at.sees("Compte bloqué le 30 nov. 12:", "Rouvrir le compte", "signature d'un responsable")
        assert keys_of_acts(at) == {"Renvoyer": True, "Rouvrir": False}
        await at.press("f8")
        await at.sees("pour quel motif")
        await at.press("ctrl+s")
        await at.sees("Signature d'un responsable")
        await at.answer("robin", "Mauvais mot 18", supervisor.code)
        await at.sees("ne vont pas ensemble")
        assert "Mauvais mot 18" not in at.text
        assert world.voter().frozen is not None
        await at.answer(AGENT_PASSWORD, supervisor.code)
        await at.sees("Le compte est rouvert", "robin signe comme responsable.")

        assert world.voter().frozen is None


async def test_the_voter_asks_at_the_same_moment(
    world: World, session: AgentSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the voter has just requested the mail, the agent's request is refused with this reason."""
    async with terminal(world, session, size=LARGE) as at:
        await at.open_file()
        await at.verify_caller()
        await at.until(lambda: at.app.screen.query("#action-mail PlainTextButton:focus"), "the last look at the file")
        screen = at.app.screen
        assert isinstance(screen, VoterFileScreen)
        async with screen.redraw_lock:
            monkeypatch.setattr(screen, "reload", AsyncMock())  # the agent sees an outdated file
        world.ask()
        world.courier().run_once()
        await at.press("f6")
        await at.sees("Un message vient d'être demandé")
        world.courier().run_once()

        assert len(world.post.links(CAMILLE)) == 1


async def test_the_agent_looks_at_another_step_and_returns(world: World, session: AgentSession) -> None:
    """The arrow keys show other steps of the guide, and S returns to the voter's step.

    Enter expands a common problem.
    """
    problem = STEPS.identify.copy.common_problems[0]
    async with terminal(world, session) as at:
        await at.open_file()
        await at.press("f4")
        for size in (SMALL, LARGE, HUGE):
            await at.pilot.resize_terminal(*size)
            await at.sees(STEPS.identify.code)
            for place, key in ((1, "down"), (2, "j")):
                await at.press(key)
                await at.until(lambda: at.app.screen.chosen == place, f"step {place}")  # noqa: B023  # run now
            await at.sees("Pas encore commencé", "Faites relire l'adresse")
            await at.press("s")
            await at.sees("Faites saisir l'adresse professionnelle")

            assert isinstance(at.app.screen, VoterStepGuideScreen)
            assert at.app.screen.chosen is None
        await at.sees(problem.symptom.msgid)
        assert problem.agent.msgid not in at.words
        at.app.screen.query_one("#troubles").query_one("CollapsibleTitle").focus()
        await at.press("enter")
        await at.sees(problem.agent.msgid)


async def test_the_guide_follows_the_voter_into_another_flow(world: World, session: AgentSession) -> None:
    """The guide follows the voter into another flow, unless the agent has chosen a flow.

    Then S goes to the voter's step.
    """
    async with terminal(world, session, size=LARGE) as at:
        await at.open_file()
        await at.sees("Faites saisir l'adresse professionnelle")
        await at.press("f4")
        await at.sees(STEPS.identify.code)
        flows = world.services.desk.steps.flows
        await at.press("right")
        await at.sees(flows[1].steps[0].code)
        world.link(CAMILLE)
        await at.sees(f"La personne en est à l'étape {STEPS.message_asked.code}.")
        await at.press("s")
        await at.sees(f"▶ {STEPS.message_asked.code}")
        for flow in flows[1:]:
            await at.press("right")
            await at.sees(flow.steps[0].code)
        await at.press("s")
        await at.sees(f"▶ {STEPS.message_asked.code}")
        world.clock.move(minutes=1)
        camille = Reissuer(world).sign_in().asked(numen=NUMEN)
        await at.sees(f"▶ {camille.steps.code.code}")


async def test_on_the_home_one_types_at_once(world: World, session: AgentSession) -> None:
    """On the home screen, typing finds a voter, a case, a step, an error message or a common problem."""
    number = world.number(world.ask())
    world.courier().run_once()
    async with terminal(world, session, size=LARGE) as at:
        await at.sees("Rien ne demande votre attention.")
        for typed, wanted, screen in (
            ("martni", "Ce qui s'est passé", VoterFileScreen),
            (number.lower().replace("-", ""), "arrivée non confirmée", VoterStepGuideScreen),
            ("mp3", STEPS.confirm.copy.title.msgid, StepOrErrorLookup),
            ("lien expiré", "n'agissent que dans la fiche de la personne", StepOrErrorLookup),
            ("boîte pleine", "faites supprimer des messages", StepOrErrorLookup),
        ):
            if at.app.session.recent_files:  # the first letter may also be typed in a list
                at.app.screen.query_one("#recent").focus()
            await at.type(typed)
            await at.until(lambda: at.app.screen.query_one(SearchPanel).found, typed)
            await at.press("enter")
            await at.until(lambda: isinstance(at.app.screen, screen), f"{typed}")  # noqa: B023  # at once
            await at.sees(wanted)
            if isinstance(at.app.screen, VoterScreenBase):
                await at.press("f10")
                await at.sees("Comment cet appel")
            await at.press("1" if isinstance(at.app.screen, ChoiceDialog) else "escape")
            await at.until(lambda: isinstance(at.app.screen, HomeScreen), "the home")
            assert at.app.screen.query_one(SearchPanel).typed == ""


async def test_everything_is_done_by_mouse_too(world: World, session: AgentSession) -> None:
    """A whole call can be handled by mouse. Only the search and the caller's answers are typed."""
    birth_date = (("birth_date-day", "31"), ("birth_date-month", "12"), ("birth_date-year", "1970"))
    async with terminal(world, session, size=LARGE) as at:
        await at.pilot.click("SearchPanel FieldInput")
        await at.sees("Chercher une personne")
        await at.type("martin")
        panel = at.app.screen.query_one(SearchPanel)
        await at.until(lambda: panel.answered == "martin" and panel.found, "the list that no answer draws again")
        await at.pilot.pause()  # a click selects what is drawn at its position
        await at.pilot.click("#list", offset=(2, 0))
        await at.sees("ouvre la fiche")
        await at.pilot.click("#action-verify PlainTextButton")
        await at.sees("La personne dit être")
        for name, typed in (*birth_date, ("numen", NUMEN)):
            await at.pilot.click(f"#{name}")
            await at.type(typed)
        await at.pilot.click("VerifyCallerDialog PlainTextButton")
        await at.sees("Appelant vérifié jusqu'à")
        await at.pilot.click("#action-mail PlainTextButton")
        await at.sees("camille demande un message")
        await at.pilot.click("#action-guide PlainTextButton")
        await at.sees(f"▶ {STEPS.mail.code}")


async def test_a_screen_left_while_it_reads_draws_nothing(
    world: World, session: AgentSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A screen that is closed while it reads causes no error.

    The timeline is never newer than the rest of the screen.
    """
    turns = 0

    async def after_some_turns(call: Callable[[], A]) -> A:
        for _ in range(turns):
            await sleep(0)
        return call()

    async with terminal(world, session) as at:
        await at.open_file()
        file = at.app.screen
        assert isinstance(file, VoterFileScreen)
        monkeypatch.setattr(tui.base_screen, "to_thread", after_some_turns)
        for turns in range(EVENT_LOOP_TURNS):  # noqa: B007  # read by the function above
            screen = VoterStepGuideScreen(file.session, file.call, STEPS.flow.slug)
            await at.app.push_screen(screen)
            reload = create_task(screen.reload())
            await at.app.pop_screen()
            await reload

        guide = VoterStepGuideScreen(file.session, file.call, STEPS.flow.slug)
        files, view = world.services.desk.files, CallGuide.view

        @wraps(view)
        def meanwhile(*given: Any, **named: Any) -> VoterFlowGuide:  # noqa: ANN401  # handed on
            seen = view(*given, **named)
            world.link()
            return seen

        monkeypatch.setattr(CallGuide, "view", meanwhile)
        assert file.read_file()[1] != files.timeline(session, file.call.voter)
        assert guide.read_guide(guide.flow)[1] != files.timeline(session, file.call.voter)


async def test_case_58_enter_waits_for_the_answer_to_what_was_typed(
    world: World, session: AgentSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CASE 58: Enter during a search opens the result of this search and not of the previous one."""
    add_known(world, "robin.dupont@ac-lumiere.example", "12A1234567BCE", first_name="Robin", last_name="Dupont")
    async with terminal(world, session) as at:
        await at.press("f2")
        await at.type("martin")
        await at.sees("Camille Martin")
        (option,) = at.app.screen.query_one("#list", OptionList).options
        assert isinstance(option.prompt, Content)
        lit = [span for span in option.prompt.spans if "underline" in str(span.style)]
        assert [option.prompt.plain[span.start : span.end] for span in lit] == ["Martin"]
        find, asked, answers = VoterSearch.find, Event(), Event()

        def slow_find(search: VoterSearch, agent: AgentSession, typed: str, limit: int) -> SearchResults:
            asked.set()
            answers.wait(180)
            return find(search, agent, typed, limit)

        monkeypatch.setattr(VoterSearch, "find", slow_find)
        for _ in "martin":
            await at.press("backspace")
        await at.type("dupont")
        await at.press("enter")
        await at.until(asked.is_set, "the search")
        assert isinstance(at.app.screen, HomeScreen)
        answers.set()
        await at.sees("Robin Dupont", "ouvre la fiche")


async def test_a_long_timeline_stays_at_its_end(world: World, session: AgentSession) -> None:
    """The timeline still shows its latest events when a notice appears or the window shrinks."""
    with world.store.write() as transaction:
        for minute in range(60):
            event = JournalEvent(
                at=world.clock.now() + timedelta(minutes=minute), actor=Actor.VOTER, act=EventType.ASKED, voter=1
            )
            transaction.journal.write(event)
    async with terminal(world, session) as at:
        await at.open_file()
        timeline = at.app.screen.query_one(Timeline)
        await at.until(lambda: timeline.max_scroll_y > 0 and timeline.is_vertical_scroll_end, "the end")
        whole = timeline.size.height
        at.app.screen.query_one(NoticeLine).show("Une phrase.")
        await at.until(lambda: timeline.size.height < whole, "the notice")
        await at.until(lambda: timeline.is_vertical_scroll_end, "the end above the notice")
        noticed = timeline.size.height
        await at.pilot.resize_terminal(100, 26)
        await at.until(lambda: timeline.size.height != noticed, "the smaller window")
        await at.until(lambda: timeline.is_vertical_scroll_end, "the end in the smaller window")


@pytest.mark.parametrize("name", ["Camille Martin", "Dossier sans personne connue"])
async def test_the_focused_action_stays_in_view_when_its_pane_shrinks(
    world: World, session: AgentSession, name: str
) -> None:
    """The last action of a file or a case has the focus. It stays in view when the window becomes small."""
    number = world.number(world.ask(STRANGER))
    world.courier().run_once()
    async with terminal(world, session, size=LARGE) as at:
        await at.open_file("martin" if name == "Camille Martin" else number, name)
        action = at.app.screen.query(PlainTextButton).last()
        action.focus()
        at.app.screen.query_one(NoticeLine).show("Une phrase. " * 40)
        await at.until(lambda: "Une phrase." in at.text, "the notice")
        await at.pilot.resize_terminal(*SMALL)
        await at.until(lambda: str(action.label) in at.text, f"{action.label}")
