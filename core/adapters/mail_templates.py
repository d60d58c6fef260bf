import textwrap
from functools import cache, lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from core.text.text import Language
from core.text.translation import with_no_break_spaces, wrap_unbreakable_parts

COLUMNS = 72
NO_BREAK_SPACES = str.maketrans("\u00a0\u202f", "  ")
UNBROKEN = '<span style="display:inline-block; max-width:100%; overflow-wrap:anywhere;">'


@cache
def mail_templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("templates", "mail"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(("html",)),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(wrapped=wrap_lines, typeset=typeset)
    return environment


@lru_cache(maxsize=1024)  # most sentences are the same for every reader
def typeset(sentence: str, language: Language) -> Markup:
    """Convert a sentence to HTML, with non-breaking spaces inside dates, numbers and addresses."""
    html = str(escape(with_no_break_spaces(sentence, language)))
    return Markup(wrap_unbreakable_parts(html, UNBROKEN))  # noqa: S704  # escaped just before


@lru_cache(maxsize=1024)
def wrap_lines(sentence: str, language: Language) -> str:
    """Wrap a sentence at 72 columns, keeping French punctuation with its word."""
    lines = textwrap.wrap(
        with_no_break_spaces(sentence, language), COLUMNS, break_long_words=False, break_on_hyphens=False
    )
    return "\n".join(lines).translate(NO_BREAK_SPACES)
