"""Take the README's pictures from the running product: `python tests/e2e/pictures.py FOLDER [fr|en]`."""

import base64
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from core.text.text import Language
from tests.e2e.visitor import PASSWORD, PROFILE, PageVisitor, new_page, twice
from tests.support.chromium import launch_chromium
from tests.support.product import Demo
from tests.support.product import demo as running

SHARP: dict[str, Any] = {"device_scale_factor": 2, "reduced_motion": "reduce", "timezone_id": "Europe/Paris"}
TELEPHONE = {"width": 360, "height": 1000}
DESK = {"width": 1280, "height": 900}
PAPER = "#e4dcc9"


def telephones(demo: Demo, browser: Browser, language: Language) -> bytes:
    """Take three pages side by side: the address, the wait, and the new password with its rules ticked."""
    context = browser.new_context(**{**PROFILE, **SHARP, "viewport": TELEPHONE})
    visitor = PageVisitor(demo, new_page(context), demo.new_voter(language), language)
    visitor.goes("/")
    visitor.switches_language()
    visitor.types({"email": visitor.person.email})
    taken = [_shot(visitor.page)]
    visitor.asks_for_a_message()
    taken.append(_shot(visitor.page))
    visitor.goes(visitor.link(PASSWORD.mail.message))
    visitor.types(twice("Lavande bleue"))
    visitor.page.locator("#new_password").press("End")
    taken.append(_shot(visitor.page))
    return _side_by_side(browser, taken)


def mailbox(demo: Demo, browser: Browser, language: Language) -> bytes:
    """Take the demo's mailbox with the mail open."""
    context = browser.new_context(**{**PROFILE, **SHARP, "viewport": DESK, "locale": language.value})
    page = new_page(context)
    page.goto(f"{demo.site}/demo")
    page.frame_locator("iframe").locator("h1").wait_for()
    return page.screenshot()


def _shot(page: Page) -> bytes:
    page.evaluate("scrollTo(0, 0)")
    return page.screenshot()


def _side_by_side(browser: Browser, taken: list[bytes]) -> bytes:
    images = "".join(
        f'<img src="data:image/png;base64,{base64.b64encode(each).decode()}" width="{TELEPHONE["width"]}">'
        for each in taken
    )
    width = len(taken) * (TELEPHONE["width"] + 32) + 32
    page = browser.new_page(viewport={"width": width, "height": TELEPHONE["height"] + 64}, device_scale_factor=2)
    page.set_content(
        f"<style>body {{ margin: 0; padding: 32px; display: flex; gap: 32px; background: {PAPER} }}"
        f"img {{ border-radius: 12px; box-shadow: 0 2px 16px #182a2a55 }}</style>{images}"
    )
    return page.screenshot()


def main(folder: Path, language: Language) -> None:
    """Take all pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory() as made,
        running(Path(made) / "demo", "--no-throttle") as demo,
        sync_playwright() as playwright,
    ):
        browser = launch_chromium(playwright)
        (folder / f"telephones-{language}.png").write_bytes(telephones(demo, browser, language))
        (folder / f"mailbox-{language}.png").write_bytes(mailbox(demo, browser, language))
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Language(sys.argv[2] if len(sys.argv) > 2 else "fr"))
