"""Draws the pictures of the agents' terminal for the README: `python tests/desk_pictures.py docs`.

Textual exports each screen, and Chromium draws it.
"""

import asyncio
import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright
from textual.widgets import Static

from core.desk.authorisation import AgentSession
from core.desk.overview import OverviewWindow
from core.ports import Actor, AgentRole, Event, EventType, Voter
from core.text.faces.bounce_sentences import BounceReason
from tests.support.chromium import launch_chromium
from tests.support.desk import add_known, signed_in_agent, verified_caller
from tests.support.election import CAMILLE
from tests.support.stores import STORES
from tests.support.terminal import terminal
from tests.support.worlds import World, world
from tui import themes

SIZE = (112, 32)
FONT = "DejaVu Sans Mono"
WIDTH = 1040
"""Width of a picture in pixels."""
HIGHLIGHTED_SECONDS = 5
"""How long to wait until no new line is highlighted any more."""
ACADEMIES = ("Lumière", "Azur", "Mistral")
BOUNCES = (BounceReason.MAILBOX_FULL, BounceReason.MAILBOX_FULL, BounceReason.UNKNOWN_MAILBOX)


async def drawn(place: World) -> dict[str, str]:
    """Return the screens of the terminal, as Textual exports them."""
    handle = place.ask()
    place.courier().run_once()
    place.clock.move(minutes=2)
    async with terminal(place, signed_in_agent(place), size=SIZE) as at:
        at.app.theme = themes.LIGHT.name
        await at.sees("Chercher une personne")
        await at.type(place.number(handle))
        await at.press("enter")
        await at.sees("▶ MP-4", "arrivée non confirmée", "Choisir un nouveau mot de passe")
        await at.pilot.pause(HIGHLIGHTED_SECONDS)
        guide = at.app.export_screenshot(title="retrouve desk")
        at.app.theme = themes.DARK.name
        await at.press("escape")
        await at.verify_caller()
        await at.sees("Appelant vérifié jusqu'à")
        await at.press("f6")
        await at.sees("demande un message")
        place.courier().run_once()
        await at.until(lambda: at.words.count("Le message est parti") == 2, "the mail that the agent requested")
        await at.pilot.pause(HIGHLIGHTED_SECONDS)
        file = at.app.export_screenshot(title="retrouve desk")
    supervisor = signed_in_agent(place, "lou", AgentRole.SUPERVISOR)
    play_an_hour(place, supervisor)
    async with terminal(place, supervisor, size=SIZE) as at:
        await at.press("ctrl+o")
        await at.until(lambda: str(at.app.screen.query_one("#on-duty", Static).visual), "the overview")
        return {"desk-file": file, "desk-guide": guide, "desk-day": at.app.export_screenshot(title="retrouve desk")}


def play_an_hour(place: World, supervisor: AgentSession) -> None:
    """Let voters request mails and call the desk, and let some mails bounce."""
    desk = place.services.desk
    agents = [signed_in_agent(place, name) for name in ("alix", "noa", "sacha")]
    for number in range(60):
        email, numen, academie = f"p{number}@ac-lumiere.example", f"12A12345{number:02}BCD", ACADEMIES[number % 3]
        voter = add_known(place, email, numen, academie=academie)
        place.ask(email)
        place.clock.move(seconds=20 + number * 7 % 100)
        if number % 7 < 4:
            place.courier().run_once()
        if number % 5 == 3:
            bounce(place, voter, BOUNCES[number % 3])
        if number % 6 == 5:
            agent = agents[number // 6 % 3]
            desk.files.open(agent, voter.id)
            desk.guide.view(agent, voter.id, desk.steps.flows[0].slug, verified_caller(place, agent, voter, numen))
        desk.overviews.view(supervisor, OverviewWindow.HOUR)


def bounce(place: World, voter: Voter, reason: BounceReason) -> None:
    """Record that a mail to a voter bounced."""
    with place.store.write() as transaction:
        now, act = place.clock.now(), EventType.MAIL_BOUNCED
        transaction.journal.write(Event(at=now, actor=Actor.COURIER, act=act, voter=voter.id, reason=reason))


def main(folder: Path) -> None:
    """Draw the pictures into a folder."""
    with TemporaryDirectory() as kept, STORES["sqlite"](Path(kept)) as store:
        place = world(store)
        add_known(place, CAMILLE, academie="Lumière", phone_ending="42")
        exported = asyncio.run(drawn(place))
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        for name, svg in exported.items():
            page = browser.new_page()
            local = re.sub(r"@font-face\s*{[^}]*}", "", svg).replace("Fira Code", FONT)
            page.set_content(f"<style>svg {{ width: {WIDTH}px }}</style>{local}")
            page.locator("svg").screenshot(path=folder / f"{name}.png", omit_background=True)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
