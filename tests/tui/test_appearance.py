"""The terminal has a linear mode for screen readers, and remembers each agent's theme and language."""

from itertools import pairwise
from pathlib import Path

from textual.geometry import Region
from textual.widget import Widget
from textual.widgets import Button, Input, OptionList, Static

from core.desk.authorisation import AgentSession
from core.desk.voter_search import NOBODY
from core.flows.contact_desk.answer_time_choices import AnswerTimeChoice
from core.flows.contact_desk.definition import AskDeskAnswer
from core.flows.contact_desk.plugin import ContactFlowPlugin
from core.flows.flow_handler import Visit
from core.forms.field_parsers import ParsedEmailAddress
from core.ports import EventType, Voter
from core.text.faces.call_sentences import ContactReason
from core.text.text import Language
from tests.support.desk import AGENT_PASSWORD, NUMEN, add_known, new_agent
from tests.support.stores import writing
from tests.support.terminal import SMALL, Terminal, terminal, texts_in
from tests.support.worlds import World
from tui import themes
from tui.announcements import LinearModeAnnouncements
from tui.appearance import RememberedThemeAndLanguage, ThemeAndLanguage
from tui.end_call_questions import WrittenAnswerPreviewDialog
from tui.home_screen import HomeScreen
from tui.key_bindings import KeyHintsLine
from tui.plain_text_line import GLUE

LATER = "Robin Dupont"
FRAMES = {*map(chr, range(0x2500, 0x25A0))}
"""Unicode characters that draw boxes and blocks."""


def side_by_side(at: Terminal) -> list[tuple[Region, Region]]:
    """Return the pairs of texts that are shown side by side, except the keys at the bottom."""
    places = [
        at.app.screen.find_widget(widget).visible_region
        for widget in at.app.screen.query(Widget)
        if isinstance(widget, Static | Button | Input | OptionList) and widget.region.area
        if not any(isinstance(each, KeyHintsLine) for each in widget.ancestors)
    ]
    shown = sorted((each.y, each.x, each) for each in places if each.area)
    return [(one, other) for (*_, one), (*_, other) in pairwise(shown) if other.y < one.bottom]


async def announced(at: Terminal, *wanted: str) -> None:
    """Wait until some words are announced, and check that the screen has one column and no frames."""

    def is_told() -> bool:
        lines = " ".join(str(each.visual).replace(GLUE, " ") for each in at.app.screen.query(LinearModeAnnouncements))
        return all(" ".join(each.split()) in " ".join(lines.split()) for each in wanted)

    await at.until(is_told, f"the announcement {wanted}")
    assert not FRAMES & set(at.text), at.text
    assert not side_by_side(at), at.text


def freeze_another(world: World) -> None:
    """Freeze another voter's account, so that the attention list has an item."""
    other = add_known(world, "robin.dupont@ac-lumiere.example", "12A1234567BCE", first_name="Robin", last_name="Dupont")
    writing(world.store).voters.freeze(other.id, epoch=other.epoch, at=world.clock.now())


async def test_a_call_is_completed_in_one_column(world: World, session: AgentSession, camille: Voter) -> None:
    """In linear mode, a call can be handled in one column without frames, and each change is announced."""
    freeze_another(world)
    async with terminal(world, session, size=SMALL, linear=True) as at:
        await announced(at, "Nom, adresse, dossier")
        await at.sees(LATER)
        assert "Nom d'agent" not in " ".join(at.app.session.recent_announcements), (
            "the sign-in screen is behind this one"
        )
        await at.type("zzzz")
        await announced(at, NOBODY.msgid)
        assert not any(LATER in each for each in at.app.session.recent_announcements), (
            "the keys go to the search, not to this list"
        )
        await at.press("escape")
        await at.type("mart")
        await announced(at, "Camille Martin Lumière")
        await at.press("enter")
        await announced(at, "F5 Vérifier l'appelant")
        await at.press("f5")
        await announced(at, "Vérifier l'appelant", "Date de naissance de l'appelant Jour")
        await at.answer("31", "12", "1970")
        await announced(at, "NUMEN de l'appelant")
        await at.answer(NUMEN)
        await announced(at, "Appelant vérifié : Camille Martin.", "F6 Envoyer le message")
        await at.press("f6")
        await announced(at, "C'est demandé.", "camille demande un message")
        world.courier().run_once()
        await announced(at, "Le message est parti. MP-5")
        await at.press("f4")
        await announced(at, "Étape MP-5 : Le message et son lien", "Message parti à")
        said = "".join(texts_in(at.app.screen))
        assert said.index("À dire") < said.index("MP-1")
        await at.press("down")
        await announced(at, "Étape MP-6", "MP-6 Nouveau mot de passe")
        await at.press("f10")
        await announced(at, "Appel noté", "Message envoyé")
        assert isinstance(at.app.screen, HomeScreen)

    assert world.voter_events(camille)[-1].act == EventType.CALL_ENDED


async def test_a_terminal_looks_as_its_agent_chose_last(world: World, tmp_path: Path) -> None:
    """The terminal restores an agent's last theme and language at the sign-in, and ignores a damaged file."""
    remembered = RememberedThemeAndLanguage(tmp_path / "state" / "desk.json")
    camille, noe = new_agent(world, "camille"), new_agent(world, "noe")
    sessions = [camille.choose_password(), noe.choose_password()]
    async with terminal(world, sessions[0], remembered=remembered) as at:
        await at.press("ctrl+t", "ctrl+g")
        await at.sees("Find a person")
    async with terminal(world, sessions[1], remembered=remembered) as at:
        assert (at.app.theme, at.app.session.language) == (themes.DARK.name, Language.FRENCH)
        await at.press("ctrl+t", "ctrl+t")
        last = ThemeAndLanguage(themes.CONTRAST.name, Language.FRENCH)
        await at.until(lambda: remembered.of("noe") == last, "the choice")
    world.clock.move(minutes=1)
    async with terminal(world, remembered=remembered) as at:
        assert (at.app.theme, at.app.session.language) == (themes.CONTRAST.name, Language.FRENCH), "the last choice"
        await at.sees("Ouvrir une session")
        await at.answer("camille", AGENT_PASSWORD, camille.code)
        await at.sees("Find a person")
        assert at.app.theme == themes.LIGHT.name
    assert remembered.path is not None
    remembered.path.write_text('{"": {"theme": "none"', "utf-8")
    async with terminal(world, remembered=remembered) as at:
        assert (at.app.theme, at.app.session.language) == (themes.DARK.name, Language.FRENCH)
        await at.press("ctrl+t")
        await at.until(remembered.of, "the choice")


async def test_an_answer_in_writing_is_read_to_who_sends_it(
    world: World, session: AgentSession, camille: Voter
) -> None:
    """In linear mode, a written answer is announced completely before it is sent."""
    requests = world.services.flows[ContactFlowPlugin].handler.requests
    asked = AskDeskAnswer(
        ParsedEmailAddress(camille.email, camille.email), ContactReason.MAILBOX, None, AnswerTimeChoice.WRITING
    )
    requests.ask(asked, Visit(network="192.0.2.7", language=Language.FRENCH))
    while world.courier().run_once():
        continue
    async with terminal(world, session, size=SMALL, linear=True) as at:
        await at.sees("Réponse écrite à donner avant le")
        await at.press("down", "enter")
        await at.sees("Répondre avant le")
        await at.press("r")
        await announced(at, "Répondre par écrit", "Quelle réponse convient ?")
        await at.press("1")
        await at.until(lambda: isinstance(at.app.screen, WrittenAnswerPreviewDialog), "the mail")
        preview = at.app.screen
        assert isinstance(preview, WrittenAnswerPreviewDialog)
        mail = preview.sentences
        await announced(at, "tel qu'il partira vers c", "Réponse de l'assistance", *map(preview.reader.say, mail))
        await at.press("tab", "tab")
        await announced(at, "Envoyer cette réponse")
