"""Finds numbered elements on a page, and writes alternative texts for pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

from playwright.sync_api import Frame

from core.forms.flow_model import Step
from core.text.faces import help_page_texts as words
from core.text.text import Text
from core.text.translation import translate, with_no_break_spaces
from guides.pictures.definition_check import PageDiffersFromDefinition, ShownPageWords, fold_spaces
from guides.pictures.flow_walk import FlowWalk
from guides.step_element_numbers import CalloutTargetKind, NumberedStepElement, numbered_elements_of_step

WORDS_ONLY = (CalloutTargetKind.MESSAGE, CalloutTargetKind.CASE)
FIND_SCRIPT = """wanted => {
    const plain = text => text.replace(/\\\\s+/g, " ").trim();
    const main = document.querySelector("main") ?? document.body;
    const called = (selector, label) =>
        [...main.querySelectorAll(selector)].find(each => each.checkVisibility() && plain(each.computedName) === label);
    const reads = (each, label) => plain(each.textContent) === label;
    const bearing = label => [...main.querySelectorAll("*")].find(
        each => each.checkVisibility() && reads(each, label) && ![...each.children].some(child => reads(child, label)));
    const field = name => {
        const several = main.querySelector(`fieldset:has(#${name}-day)`);
        return several ? [several.querySelector("input"), several] : [main.querySelector(`#${name}`)];
    };
    const find = {
        field: ({name}) => field(name),
        act: ({label}) => [called("button", label)],
        link: ({label}) => [called("a", label)],
        words: ({label}) => [label ? bearing(label) : undefined],
    };
    const found = wanted.map(each => find[each.sort](each));
    window.pointedAt = found.map(([place]) => place).filter(place => place);
    return found.map(([place, spoken]) => place && [(spoken ?? place).computedRole, (spoken ?? place).computedName]);
}"""
"""JavaScript that finds elements and returns their accessible roles and names."""

ACCESSIBLE_NAMES_SCRIPT = """() => [
    document.querySelector("h1")?.computedName ?? "",
    [...document.querySelectorAll("[role=alert] a")].map(each => each.computedName),
]"""
"""JavaScript that returns the accessible names of the title and the errors."""
MARK_LABELS = {
    "textbox": words.FIELD_MARKED,
    "group": words.FIELD_MARKED,
    "button": words.BUTTON_MARKED,
    "link": words.LINK_MARKED,
}


@dataclass(frozen=True)
class LocatedElement:
    """A numbered element on the page. `role` and `name` come from the accessibility tree."""

    marked: NumberedStepElement
    label: str
    frame: Frame
    role: str
    name: str

    @property
    def points_to_words(self) -> bool:
        return self.marked.target in WORDS_ONLY

    def require_name_equals_label(self, code: str) -> None:
        """Raise PageDiffersFromDefinition if the accessible name is not the label."""
        if not self.points_to_words and self.name != self.label:
            raise PageDiffersFromDefinition(code, f"the {self.role} {self.marked.number}", self.label, self.name)


def locate_elements(walk: FlowWalk, step: Step, screen: ShownPageWords) -> tuple[LocatedElement, ...]:
    marks = numbered_elements_of_step(step)
    of_mail = [marked for marked in marks if marked.target is CalloutTargetKind.LINK]
    of_page = [marked for marked in marks if marked.target is not CalloutTargetKind.LINK]
    on_page = _found(walk.page.main_frame, of_page, walk, screen)
    return on_page if walk.mail is None else (*on_page, *_found(walk.mail, of_mail, walk, screen))


def _found(
    frame: Frame, marks: Sequence[NumberedStepElement], walk: FlowWalk, screen: ShownPageWords
) -> tuple[LocatedElement, ...]:
    labels = [fold_spaces(translate(marked.label, walk.language)) for marked in marks]
    wanted = [
        {
            "sort": "words" if marked.target in WORDS_ONLY else marked.target,
            "name": marked.name,
            "label": screen.case if marked.target is CalloutTargetKind.CASE else label,
        }
        for marked, label in zip(marks, labels, strict=True)
    ]
    found: list[list[str] | None] = frame.evaluate(FIND_SCRIPT, wanted)
    return tuple(
        LocatedElement(marked, label, frame, each[0], fold_spaces(each[1]))
        for marked, label, each in zip(marks, labels, found, strict=True)
        if each is not None
    )


def alt_text(walk: FlowWalk, step: Step, elements: Sequence[LocatedElement]) -> str:
    """Return a picture's alternative text. The text names the numbered `elements`."""
    title, errors = walk.page.evaluate(ACCESSIBLE_NAMES_SCRIPT)
    sentences = [
        _shown(walk, step, fold_spaces(title)),
        *(words.ERROR_SHOWN.fill({"sentence": fold_spaces(each)}) for each in errors),
        *(
            MARK_LABELS.get(each.role, words.WORDS_MARKED).fill({"number": each.marked.number, "name": each.label})
            for each in elements
        ),
    ]
    return " ".join(with_no_break_spaces(translate(text, walk.language), walk.language) for text in sentences)


def _shown(walk: FlowWalk, step: Step, title: str) -> Text:
    if walk.mail is not None:
        return words.MESSAGE_SHOWN.fill({"step": step.code, "title": walk.subject_shown()})
    if walk.sms is not None:
        return words.SMS_SHOWN.fill({"step": step.code, "text": walk.sms})
    sentence = words.REFUSAL_SHOWN if walk.refusal else words.STEP_SHOWN
    return sentence.fill({"step": step.code, "title": title})
