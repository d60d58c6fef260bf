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

from core.ports import AgentRole
from tests.support.chromium import launch_chromium
from tests.support.desk import add_known, signed_in_agent
from tests.support.election import CAMILLE
from tests.support.stores import STORES
from tests.support.terminal import terminal
from tests.support.worlds import World, world
from tui import themes

SIZE = (112, 32)
FONT = "DejaVu Sans Mono"
WIDTH = 1040
"""Width of a picture in pixels."""


async def drawn(place: World) -> dict[str, str]:
    """Return the screens of the terminal, as Textual exports them."""
    async with terminal(place, signed_in_agent(place), size=SIZE) as at:
        await at.open_file()
        await at.verify_caller()
        await at.sees("Appelant vérifié jusqu'à")
        await at.press("f6")
        await at.sees("demande un message")
        place.courier().run_once()
        await at.sees("a pris le message")
        await at.pilot.pause(5)  # until the newest line is no longer highlighted
        file = at.app.export_screenshot(title="retrouve desk")
        at.app.theme = themes.LIGHT.name
        await at.press("f4")
        await at.sees("▶ MP-4", "pris par la messagerie", "Choisir un nouveau mot de passe")
        guide = at.app.export_screenshot(title="retrouve desk")
    for number in range(40):
        place.ask(f"personne.{number}@ac-lumiere.example")
        place.clock.move(seconds=20 + number * 7 % 100)
    async with terminal(place, signed_in_agent(place, "lou", AgentRole.SUPERVISOR), size=SIZE) as at:
        await at.press("ctrl+o")
        await at.until(lambda: str(at.app.screen.query_one("#on-duty", Static).visual), "the overview")
        return {"desk-file": file, "desk-guide": guide, "desk-day": at.app.export_screenshot(title="retrouve desk")}


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
