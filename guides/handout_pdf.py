"""Makes the handouts as tagged PDF files. The same content always produces the same bytes."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import segno
from jinja2 import Environment
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from core.text.urls import HELP_PATH, help_page_file
from guides.design_tokens import css_root_rule
from guides.handout_content import HandoutContent, PosterContent
from guides.picture_manifest import ScreenWidth
from guides.tagged_pdf_structure import TaggedPdfFinisher
from templates import jinja_environment

LAST_LINE = "end"
PICTURE_SCHEME = "help:"
"""URL scheme for pictures. Without this scheme, the PDF would contain local paths."""
SHRINK_DESKTOP_ABOVE, OMIT_DESKTOP_ABOVE = 600, 700
"""Heights in CSS pixels. If the phone picture is higher, the desktop picture shrinks or is omitted."""
MESSAGE_SIZES = ("10.2pt", "9.6pt", "9pt", "11pt", "11.6pt", "12.2pt")
"""Font sizes for the error messages. The sizes are tried in this order."""
BELOW_THE_LAST_STEP = """
.messages { font-size: 9pt; break-before: auto; break-inside: avoid; margin-top: 6mm; }
.step:has(+ .messages) .shot img { max-height: 150mm; }
.step:has(+ .messages) .wide { display: none; }
"""
QUIET_MODULES = 2
"""Width of the white margin around a QR code, in modules (its small squares)."""
QR_CODE_PREFIX = "data:image/svg+xml"


class ForeignResourceRequested(Exception):
    """Raised when the HTML of a handout requests a URL that is not allowed."""


def render_pdf(handout: HandoutContent) -> bytes:
    if handout.easy is not None:
        return _laid_out(handout_html(handout), ("print.css", "easy.css"), handout.folder, {}, ())
    facts = handout.chapter.facts
    names = {each.link: f"{each.label}, {each.values[0]}" for each in facts if each.link is not None}
    names |= {each.anchor: f"{each.numbered_code}, {each.title}" for each in handout.chapter.sections}
    names |= {"messages": handout.words["messages"]}
    terms = [len(each.values) for each in facts]
    return _laid_out(
        handout_html(handout), ("print.css",), handout.folder, names, terms, style=_style_of_messages(handout)
    )


def render_poster(poster: PosterContent) -> bytes:
    site = f"{poster.election.site}/"
    html = _environment().get_template("poster.html").render(poster=poster, qr=qr_code_uri(site))
    names = {each.address: f"{each.title}, {_as_typed(each.address)}" for each in poster.cases}
    names[site] = f"{poster.words['to_the_site']}, {_as_typed(poster.election.site)}"
    return _laid_out(html, ("poster.css",), poster.folder, names, ())


def _as_typed(address: str) -> str:
    return address.partition("://")[2]


def _style_of_messages(handout: HandoutContent) -> str:
    """Return CSS that keeps the error messages from ending on a nearly empty page."""
    page = HTML(string=handout_html(handout, only_messages=True), base_url=PICTURE_SCHEME)
    for size in MESSAGE_SIZES if handout.entries else ():
        style = f".messages {{ font-size: {size}; }}"
        fonts = FontConfiguration()
        sheet = CSS(string=_style(("print.css",)) + style, font_config=fonts)
        last = page.render(stylesheets=[sheet], font_config=fonts).pages[-1]
        if last.anchors[LAST_LINE][1] > last.height / 2:
            return style
    return BELOW_THE_LAST_STEP


def _laid_out(
    html: str, styles: Sequence[str], folder: Path, names: Mapping[str, str], terms: Sequence[int], *, style: str = ""
) -> bytes:
    fonts = FontConfiguration()
    page = HTML(string=html, base_url=PICTURE_SCHEME, url_fetcher=_PictureFetcher(folder))
    written = BytesIO()
    page.write_pdf(
        written,
        finisher=lambda _, pdf: TaggedPdfFinisher(pdf, names, terms).finish(),
        stylesheets=[CSS(string=_style(styles) + style, font_config=fonts)],
        font_config=fonts,
        pdf_variant="pdf/ua-1",
    )
    return written.getvalue()


def handout_html(handout: HandoutContent, *, only_messages: bool = False) -> str:
    """Return the HTML of a handout, or only of its error messages."""
    address = f"{handout.election.site}{HELP_PATH}{help_page_file(handout.slug, handout.language)}"
    template = _environment().get_template("leaflet.html" if handout.easy is None else "easy.html")
    return template.render(
        leaflet=handout,
        only_messages=only_messages,
        width=ScreenWidth.PHONE,
        wide_width=ScreenWidth.DESKTOP,
        shrink_above=SHRINK_DESKTOP_ABOVE,
        omit_above=OMIT_DESKTOP_ABOVE,
        pictures=PICTURE_SCHEME,
        address=address,
        qr=qr_code_uri(address),
    )


def qr_code_uri(address: str) -> str:
    """Return a QR code for a web address, as a data URI."""
    return segno.make_qr(address, error="m").svg_data_uri(border=QUIET_MODULES, scale=4, dark="#000")


class _PictureFetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint ships no types
    """Gives WeasyPrint the pictures of a handout. Raises ForeignResourceRequested for other URLs."""

    def __init__(self, folder: Path) -> None:
        super().__init__(fail_on_errors=True)
        self._folder = folder

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:  # noqa: ARG002  # WeasyPrint's signature
        if url.startswith(QR_CODE_PREFIX):
            return super().fetch(url)
        if not url.startswith(PICTURE_SCHEME):
            raise ForeignResourceRequested(url)
        return URLFetcherResponse(url, (self._folder / url.removeprefix(PICTURE_SCHEME)).read_bytes())


def _style(names: Sequence[str]) -> str:
    return css_root_rule() + "".join((files("templates") / "print" / name).read_text("utf-8") for name in names)


@lru_cache
def _environment() -> Environment:
    made = jinja_environment.environment("print")
    made.filters["as_typed"] = _as_typed
    return made
