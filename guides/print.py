"""The guide to print: a tagged PDF of A4 pages, by WeasyPrint. The same leaflet gives the same bytes."""

import re
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path

from jinja2 import Environment
from markupsafe import Markup, escape
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from guides.leaflets import Leaflet
from guides.shots import Width
from guides.tokens import root_rule
from templates import jinja

OWN = "help:"
"""The scheme of a leaflet's pictures, so that no folder of this machine stands in the file."""


ADDRESS = re.compile(r"(\S*(?:://|@)\S*)")


class NoElsewhere(Exception):
    """The page asks for something that is no picture of its leaflet."""


def printed(leaflet: Leaflet) -> bytes:
    """The PDF."""
    fonts = FontConfiguration()
    page = HTML(string=page_of(leaflet), base_url=OWN, url_fetcher=_Pictures(leaflet.folder))
    written = BytesIO()
    page.write_pdf(
        written,
        stylesheets=[CSS(string=_style(), font_config=fonts)],
        font_config=fonts,
        pdf_variant="pdf/ua-1",
    )
    return written.getvalue()


def page_of(leaflet: Leaflet) -> str:
    """The HTML that is laid out."""
    return _environment().get_template("leaflet.html").render(leaflet=leaflet, width=Width.PHONE, pictures=OWN)


class _Pictures(URLFetcher):  # type: ignore[misc]  # WeasyPrint ships no types
    """Hands over the pictures of a folder; nothing else is there."""

    def __init__(self, folder: Path) -> None:
        super().__init__(fail_on_errors=True)
        self._folder = folder

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:  # noqa: ARG002  # WeasyPrint's signature
        """A picture."""
        if not url.startswith(OWN):
            raise NoElsewhere(url)
        return URLFetcherResponse(url, (self._folder / url.removeprefix(OWN)).read_bytes())


def _style() -> str:
    return root_rule() + (files("templates") / "print" / "print.css").read_text("utf-8")


def whole(said: str) -> Markup:
    """A sentence whose addresses are never torn at the end of a line: somebody will type them."""
    return Markup(ADDRESS.sub(r'<span class="whole">\1</span>', str(escape(said))))  # noqa: S704  # escaped just before


@lru_cache
def _environment() -> Environment:
    made = jinja.environment("print")
    made.filters["whole"] = whole
    return made
