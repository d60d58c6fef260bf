"""Set up Jinja on one folder of these templates, the same way for every face."""

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from core.text.translation import keep_addresses_unbroken


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
    made.filters["whole"] = keep_whole
    return made


def keep_whole(sentence: str) -> Markup:
    """Return a sentence as HTML in which an address begins a line rather than break."""
    return Markup(keep_addresses_unbroken(str(escape(sentence)), '<span class="whole">'))  # noqa: S704  # escaped just before
