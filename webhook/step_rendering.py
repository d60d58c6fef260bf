"""Draws the pages of a flow, and the pages that refuse a request."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil
from types import MappingProxyType
from typing import assert_never
from urllib.parse import urlencode

from markupsafe import Markup

from core.flows.dispatcher import hidden_form_inputs
from core.flows.repeated_forms import FORM_KEY
from core.forms.errors import Refusal
from core.forms.flow_model import (
    AskStep,
    AwaitMessageStep,
    Channel,
    ChooseStep,
    CommonProblem,
    FieldRejected,
    FinalStep,
    Form,
    ShownStep,
    Step,
    actions_not_possible_yet,
    later_action_sentences,
    problems_to_show,
)
from core.text.contact import asks_for_call
from core.text.faces import page_frame_texts as words
from core.text.text import Language, Text
from webhook.form_rendering import DrawnActionForm, drawn_action_form, problem_list
from webhook.page_context import PageContext
from webhook.page_frame_rendering import SheetHeader, render_page
from webhook.sentence_markup import SentenceMarkup, sentence_markup
from webhook.serve_help import HelpLinks

SUBJECT_LABELS = {Channel.MAIL: words.MESSAGE_SUBJECT, Channel.SMS: words.SMS_TO_COME}
NOTHING_TYPED: Form = MappingProxyType({})
NO_PROBLEMS: Mapping[str, FieldRejected] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class StepBody:
    paragraphs: tuple[Markup, ...]
    closed_desk_notices: tuple[Text, ...]
    shows_address: bool
    actions: tuple[DrawnActionForm, ...]
    main_action: str
    """Name of the step's first action. If that action is not possible now, no button is highlighted."""
    not_yet: tuple[Markup, ...] = ()
    common_problems: tuple[CommonProblem, ...] = ()
    queue_delay: Markup | None = None
    subject: Markup | None = None
    subject_label: Markup | None = None
    subject_language: Language | None = None


def draw_step(
    shown: ShownStep,
    context: PageContext,
    *,
    key: str = "",
    form: Form = NOTHING_TYPED,
    problems: Mapping[str, FieldRejected] = NO_PROBLEMS,
    tries: Text | None = None,
) -> str:
    """Draw a step's page. After a form is refused, the page shows the typed values and the problems."""
    facts = {"step": shown.step.code, **shown.facts}
    markup = sentence_markup(context.election, context.language, facts, case=shown.case)
    listed = problem_list(shown.step, markup, problems)
    if tries == shown.facts.get("tries"):  # the step itself says it
        tries = None
    sheet = _step_sheet(shown, markup, context, listed, markup.html_or_none(tries), key={FORM_KEY: key})
    body = _body(shown, context, markup, form, problems)
    return render_page(_template(shown.step), context, markup, sheet, body=body)


def draw_refusal(refusal: Refusal, context: PageContext, key: str = "", step: Step | None = None) -> str:
    """Draw the page of a refusal. If `step` is given, the page shows the step's code."""
    code = None if step is None else step.code
    facts = refusal.facts if code is None else {"step": code, **refusal.facts}
    markup = sentence_markup(context.election, context.language, facts)
    sheet = SheetHeader(
        document_title=markup.plain(words.DOCUMENT_TITLE.fill({"title": markup.plain(refusal.title)})),
        heading=markup.html(refusal.title, emphasis=False),
        meta={"refusal": refusal.id},
        step=code,
        case=case if isinstance(case := facts.get("case"), str) else None,
        guide=None if context.help is None else HelpLinks(help=context.help),
    )
    here = f"{context.here}?{urlencode({FORM_KEY: key})}" if key else context.here
    onward = here if refusal.looks_again else context.home
    notices = context.closed_desk_notices if asks_for_call(refusal.remedy) else ()
    return render_page("refusal.html", context, markup, sheet, refusal=refusal, onward=onward, notices=notices)


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


def _step_sheet(
    shown: ShownStep,
    markup: SentenceMarkup,
    context: PageContext,
    problems: Mapping[str, Markup],
    tries: Markup | None,
    *,
    key: Form,
) -> SheetHeader:
    step = shown.step
    title = words.DOCUMENT_TITLE_IN_ERROR if problems else words.DOCUMENT_TITLE
    case = {} if shown.case is None else {"case": shown.case}
    return SheetHeader(
        document_title=markup.plain(title.fill({"title": markup.plain(step.copy.title)})),
        heading=markup.html(step.copy.title, emphasis=False),
        meta={"step": step.code, **case},
        step=step.code,
        case=shown.case,
        carried={**hidden_form_inputs(shown), **key},
        key=key,
        guide=None if context.help is None else HelpLinks(help=context.help, step=step.code),
        progress=None if context.position is None else markup.html(context.position.sentence),
        notices=tuple(markup.html(each) for each in shown.notices),
        refresh_seconds=None if shown.refresh_after is None else ceil(shown.refresh_after.total_seconds()),
        problems=problems,
        tries=tries,
        suggestion=suggestion if isinstance(suggestion := shown.facts.get("suggestion"), str) else None,
    )


def _body(
    shown: ShownStep, context: PageContext, markup: SentenceMarkup, form: Form, problems: Mapping[str, FieldRejected]
) -> StepBody:
    step, delay = shown.step, shown.facts.get("queue_delay")
    message = step.message if isinstance(step, AwaitMessageStep) else None
    closed = actions_not_possible_yet(shown)
    said_in = shown.message_language or markup.language
    return StepBody(
        paragraphs=tuple(markup.html(each) for each in step.copy.voter),
        closed_desk_notices=context.closed_desk_notices if asks_for_call(step.copy.voter) else (),
        shows_address="address" in shown.facts and bool(step.actions),
        actions=tuple(
            drawn_action_form(action, markup, form, problems) for action in step.actions if action not in closed
        ),
        main_action=step.actions[0].name if step.actions else "",
        not_yet=tuple(map(markup.html, later_action_sentences(shown))),
        common_problems=problems_to_show(shown),
        queue_delay=markup.html(delay) if isinstance(delay, Text) else None,
        subject=None if message is None else replace(markup, language=said_in).html(message.subject, emphasis=False),
        subject_label=None if message is None else markup.html(SUBJECT_LABELS[message.channel]),
        subject_language=None if said_in is markup.language else said_in,
    )
