"""Run axe on a page in Chromium and return only the faults, because its full result has a megabyte."""

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
    """Return pages that load axe with their first page, which saves a quarter of the time."""
    pages.add_init_script(_axe())
    return pages


def faults(page: Page) -> dict[str, list[dict[str, Any]]]:
    """Return the faults by theme; the dark one is checked for colours only. The page stays in the light theme."""
    light = page.evaluate(f"axe.run({{resultTypes: ['violations']}}){FAULTS}")
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate(f"axe.run({{runOnly: ['color-contrast'], resultTypes: ['violations']}}){FAULTS}")
    page.emulate_media(color_scheme="light")
    return {theme: found for theme, found in (("light", light), ("dark", dark)) if found}


@cache
def _axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
