"""One telephone call is played on both sides, with the agent's keyboard in tmux and the voter's browser in Chromium."""

import os
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyotp
import pytest

from core.flows.identifier.definition import SecurityCodeAnswer
from core.forms.name_words import search_words
from demo import agents
from tests.e2e.visitor import IDENTIFIER, PASSWORD, PageVisitor
from tests.support.product import NO_HELP, Demo, DemoVoter, descendants, eventually, free_port
from tests.support.tmux import Window, retrouve, window

OWN = "Quatre sabots verts 17"
CHOSEN = "Lavande bleue 2018"


@dataclass(frozen=True)
class AgentTerminal:
    """An agent, with the output of `retrouve agent add`."""

    name: str
    first_password: str
    secret: str

    @property
    def code(self) -> str:
        """Code that the agent's authenticator app shows now."""
        return pyotp.TOTP(self.secret).now()


@pytest.fixture
def voter(demo: Demo) -> DemoVoter:
    """Return a voter with a unique name, so that a search at the helpdesk finds this voter first."""
    names = Counter(search_words(each.last_name, each.first_name) for each in demo.voters)
    while names[search_words((found := demo.take_unused_voter()).last_name, found.first_name)] > 1:
        continue
    return found


@pytest.fixture
def robin(demo: Demo) -> AgentTerminal:
    """Add an agent."""
    printed = subprocess.run(
        retrouve("agent", "add", "robin", "--dir", str(demo.folder)),
        env={**os.environ, "RETROUVE_LANGUAGE": "fr"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    password = re.search(r"\b[A-Z0-9]{4}(?:-[A-Z0-9]{4}){3}\b", printed)
    secret = re.search(r"\b[A-Z2-7]{4}(?: [A-Z2-7]{4}){7}\b", printed)
    assert password is not None
    assert secret is not None
    return AgentTerminal("robin", password[0], secret[0].replace(" ", ""))


@pytest.fixture
def desk(demo: Demo, tmp_path: Path) -> Iterator[Window]:
    """Run `retrouve desk` beside the demo."""
    variables = {"RETROUVE_LANGUAGE": "fr", "RETROUVE_ELECTION__SITE": demo.site}
    with window(retrouve("desk", "--dir", str(demo.folder)), variables, tmp_path) as opened:
        yield opened


def test_the_demo_opens_the_desk_and_ends_with_its_terminal(tmp_path: Path) -> None:
    """`make demo` opens the helpdesk's terminal with an agent signed in. Closing its window ends the whole demo."""
    places = ("--port", str(free_port()), "--dir", str(tmp_path / "demo"))
    command = [*NO_HELP, "demo", *places, "--voters", "20", "--no-pictures"]
    for _ in range(2):
        with window(command, {"RETROUVE_LANGUAGE": "fr"}, tmp_path) as demo:
            demo.sees("Chercher une personne", "camille")
            demo.sees(next(agents.read(tmp_path / "demo")).password)
            parts = [demo.process, *descendants(demo.process)]
            demo.close()
            eventually(lambda: not [pid for pid in parts if Path(f"/proc/{pid}").exists()], "the end of its parts")  # noqa: B023  # run now


def test_a_whole_call_by_keyboard(desk: Window, robin: AgentTerminal, voter: DemoVoter, visitor: PageVisitor) -> None:
    """An agent signs in for the first time and helps a voter to a new password and identifier, all by keyboard."""
    name = f"{voter.first_name} {voter.last_name}"
    born = date.fromisoformat(voter.birth_date)

    desk.sees("Ouvrir une session")
    desk.answer(robin.name, robin.first_password)
    desk.answer(robin.code)
    desk.sees("Choisissez votre mot de passe d'agent")
    desk.answer(OWN, OWN)
    desk.sees("Chercher une personne")

    desk.press("F2")
    desk.sees("Chercher une personne")
    desk.type(name)
    desk.sees(voter.academie, "•••@")
    desk.press("Enter")
    desk.sees("robin ouvre la fiche")

    desk.press("F5")
    desk.sees("La personne dit être")
    desk.answer(f"{born.day}", f"{born.month}", f"{born.year}", voter.numen)
    desk.sees("Appelant vérifié")
    desk.press("F6")
    desk.sees("C'est demandé.")
    desk.press("F4")
    desk.sees(f"▶ {PASSWORD.mail.code}", "arrivée non confirmée")

    visitor.goes(visitor.link(PASSWORD.mail.message))
    desk.sees(f"▶ {PASSWORD.choose_password.code}", "Le lien est ouvert")
    visitor.chooses(CHOSEN)
    visitor.sees(PASSWORD.done)
    desk.sees(f"✓ {PASSWORD.done.code}")

    visitor.can_sign_in(CHOSEN)
    desk.press("Right", "Right")  # each shows the next flow
    desk.sees(f"Étape {IDENTIFIER.begin.code}")
    visitor.asks_for_an_identifier()
    desk.sees(f"▶ {IDENTIFIER.code.code}")
    code = visitor.reads_the_code()
    visitor.does(IDENTIFIER.code, SecurityCodeAnswer, {"code": code})
    visitor.waits_for(IDENTIFIER.done)
    desk.sees(f"✓ {IDENTIFIER.done.code}")
    desk.press("Escape")
    desk.sees("choisi le", "Le téléphone a reçu le SMS de", "l'identifiant.")  # lines are broken in narrow columns

    shown = desk.text
    secrets = (CHOSEN, OWN, robin.first_password, voter.email, voter.numen, voter.phone, code)
    assert not [secret for secret in secrets if secret in shown]
    desk.press("C-q")
    visitor.page.goto("about:blank")
