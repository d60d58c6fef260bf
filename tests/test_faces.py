"""All user interfaces agree: every step, field and refusal has the same words and limits in each of them.

The tests call a user interface a face. A `Face` extracts the words for a step or an error from its pages. To test a new
one, add it to FACES.
"""

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import cache
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from markdown import markdown
from pptx import Presentation
from textual.containers import Vertical

from core.app.services import Services
from core.desk.steps import UNKNOWN_SENTENCES
from core.flows.example_facts import UNKNOWN, fill_with_help_example_facts
from core.flows.flow_plugin import EXAMPLE_CASE
from core.forms.error_catalogue import REFUSALS
from core.forms.errors import Refusal
from core.forms.flow_model import Field, FieldMistakeExample, FieldRejected, Flow, MailOrSmsText, ShownStep, Step
from core.policy.policy import Policy
from core.text.text import N_, Language, Text
from core.text.translation import translate
from core.text.urls import help_messages_page_name
from guides.deck import build_deck
from guides.handout_content import HandoutContent, handout_contents
from guides.handout_pdf import handout_html
from guides.help_pages import HelpPage, markdown_pages
from guides.help_source import HelpSource, help_source_of
from tests.support.guides import EDITION
from tests.support.stores import until_exit
from tests.support.terminal import terminal, texts_in
from tests.support.worlds import world
from tui.agent_script import AgentStepPanel, ShownGuideStep
from tui.lookup import ErrorExplanationPanel, ErrorPagePreview
from tui.page_preview import StepPagePreview
from webhook.page_context import PageContext
from webhook.step_rendering import draw_refusal, draw_step

HOUSE: Services = world(until_exit(), policy=replace(Policy(), confirm_in_mailbox=True)).services
"""An election with the policy that has the most steps, so that it contains every step and every refusal."""
BOOK: HelpSource = help_source_of(HOUSE)
TAG = re.compile(r"<[^>]*>")
LINK = re.compile(r" ?: https?://\S+")
"""Matches an address at the end of a sentence. The site hides it and turns the words before it into a link."""
NAME = re.compile(r"\{(\w+)\}")
HIDDEN = re.compile(r"<(head|script)\b.*?</\1>", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleMistake:
    """An example of a mistake, with the step and the field at which it is made."""

    step: Step
    field: Field[object]
    slip: FieldMistakeExample

    @property
    def error(self) -> FieldRejected:
        """The error that the parser raises, with its numbers. An error that only the service raises has no numbers."""
        try:
            self.field.parse(self.slip.typed)
        except FieldRejected as rejected:
            return rejected
        return self.slip.error()


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """The functions that return the words of one user interface for a step, a mistake and a refusal.

    `facts` returns the values that are filled into the words.
    """

    step: Callable[[Flow, Step, Language], str]
    slip: Callable[[ExampleMistake, Language], str]
    refusal: Callable[[Refusal, Language], str] | None = None
    """None for handouts, because tests/guides compares their refusals with the help."""
    facts: Callable[[str], Mapping[str, object]] = BOOK.example.facts_at
    short_times: bool = False

    def says(self, text: Text, language: Language, at: str) -> str:
        """Return a sentence as the user interface shows it at a step or error."""
        filled = fill_with_help_example_facts(text, self.facts(at))
        return " ".join(translate(filled, language, short_times=self.short_times).split())


def read(page: str) -> str:
    """Return the visible text of an HTML page, with each run of white space replaced by one space."""
    return " ".join(unescape(TAG.sub("", HIDDEN.sub("", page))).split())


# ── The web ──────────────────────────────────────────────────────────────────────────────────────────────


def page_context(language: Language) -> PageContext:
    """Return the context of a page of the site that has no link to the help."""
    return PageContext(
        language=language,
        election=BOOK.election,
        here="/",
        home="/",
        posts_to="/",
        phase_notice=None,
        desk_status=N_("L'assistance est ouverte."),
    )


def on_the_web(_flow: Flow, step: Step, language: Language) -> str:
    """Return the page of a step when all its actions are possible. A mail or SMS is also shown as a page."""
    facts = {**BOOK.example.facts_at(step.code), "may_ask_again": True, "may_call": True}
    return read(draw_step(ShownStep(step=step, facts=facts, case=EXAMPLE_CASE), page_context(language)))


def slip_on_the_web(made: ExampleMistake, language: Language) -> str:
    """Return the page of a step after a mistake."""
    shown = ShownStep(step=made.step, facts=BOOK.example.facts_at(made.step.code))
    return read(draw_step(shown, page_context(language), problems={made.field.name: made.error}))


def refusal_on_the_web(refusal: Refusal, language: Language) -> str:
    """Return the page of a refusal."""
    return read(draw_refusal(refusal, page_context(language)))


# ── The guide ────────────────────────────────────────────────────────────────────────────────────────────


@cache
def pages() -> tuple[HelpPage, ...]:
    """Return every page of the help in a language."""
    return markdown_pages(BOOK, {})


@cache
def in_the_guide(name: str, language: Language) -> str:
    """Return the text of one page of the help."""
    page = next(page for page in pages() if (page.name, page.language) == (name, language))
    return read(markdown(page.markdown, extensions=["attr_list", "md_in_html", "sane_lists"]))


def refusal_in_the_guide(refusal: Refusal, language: Language) -> str:
    """Return the page of the first step at which the refusal can appear."""
    places = BOOK.catalogue_entry(refusal.id).places
    return in_the_guide(help_messages_page_name(places[0].step.code if places else None), language)


# ── The print and the deck ───────────────────────────────────────────────────────────────────────────────


@cache
def handout(slug: str, language: Language) -> HandoutContent:
    """Return the content of one handout, without pictures."""
    every = handout_contents(BOOK, {}, Path(), EDITION)
    return next(each for each in every if (each.chapter.slug, each.language) == (slug, language))


@cache
def on_paper(slug: str, language: Language) -> str:
    """Return the text of a printed handout."""
    return read(handout_html(handout(slug, language)))


@cache
def on_slides(slug: str, language: Language) -> str:
    """Return the text of a handout's slides and their notes."""
    deck = Presentation(BytesIO(build_deck(handout(slug, language))))
    texts = [shape.text_frame.text for slide in deck.slides for shape in slide.shapes if shape.has_text_frame]
    notes = [slide.notes_slide.notes_text_frame.text for slide in deck.slides]
    return " ".join(" ".join([*texts, *notes]).split())


def chapter_of(made: ExampleMistake) -> str:
    """Return the flow in which a mistake can be made."""
    return next(flow.slug for flow in BOOK.flows if made.step in flow.steps)


# ── The terminal ─────────────────────────────────────────────────────────────────────────────────────────


def desk_texts(language: Language) -> Mapping[str, str]:
    """Return what the helpdesk's terminal shows for each step code, and for each error message by the error's id."""
    return _desk_texts_once(language).result()


@cache
def _desk_texts_once(language: Language) -> Future[Mapping[str, str]]:
    """Look up everything in the terminal once, and keep the result or the exception."""
    done: Future[Mapping[str, str]] = Future()
    try:
        done.set_result(asyncio.run(_looked_up(language)))
    except Exception as error:  # noqa: BLE001  # raised again by `result`
        done.set_exception(error)
    return done


async def _looked_up(language: Language) -> Mapping[str, str]:
    desk = HOUSE.desk
    async with terminal(desk, language=language) as at:
        translator, shown = at.app.session.translator, dict[str, Vertical]()
        for _, step in STEPS:
            view = desk.steps.find_step(step.code)
            assert view is not None
            page = StepPagePreview(translator, view, desk.steps.definition(step.code))
            shown[step.code] = Vertical(AgentStepPanel(translator, ShownGuideStep(view)), page)
        for entry in BOOK.catalogue:
            typed = translate(fill_with_help_example_facts(entry.sentence, HOUSE.dependencies.election.facts), language)
            [found] = [each for each in desk.messages.find_messages_and_problems(typed).messages if each.id == entry.id]
            shown[entry.id] = Vertical(ErrorExplanationPanel(translator, found), ErrorPagePreview(translator, found))
        await at.app.screen.mount(*shown.values())
        await at.pilot.pause()
        return {name: " ".join("\n".join(texts_in(each)).split()) for name, each in shown.items()}


FACES = {
    "web": Face(step=on_the_web, slip=slip_on_the_web, refusal=refusal_on_the_web),
    "guide": Face(
        step=lambda flow, _step, language: in_the_guide(flow.slug, language),
        slip=lambda made, language: in_the_guide(help_messages_page_name(made.step.code), language),
        refusal=refusal_in_the_guide,
    ),
    "print": Face(
        step=lambda flow, _step, language: on_paper(flow.slug, language),
        slip=lambda made, language: on_paper(chapter_of(made), language),
    ),
    "deck": Face(
        step=lambda flow, _step, language: on_slides(flow.slug, language),
        slip=lambda made, language: on_slides(chapter_of(made), language),
    ),
    "terminal": Face(
        step=lambda _flow, step, language: desk_texts(language)[step.code],
        slip=lambda made, language: desk_texts(language)[made.slip.error.id],
        refusal=lambda refusal, language: desk_texts(language)[refusal.id],
        facts=lambda _at: {**UNKNOWN_SENTENCES, **HOUSE.dependencies.election.facts},
        short_times=True,
    ),
}


# ── What they must agree on ──────────────────────────────────────────────────────────────────────────────


def step_texts(step: Step) -> Iterator[Text]:
    """Return all texts of a step that the voter reads, with the limits in them."""
    yield Text(step.code)
    yield step.copy.title
    yield from step.copy.voter
    for trouble in step.copy.common_problems:
        yield from (trouble.symptom, trouble.voter)
    message: MailOrSmsText | None = getattr(step, "message", None) if getattr(step, "elsewhere", False) else None
    if message is not None:
        yield message.subject
    for act in step.actions:
        yield act.label
        for each in act.fields:
            yield from field_texts(each)


def field_texts(each: Field[object]) -> Iterator[Text]:
    """Return the label, the hint and the rules of a field."""
    yield from (each.label, each.hint)
    if each.again is not None:
        yield each.again
    for rule in each.criteria:
        yield rule.sentence


STEPS = [(flow, step) for flow in BOOK.flows for step in flow.steps]
SLIPS = [
    ExampleMistake(step=step, field=each, slip=slip)
    for _, step in STEPS
    for act in step.actions
    for each in act.fields
    for slip in each.mistakes
]


def example_values(refusal: type[Refusal]) -> dict[str, object]:
    """Return an example value for each name in the sentences of a refusal, as in the help."""
    sentences = (refusal.title, *refusal.remedy)
    facts = BOOK.example.facts_at(refusal.id)
    return {name: facts.get(name, UNKNOWN) for text in sentences for name in NAME.findall(text.msgid)}


EVERYWHERE = [(face, language) for face in FACES for language in Language]


@pytest.mark.parametrize(("flow", "step"), STEPS, ids=[step.code for _, step in STEPS])
def test_a_step_says_the_same_everywhere(flow: Flow, step: Step) -> None:
    """Each user interface shows the code, title, sentences, fields, rules, buttons and possible errors of a step."""
    missing = []
    for face, language in EVERYWHERE:
        reader = FACES[face]
        shown = LINK.sub("", reader.step(flow, step, language))
        said = (LINK.sub("", reader.says(each, language, step.code)) for each in step_texts(step))
        missing += [(face, text) for text in said if text not in shown]

    assert missing == []


@pytest.mark.parametrize("made", SLIPS, ids=[f"{made.step.code} {made.slip.error.id}" for made in SLIPS])
def test_a_field_refuses_in_the_same_words_everywhere(made: ExampleMistake) -> None:
    """Each user interface shows the error of a field in the same words, with the limit that was exceeded."""
    for face, language in EVERYWHERE:
        said = FACES[face].says(made.error.reason, language, made.error.id)
        assert said in FACES[face].slip(made, language), face


@pytest.mark.parametrize("refusal", REFUSALS, ids=[each.id for each in REFUSALS])
def test_a_refusal_says_the_same_everywhere(refusal: type[Refusal]) -> None:
    """Each user interface says in the same words what happened and what to do."""
    missing = []
    for face, language in EVERYWHERE:
        reader = FACES[face]
        if reader.refusal is not None:
            shown = reader.refusal(refusal(**example_values(refusal)), language)
            said = (reader.says(each, language, refusal.id) for each in (refusal.title, *refusal.remedy))
            missing += [(face, text) for text in said if text not in shown]

    assert missing == []
