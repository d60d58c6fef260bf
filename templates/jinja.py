"""Set up Jinja on one folder of these templates, the same way for every face."""

import re

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from core.text.translation import keep_addresses_unbroken

WEB_ADDRESS = re.compile(r'<span class="whole">(?P<address>[^<]*://[^<]*?)(?P<stop>(?:\\?[.,])?)</span>')


def environment(folder: str) -> Environment:
    """Return a new strict, escaping environment, to which a face adds its globals and filters. Templates are not reloaded."""
    made = Environment(
        loader=PackageLoader("templates", folder),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(whole=keep_whole, linked=link_web_addresses)
    return made


def keep_whole(sentence: str) -> Markup:
    """Return a sentence as HTML in which an address begins a line rather than break."""
    return Markup(keep_addresses_unbroken(str(escape(sentence)), '<span class="whole">'))  # noqa: S704  # escaped just before


def link_web_addresses(html: Markup) -> Markup:
    """Make a link of each web address that stands whole in a sentence of HTML, which breaks after a slash if it must.

    Markdown may have escaped its signs.
    """

    def link(found: re.Match[str]) -> str:
        scheme, _, path = found["address"].partition("://")
        target = path.replace("\\", "") if "/" in path else f"{path}/".replace("\\", "")
        shown = path.replace("/", "/<wbr>")
        return f'<a class="whole" href="{scheme}://{target}">{scheme}://{shown}</a>{found["stop"]}'

    return Markup(WEB_ADDRESS.sub(link, html))  # noqa: S704  # escaped before
