"""Agents end calls, promise call-backs and hand over files by keyboard."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import wraps

import pytest
from textual.widgets import OptionList

from core.desk.authorisation import AgentSession
from core.desk.call_backs import CallBackPromise
from core.desk.call_ends import CallEnd, CallEnds
from core.desk.subjects import CallSubject
from core.flows.contact_desk.answer_time_choices import AnswerTimeChoice
from core.flows.contact_desk.definition import AskDeskAnswer
from core.flows.contact_desk.plugin import ContactFlowPlugin
from core.flows.flow_handler import Visit
from core.forms.field_parsers import ParsedEmailAddress
from core.ports import AgentRole, CallRecord, EventType, StoreUnavailable, Voter
from core.text.faces.call_sentences import CallBackDueChoice, CallOutcome, ContactReason
from core.text.text import Language
from tests.support.desk import signed_in_agent
from tests.support.election import CAMILLE, STRANGER
from tests.support.stores import reading, writing
from tests.support.terminal import LARGE, SMALL, Terminal, terminal
from tests.support.worlds import World
from tui.app_messages import AgentMustSignInAgain
from tui.attention_list import AttentionList
from tui.base_screen import NoticeLine
from tui.case_screen import CaseScreen
from tui.dialogs import ChoiceDialog
from tui.home_screen import HomeScreen
from tui.key_bindings import KeyHintsLine
from tui.voter_file_screen import VoterFileScreen


@pytest.fixture
def bells(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    rung = list[str]()
    monkeypatch.setattr("tui.desk_app.DeskApp.bell", lambda _: rung.append("bell"))
    return rung


def calls_of(world: World, voter: Voter) -> list[CallRecord]:
    """Return the calls about a voter, newest first."""
    return reading(world.store).calls.of_voter(voter.id, 10)


def promise(world: World, session: AgentSession, voter: Voter, when: CallBackDueChoice, reason: ContactReason) -> None:
    """End a call with the promise of a call-back.

    Each kind of time gives the call another start, so it is a new call.
    """
    began = world.clock.now() - timedelta(minutes=list(CallBackDueChoice).index(when))
    promised = CallBackPromise(when=when, reason=reason)
    call = CallEnd(subject=CallSubject(voter=voter.id), began=began, outcome=CallOutcome.CALL_BACK, promise=promised)
    world.services.desk.calls.end(session, call)


def listed(at: Terminal) -> list[str]:
    """Return the lines of the attention list."""
    return [" ".join(str(each.prompt).split()) for each in at.app.screen.query_one(AttentionList).options]


def pass_an_hour(at: Terminal) -> None:
    """Move the clock forward by an hour, without locking the terminal."""
    at.app.session.desk.clock.move(hours=1)  # type: ignore[attr-defined]  # the clock of a test
    at.app.last_input = at.app.session.desk.clock.now()


async def is_home(at: Terminal, noted: str) -> None:
    await at.sees(noted)
    assert isinstance(at.app.screen, HomeScreen)


async def answer(at: Terminal, *questions: tuple[str, str]) -> None:
    """Answer several questions, each with one digit."""
    for question, digit in questions:
        await at.sees(question)
        line = at.app.screen.query_one(KeyHintsLine)
        await at.until(lambda: line.max_scroll_x == 0, "all keys")  # noqa: B023  # at once
        choices = at.app.screen.query_one("#choices", OptionList)
        await at.until(lambda: choices.max_scroll_y == 0 and choices.region.area, "all answers")  # noqa: B023  # at once
        await at.press(digit)


async def test_a_call_ends_by_one_key_and_a_digit(world: World, session: AgentSession, camille: Voter) -> None:
    """F10 and a digit end a call with an outcome. F10 on the home screen then corrects the outcome."""
    async with terminal(world, session) as at:
        await at.open_file()
        await at.until(
            lambda: "f10" in {each[0] for each in at.app.screen.query_one(KeyHintsLine).entries()}, "the key"
        )
        world.clock.move(minutes=4)
        await at.press("f10")
        await at.sees("Comment cet appel", "Vous n'y avez rien envoyé.")
        await at.press("escape")
        assert isinstance(at.app.screen, VoterFileScreen)
        await at.press("f10")
        await answer(at, ("Comment cet appel", "5"))
        await is_home(at, "Appel noté (4 min) : Identité non vérifiée")
        await at.press("f10")
        await answer(at, ("est noté « Identité non vérifiée »", "7"))
        await is_home(at, "Appel noté (4 min) : Appel coupé")
        await at.open_file()
        await at.sees("Fin de l'appel, par camille : Identité non vérifiée. Durée : 4 min.")
        await at.sees("Issue de l'appel corrigée par camille : Appel coupé.")

    (call,) = calls_of(world, camille)
    assert (call.agent, call.outcome, call.ended - call.began) == ("camille", CallOutcome.CUT_OFF, timedelta(minutes=4))


async def test_who_quits_during_a_call_says_how_it_ended(world: World, session: AgentSession, camille: Voter) -> None:
    """Ctrl+Q during a call asks for its outcome. Escape goes back to the call."""
    async with terminal(world, session) as at:
        await at.open_file()
        at.at_once("ctrl+q", "escape", "f5", "ctrl+q")
        await at.sees("Comment cet appel")
        assert at.app.is_running
        await at.press("1")
        await at.until(lambda: not at.app.is_running, "the end")

    (call,) = calls_of(world, camille)
    assert call.outcome is CallOutcome.SOLVED


async def test_a_call_keeps_the_voter_whose_file_was_left(world: World, session: AgentSession, camille: Voter) -> None:
    """On the home screen, F10 ends the call about the file that was left, unless the agent is searching again."""
    async with terminal(world, session, size=LARGE) as at:
        await at.open_file()
        await at.press("escape")
        await at.sees("L'appel continue : F10 le termine.")
        await at.press("f10")
        await answer(
            at,
            ("Comment cet appel", "3"),
            ("Quand rappeler", "1"),
            ("question 3 sur 4", "1"),
            ("Qui rappelle", "enter"),
        )
        await is_home(at, "Rappel promis")
        await at.sees("pour vous")
        await at.open_file()
        await at.press("escape")
        await at.type("zzz")
        await at.sees("Personne.")
        await at.press("f10")
        await at.sees("Comment cet appel")
        assert not any("Rappel promis" in str(each.prompt) for each in at.app.screen.query_one(OptionList).options)

    assert [each.outcome for each in calls_of(world, camille)] == [CallOutcome.CALL_BACK]


async def test_what_was_done_is_the_outcome(world: World, session: AgentSession, camille: Voter) -> None:
    """If the agent has requested a mail during the call, F10 ends the call without a question."""
    async with terminal(world, session, size=LARGE) as at:
        await at.open_file()
        await at.press("escape")
        await at.until(lambda: isinstance(at.app.screen, HomeScreen), "the home")
        world.clock.move(minutes=5)  # the terminal locks after ten minutes
        await at.open_file()
        await at.verify_caller()
        await at.sees("Appelant vérifié jusqu'à")
        await at.press("f6")
        await at.sees("C'est demandé")
        world.clock.move(minutes=1)
        await at.press("f10")
        await is_home(at, "Appel noté (1 min) : Message envoyé")
    (call,) = calls_of(world, camille)
    assert call.outcome is CallOutcome.MESSAGE_SENT


async def test_a_call_ends_without_a_file_or_with_a_case_only(world: World, session: AgentSession) -> None:
    """A call without a voter's file, or about a case only, can be ended with F10. An auditor has no such key."""
    number = world.number(world.ask(STRANGER))
    world.courier().run_once()
    async with terminal(world, session) as at:
        await at.type("zzz")
        await at.sees("Personne.")
        world.clock.move(minutes=2)
        await at.press("f10")
        await at.sees("Comment cet appel")
        assert "Rappel promis" not in at.text
        await answer(at, ("Comment cet appel", "6"))
        await is_home(at, "Appel noté (2 min) : Pas sur la liste électorale")
        await at.press("escape")
        await at.open_file(number, number)
        assert isinstance(at.app.screen, CaseScreen)
        await at.press("f10")
        await answer(at, ("Comment cet appel", "8"))
        await is_home(at, "Orienté vers un autre service")
    assert [reason for act, reason in world.kept.lines() if act == EventType.CALL_ENDED] == [
        CallOutcome.NOT_ENTITLED,
        CallOutcome.OTHER_SERVICE,
    ]
    async with terminal(world, signed_in_agent(world, "claude", AgentRole.AUDITOR)) as at:
        for leave in (lambda: at.press("f10"), at.open_file, lambda: at.press("f10")):
            await leave()  # type: ignore[operator]  # each is a coroutine function
            await at.pilot.pause()
            assert "f10" not in {each[0] for each in at.app.screen.query_one(KeyHintsLine).entries()}
            assert not isinstance(at.app.screen, ChoiceDialog)


async def test_a_call_ended_again_from_the_home_is_written_once(
    world: World, session: AgentSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the answer to the end of a call is lost and the agent ends it again, it is recorded once."""
    end = CallEnds.end

    @wraps(end)
    def ends_unanswered(here: CallEnds, session: AgentSession, call: CallEnd) -> CallRecord:
        end(here, session, call)
        raise StoreUnavailable("test")

    async with terminal(world, session) as at:
        with monkeypatch.context() as patched:
            patched.setattr(CallEnds, "end", ends_unanswered)
            await at.press("f10")
            await answer(at, ("Comment cet appel", "6"))
            await at.sees("n'a pas été fait")
        world.clock.move(seconds=30)
        await at.press("f10")
        await answer(at, ("Comment cet appel", "6"))
        await is_home(at, "Appel noté (moins d'une minute) : Pas sur la liste électorale")
        assert [act for act, _ in world.kept.lines() if act.startswith("call-")] == [EventType.CALL_ENDED]

        await at.press("f10")
        await at.sees("est noté « Pas sur la liste électorale »")
        await at.app.leave_to_home()  # a file that opens does the same
        await at.press("f10")
        await at.sees("est noté « Pas sur la liste électorale »")
        at.app.screen.post_message(AgentMustSignInAgain())
        await at.until(lambda: not at.app.ending_call, "the key")


async def test_a_call_back_is_promised_rings_once_and_is_done(
    world: World, session: AgentSession, camille: Voter, bells: list[str]
) -> None:
    """A promised call-back rings once when it is due, is taken with Enter, and can be promised again or given back."""
    robin = signed_in_agent(world, "robin")
    async with terminal(world, session) as at:
        await at.open_file()
        await at.press("f10")
        await answer(
            at, ("Comment cet appel", "3"), ("Quand rappeler", "1"), ("quel sujet", "3"), ("Qui rappelle", "1")
        )
        await is_home(at, "Rappel promis")
    writing(world.store).voters.freeze(camille.id, epoch=camille.epoch, at=world.clock.now())
    async with terminal(world, robin) as at:
        await at.until(lambda: len(listed(at)) == 2, "the list")
        assert listed(at)[0].startswith("· Rappel promis : Message qui n'arrive pas Camille Martin")
        assert bells == []
        pass_an_hour(at)
        await at.until(lambda: listed(at)[0].startswith("✗ Rappel dû"), "the time")
        await at.until(lambda: bells, "the bell")
        await at.press("down", "enter")
        await at.sees("Rappel promis pour le", "robin prend la demande")
        world.clock.move(minutes=1)
        await at.press("f10")
        await answer(at, ("Comment cet appel", "7"), ("Quand rappeler", "1"))
        await is_home(at, "Pas de réponse à notre appel")
        await at.until(lambda: listed(at)[0].startswith("· Rappel promis : Message qui n'arrive pas"), "the next one")
        pass_an_hour(at)
        await at.until(lambda: len(bells) == 2, "its bell")
        await at.press("down", "enter")
        await at.sees("Ce qui s'est passé")
        await at.press("f10")
        await answer(at, ("Comment cet appel", "0"))
        await is_home(at, "C'est rendu à la liste")
        await at.press("down", "enter")
        await at.sees("robin rend la demande")
        await at.press("f10")
        await answer(at, ("Comment cet appel", "1"))
        await is_home(at, "Résolu")
        await at.until(lambda: not any("Rappel" in line for line in listed(at)), "nothing to call back")
    assert bells == ["bell", "bell"]


async def test_of_two_agents_one_takes_a_call_back_and_the_other_is_told(
    world: World, session: AgentSession, camille: Voter
) -> None:
    """If a colleague has already taken a call-back, Enter shows the colleague's name and opens no file."""
    robin, desk = signed_in_agent(world, "robin"), world.services.desk
    promise(world, session, camille, CallBackDueChoice.IN_ONE_HOUR, ContactReason.ROLL)
    async with terminal(world, session) as at:
        await at.until(lambda: len(listed(at)) == 1, "the list")
        home = at.app.screen
        assert isinstance(home, HomeScreen)
        async with home.redraw_lock:  # prevents the home screen from reloading
            overview = desk.home.overview(robin).attention
            desk.call_backs.take(robin, overview[0].call_back or 0)
            await at.press("down", "enter")
            await at.sees("robin a pris ce rappel")
        assert at.app.screen is home
        await at.until(lambda: listed(at) == [], "the list without it")


async def test_the_highlight_stays_on_its_line_whatever_comes_above_it(
    world: World, session: AgentSession, camille: Voter
) -> None:
    """The highlight of the attention list stays on its line when another line appears above it.

    It disappears with its line.
    """
    desk, robin = world.services.desk, signed_in_agent(world, "robin")
    promise(world, session, camille, CallBackDueChoice.NEXT_MORNING, ContactReason.ROLL)
    async with terminal(world, session) as at:
        await at.until(lambda: len(listed(at)) == 1, "the list")
        await at.press("down")
        promise(world, session, camille, CallBackDueChoice.IN_ONE_HOUR, ContactReason.PASSWORD)
        await at.until(lambda: len(listed(at)) == 2, "the line above")
        options = at.app.screen.query_one(AttentionList)
        assert "Mot de passe" in listed(at)[0]
        assert options.highlighted == 1
        wanted = desk.home.overview(robin).attention[1].call_back or 0
        desk.call_backs.take(robin, wanted)
        await at.until(lambda: len(listed(at)) == 1, "the list without the line")
        await at.press("enter")
        assert (at.app.session.call_back, options.highlighted) == (None, None)
        desk.call_backs.give_back(robin, wanted)
        await at.until(lambda: len(listed(at)) == 2, "the line again")
        await at.press("down", "down", "enter")
        await at.sees("Rappel promis pour le", "camille prend la demande")
        assert at.app.session.call_back is not None
        assert at.app.session.call_back.reason is ContactReason.ROLL


async def test_a_file_is_handed_to_a_colleague(world: World, session: AgentSession, camille: Voter) -> None:
    """An agent hands a file to a colleague, who sees the giver and the reason and takes the file once."""
    robin = signed_in_agent(world, "robin", AgentRole.SUPERVISOR)
    signed_in_agent(world, "aline")
    async with terminal(world, session) as at:
        await at.open_file()
        await at.press("f10")
        await answer(at, ("Comment cet appel", "4"))
        await at.sees("Pourquoi confier")
        await at.press("q")
        assert at.app.screen.query_one(OptionList).highlighted == 0, "a letter does nothing if every line has a digit"
        await at.press("2")
        await at.sees("À qui confier", "1 robin, responsable")
        assert "aline" not in at.text, "only supervisors"
        await at.press("1")
        await is_home(at, "Un collègue prend la suite")
        assert listed(at) == []
    async with terminal(world, robin) as at:
        await at.until(lambda: len(listed(at)) == 1, "the list")
        assert listed(at)[0].startswith("✗ Fiche confiée par camille : Il faut un responsable Camille Martin")
        await at.press("down", "enter")
        await at.sees("robin reprend la fiche confiée.")
        await at.press("escape")
        await at.until(lambda: listed(at) == [], "nothing more")
    assert calls_of(world, camille)[0].outcome is CallOutcome.PASSED_ON


def ask_for_written_answer(world: World) -> None:
    requests = world.services.flows[ContactFlowPlugin].handler.requests
    asked = AskDeskAnswer(ParsedEmailAddress(CAMILLE, CAMILLE), ContactReason.MAILBOX, None, AnswerTimeChoice.WRITING)
    requests.ask(asked, Visit(network="192.0.2.7", language=Language.ENGLISH))
    while world.courier().run_once():
        continue


async def send_the_first_answer(at: Terminal) -> None:
    """Choose the first written answer in the list and send it."""
    await at.sees("Quelle réponse convient ?", "Je n'arrive pas à ouvrir ma messagerie")
    await at.press("1")
    await at.sees("Hello Camille Martin")
    await at.press("tab", "tab", "enter")


async def answer_from_the_file(at: Terminal) -> None:
    """Answer with the key on the file's screen, and check that the key then disappears."""
    await at.press("r")
    await send_the_first_answer(at)
    await at.sees("La réponse part", "répond par écrit")
    assert "Demande close" not in at.words, "one line an event"
    await at.until(lambda: "R Répondre" not in at.text, "the keys without the answer")
    assert not at.app.screen.query_one("#action-answer").display
    await at.press("f10")


async def answer_at_the_end_from_the_guide(at: Terminal) -> None:
    """Answer from the list at the end of the call, because the guide has no key for it."""
    await at.press("f4")
    await at.sees("DA-2")
    await at.press("f10")
    await at.sees(
        "Fin de la demande écrite",
        "Aucune réponse écrite n'est partie",
        "2 Répondre par écrit",
        "0 Rendre la demande sans y répondre",
    )
    await at.press("2")
    await send_the_first_answer(at)
    await is_home(at, "La réponse part")


@pytest.mark.usefixtures("camille")
async def test_a_file_found_by_search_takes_the_written_request(world: World, session: AgentSession) -> None:
    """R takes the request for a file that the agent opened by search. If a colleague has it, R names the colleague."""
    ask_for_written_answer(world)
    robin, desk = signed_in_agent(world, "robin"), world.services.desk
    request = desk.files.read(session, world.voter().id).written_request
    assert request is not None
    desk.call_backs.take(robin, request)
    async with terminal(world, session, size=SMALL) as at:
        await at.open_file()
        await at.sees("Répondre par écrit")
        await at.press("r")
        await at.sees("robin a pris cette demande écrite")
        desk.call_backs.give_back(robin, request)
        await at.press("r")
        await at.sees("Quelle réponse convient ?")
        await at.press("escape", "f10")
        await at.sees("Fin de l'appel", "Aucune réponse écrite n'est partie")
        await at.press("2")
        await send_the_first_answer(at)
        await is_home(at, "La réponse part")


@pytest.mark.usefixtures("camille")
async def test_a_written_request_closed_without_answer_is_no_call(world: World, session: AgentSession) -> None:
    """F10 closes a written request that was taken from the list. No call is recorded."""
    ask_for_written_answer(world)
    async with terminal(world, session, size=SMALL) as at:
        await at.sees("Réponse écrite à donner avant le")
        await at.press("down", "enter")
        await at.sees("camille prend la demande")
        await at.press("f10")
        await answer(at, ("Fin de la demande écrite", "1"))
        await is_home(at, "La demande écrite est close, sans réponse.")
        await at.open_file()
        await at.sees("Demande close par camille : Résolu.")
    assert EventType.CALL_ENDED not in [act for act, _ in world.kept.lines()]


@pytest.mark.parametrize("way_out", [answer_from_the_file, answer_at_the_end_from_the_guide])
async def test_an_answer_in_writing_is_chosen_read_and_sent(
    world: World, session: AgentSession, camille: Voter, way_out: Callable[[Terminal], Awaitable[None]]
) -> None:
    """An agent chooses a written answer, reads it in the voter's language and sends it.

    The promise then leaves the home screen.
    """
    ask_for_written_answer(world)
    async with terminal(world, session, size=SMALL) as at:
        await at.sees("Réponse écrite à donner avant le")
        await at.press("down", "enter")
        await at.sees("Répondre avant le", "Répondre par écrit")
        with world.store.write() as transaction:
            transaction.voters.freeze(camille.id, epoch=camille.epoch, at=world.clock.now())
        await at.sees("Rouvrir le compte")
        at.app.screen.query_one(NoticeLine).show("Une phrase de deux lignes. " * 4)
        at.app.screen.query_one("#action-freeze PlainTextButton").focus()
        kept = ("─ Camille Martin ─", "Compte bloqué le 30 nov.", "Répondre avant le", "F8  Rouvrir le compte")
        await at.until(lambda: all(each in at.text for each in kept), f"{kept}")
        await at.press("r")
        await at.sees("Quelle réponse convient ?", "Je n'arrive pas à ouvrir ma messagerie")
        await at.press("1")
        await at.sees("tel qu'il partira vers c", "Hello Camille Martin", "Your mailbox has its own password")
        await at.press("f1")
        await at.sees("Deux fois Tab, puis Entrée, l'envoient.")
        await at.press("escape", "escape")
        while world.courier().run_once():
            continue
        assert world.post.to(CAMILLE)[1:] == [], "nothing was sent"
        await way_out(at)
        await at.until(lambda: isinstance(at.app.screen, HomeScreen), "the home")
        await at.until(lambda: len(listed(at)) == 1, "only the blocked account")
    while world.courier().run_once():
        continue
    assert EventType.CALL_ENDED not in [act for act, _ in world.kept.lines()]
    assert "Your mailbox has its own password" in world.post.to(CAMILLE)[-1].part("plain").replace("\n", " ")
