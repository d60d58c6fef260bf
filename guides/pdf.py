"""The guide to print: a tagged PDF of A4 pages, by WeasyPrint. The same content gives the same bytes."""

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

from guides.design_tokens import root_rule
from guides.handout_content import HandoutContent
from guides.picture_files import Width
from templates import jinja

OWN = "help:"
"""The URL scheme of a handout's pictures, so that no local folder is named in the file."""


ADDRESS = re.compile(r"(\S*(?:://|@)\S*)")


class ForeignUrl(Exception):
    """The page requests something that is no picture of its handout."""


def render_pdf(leaflet: HandoutContent) -> bytes:
    """Return the PDF of a handout."""
    fonts = FontConfiguration()
    page = HTML(string=handout_html(leaflet), base_url=OWN, url_fetcher=_Pictures(leaflet.folder))
    written = BytesIO()
    page.write_pdf(
        written,
        stylesheets=[CSS(string=_style(), font_config=fonts)],
        font_config=fonts,
        pdf_variant="pdf/ua-1",
    )
    return written.getvalue()


def handout_html(leaflet: HandoutContent) -> str:
    """Return the HTML that is laid out."""
    return _environment().get_template("leaflet.html").render(leaflet=leaflet, width=Width.PHONE, pictures=OWN)


class _Pictures(URLFetcher):  # type: ignore[misc]  # WeasyPrint ships no types
    """Serves the pictures of a folder to WeasyPrint and refuses all other URLs."""

    def __init__(self, folder: Path) -> None:
        super().__init__(fail_on_errors=True)
        self._folder = folder

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:  # noqa: ARG002  # WeasyPrint's signature
        """Return a picture."""
        if not url.startswith(OWN):
            raise ForeignUrl(url)
        return URLFetcherResponse(url, (self._folder / url.removeprefix(OWN)).read_bytes())


def _style() -> str:
    return root_rule() + (files("templates") / "print" / "print.css").read_text("utf-8")


def keep_web_addresses_unbroken(said: str) -> Markup:
    """Return a sentence in which addresses do not break at the end of a line, because people type them."""
    return Markup(ADDRESS.sub(r'<span class="whole">\1</span>', str(escape(said))))  # noqa: S704  # escaped just before


@lru_cache
def _environment() -> Environment:
    made = jinja.environment("print")
    made.filters["whole"] = keep_web_addresses_unbroken
    return made
