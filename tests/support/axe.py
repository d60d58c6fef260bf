"""Runs axe on a page in Chromium and returns only the accessibility faults. The full result has about a megabyte."""

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
    """Make every new page load axe at once, which saves a quarter of the time."""
    pages.add_init_script(_axe())
    return pages


ATTRIBUTES = """
    const words = new Set(["href", "hreflang", "src", "srcset", "value", "datetime", "alt", "title", "action", "aria-label"]);
    const languages = new Set(["fr", "en"]);
    const said = (name, value) => words.has(name) && !value.startsWith("#") || name === "lang" && languages.has(value);
    const attributes = element => Array.from(
        element.attributes, ({name, value}) => `${name}=${said(name, value) ? value !== "" : value}`).join(" ");
"""
"""JavaScript that returns the attributes of an element. It omits values unless they contain text or a URL."""
BUILT = (
    "() => {"
    + ATTRIBUTES
    + """
    const often = new Set(["P", "LI", "STRONG", "SPAN", "TIME", "A", "BR", "TR", "OPTION"]);
    const built = element => {
        const seen = new Set(), within = [];
        for (const child of element.children) {
            const each = built(child);
            if (!often.has(child.tagName) || !seen.has(each)) within.push(each);
            seen.add(each);
        }
        const text = element.tagName === "STYLE" ? element.textContent : element.textContent.trim() !== "";
        return `${element.tagName} ${text} ${attributes(element)}[${within.join()}]`;
    };
    return `${innerWidth} ${built(document.documentElement)}`;
}"""
)
"""JavaScript that returns the elements of a page with their attributes. It omits text, and repeated paragraphs."""
COLOURED = (
    "() => {"
    + ATTRIBUTES
    + """
    const sheets = Array.from(document.styleSheets, each => each.href?.replace(/[?].*|.*[/]/g, "") ?? each.ownerNode.textContent);
    const within = at => at === null ? `${innerWidth} ${sheets.join()}` : `${at.tagName} ${attributes(at)} < ${within(at.parentElement)}`;
    const written = each => each.matches("input, select, textarea") || Array.from(each.childNodes).some(
        node => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
    return Array.from(new Set(Array.from(document.querySelectorAll("body *")).filter(written).map(within)));
}"""
)
"""JavaScript that returns everything that determines the colours on a page.

It returns the page's width, and the attributes of each element with text and of its ancestors.
"""
_sound, _sound_colours = set[str](), set[str]()


def faults(page: Page) -> dict[str, list[dict[str, Any]]]:
    """Return the accessibility faults of a page in each theme. In the dark theme, only the colours are checked.

    A page is skipped if a page with the same structure and width had no faults. Elements whose colours have been
    checked are also skipped. Afterwards the page is in the light theme.
    """
    built = page.evaluate(BUILT)
    if built in _sound:
        return {}
    coloured, dark = set(page.evaluate(COLOURED)), []
    if coloured <= _sound_colours:
        light = page.evaluate(
            f"axe.run({{rules: {{'color-contrast': {{enabled: false}}}}, resultTypes: ['violations']}}){FAULTS}"
        )
    else:
        light = page.evaluate(f"axe.run({{resultTypes: ['violations']}}){FAULTS}")
        page.emulate_media(color_scheme="dark")
        dark = page.evaluate(f"axe.run({{runOnly: ['color-contrast'], resultTypes: ['violations']}}){FAULTS}")
        page.emulate_media(color_scheme="light")
    found = {theme: each for theme, each in (("light", light), ("dark", dark)) if each}
    if not found:
        _sound.add(built)
        _sound_colours.update(coloured)
    return found


@cache
def _axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
