"""An agent and a supervisor work by keyboard in tmux, while a voter uses Chromium."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pyotp
import pytest
from playwright.sync_api import BrowserContext, Locator

from core.desk.sessions import CODE_SECONDS
from core.forms.flow_model import Action
from core.remote_desk.sockets import DESK_SOCKET
from core.text.text import Language
from core.text.urls import STATUS_PATH
from demo import agents
from tests.e2e.visitor import PASSWORD, PageVisitor, new_page
from tests.support.product import DemoVoter, Installation, eventually, installation
from tests.support.tmux import SECONDS, Window, retrouve, window

PATIENT_DESK = {
    "RETROUVE_POLICY__DESK_OPENS_HOUR": "0",
    "RETROUVE_POLICY__DESK_CLOSES_HOUR": "24",
    "RETROUVE_POLICY__DESK_DAYS": "7",
    "RETROUVE_POLICY__DESK_IDLE_MINUTES": "600",
    "RETROUVE_POLICY__SIGNATURE_VALID_MINUTES": "60",
    "RETROUVE_POLICY__CALLER_VALID_MINUTES": "60",
}
"""Settings of a helpdesk that is open at the time of the test and waits for a slow machine."""
KNOWN, OVER = "Incident connu : Messages en retard", "C'est rétabli : Messages en retard"
CHOSEN = "Lavande bleue 2018"
MOST_TABS = 100


class KeyboardVisitor(PageVisitor):
    """A voter who uses no mouse."""

    def reaches(self, wanted: Locator) -> None:
        """Press Tab until an element has the focus."""
        for _ in range(MOST_TABS):
            if wanted.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        pytest.fail(f"Tab does not lead to {wanted}")

    def types(self, typed: Mapping[str, str]) -> None:
        """Type each value into the input with its name."""
        for name, text in typed.items():
            self.reaches(self.page.locator(f"#{name}"))
            self.page.keyboard.type(text)

    def presses(self, act: Action[object]) -> None:
        """Press Enter on the button of an action, and wait for the next page."""
        self.reaches(self.button(act))
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            self.page.keyboard.press("Enter")


@dataclass
class Post:
    """An agent of the demo at a terminal. The agent's authenticator app shows each code once."""

    agent: agents.DemoAgent
    at: Window
    used: int = 0

    def sign_in(self) -> None:
        """Sign in at the terminal."""
        self.at.sees("Ouvrir une session")
        self.at.answer(self.agent.name, self.agent.password)
        self.at.answer(self.code)
        self.at.sees("Chercher une personne", "À regarder maintenant")

    @property
    def code(self) -> str:
        """Return the present code, or the next code if the present one was used. The terminal accepts both."""
        step = max(int(datetime.now(UTC).timestamp()) // CODE_SECONDS, self.used + 1)
        self.used = step
        return pyotp.TOTP(self.agent.secret).generate_otp(step)

    def open_file(self, voter: DemoVoter) -> None:
        """Search for a voter by mail address, and open the only file that is found."""
        self.at.press("F2")
        self.at.type(voter.email)
        self.at.sees(voter.academie, "•••@")
        self.at.press("Enter")
        self.at.sees(f"{self.agent.name} ouvre la fiche")

    def verify_caller(self, voter: DemoVoter) -> None:
        """Type the answers of a caller."""
        born = date.fromisoformat(voter.birth_date)
        self.at.press("F5")
        self.at.sees("La personne dit être")
        self.at.answer(f"{born.day}", f"{born.month}", f"{born.year}", voter.numen)
        self.at.sees("Appelant vérifié")

    def choose_first_of_home(self, words: str) -> None:
        """Press Enter on the first line that needs attention. It must contain the given words."""
        self.at.sees(words)
        self.at.move_to(words)
        self.at.press("Enter")


@pytest.fixture
def folder() -> Iterator[Path]:
    """Yield a folder with a short name, because the path of a socket has at most 107 bytes."""
    with TemporaryDirectory(prefix="team-") as made:
        yield Path(made)


@pytest.fixture
def product(folder: Path) -> Iterator[Installation]:
    """Run the site, the courier and the helpdesk's daemon of one election."""
    with installation(folder / "election") as made:
        made.variables |= PATIENT_DESK
        for part in ("mailbox", "courier", "deskd", "serve"):
            made.start(part)
        eventually((made.folder / DESK_SOCKET).is_socket, "the daemon's socket", SECONDS)
        yield made


@pytest.fixture
def post(product: Installation, folder: Path) -> Iterator[Callable[[str], Post]]:
    """Return a function that signs an agent of the demo in at a terminal."""
    with ExitStack() as windows:

        def opened(name: str) -> Post:
            own = folder / name
            own.mkdir()
            variables = {**product.variables, "RETROUVE_LANGUAGE": "fr", "XDG_STATE_HOME": str(own)}
            at = windows.enter_context(window(retrouve("desk", "--dir", str(product.folder)), variables, own))
            agent = next(each for each in agents.read(product.folder) if each.name == name)
            signed_in = Post(agent, at)
            signed_in.sign_in()
            return signed_in

        yield opened


def test_a_team_works_from_the_desk(
    product: Installation, post: Callable[[str], Post], context: BrowserContext
) -> None:
    """Everybody sees an incident, a colleague makes a promised call, and a supervisor approves at another terminal."""
    voter = product.take_unused_voter()
    visitor = KeyboardVisitor(product, new_page(context), voter, Language.FRENCH)
    agent, supervisor = post("camille"), post("dominique")
    visitor.asks_for_a_message()
    agent.open_file(voter)
    agent.at.press("F4")
    agent.at.sees(f"… {PASSWORD.mail.code}", "arrivée non confirmée")

    _announce_incident(supervisor)
    agent.at.sees("Incident connu depuis", "Dites que les messages ont du retard")
    reads(visitor, STATUS_PATH, "Messages en retard", "tout le monde")
    reads(visitor, "/", KNOWN)
    _end_incident(supervisor)
    agent.at.misses("Incident connu depuis")
    reads(visitor, "/", OVER)

    agent.at.press("F10")
    for question, digit in (
        ("Comment cet appel", "3"),
        ("Quand rappeler", "1"),
        ("quel sujet", "3"),
        ("Qui rappelle", "1"),
    ):
        agent.at.sees(question)
        agent.at.press(digit)
    agent.at.sees("Appel noté")
    agent.at.sees("Rappel promis : Message qui n'arrive pas")
    supervisor.choose_first_of_home("Rappel promis : Message qui n'arrive pas")
    supervisor.at.sees("dominique prend la demande")
    supervisor.at.press("F10")
    supervisor.at.sees("Comment cet appel")
    supervisor.at.press("1")
    supervisor.at.sees("Appel noté")
    agent.at.misses("Rappel promis : Message qui n'arrive pas")

    agent.open_file(voter)
    agent.verify_caller(voter)
    agent.at.press("F8")
    agent.at.sees("bloquer ce compte")
    agent.at.press("Tab", "Enter")
    agent.at.sees("Compte bloqué le", "Rouvrir le compte")
    agent.at.press("F8")
    agent.at.sees("pour quel motif")
    agent.at.press("2")
    agent.at.sees("Les responsables sont avertis")
    supervisor.choose_first_of_home("camille demande votre signature")
    supervisor.at.sees("Motif : Bloqué par erreur")
    supervisor.at.answer(supervisor.code)
    agent.at.sees("est rouvert, sans mot de passe")

    visitor.asks_for_a_message()
    visitor.goes(visitor.link(PASSWORD.mail.message, count=2))
    visitor.chooses(CHOSEN)
    visitor.sees(PASSWORD.done)
    agent.at.sees("Un nouveau mot de passe")


def reads(visitor: PageVisitor, path: str, *wanted: str) -> None:
    """Load a page until it shows all given texts. Each process of the site reads the incidents every few seconds."""

    def shown() -> bool:
        visitor.goes(path)
        return all(each in visitor.text("body") for each in wanted)

    eventually(shown, f"{wanted} at {path}", SECONDS)


def _announce_incident(supervisor: Post) -> None:
    """Announce an incident that delays mails."""
    at = supervisor.at
    at.press("F7")
    at.sees("Aucun incident connu ni proposé.")
    at.press("a")
    at.sees("Quel incident annoncer ?")
    at.press("Enter")
    at.sees("Remplir les blancs")
    at.answer("90 min")
    at.sees("L'incident est annoncé", "Annoncé par dominique")


def _end_incident(supervisor: Post) -> None:
    at = supervisor.at
    at.press("Enter")
    at.sees("Terminer cet incident ?")
    at.press("Tab", "Enter")
    at.sees("C'est rétabli depuis")
    at.press("Escape")
    at.sees("Chercher une personne")
