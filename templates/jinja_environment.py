"""Sets up Jinja for the templates, with filters that keep dates, numbers and addresses on one line."""

import re

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from core.text.translation import wrap_unbreakable_parts

WEB_ADDRESS = re.compile(
    r'<span class="whole">(?P<address>(?:<span class="whole">)?[^<]*://(?:[^<]|</span><span class="whole">)*?)'
    r'(?P<stop>(?:\\?[.,])?)(?P<end>(?:</span>)?)</span>(?!<span class="whole">)'
)
"""Matches a web address in one or several `<span>` elements, and the comma or full stop after the address."""
WORDS_AND_LINK = re.compile(r"((?:(?!<a ).)+?)\s*:\s*<a ([^>]*)>.*</a>")
"""Matches a sentence that ends with a colon and a link."""
TAG = re.compile("<[^>]*>")
MAIL_ADDRESS = re.compile(
    r'<span class="whole"><span class="whole">(?P<before>(?:[^<]*(?:"|&#34;))?)(?P<local>[^<"]+@)</span>'
    r'<span class="whole">(?P<domain>[^<"&]+?)(?P<stop>(?:["\']|&#3[49];|\\?[.,;:!?)])*)</span></span>'
)
"""Matches an email address that is split after the @ into two `<span>` elements, with adjacent punctuation."""


def environment(folder: str) -> Environment:
    """Return a new Jinja environment for a folder of templates. It escapes HTML and rejects undefined variables."""
    made = Environment(
        loader=PackageLoader("templates", folder),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(whole=html_with_unbreakable_parts, linked=turn_addresses_into_links)
    return made


def html_with_unbreakable_parts(sentence: str) -> Markup:
    """Return a sentence as HTML, in which each date, number and address stays on one line."""
    return Markup(wrap_unbreakable_parts(str(escape(sentence))))  # noqa: S704  # escaped here


def turn_addresses_into_links(html: Markup) -> Markup:
    """Turn each web address and email address in an HTML sentence into a link.

    If the sentence ends with a colon and an address, the words before the colon are the link instead.
    """

    def link(found: re.Match[str]) -> str:
        scheme, _, path = TAG.sub("", found["address"]).partition("://")
        target = path.replace("\\", "") if "/" in path else f"{path}/".replace("\\", "")
        shown = f"{found['address']}{found['end']}"
        return f'<a class="whole" href="{scheme}://{target}">{shown}</a>{found["stop"]}'

    def write_to(found: re.Match[str]) -> str:
        address = f"{found['local']}{found['domain']}".replace("\\", "")
        halves = f'<span class="whole">{found["local"]}</span><span class="whole">{found["domain"]}</span>'
        return f'{found["before"]}<a class="whole" href="mailto:{address}">{halves}</a>{found["stop"]}'

    return link_words_before_address(MAIL_ADDRESS.sub(write_to, WEB_ADDRESS.sub(link, html)))


def link_words_before_address(html: str) -> Markup:
    said = WORDS_AND_LINK.fullmatch(html)
    return Markup(html if said is None else f"<a {said[2]}>{said[1].rstrip()}</a>")  # noqa: S704  # escaped before
