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


ATTRIBUTES = """
    const words = new Set(["href", "hreflang", "src", "srcset", "value", "datetime", "alt", "title", "action", "aria-label"]);
    const languages = new Set(["fr", "en"]);
    const said = (name, value) => words.has(name) && !value.startsWith("#") || name === "lang" && languages.has(value);
    const attributes = element => Array.from(
        element.attributes, ({name, value}) => `${name}=${said(name, value) ? value !== "" : value}`).join(" ");
"""
"""Each attribute of an element, with its value unless that is words for people or an address."""
BUILT = (
    "() => {"
    + ATTRIBUTES
    + """
    const often = new Set(["P", "LI", "STRONG", "SPAN", "TIME", "A", "BR", "TR", "OPTION"]);
    const built = element => {
        const told = new Set(), within = [];
        for (const child of element.children) {
            const each = built(child);
            if (!often.has(child.tagName) || !told.has(each)) within.push(each);
            told.add(each);
        }
        const text = element.tagName === "STYLE" ? element.textContent : element.textContent.trim() !== "";
        return `${element.tagName} ${text} ${attributes(element)}[${within.join()}]`;
    };
    return `${innerWidth} ${built(document.documentElement)}`;
}"""
)
"""The elements of a page with their attributes, a paragraph or an item once: what axe judges, but for the words."""
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
"""The elements that hold text, each with those around it, by their attributes and the page's width, which give it its colours."""
_sound, _sound_colours = set[str](), set[str]()


def faults(page: Page) -> dict[str, list[dict[str, Any]]]:
    """Return the faults by theme; the dark one is checked for colours only. The page stays in the light theme.

    A page that is built as one without a fault, of the same width, is not judged again; nor are colours of what stood on such a page.
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
