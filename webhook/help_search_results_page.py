"""Draws the answers of a search into the help's page of results, so that the search needs no script."""

import re
from html import unescape
from os.path import relpath
from pathlib import Path

from markupsafe import Markup, escape

from core.policy.urls import HELP_SEARCH, help_page_file
from core.text.text import Language
from webhook.help_search import SearchableHelpPlace, read_search

QUESTION = "q"
LONGEST_QUESTION = 200
PAGES = {help_page_file(HELP_SEARCH, language): language for language in Language}
"""The pages of results, by their files."""
PLACE = re.compile(
    r'<div id="results"(?P<own>[^>]* data-found="(?P<found>[^"]*)" data-nothing="(?P<nothing>[^"]*)")>\s*</div>'
)
NOTICE = re.compile(r'<p class="notice">.*?</p>\s*', re.DOTALL)
"""The static site's sentence that the search needs a script."""
NAMED = f'name="{QUESTION}"'


def search_results_page(folder: Path, name: str, question: str) -> str:
    """Return the page of results with the answers to a question. Raises FileNotFoundError without a help."""
    page = NOTICE.sub("", (folder / name).read_text("utf-8"), count=1)
    asked = " ".join(question[:LONGEST_QUESTION].split())
    place = PLACE.search(page)
    if not asked or place is None:
        return page
    index = folder / f"search-{PAGES[name].value}.js"
    found = read_search(index, index.stat().st_mtime).find(asked)
    told = unescape(place["found"]).replace("{question}", asked)
    heading = told if found else unescape(place["nothing"])
    answers = Markup('<div id="results" data-answered{}>').format(Markup(place["own"])) + _listed(heading, found, name)  # noqa: S704  # the page's own
    page = page[: place.start()] + str(answers) + page[place.end() :]
    page = page.replace(NAMED, Markup('{} value="{}"').format(Markup(NAMED), asked), 1)  # noqa: S704  # likewise
    return page.replace("<title>", Markup("<title>{} – ").format(told), 1)


def _listed(heading: str, found: list[SearchableHelpPlace], page: str) -> Markup:
    line = Markup('<li><a href="{}">{}</a></li>')
    lines = Markup("").join(line.format(relpath(each.address, Path(page).parent), each.title) for each in found)
    listed = Markup("<ul>{}</ul>").format(lines) if found else Markup("")
    return Markup("<p>{}</p>{}</div>").format(escape(heading), listed)
