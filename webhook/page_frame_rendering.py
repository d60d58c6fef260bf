"""Draws what every page has around its own part: head, language switch, banners, and foot.

Jinja is outside the type checker, so it decides nothing: it reads small frozen views, with StrictUndefined.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment
from markupsafe import Markup

from core.app.legal.text_page import TextPage
from core.flows.incident_catalogue import IncidentInLocalTime, incident_words
from core.flows.start_page_below_form import StartPageBelowForm
from core.forms.flow_model import (
    Form,
)
from core.forms.step_position import StepPosition
from core.policy.policy_and_calendar import ElectionContact
from core.policy.urls import STATUS_PATH
from core.text.faces import page_frame_texts as words
from core.text.text import Language, Text
from templates import jinja_environment
from webhook.form_rendering import FieldProblem
from webhook.sentence_markup import NAME, SentenceMarkup, sentence_without_values
from webhook.serve_help import HelpInOneLanguage, HelpLinks
from webhook.start_page_below_form_rendering import DrawnStartPageBelowForm, drawn_start_page_below_form

STATIC = "/static"
"""The path at which the application serves the folder `templates/static`."""
MOST_INCIDENTS = 3
"""The most incidents that stand on a page before its own words; all are in the list that it links to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOutButton:
    """The button that ends the session, on every page but the one whose own button it is."""

    posts_to: str
    name: str
    label: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContext:
    """The surroundings of a step or refusal on its page: language, election, links, banner."""

    language: Language
    election: ElectionContact
    here: str
    """The path of this page, for the language switch."""
    home: str
    """The path of the first step."""
    posts_to: str
    """The path that the forms of the page post to."""
    signed_in: bool
    sign_out: SignOutButton | None = None
    phase_notice: Text | None
    """The banner about the calendar, such as "the service opens on …"."""
    position: StepPosition | None = None
    """The position of the page's step on the way."""
    help: HelpInOneLanguage | None = None
    """The links to the help, if it was built."""
    start: StartPageBelowForm | None = None
    """The part below the first step's form."""
    legal: tuple[TextPage, ...] = ()
    """The pages that the foot of every page links to."""
    incidents: tuple[IncidentInLocalTime, ...] = ()
    """The known incidents that concern the reader."""


@dataclass(frozen=True, slots=True)
class LanguageLink:
    """A link of the language switch. Its name is in the language that it leads to."""

    tag: str
    name: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnIncident:
    """A known incident."""

    heading: Markup
    paragraphs: tuple[Markup, ...]
    over: bool
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFrame:
    """The values that base.html prints around the sheet of every page."""

    context: PageContext
    language_links: tuple[LanguageLink, ...]
    phase_notice: Markup | None
    incidents: tuple[DrawnIncident, ...]
    status_path: str
    call: Markup
    without_voice: tuple[Markup, ...]
    """The ways to reach the desk without telephoning."""
    start: DrawnStartPageBelowForm | None
    legal: tuple[tuple[str, Markup], ...]
    """The addresses and labels of the legal pages."""
    say_on_the_phone: Markup | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetHeader:
    """The values that base.html prints at the top of the sheet and in the document's head."""

    document_title: str
    heading: Markup
    meta: Mapping[str, str]
    step: str | None = None
    case: str | None = None
    carried: Form = field(default_factory=dict)
    """The hidden inputs of each form, by name."""
    guide: HelpLinks | None = None
    """The links to the help about this page, if it was built."""
    progress: Markup | None = None
    notices: tuple[Markup, ...] = ()
    moving: bool = False
    """True if the page's script reloads the page by itself."""
    problems: tuple[FieldProblem, ...] = ()
    tries: Markup | None = None
    key: Form = field(default_factory=dict)
    """The hidden input by which a form that comes again is known (`core.flows.repeated_forms`)."""


@lru_cache
def template_environment() -> Environment:
    """The templates, compiled once a process, since they do not change under a running server."""
    made = jinja_environment.environment("web")
    made.globals["asset"] = asset_url
    return made


@lru_cache
def asset_url(name: str) -> str:
    """The path of a static file. It holds the digest of the bytes, so that browsers may keep the file for good."""
    digest = sha256((files("templates") / "static" / name).read_bytes()).hexdigest()
    return f"{STATIC}/{name}?v={digest[:12]}"


def render_page(template: str, frame: PageFrame, sheet: SheetHeader, **own: object) -> str:
    """Fill a template with a page's frame, its sheet, and what is its own."""
    said = _words(frame.context.language)
    return template_environment().get_template(template).render(frame=frame, sheet=sheet, words=said, **own)


def page_frame(context: PageContext, markup: SentenceMarkup, sheet: SheetHeader) -> PageFrame:
    """Draw what surrounds the sheet."""
    return PageFrame(
        context=context,
        language_links=tuple(
            LanguageLink(each.value, name, f"{context.here}?lang={each.value}")
            for each, name in words.AUTONYMS.items()
            if each is not context.language
        ),
        phase_notice=markup.html_or_none(context.phase_notice),
        incidents=tuple(drawn_incident(each, markup) for each in context.incidents[:MOST_INCIDENTS]),
        status_path=STATUS_PATH,
        call=markup.html(words.CALL),
        without_voice=tuple(map(markup.html, context.election.contact_ways_without_telephone)),
        start=None if context.start is None else drawn_start_page_below_form(context.start, markup, context.help),
        legal=tuple((each.path, markup.html(each.link)) for each in context.legal),
        say_on_the_phone=markup.html_or_none(_say_on_the_phone(sheet)),
    )


def drawn_incident(notice: IncidentInLocalTime, markup: SentenceMarkup) -> DrawnIncident:
    """Return an incident as a page shows it."""
    said = incident_words(notice)
    return DrawnIncident(
        heading=markup.html(said.banner),
        paragraphs=tuple(map(markup.html, said.voter)),
        over=notice.is_over,
        anchor=f"incident-{notice.incident.id}",
    )


def _say_on_the_phone(sheet: SheetHeader) -> Text | None:
    if sheet.step is None:
        return None
    return words.SAY_STEP if sheet.case is None else words.SAY_STEP_AND_CASE


@lru_cache
def _words(language: Language) -> Mapping[str, Markup]:
    """The sentences without values around a step, by the names that templates use."""
    return {
        name.lower(): sentence_without_values(text, language)
        for name, text in vars(words).items()
        if isinstance(text, Text) and not NAME.search(text.msgid)
    }
