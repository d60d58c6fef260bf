"""Draws the pages of steps and refusals. Python picks one template per kind and gives it sentences ready to print.

Jinja is outside the type checker, so it decides nothing: it reads small frozen views, with StrictUndefined.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from types import MappingProxyType
from typing import assert_never
from urllib.parse import urlencode

from jinja2 import Environment
from markupsafe import Markup

from core.app.legal.text_page import TextPage
from core.flows.dispatcher import carried_inputs
from core.flows.incident_catalogue import IncidentNotice, incident_words
from core.flows.repeated_forms import FORM_KEY
from core.flows.start_page import StartPage
from core.forms.errors import Refusal
from core.forms.model import (
    Action,
    AskStep,
    AwaitMessageStep,
    Channel,
    ChooseStep,
    FieldRejected,
    FinalStep,
    Form,
    ShownStep,
    Step,
    actions_not_open,
)
from core.forms.step_position import StepPosition
from core.policy.policy import ElectionContact
from core.policy.urls import STATUS_PATH
from core.text.faces import incident_page_words
from core.text.faces import page_frame_words as words
from core.text.text import Language, Text
from templates import jinja
from webhook.form_rendering import DrawnAction, FieldProblem, drawn_action, problem_list
from webhook.page_with_blanks_cache import CachedPageKey, fill_blanks, words_for_blanks
from webhook.sentence_markup import NAME, SentenceMarkup, sentence_markup, without_values
from webhook.serve_help import HelpInOneLanguage, HelpLinks
from webhook.start_page_rendering import DrawnStartPage, drawn_start

STATIC = "/static"
"""The path at which the application serves the folder `templates/static`."""
MOST_INCIDENTS = 3
"""The most incidents that stand on a page before its own words; all are in the list that it links to."""
SUBJECT_LABELS = {Channel.MAIL: words.MESSAGE_SUBJECT, Channel.SMS: words.SMS_TO_COME}
NOTHING_TYPED: Form = MappingProxyType({})
NO_PROBLEMS: Mapping[str, FieldRejected] = MappingProxyType({})


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
    start: StartPage | None = None
    """The part below the first step's form."""
    legal: tuple[TextPage, ...] = ()
    """The pages that the foot of every page links to."""
    incidents: tuple[IncidentNotice, ...] = ()
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
    start: DrawnStartPage | None
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


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnCommonProblem:
    """A frequent trouble at a step, with its advice."""

    symptom: Markup
    remedy: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalPageButton:
    """The target and label of the button on a refusal's page."""

    place: str
    label: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class StepBody:
    """The sentences and forms of a step."""

    paragraphs: tuple[Markup, ...]
    shows_address: bool
    actions: tuple[DrawnAction, ...]
    not_yet: tuple[Markup, ...] = ()
    """One sentence for each action that is not open yet."""
    common_problems: tuple[DrawnCommonProblem, ...] = ()
    queue_delay: Markup | None = None
    subject: Markup | None = None
    subject_label: Markup | None = None
    subject_language: Language | None = None
    """The language of the subject, where it is another than the page's."""


def draw_step(
    shown: ShownStep,
    context: PageContext,
    *,
    key: str = "",
    form: Form = NOTHING_TYPED,
    problems: Mapping[str, FieldRejected] = NO_PROBLEMS,
    tries: Text | None = None,
) -> str:
    """Draw the page of a step. After a refusal: with what was typed, the problem of each field, and the tries left.

    `key` is sent along by its forms (`core.flows.repeated_forms`).
    """
    if not (form or problems or tries or context.phase_notice) and (own := words_for_blanks(shown)) is not None:
        own[FORM_KEY] = key
        return fill_blanks(_blank_page(CachedPageKey(shown, own), context), own)
    return draw_uncached(shown, context, form, problems, tries, key=key)


@lru_cache(maxsize=256)
def _blank_page(blank: CachedPageKey, context: PageContext) -> str:
    return draw_uncached(blank.shown, context, key=blank.key)


def draw_uncached(
    shown: ShownStep,
    context: PageContext,
    form: Form = NOTHING_TYPED,
    problems: Mapping[str, FieldRejected] = NO_PROBLEMS,
    tries: Text | None = None,
    *,
    key: str = "",
) -> str:
    """Draw the page of a step without the cache."""
    facts = {"step": shown.step.code, **shown.facts}
    markup = sentence_markup(context.election, context.language, facts, case=shown.case)
    sheet = _step_sheet(shown, markup, context, problem_list(shown.step, markup, problems), markup.html_or_none(tries))
    sheet = replace(sheet, carried={**sheet.carried, FORM_KEY: key}, key={FORM_KEY: key})
    body = _body(shown, markup, form, problems)
    return render_page(_template(shown.step), page_frame(context, markup, sheet), sheet, body=body)


def draw_refusal(refusal: Refusal, context: PageContext, key: str = "") -> str:
    """Draw the page that says why something is not possible, and what to do now.

    With the key of the form that was sent, the page to which it leads takes the same form for the same act.
    """
    markup = sentence_markup(context.election, context.language, refusal.facts)
    sheet = SheetHeader(
        document_title=markup.plain(words.DOCUMENT_TITLE.fill({"title": markup.plain(refusal.title)})),
        heading=markup.html(refusal.title, emphasis=False),
        meta={"refusal": refusal.id},
        guide=None if context.help is None else HelpLinks(help=context.help),
    )
    remedy = tuple(markup.html(each) for each in refusal.remedy)
    here = f"{context.here}?{urlencode({FORM_KEY: key})}" if key else context.here
    place, label = (here, words.SEE_WHAT_IS_DONE) if refusal.looks_again else (context.home, words.BACK_HOME)
    onward = RefusalPageButton(place=place, label=markup.html(label))
    return render_page("refusal.html", page_frame(context, markup, sheet), sheet, remedy=remedy, onward=onward)


@lru_cache
def template_environment() -> Environment:
    """The templates, compiled once a process, since they do not change under a running server."""
    made = jinja.environment("web")
    made.globals["asset"] = asset_url
    return made


@lru_cache
def asset_url(name: str) -> str:
    """The path of a static file. It holds the digest of the bytes, so that browsers may keep the file for good."""
    digest = sha256((files("templates") / "static" / name).read_bytes()).hexdigest()
    return f"{STATIC}/{name}?v={digest[:12]}"


def _template(step: Step) -> str:
    match step:
        case AskStep():
            return "ask.html"
        case ChooseStep():
            return "choose.html"
        case AwaitMessageStep():
            return "wait.html"
        case FinalStep():
            return "tell.html"
        case _:
            assert_never(step)


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
        without_voice=tuple(map(markup.html, context.election.ways_without_voice)),
        start=None if context.start is None else drawn_start(context.start, markup, context.help),
        legal=tuple((each.path, markup.html(each.link)) for each in context.legal),
        say_on_the_phone=markup.html_or_none(_say_on_the_phone(sheet)),
    )


def drawn_incident(notice: IncidentNotice, markup: SentenceMarkup) -> DrawnIncident:
    """Return an incident as a page shows it."""
    said = incident_words(notice)
    return DrawnIncident(
        heading=markup.html(said.banner),
        paragraphs=tuple(map(markup.html, said.voter)),
        over=notice.is_over,
        anchor=f"incident-{notice.incident.id}",
    )


def draw_status(notices: Sequence[IncidentNotice], context: PageContext, feed: str) -> str:
    """Draw the page of all known incidents, those that stand first; `feed` is the path of the same as a feed."""
    markup = sentence_markup(context.election, context.language, {})
    sheet = SheetHeader(
        document_title=markup.plain(words.DOCUMENT_TITLE.fill({"title": markup.plain(incident_page_words.TITLE)})),
        heading=markup.html(incident_page_words.TITLE),
        meta={"page": "status"},
    )
    listed = tuple(drawn_incident(each, markup) for each in sorted(notices, key=lambda each: each.is_over))
    own = {"listed": listed, "feed": feed, "nothing": markup.html(incident_page_words.NOTHING)}
    follow, about = markup.html(incident_page_words.FOLLOW), markup.html(incident_page_words.ABOUT)
    return render_page("status.html", page_frame(context, markup, sheet), sheet, follow=follow, about=about, **own)


def _say_on_the_phone(sheet: SheetHeader) -> Text | None:
    if sheet.step is None:
        return None
    return words.SAY_STEP if sheet.case is None else words.SAY_STEP_AND_CASE


def _step_sheet(
    shown: ShownStep,
    markup: SentenceMarkup,
    context: PageContext,
    problem_list: tuple[FieldProblem, ...],
    tries: Markup | None,
) -> SheetHeader:
    step = shown.step
    title = words.DOCUMENT_TITLE_IN_ERROR if problem_list else words.DOCUMENT_TITLE
    case = {} if shown.case is None else {"case": shown.case}
    return SheetHeader(
        document_title=markup.plain(title.fill({"title": markup.plain(step.copy.title)})),
        heading=markup.html(step.copy.title, emphasis=False),
        meta={"step": step.code, **case},
        step=step.code,
        case=shown.case,
        carried=carried_inputs(shown),
        guide=None if context.help is None else HelpLinks(help=context.help, step=step.code),
        progress=None if context.position is None else markup.html(context.position.sentence),
        notices=tuple(markup.html(each) for each in shown.notices),
        moving=shown.moving,
        problems=problem_list,
        tries=tries,
    )


def _body(shown: ShownStep, markup: SentenceMarkup, form: Form, problems: Mapping[str, FieldRejected]) -> StepBody:
    step, delay = shown.step, shown.facts.get("queue_delay")
    message = step.message if isinstance(step, AwaitMessageStep) else None
    closed = actions_not_open(shown)
    said_in = shown.message_language or markup.language
    return StepBody(
        paragraphs=tuple(markup.html(each) for each in step.copy.voter),
        shows_address="address" in shown.facts and bool(step.actions),
        actions=tuple(drawn_action(action, markup, form, problems) for action in step.actions if action not in closed),
        not_yet=tuple(_not_yet(action, markup) for action in closed),
        common_problems=tuple(
            DrawnCommonProblem(symptom=markup.html(each.symptom), remedy=markup.html(each.voter))
            for each in step.copy.common_problems
        ),
        queue_delay=markup.html(delay) if isinstance(delay, Text) else None,
        subject=None if message is None else replace(markup, language=said_in).html(message.subject, emphasis=False),
        subject_label=None if message is None else markup.html(SUBJECT_LABELS[message.channel]),
        subject_language=None if said_in is markup.language else said_in,
    )


def _not_yet(action: Action[object], markup: SentenceMarkup) -> Markup:
    return markup.html(words.AGAIN_FROM.fill({"act": action.label}))


@lru_cache
def _words(language: Language) -> Mapping[str, Markup]:
    """The sentences without values around a step, by the names that templates use."""
    return {
        name.lower(): without_values(text, language)
        for name, text in vars(words).items()
        if isinstance(text, Text) and not NAME.search(text.msgid)
    }
