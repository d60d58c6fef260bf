"""The faces agree: for every step, field and refusal the same words and limits, whoever reads them and wherever.

A face is a way to get the words shown for a step, or for an error, out of its pages. Another joins FACES.
"""

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cache
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from markdown import markdown
from pptx import Presentation
from textual.containers import Vertical

from core.catalogue import REFUSALS
from core.errors import Refusal
from core.example import CASE, UNKNOWN, said_for_the_example
from core.i18n import say
from core.places import HELP_MESSAGES
from core.steps import Field, Flow, Message, Rejected, Shown, Slip, Step
from core.text import Language, Text
from core.words.guiding import UNKNOWN_SENTENCES
from guides.deck import deck_of
from guides.leaflets import Leaflet, leaflets_of
from guides.pages import Page, pages_of
from guides.print import page_of
from tests.support.guides import BOOK, EDITION, HOUSE
from tests.support.terminal import terminal, written_in
from tui.lookup import Found, Listed
from webhook.drawing import Surroundings, draw_refusal, draw_step

TAG = re.compile(r"<[^>]*>")
NAME = re.compile(r"\{(\w+)\}")
HIDDEN = re.compile(r"<(head|script)\b.*?</\1>", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A slip made at a step."""

    step: Step
    field: Field[object]
    slip: Slip

    @property
    def told(self) -> Rejected:
        """What `parse` says, with its numbers; what only the service can say has none."""
        try:
            self.field.parse(self.slip.typed)
        except Rejected as rejected:
            return rejected
        return self.slip.told()


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """How one face shows a step, a field filled in wrong, and a refusal; `facts` is what it knows meanwhile."""

    step: Callable[[Flow, Step, Language], str]
    slip: Callable[[Made, Language], str]
    refusal: Callable[[Refusal, Language], str] | None = None
    """A handout knows only those of its way, which are held to the help's page in tests/guides."""
    facts: Callable[[str], Mapping[str, object]] = BOOK.example.at

    def says(self, text: Text, language: Language, at: str) -> str:
        """A sentence as it reads there, at that step or by that error."""
        return " ".join(say(said_for_the_example(text, self.facts(at)), language).split())


def read(page: str) -> str:
    """What stands on an HTML page, white space folded, no-break spaces too."""
    return " ".join(unescape(TAG.sub("", HIDDEN.sub("", page))).split())


# ── The web ──────────────────────────────────────────────────────────────────────────────────────────────


def around(language: Language) -> Surroundings:
    """As a page of the site is drawn, without a help beside it."""
    return Surroundings(
        language=language,
        election=BOOK.election,
        here="/",
        home="/",
        action="/",
        signed_in=False,
        phase_notice=None,
    )


def on_the_web(_flow: Flow, step: Step, language: Language) -> str:
    """The step's page; a message read elsewhere is drawn as a page would be."""
    return read(draw_step(Shown(step=step, facts=BOOK.example.at(step.code), case=CASE), around(language)))


def slip_on_the_web(made: Made, language: Language) -> str:
    """The step's page after the slip."""
    shown = Shown(step=made.step, facts=BOOK.example.at(made.step.code))
    return read(draw_step(shown, around(language), problems={made.field.name: made.told}))


def refusal_on_the_web(refusal: Refusal, language: Language) -> str:
    """Its page."""
    return read(draw_refusal(refusal, around(language)))


# ── The guide ────────────────────────────────────────────────────────────────────────────────────────────


@cache
def written() -> tuple[Page, ...]:
    """Every page of the help."""
    return pages_of(BOOK, {})


@cache
def in_the_guide(name: str, language: Language) -> str:
    """A page of it, as read."""
    page = next(page for page in written() if (page.name, page.language) == (name, language))
    return read(markdown(page.markdown, extensions=["attr_list", "md_in_html", "sane_lists"]))


# ── The print and the deck ───────────────────────────────────────────────────────────────────────────────


@cache
def leaflet(slug: str, language: Language) -> Leaflet:
    """One, without pictures."""
    every = leaflets_of(BOOK, {}, Path(), EDITION)
    return next(each for each in every if (each.chapter.slug, each.language) == (slug, language))


@cache
def on_paper(slug: str, language: Language) -> str:
    """All that is printed."""
    return read(page_of(leaflet(slug, language)))


@cache
def on_slides(slug: str, language: Language) -> str:
    """All that the deck says, the notes included."""
    deck = Presentation(BytesIO(deck_of(leaflet(slug, language))))
    texts = [shape.text_frame.text for slide in deck.slides for shape in slide.shapes if shape.has_text_frame]
    notes = [slide.notes_slide.notes_text_frame.text for slide in deck.slides]
    return " ".join(" ".join([*texts, *notes]).split())


def chapter_of(made: Made) -> str:
    """The flow that a slip is made in."""
    return next(flow.slug for flow in BOOK.flows if made.step in flow.steps)


# ── The terminal ─────────────────────────────────────────────────────────────────────────────────────────


def looked_up(language: Language) -> Mapping[str, str]:
    """What an agent finds under each code, and under the sentence of each message: by code, and by the error's id."""
    return _looking(language).result()


@cache
def _looking(language: Language) -> Future[Mapping[str, str]]:
    """Done once, failed or not."""
    done: Future[Mapping[str, str]] = Future()
    try:
        done.set_result(asyncio.run(_looked_up(language)))
    except Exception as error:  # noqa: BLE001  # given back to whoever asks
        done.set_exception(error)
    return done


async def _looked_up(language: Language) -> Mapping[str, str]:
    sentences = {
        entry.id: say(said_for_the_example(entry.sentence, HOUSE.election.facts), language) for entry in BOOK.catalogue
    }
    typed = {step.code: step.code for _, step in STEPS} | sentences
    async with terminal(HOUSE, language=language) as at:
        found = {name: Found(at.app.sitting, each) for name, each in typed.items()}
        await at.app.screen.mount(*(Vertical(each) for each in found.values()))
        for name, each in found.items():
            if each.query(Listed):  # several messages have that sentence
                each.chosen = name
        await at.pilot.pause()
        return {name: " ".join("\n".join(written_in(each)).split()) for name, each in found.items()}


FACES = {
    "web": Face(step=on_the_web, slip=slip_on_the_web, refusal=refusal_on_the_web),
    "guide": Face(
        step=lambda flow, _step, language: in_the_guide(flow.slug, language),
        slip=lambda _made, language: in_the_guide(HELP_MESSAGES, language),
        refusal=lambda _refusal, language: in_the_guide(HELP_MESSAGES, language),
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
        step=lambda _flow, step, language: looked_up(language)[step.code],
        slip=lambda made, language: looked_up(language)[made.slip.told.id],
        refusal=lambda refusal, language: looked_up(language)[refusal.id],
        facts=lambda _at: {**UNKNOWN_SENTENCES, **HOUSE.election.facts},
    ),
}


# ── What they must agree on ──────────────────────────────────────────────────────────────────────────────


def of_a_step(step: Step) -> Iterator[Text]:
    """All the voter reads there, limits included."""
    yield Text(step.code)
    yield step.copy.title
    yield from step.copy.voter
    for trouble in step.copy.troubles:
        yield from (trouble.sign, trouble.voter)
    message: Message | None = getattr(step, "message", None) if getattr(step, "elsewhere", False) else None
    if message is not None:
        yield message.subject
    for act in step.acts:
        yield act.label
        for each in act.fields:
            yield from of_a_field(each)


def of_a_field(each: Field[object]) -> Iterator[Text]:
    """Its label, its hint, its rules."""
    yield from (each.label, each.hint)
    if each.again is not None:
        yield each.again
    for rule in each.criteria:
        yield rule.sentence


STEPS = [(flow, step) for flow in BOOK.flows for step in flow.steps]
SLIPS = [
    Made(step=step, field=each, slip=slip)
    for _, step in STEPS
    for act in step.acts
    for each in act.fields
    for slip in each.slips
]


def known_to(refusal: type[Refusal]) -> dict[str, object]:
    """A value for each name in its sentences, as the help prints it."""
    sentences = (refusal.title, *refusal.remedy)
    facts = BOOK.example.at(refusal.id)
    return {name: facts.get(name, UNKNOWN) for text in sentences for name in NAME.findall(text.msgid)}


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(("flow", "step"), STEPS, ids=[step.code for _, step in STEPS])
def test_a_step_says_the_same_everywhere(flow: Flow, step: Step, language: Language, face: str) -> None:
    """Its code, its title, its sentences, its fields with their rules, its buttons, what goes wrong."""
    reader = FACES[face]
    shown = reader.step(flow, step, language)

    assert [
        text for text in (reader.says(each, language, step.code) for each in of_a_step(step)) if text not in shown
    ] == []


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("made", SLIPS, ids=[f"{made.step.code} {made.slip.told.id}" for made in SLIPS])
def test_a_field_refuses_in_the_same_words_everywhere(made: Made, language: Language, face: str) -> None:
    """With the limit that was passed."""
    reader = FACES[face]

    assert reader.says(made.told.reason, language, made.told.id) in reader.slip(made, language)


@pytest.mark.parametrize("face", [name for name, face in FACES.items() if face.refusal])
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("refusal", REFUSALS, ids=[each.id for each in REFUSALS])
def test_a_refusal_says_the_same_everywhere(refusal: type[Refusal], language: Language, face: str) -> None:
    """What happened and what to do."""
    reader = FACES[face]
    assert reader.refusal is not None
    shown = reader.refusal(refusal(**known_to(refusal)), language)
    sentences = [reader.says(each, language, refusal.id) for each in (refusal.title, *refusal.remedy)]

    assert [text for text in sentences if text not in shown] == []
