"""What axe finds on a page in Chromium: only that comes back, for all it has looked at would be a megabyte a page."""

from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import BrowserContext, Page

FAULTS = """
.then(found => found.violations.map(each => ({
    rule: each.id, help: each.help, at: each.nodes.map(node => [node.html, node.failureSummary]),
})))
"""


def watched(pages: BrowserContext) -> BrowserContext:
    """Pages that have axe from the beginning: half a megabyte sent to each of them is a quarter of the work."""
    pages.add_init_script(_axe())
    return pages


def faults(page: Page) -> dict[str, list[dict[str, Any]]]:
    """By theme; in the dark one only colours differ. The page is `watched`, and left in the light theme."""
    light = page.evaluate(f"axe.run({{resultTypes: ['violations']}}){FAULTS}")
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate(f"axe.run({{runOnly: ['color-contrast'], resultTypes: ['violations']}}){FAULTS}")
    page.emulate_media(color_scheme="light")
    return {theme: found for theme, found in (("light", light), ("dark", dark)) if found}


@cache
def _axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
