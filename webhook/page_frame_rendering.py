"""Draws the parts that all pages share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment
from markupsafe import Markup

from core.flows.incident_catalogue import IncidentInLocalTime, incident_words
from core.flows.start_page import StartPageBelowForm
from core.forms.flow_model import Form
from core.text.contact import ElectionContact
from core.text.faces import page_frame_texts as words
from core.text.text import Language, Text
from core.text.urls import CONTACT_PATH, STATUS_PATH
from templates import jinja_environment
from webhook.page_context import PageContext
from webhook.security_headers import SCRIPT_IN_HEAD
from webhook.sentence_markup import NAME, SentenceMarkup, dialling_link, html_of_fixed_sentence, sentence_markup
from webhook.serve_help import HelpInOneLanguage, HelpLinks

STATIC = "/static"
INSTITUTION_LOGO_PATH = "/logo"
MOST_INCIDENTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFrame:
    """Data that base.html prints around the main part of a page."""

    context: PageContext
    said: Callable[[Text], Markup]
    other_languages: Mapping[Language, str]
    incidents: tuple[IncidentInLocalTime, ...]
    call: Markup
    telephone: Markup
    contact_links: tuple[tuple[Text, str], ...]
    below_form: Markup | None
    """What the start page shows below its form. None on all other pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetHeader:
    """Data that base.html prints in the document head and at the top of the page."""

    document_title: str
    heading: Markup
    meta: Mapping[str, str]
    step: str | None = None
    case: str | None = None
    carried: Form = field(default_factory=dict)
    guide: HelpLinks | None = None
    progress: Markup | None = None
    notices: tuple[Markup, ...] = ()
    refresh_seconds: int | None = None
    """Seconds until a script refreshes the page, or None."""
    problems: Mapping[str, Markup] = field(default_factory=dict)
    """Maps fields to error sentences. The keys are the HTML ids of the fields' first inputs."""
    tries: Markup | None = None
    suggestion: str | None = None
    """The email address that the visitor probably meant."""
    key: Form = field(default_factory=dict)
    """Hidden input that lets the server detect a form that is sent twice."""


def text_sheet(title: Text, markup: SentenceMarkup, meta: Mapping[str, str]) -> SheetHeader:
    document_title = markup.plain(words.DOCUMENT_TITLE.fill({"title": markup.plain(title)}))
    return SheetHeader(document_title=document_title, heading=markup.html(title), meta=meta)


@lru_cache
def template_environment() -> Environment:
    environment = jinja_environment.environment("web")
    environment.globals.update(asset=asset_url, incident_words=incident_words, status_path=STATUS_PATH)
    environment.globals["institution_logo_path"] = INSTITUTION_LOGO_PATH
    environment.globals["script_in_head"] = Markup(SCRIPT_IN_HEAD)  # noqa: S704  # our own file
    return environment


@lru_cache
def asset_url(name: str) -> str:
    """Return the URL of a static file. The URL contains a digest of the file."""
    digest = sha256((files("templates") / "static" / name).read_bytes()).hexdigest()
    return f"{STATIC}/{name}?v={digest[:12]}"


def render_page(template: str, context: PageContext, markup: SentenceMarkup, sheet: SheetHeader, **own: object) -> str:
    own_form = f"{context.election.site}{CONTACT_PATH}"
    frame = PageFrame(
        context=context,
        said=markup.html,
        other_languages={tag: name for tag, name in words.AUTONYMS.items() if tag is not context.language},
        incidents=context.incidents[:MOST_INCIDENTS],
        call=_call(context.election, context.language),
        telephone=dialling_link(context.election.desk_phone),
        contact_links=tuple(each for each in context.election.contact_links if context.is_open or each[1] != own_form),
        below_form=None
        if context.start is None
        else _below_form(context.start, context.election, context.language, context.help),
    )
    sentences = _words(context.language)
    return template_environment().get_template(template).render(frame=frame, sheet=sheet, words=sentences, **own)


@lru_cache
def _below_form(
    start: StartPageBelowForm, election: ElectionContact, language: Language, help_links: HelpInOneLanguage | None
) -> Markup:
    """Draw the part of the start page below the form."""
    values = {"start": start, "help": help_links, "words": _words(language)}
    said = sentence_markup(election, language, {}).html
    return Markup(template_environment().get_template("start.html").render(values, said=said))  # noqa: S704  # escaped by Jinja


@lru_cache
def _call(election: ElectionContact, language: Language) -> Markup:
    return sentence_markup(election, language, {}).html(words.CALL)


@lru_cache
def _words(language: Language) -> Mapping[str, Markup]:
    return {
        name.lower(): html_of_fixed_sentence(text, language)
        for name, text in vars(words).items()
        if isinstance(text, Text) and not NAME.search(text.msgid)
    }
